"""A second factor with a real browser: an app set up from the page that is drawn, and a passkey that is enough by itself."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.profiles.factors import code_of
from tests.road.base import BrowserTestCase
from tests.road.person import PASSWORD

SECURITY = "/perfil/seguridad/"
# A device with a finger to put on, which it always does.
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.mark.usefixtures("ana_of_class")
class SecondFactorTests(BrowserTestCase):
    def setUp(self):
        # Browsers keep passkeys for names, not for addresses made of numbers.
        self.stack = replace(self.stack, url=self.stack.url.replace("127.0.0.1", "localhost"))

    def test_a_passkey_alone_lets_in(self):
        page = self.with_device(self.open(self.ana))
        self.visit(page, SECURITY)
        page.locator("#dos-pasos").get_by_role("link", name="Añadir una llave de acceso").click()
        page.get_by_label("Nombre").fill("Portátil de Ana")
        page.get_by_role("button", name="Crear la llave de acceso").click()
        page.wait_for_url("**/recovery-codes/")
        expect(page.locator(".codes li")).to_have_count(10)
        page.get_by_role("link", name="Ya los guardé: seguir").click()
        expect(page.locator("#llaves")).to_contain_text("Portátil de Ana")
        page.locator(".menu summary").click()
        page.get_by_role("button", name="Cerrar sesión").click()
        self.visit(page, "/cuenta/login/?next=/perfil/seguridad/")
        page.get_by_role("button", name="Entrar con una llave de acceso").click()
        page.wait_for_url(f"**{SECURITY}")
        expect(page.locator("#actividad")).to_contain_text("Iniciaste sesión con una llave de acceso")

    def test_an_app_is_set_up_from_the_page_and_asked_for_at_the_next_login(self):
        email = "con-aplicacion@example.com"
        page = self.open(width=390)
        self.sign_up(page, email)
        self.visit(page, SECURITY)
        page.locator("#dos-pasos").get_by_role("link", name="Añadir una aplicación").click()
        expect(page.get_by_role("img", name="Código QR")).to_be_visible()
        secret = page.locator("#totp-secret").inner_text().replace(" ", "")
        page.get_by_role("textbox", name="Código").fill(code_of(secret))
        page.get_by_role("button", name="Activar").click()
        page.wait_for_url("**/recovery-codes/")
        page.context.clear_cookies()
        self.visit(page, "/cuenta/login/")
        page.get_by_label("Correo").fill(email)
        page.locator("#id_password").fill(PASSWORD)
        page.get_by_role("button", name="Iniciar sesión", exact=True).click()
        page.get_by_label("Código").fill(code_of(secret, periods_from_now=1))
        page.get_by_role("button", name="Iniciar sesión").dblclick()  # a code is good once, a click more does no harm
        page.wait_for_url("**/perfil/")

    def with_device(self, page: Page) -> Page:
        developer = page.context.new_cdp_session(page)
        developer.send("WebAuthn.enable")
        developer.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        return page


class NumbersTests(BrowserTestCase):
    def test_at_an_address_of_numbers_it_says_where_passkeys_work(self):
        page = self.visit(self.open(), "/cuenta/login/")
        page.get_by_role("button", name="Entrar con una llave de acceso").click()
        expect(page.get_by_role("alert")).to_contain_text("http://localhost:")
