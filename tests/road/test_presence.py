"""A form that was left open: the password, or a passkey, inside it, and nothing typed is lost but the secret."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing
from playwright.sync_api import Page, expect

from tests.road.base import LINK_PAGE, BrowserTestCase
from tests.road.person import NEW, PASSWORD, Person

SALT = "django.contrib.sessions.SessionStore"
AN_HOUR_S = 3600


def grow_stale(person: Person) -> None:
    """As if every proof in the session of `person` were an hour older."""
    key = Path(person.stack.var_dir, "keys", "SECRET_KEY").read_text()
    session = person.http.cookies["session"]
    with closing(sqlite3.connect(Path(person.stack.var_dir, "db.sqlite3"), timeout=20)) as database, database:
        (kept,) = database.execute("SELECT session_data FROM django_session WHERE session_key = ?", [session]).fetchone()
        known = signing.loads(kept, key=key, salt=SALT, serializer=JSONSerializer)
        for proof in known["account_authentication_methods"]:
            proof["at"] -= AN_HOUR_S
        older = signing.dumps(known, key=key, salt=SALT, serializer=JSONSerializer, compress=True)
        database.execute("UPDATE django_session SET session_data = ? WHERE session_key = ?", [older, session])


@pytest.mark.usefixtures("ana_of_class")
class PasswordTests(BrowserTestCase):
    def setUp(self):
        self.person = Person(self.stack).log_in(self.email)

    def test_a_key_goes_through_with_the_password_inside_the_form(self):
        page, key = self.open(self.person, width=390), self.kraken.new_key()
        self.visit(page, NEW)
        self.fill_key(page, key, "Ahorro")
        grow_stale(self.person)
        page.get_by_role("button", name="Vincular y comprobar").click()
        expect(page.locator("#errores")).to_be_focused()
        self.assertEqual([page.input_value(f"#id_{field}") for field in ("label", "api_key", "secret", "password")],
                         ["Ahorro", key["api_key"], "", ""])
        page.fill("#id_secret", key["secret"])
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Vincular y comprobar").click()
        page.wait_for_url(LINK_PAGE)
        self.shows(page, "ready")

    def test_unlinking_too(self):
        page = self.open(self.person)
        link = self.person.link(self.kraken.new_key())
        self.visit(page, f"{link}desvincular/")
        grow_stale(self.person)
        page.get_by_role("button", name="Sí, desvincular").click()
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Sí, desvincular").click()
        page.wait_for_url("**/perfil/exchanges/")
        self.assertEqual(self.person.state(link)["status"], "unlinked")

    def test_the_diary_asks_first_and_then_shows_itself(self):
        page = self.open(self.person)
        link = self.person.link(self.kraken.new_key())
        grow_stale(self.person)
        self.visit(page, f"{link}diario/")
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Continuar").click()
        page.wait_for_url(f"**{link}diario/")


@pytest.mark.usefixtures("ana_of_class")
class PasskeyTests(BrowserTestCase):
    """A passkey belongs to a name, so the portal is visited by its own: localhost."""

    def setUp(self):
        self.stack = replace(self.stack, url=self.stack.url.replace("127.0.0.1", "localhost"))
        self.person = Person(self.stack).log_in(self.email)

    def with_passkey(self) -> Page:
        """A window whose device has made a passkey for the account."""
        page = self.open(self.person)
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}})
        self.visit(page, "/cuenta/2fa/webauthn/add/")
        page.locator("#passkey_add").click()
        page.wait_for_url("**/recovery-codes/")
        return page

    def test_a_passkey_sends_the_form_with_all_that_is_in_it(self):
        page, key = self.with_passkey(), self.kraken.new_key()
        self.visit(page, NEW)
        self.fill_key(page, key)
        grow_stale(self.person)
        page.get_by_role("button", name="Vincular y comprobar").click()
        page.fill("#id_secret", key["secret"])
        page.locator("#passkey_prove").click()
        page.wait_for_url(LINK_PAGE)
        self.shows(page, "ready")
