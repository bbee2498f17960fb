"""Every exchange in a real browser, with the stand-in's ready-made keys: none is named here, so that a new one is walked too."""

import pytest
import requests
from playwright.sync_api import Page, expect

from exchanges import connectors
from exchanges.connectors.base import Connector
from tests.road.base import LINK_PAGE, BrowserTestCase


@pytest.mark.usefixtures("ana_of_class")
class ExchangesTestCase(BrowserTestCase):
    width, language, submit = 1280, "es", "Vincular y comprobar"

    def ready_made(self, connector: Connector) -> list[dict]:
        return requests.get(f"{self.stack.sandbox_url}/_keys", timeout=30).json()[connector.slug]

    def pick(self, connector: Connector) -> Page:
        """A browser of its own, by the picker at the guide of this exchange."""
        page = self.open(self.ana, width=self.width)
        self.visit(page, "/perfil/exchanges/vincular/")
        page.locator(f"footer button[value={self.language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        page.locator(f"[data-exchange={connector.slug}]").get_by_role("link").click()
        expect(page.locator("#paso-2")).to_be_visible()
        return page

    def link(self, page: Page, connector: Connector, key: dict) -> None:
        self.fill_key(page, key)
        if connector.needs_passphrase:
            page.fill("#id_passphrase", key["passphrase"])
        if connector.regions:
            page.check(f"input[name=region][value={connector.regions[0].slug}]")
        page.get_by_role("button", name=self.submit).click()
        page.wait_for_url(LINK_PAGE)

    def is_narrow(self, page: Page) -> None:
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), self.width)


class ReadyTests(ExchangesTestCase):
    def test_the_good_key_of_each_becomes_ready(self):
        for slug, connector in connectors.all().items():
            with self.subTest(slug):
                page = self.pick(connector)
                self.is_narrow(page)
                self.link(page, connector, next(key for key in self.ready_made(connector) if key["name"] == "ok"))
                if not connector.reports_permissions:
                    self.confirm(page)
                self.shows(page, "ready")
                expect(page.locator(".state .badge").first).to_have_text("Lista para operar")
                notices = (page.locator("#estado").get_attribute("data-notices") or "").split()
                self.assertEqual("unverifiable_permissions" in notices, not connector.reports_permissions)
                self.is_narrow(page)

    def confirm(self, page: Page) -> None:
        """Without the tick it waits for the person, who ticks it on its page."""
        self.shows(page, "action_required", "unverifiable_permissions")
        expect(page.locator(".state .badge").first).to_have_text("Necesita tu atención")
        page.check("#withdrawals_off")
        page.get_by_role("button", name="Confirmar y comprobar").click()


class RefusedTests(ExchangesTestCase):
    width, language, submit = 390, "en", "Link and check"

    def test_a_key_of_each_that_can_take_money_out_is_refused(self):
        for slug, connector in connectors.all().items():
            if not connector.reports_permissions:
                continue
            with self.subTest(slug):
                page = self.pick(connector)
                self.is_narrow(page)
                key, danger = self.dangerous(connector)
                self.link(page, connector, key)
                self.shows(page, "refused", "dangerous_permissions")
                expect(page.locator(".state .badge").first).to_have_text("Refused")
                expect(page.locator(f"[data-permission={danger}]")).to_have_attribute("data-verdict", "dangerous")
                self.is_narrow(page)

    def dangerous(self, connector: Connector) -> tuple[dict, str]:
        """The first ready-made key that has a dangerous right, and that right."""
        dangers = [permission.name for permission in connector.permissions if permission.kind == "dangerous"]
        return next((key, name) for key in self.ready_made(connector) for name in dangers if name in key["permissions"])
