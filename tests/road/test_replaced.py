"""Another key for a link that works: the old one stays in use until the new one is proven, and for good if it is not."""

import pytest
from playwright.sync_api import Page, expect

from tests.road.base import BrowserTestCase


@pytest.mark.usefixtures("ana_of_class")
class ReplacedTests(BrowserTestCase):
    def test_a_proven_one_takes_over(self):
        page, new = self.open(self.ana), self.kraken.new_key(account="casa")
        self.replace(page, self.kraken.new_key(account="casa"), new)
        expect(page.locator("#estado")).to_have_attribute("data-candidate", "")
        self.shows(page, "ready")
        expect(page.locator(".head code")).to_have_text(new["api_key"][-4:])

    def test_one_that_can_withdraw_changes_nothing(self):
        page, old = self.open(self.ana), self.kraken.new_key(account="piso")
        self.replace(page, old, self.kraken.new_key(account="piso", permissions=["withdraw-funds"]))
        expect(page.locator("#estado")).to_have_attribute("data-candidate", "failed")
        expect(page.locator("#estado")).to_have_attribute("data-candidate-reason", "dangerous_permissions")
        expect(page.get_by_text("La clave nueva permite sacar dinero: «Funds permissions › Withdraw».")).to_be_visible()
        self.shows(page, "ready")
        expect(page.locator(".head code")).to_have_text(old["api_key"][-4:])

    def replace(self, page: Page, old: dict, new: dict) -> None:
        """Link `old`, then send `new` in its place; Kraken is slow to answer, so that the trial is seen under way."""
        self.paste(page, old)
        self.shows(page, "ready")
        page.locator("#cambiar").click()
        self.fill_key(page, new)
        with self.freeze_kraken():
            page.get_by_role("button", name="Comprobar y reemplazar").click()
            expect(page.locator("#estado")).to_have_attribute("data-candidate", "checking")
            expect(page.locator("#estado")).to_have_attribute("data-status", "ready")
