from allauth.account.models import EmailAddress

from tests.profiles.people import PeopleTestCase

# Every address of allauth's that answers with a page, and a heading of it in each language.
OUTSIDE = {
    "/cuenta/login/": ("Iniciar sesión", "Log in"),
    "/cuenta/signup/": ("Crear cuenta", "Create account"),
    "/cuenta/inactive/": ("Esta cuenta está desactivada", "This account is switched off"),
    "/cuenta/password/reset/": ("¿Olvidaste tu contraseña?", "Forgot your password?"),
    "/cuenta/password/reset/done/": ("Tu contraseña ha cambiado", "Your password has changed"),
}
INSIDE = {
    "/cuenta/logout/": ("Cerrar sesión", "Log out"),
    "/cuenta/email/": ("Cambiar tu correo", "Change your e-mail"),
    "/cuenta/password/change/": ("Cambiar tu contraseña", "Change your password"),
    "/cuenta/reauthenticate/": ("¿Eres tú?", "Is it you?"),
    "/cuenta/2fa/totp/activate/": ("Añadir una aplicación de autenticación", "Add an authenticator app"),
    "/cuenta/2fa/webauthn/add/": ("Añadir una llave de acceso", "Add a passkey"),
}


class AccountPagesTests(PeopleTestCase):
    def look(self, pages, language):
        for address, headings in pages.items():
            r = self.client.get(address)
            self.assertContains(r, f"<h1>{headings[language == 'en']}</h1>", html=True, msg_prefix=address)
            self.assertContains(r, '<main id="contenido" class="wrap page page-narrow">', msg_prefix=address)
            self.assertContains(r, f'<html lang="{language}">', msg_prefix=address)

    def test_they_wear_our_look_in_spanish(self):
        self.look(OUTSIDE, "es")
        self.client.force_login(self.ana)
        self.look(INSIDE, "es")

    def test_they_wear_our_look_in_english(self):
        self.client.post("/i18n/setlang/", {"language": "en"})
        self.look(OUTSIDE, "en")
        self.client.force_login(self.bea)
        self.look(INSIDE, "en")

    def test_an_address_to_be_confirmed_gets_its_code_again(self):
        EmailAddress.objects.filter(user=self.ana).update(verified=False)
        self.client.force_login(self.ana)
        self.assertContains(self.client.get("/cuenta/email/"), "Por confirmar")
        r = self.client.post("/cuenta/email/", {"email": "ana@example.com", "action_send": ""})
        self.assertRedirects(r, "/cuenta/confirm-email/")

    def test_the_rest_of_allauth_is_not_there(self):
        for address in ("/cuenta/login/code/", "/cuenta/signup/passkey/", "/cuenta/phone/change/", "/cuenta/social/"):
            self.assertEqual(self.client.get(address).status_code, 404, address)
