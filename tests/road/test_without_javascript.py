"""The whole road with scripts switched off: forms, links and the «Actualizar» button."""

import pytest
from playwright.sync_api import Page, expect

from tests.portal import eventually
from tests.road.base import BrowserTestCase
from tests.road.person import SIX


class WithoutJavaScriptTests(BrowserTestCase):
    def test_it_leads_from_the_landing_page_to_ready(self):
        page = self.open(java_script_enabled=False)
        self.sign_up(page, "nojs@example.com")
        page.locator("main").get_by_role("link", name="Vincular nuevo exchange").click()
        page.get_by_label("Buscar un exchange").fill("kra")
        page.get_by_role("button", name="Buscar").click()
        expect(page.locator("#cuantos")).to_have_text("1 exchange")
        page.get_by_role("link", name="Kraken", exact=True).click()
        self.fill_key(page, self.practice_key(page))
        with self.freeze_kraken():
            page.get_by_role("button", name="Vincular y comprobar").click()
            page.get_by_role("link", name="Actualizar").click()
            expect(page.locator("[data-step=reach]")).to_have_attribute("data-state", "running")
        self.assertTrue(eventually(lambda: self.refreshed(page) == "ready", 30))
        self.assertEqual(page.title(), "Kraken: Lista para operar · Smartrader")

    def practice_key(self, page: Page) -> dict:
        """A key made on the stand-in's page, read off the screen."""
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Crear una clave de práctica").click()
        kraken = opened.value
        kraken.get_by_role("link", name="Create API key").click()
        for name in SIX:
            kraken.check(f"input[name=permissions][value={name}]")
        kraken.get_by_role("button", name="Generate key").click()
        return {name: kraken.input_value(f"#{name}") for name in ("api_key", "secret")}

    def refreshed(self, page: Page) -> str:
        """The state after one more click on «Actualizar», where there still is one."""
        refresh = page.get_by_role("link", name="Actualizar")
        if refresh.count():
            refresh.click()
        return page.locator("#estado").get_attribute("data-status")


@pytest.mark.usefixtures("ana_of_class")
class WithoutButtonsTests(BrowserTestCase):
    def test_nothing_that_needs_a_script_is_shown(self):
        page = self.open(self.ana, java_script_enabled=False)
        self.visit(page, "/perfil/exchanges/vincular/kraken/")
        expect(page.locator("[data-js]")).not_to_have_count(0)
        expect(page.locator("[data-js]:visible")).to_have_count(0)
