"""Keys that are not as they should be: what the page says, what the person does about it, and that it ends well."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.portal import eventually
from tests.road.base import LINK_PAGE, BrowserTestCase
from tests.road.person import NEW

WRONG_SECRET = "d3JvbmcgYnV0IHdlbGwgZm9ybWVkLCB4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="


@pytest.mark.usefixtures("ana_of_class")
class RefusedTests(BrowserTestCase):
    def test_a_key_that_can_withdraw_is_refused_and_its_secret_is_gone(self):
        page = self.open(self.ana)
        url = self.paste(page, self.kraken.new_key(permissions=["withdraw-funds"]))
        self.shows(page, "refused", "dangerous_permissions")
        expect(page.locator(".state .badge")).to_have_text("Rechazada")
        expect(page.locator("[data-permission=withdraw-funds]")).to_have_attribute("data-verdict", "dangerous")
        expect(page.locator("#t-quepaso + ul")).to_contain_text("Borramos la clave secreta")
        self.assertEqual(self.sealed(url), [None])

    def sealed(self, url: str) -> list[bytes | None]:
        """What the database keeps of the secrets of a link."""
        link_id = LINK_PAGE.search(url)[0].split("/")[3].replace("-", "")
        with closing(sqlite3.connect(Path(self.stack.var_dir, "db.sqlite3"), timeout=20)) as database:
            return [sealed for (sealed,) in database.execute("SELECT sealed FROM exchanges_apikey WHERE link_id = ?", [link_id])]


@pytest.mark.usefixtures("ana_of_class")
class CuredTests(BrowserTestCase):
    def test_a_missing_box_is_shown_ticked_at_kraken_and_proven(self):
        page, key = self.open(self.ana), self.kraken.new_key("query-ledger", name="Sin movimientos")
        self.paste(page, key)
        self.shows(page, "action_required", "missing_permissions")
        expect(page.locator("[data-permission=query-ledger]")).to_have_attribute("data-verdict", "missing")
        expect(page.locator(".mock li", has_text="Query ledger entries")).to_contain_text("Márcala")
        self.tick_at_kraken(page, "Sin movimientos", "query-ledger")
        page.get_by_role("button", name="Ya lo he cambiado").click()
        self.shows(page, "ready")

    def tick_at_kraken(self, page: Page, key_name: str, permission: str) -> None:
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Abrir mis claves en Kraken").first.click()
        kraken = opened.value
        kraken.get_by_role("link", name=f"Cambiar {key_name}").click()
        kraken.check(f"input[name=permissions][value={permission}]")
        kraken.get_by_role("button", name="Save").click()
        kraken.wait_for_url("**/kraken/")
        kraken.close()

    def test_a_wrong_secret_is_told_and_replaced(self):
        page, key = self.open(self.ana), self.kraken.new_key()
        self.paste(page, {**key, "secret": WRONG_SECRET})
        self.shows(page, "action_required", "bad_secret")
        expect(page.locator("#t-estado")).to_have_text("La clave secreta no corresponde")
        page.locator("#reemplazar").click()
        self.fill_key(page, key)
        page.get_by_role("button", name="Comprobar y reemplazar").click()
        self.shows(page, "ready")


@pytest.mark.usefixtures("ana_of_class")
class MispastedTests(BrowserTestCase):
    def test_swapped_texts_are_told_at_their_fields_and_only_the_secrets_are_lost(self):
        page, key = self.open(self.ana), self.kraken.new_key()
        self.visit(page, NEW)
        self.fill_key(page, {"api_key": key["secret"], "secret": key["api_key"]}, label="Mi cuenta ☂")
        page.get_by_role("button", name="Vincular y comprobar").click()
        expect(page.locator("[data-error=api_key]")).to_contain_text("Esto parece la clave secreta")
        expect(page.locator("[data-error=secret]")).to_contain_text("Esto parece la clave API")
        values = [page.input_value(field) for field in ("#id_label", "#id_api_key", "#id_secret")]
        self.assertEqual(values, ["Mi cuenta ☂", "", ""])
        self.assertEqual(self.kraken.calls(key), [])

    def test_the_errors_have_the_focus_and_lead_to_their_fields(self):
        page = self.open(self.ana)
        self.visit(page, NEW)
        self.fill_key(page, {"api_key": "hola", "secret": WRONG_SECRET})
        page.get_by_role("button", name="Vincular y comprobar").click()
        expect(page.locator("#errores")).to_be_focused()
        self.assertEqual(page.title(), "Error: Vincular Kraken · Smartrader")
        page.locator("#errores").get_by_role("link", name="Clave API").click()
        expect(page.locator("#id_api_key")).to_be_focused()
        expect(page.locator("#id_api_key")).to_have_attribute("aria-invalid", "true")


@pytest.mark.usefixtures("ana_of_class")
class TwiceTests(BrowserTestCase):
    def test_going_back_and_sending_again_ends_on_the_same_link(self):
        page, key = self.open(self.ana), self.kraken.new_key()
        first = self.paste(page, key)
        self.shows(page, "ready")
        page.go_back()
        self.fill_key(page, key)
        page.get_by_role("button", name="Vincular y comprobar").click()
        page.wait_for_url(LINK_PAGE)
        self.assertEqual(page.url, first)
        self.assertEqual(self.links_with(key), 1)

    def test_a_double_click_ends_on_one_link(self):
        page, key = self.open(self.ana), self.kraken.new_key()
        self.visit(page, NEW)
        self.fill_key(page, key)
        page.get_by_role("button", name="Vincular y comprobar").dblclick(no_wait_after=True)
        page.wait_for_url(LINK_PAGE)
        self.shows(page, "ready")
        self.assertEqual(self.links_with(key), 1)

    def test_two_tabs_end_on_one_link(self):
        key = self.kraken.new_key()
        first = self.open(self.ana)
        tabs = [first, first.context.new_page()]
        for tab in tabs:
            self.visit(tab, NEW)
            self.fill_key(tab, key)
        for tab in tabs:
            tab.get_by_role("button", name="Vincular y comprobar").click(no_wait_after=True)
        for tab in tabs:
            tab.wait_for_url(LINK_PAGE)
            self.shows(tab, "ready")
        self.assertEqual(tabs[0].url, tabs[1].url)
        self.assertEqual(self.links_with(key), 1)

    def links_with(self, key: dict) -> int:
        """How many links of Ana end in this key, once all of them are settled."""
        hint = f"<code translate=\"no\">{key['api_key'][-4:]}</code>"
        page = self.ana.get("/perfil/exchanges/").text
        links = [path for path in set(LINK_PAGE.findall(page)) if hint in self.ana.get(path).text]
        eventually(lambda: not any(self.ana.is_busy(link) for link in links), 30)
        return len(links)
