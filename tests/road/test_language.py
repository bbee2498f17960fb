"""Spanish first, English by choice: the account remembers it, and no page mixes the two."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.road.base import BrowserTestCase
from tests.road.person import Person

# Words that every page of some length has in one language and none in the other.
SPANISH = re.compile(r"\b(tu|tus|el|los|las|una|para|con|clave|permisos?|cuenta|contraseña|vincular|aquí|sin)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(the|your|and|with|key|permissions?|account|password|link|here|without)\b", re.IGNORECASE)
# What an exchange calls a box of its own stays in its language.
LABEL = re.compile("«[^»]*»|“[^”]*”")
# What is read on the page, without what is marked as another language or as a name.
READ = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll("[lang], [translate=no], option, script").forEach((el) => el.remove());
  return `${document.title} ${copy.textContent}`;
}"""


@pytest.mark.usefixtures("ana_of_class")
class LanguageTests(BrowserTestCase):
    def test_it_changes_to_english_and_back(self):
        page = self.open()
        self.visit(page, "/")
        expect(page.locator("html")).to_have_attribute("lang", "es")
        for language, words in (("English", "Your money stays put"), ("Español", "sin soltar tu dinero")):
            page.get_by_role("button", name=language).click()
            expect(page.locator("h1")).to_contain_text(words)

    def test_it_stays_on_the_page(self):
        page = self.open(self.ana)
        self.visit(page, "/perfil/exchanges/vincular/?q=kra")
        page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text("Which exchange do you want to link?")
        self.assertEqual(page.url, f"{self.stack.url}/perfil/exchanges/vincular/?q=kra")

    def test_the_account_remembers_it(self):
        page = self.open(self.ana)
        self.visit(page, "/perfil/")
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        elsewhere = self.open(Person(self.stack).log_in(self.email))
        self.visit(elsewhere, "/perfil/")
        expect(elsewhere.locator("html")).to_have_attribute("lang", "en")

    def test_what_the_browser_prefers_is_not_asked(self):
        page = self.open(locale="en-GB")
        self.visit(page, "/")
        expect(page.locator("html")).to_have_attribute("lang", "es")


class UnmixedTestCase(BrowserTestCase):
    def read(self, page: Page, path: str, own: re.Pattern, other: re.Pattern) -> None:
        text = LABEL.sub("", self.visit(page, path).evaluate(READ))
        with self.subTest(path=path, language=page.locator("html").get_attribute("lang")):
            self.assertRegex(text, own)
            self.assertEqual([text[max(0, found.start() - 40):found.end() + 40] for found in other.finditer(text)], [])


@pytest.mark.usefixtures("ana_of_class")
class UnmixedTests(UnmixedTestCase):
    def test_no_page_in_spanish_has_english_in_it(self):
        self.read_all("es", SPANISH, ENGLISH)

    def test_no_page_in_english_has_spanish_in_it(self):
        self.read_all("en", ENGLISH, SPANISH)

    def read_all(self, language: str, own: re.Pattern, other: re.Pattern) -> None:
        page = self.open(self.ana)
        self.visit(page, "/perfil/")
        page.locator(f"footer button[value={language}]").click()
        for path in self.paths():
            self.read(page, path, own, other)

    def paths(self) -> list[str]:
        """The pages of a person with a link of each colour."""
        exchanges = "/perfil/exchanges/"
        keys = (self.kraken.new_key(), self.kraken.new_key("query-ledger"), self.kraken.new_key(permissions=["withdraw-funds"]))
        links = [self.ana.link(key) for key in keys]
        for link in links:
            self.ana.settled(link)
        about = [f"{links[1]}{page}/" for page in ("historial", "diario", "reemplazar", "renombrar", "desvincular")]
        factors = [f"/cuenta/2fa/{page}/" for page in ("totp/activate", "webauthn/add")]
        ways = [exchanges, f"{exchanges}vincular/", f"{exchanges}vincular/kraken/"]
        return ["/perfil/", "/perfil/seguridad/", *factors, *ways, *links, *about]


class UnmixedOutsideTests(UnmixedTestCase):
    def test_no_page_for_visitors_is_mixed(self):
        page = self.open()
        self.visit(page, "/")
        for language, own, other in (("es", SPANISH, ENGLISH), ("en", ENGLISH, SPANISH)):
            page.locator(f"footer button[value={language}]").click()
            for path in ("/cuenta/login/", "/cuenta/signup/", "/cuenta/password/reset/", "/", "/exchanges/"):
                self.read(page, path, own, other)
