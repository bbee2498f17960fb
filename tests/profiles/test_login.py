from django.core import mail

from profiles.models import User
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code

WRONG = "El correo o la contraseña no son correctos. Revísalos y prueba otra vez."


class LoginTests(PeopleTestCase):
    def test_it_goes_to_the_profile(self):
        self.assertRedirects(self.log_in(), "/perfil/")

    def test_it_does_not_mind_capitals_in_the_address(self):
        self.assertRedirects(self.log_in("Ana@Example.COM"), "/perfil/")

    def test_it_goes_on_to_the_page_asked_for(self):
        r = self.log_in(next="/perfil/seguridad/")
        self.assertRedirects(r, "/perfil/seguridad/")

    def test_it_goes_to_no_other_site(self):
        for address in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
            self.client.logout()
            self.assertEqual(self.log_in(next=address).url, "/perfil/", address)

    def test_it_says_the_same_of_a_wrong_password_and_of_an_unknown_address(self):
        self.assertContains(self.log_in(password=OTHER_PASSWORD), WRONG)
        self.assertContains(self.log_in("nobody@example.com"), WRONG)

    def test_it_never_shows_the_password_again(self):
        self.assertNotContains(self.log_in(password="a password nobody may see"), "a password nobody may see")

    def test_it_asks_for_a_code_while_the_address_is_not_confirmed(self):
        User.objects.create_user("carla@example.com", PASSWORD)
        self.assertRedirects(self.log_in("carla@example.com"), "/cuenta/confirm-email/")
        self.assertRedirects(self.confirm(sent_code()), "/perfil/")

    def test_it_does_not_let_in_who_is_switched_off(self):
        User.objects.filter(email="ana@example.com").update(is_active=False)
        self.assertRedirects(self.log_in(), "/cuenta/inactive/")
        self.assertContains(self.client.get("/cuenta/inactive/"), "Esta cuenta está desactivada")

    def test_it_ends_with_the_browser_unless_asked_to_remember(self):
        self.log_in()
        self.assertTrue(self.client.session.get_expire_at_browser_close())
        self.client.logout()
        self.log_in(remember="on")
        self.assertFalse(self.client.session.get_expire_at_browser_close())

    def test_it_passes_by_who_is_in(self):
        self.client.force_login(self.ana)
        self.assertRedirects(self.client.get("/cuenta/login/"), "/perfil/")


class LogoutTests(PeopleTestCase):
    def test_it_asks_first(self):
        self.client.force_login(self.ana)
        self.assertContains(self.client.get("/cuenta/logout/"), "Cerrar sesión")
        self.assertEqual(self.client.get("/perfil/").status_code, 200)

    def test_it_goes_to_the_landing_page(self):
        self.client.force_login(self.ana)
        self.assertRedirects(self.client.post("/cuenta/logout/"), "/")
        self.assertEqual(self.client.get("/perfil/").status_code, 302)
        self.assertEqual(mail.outbox, [])
