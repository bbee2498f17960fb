"""Somebody who has never been here: from the landing page to «Lista para operar», with a real browser."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.road.base import BrowserTestCase
from tests.road.person import PASSWORD, SIX

COPIED = "async (id) => await navigator.clipboard.readText() === document.getElementById(id).value"


class NewcomerTestCase(BrowserTestCase):
    width, scheme = 1280, "light"

    def choose_kraken(self, page: Page) -> None:
        page.get_by_role("navigation", name="Principal").get_by_role("link", name="Exchanges").click()
        page.locator("main").get_by_role("link", name="Vincular nuevo exchange").click()
        page.get_by_label("Buscar un exchange").press_sequentially("kra")
        expect(page.locator("#cuantos")).to_have_text("1 exchange")
        page.get_by_role("link", name="Kraken", exact=True).click()

    def copy_practice_key(self, page: Page) -> None:
        """Make a key on the stand-in's page, in another tab, and carry its two texts over by the clipboard."""
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Crear una clave de práctica").click()
        kraken = opened.value
        kraken.get_by_role("link", name="Create API key").click()
        kraken.fill("#name", "Smartrader")
        for name in SIX:
            kraken.check(f"input[name=permissions][value={name}]")
        kraken.get_by_role("button", name="Generate key").click()
        for source, target in (("api_key", "#id_api_key"), ("secret", "#id_secret")):
            kraken.bring_to_front()
            kraken.locator(f"[data-copy={source}]").click()
            kraken.wait_for_function(COPIED, arg=source)
            page.bring_to_front()
            page.locator(target).click()
            page.keyboard.press("Control+V")
        kraken.get_by_role("button", name="Save").click()
        page.bring_to_front()


class NewcomerTests(NewcomerTestCase):
    def test_it_leads_from_the_landing_page_to_ready(self):
        page = self.open(width=self.width, color_scheme=self.scheme)
        self.sign_up(page, f"{type(self).__name__.lower()}@example.com")
        self.choose_kraken(page)
        self.copy_practice_key(page)
        with self.freeze_kraken():
            page.get_by_role("button", name="Vincular y comprobar").click()
            expect(page.locator("[data-step=format]")).to_have_attribute("data-state", "ok")
            expect(page.locator("[data-step=reach]")).to_have_attribute("data-state", "running")
            expect(page).to_have_title("Kraken: Comprobando · Smartrader")
        expect(page.get_by_role("status")).to_have_text(["¡Tu cuenta de Smartrader está lista para operar!"])
        self.shows(page, "ready")
        expect(page).to_have_title("Kraken: Lista para operar · Smartrader")
        self.assertEqual(page.locator("[data-verdict=needed]").count(), 6)
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), self.width)


@pytest.mark.trials
class NewcomerInTheDarkTests(NewcomerTests):
    scheme = "dark"


@pytest.mark.trials
class NewcomerOnAPhoneTests(NewcomerTests):
    width = 390


class NewcomerOnAPhoneInTheDarkTests(NewcomerTests):
    width, scheme = 390, "dark"


@pytest.mark.usefixtures("ana_of_class")
class LiveTests(BrowserTestCase):
    def test_it_stops_asking_once_the_state_is_final(self):
        page, key = self.open(self.ana), self.kraken.new_key()
        with self.freeze_kraken(), page.expect_request("**/estado/?v=*"):
            self.paste(page, key)
        self.shows(page, "ready")
        with self.assertRaises(NotInTime), page.expect_request("**/estado/**", timeout=2000):
            pass

    def test_it_goes_to_the_login_when_the_session_is_lost(self):
        page, key = self.open(self.ana), self.kraken.new_key()
        with self.freeze_kraken():
            self.paste(page, key)
            link = page.url
            page.context.clear_cookies(name="session")
            page.wait_for_url("**/cuenta/login/?next=/perfil/exchanges/**")
        page.fill("#id_login", self.email)
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Iniciar sesión").click()
        self.shows(page, "ready")
        self.assertIn(urlsplit(page.url).path, link)

    def test_it_keeps_the_five_steps_to_look_at(self):
        page = self.open(self.ana)
        self.paste(page, self.kraken.new_key())
        self.shows(page, "ready")
        page.locator("#ver-pasos").click()
        states = [step.get_attribute("data-state") for step in page.locator("[data-step]").all()]
        self.assertEqual(states, ["ok", "ok", "ok", "ok", "ok"])


@pytest.mark.usefixtures("ana_of_class")
class NarrowTests(BrowserTestCase):
    def test_no_page_scrolls_sideways(self):
        link = self.ana.link(self.kraken.new_key("query-ledger"))
        self.ana.settled(link)
        own = (link, f"{link}diario/", f"{link}reemplazar/", f"{link}renombrar/", f"{link}desvincular/")
        profile = ("/perfil/", "/perfil/seguridad/", "/perfil/exchanges/", "/perfil/exchanges/vincular/",
                   "/perfil/exchanges/vincular/kraken/")
        for person, paths in ((None, ("/", "/exchanges/", "/cuenta/login/", "/cuenta/signup/")), (self.ana, (*profile, *own))):
            page = self.open(person, width=320)
            for path in paths:
                with self.subTest(path=path):
                    self.visit(page, path)
                    self.assertEqual(self.widths(page), {320: 320, 390: 390})

    def widths(self, page: Page) -> dict[int, int]:
        """How wide the page is in windows of 320 and 390."""
        found = {}
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            found[width] = page.evaluate("document.documentElement.scrollWidth")
        return found
