"""The road with Tab, Enter and typing only: focus is always seen, and never lost when the page changes under it."""

import pytest
from playwright.sync_api import Page, expect

from tests.road.base import LINK_PAGE, BrowserTestCase
from tests.road.person import NEW, PASSWORD

MOST_STOPS = 120
# Without smooth scrolling, so that a place which Tab leads to is in sight at once.
STILL = {"reduced_motion": "reduce"}
# What is wrong with the focus, "" for nothing. The outline may be on a box around, such as the card of a link.
FLAW = """() => {
  const focused = document.activeElement;
  const box = focused.getBoundingClientRect();
  let ring = focused;
  while (ring && !(getComputedStyle(ring).outlineStyle !== "none" && parseFloat(getComputedStyle(ring).outlineWidth) >= 2)) {
    ring = ring.parentElement;
  }
  const where = `${focused.tagName} ${focused.id} ${focused.textContent.trim().slice(0, 40)}`;
  if (focused === document.body) return "the focus is nowhere";
  if (!ring) return `no outline: ${where}`;
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return `out of sight: ${where}`;
  return "";
}"""


@pytest.mark.usefixtures("ana_of_class")
class KeyboardTests(BrowserTestCase):
    def test_it_leads_from_the_login_to_ready(self):
        page, key = self.open(**STILL), self.kraken.new_key()
        self.visit(page, "/cuenta/login/")
        self.type_into(page, "#id_login", self.email)
        self.type_into(page, "#id_password", PASSWORD)
        self.enter(page, "main button[type=submit]", "**/perfil/")
        self.enter(page, "main a[href='/perfil/exchanges/vincular/']", "**/vincular/")
        self.type_into(page, "#id_q", "krak")
        self.enter(page, "[data-exchange=kraken] a", "**/vincular/kraken/")
        self.type_into(page, "#id_api_key", key["api_key"])
        self.type_into(page, "#id_secret", key["secret"])
        self.enter(page, "#formulario button[type=submit]", LINK_PAGE)
        self.shows(page, "ready")

    def test_what_had_the_focus_keeps_it_when_the_page_changes(self):
        page, key = self.open(self.ana, **STILL), self.kraken.new_key()
        with self.freeze_kraken():
            self.paste(page, key)
            self.tab_to(page, "#renombrar")
        self.shows(page, "ready")
        expect(page.locator("#renombrar")).to_be_focused()
        self.assertEqual(page.evaluate(FLAW), "")

    def test_the_focus_goes_to_the_new_state_when_its_place_is_gone(self):
        page, key = self.open(self.ana, **STILL), self.kraken.new_key()
        with self.freeze_kraken():
            self.paste(page, key)
            self.tab_to(page, "#actualizar")
        self.shows(page, "ready")
        expect(page.locator("#t-estado")).to_be_focused()
        self.assertEqual(page.evaluate(FLAW), "")

    def test_every_stop_of_the_guide_is_seen(self):
        page = self.open(self.ana, **STILL)
        self.visit(page, NEW)
        self.tab_to(page, "footer button[value=en]")

    def type_into(self, page: Page, field: str, text: str) -> None:
        self.tab_to(page, field)
        page.keyboard.type(text)

    def enter(self, page: Page, target: str, leads_to: str) -> None:
        self.tab_to(page, target)
        page.keyboard.press("Enter")
        page.wait_for_url(leads_to)

    def tab_to(self, page: Page, target: str) -> None:
        """Press Tab until `target` has the focus, looking at every stop on the way."""
        for _stop in range(MOST_STOPS):
            page.keyboard.press("Tab")
            self.assertEqual(page.evaluate(FLAW), "")
            if page.evaluate("(target) => document.activeElement.matches(target)", target):
                return
        self.fail(f"Tab does not lead to {target}")
