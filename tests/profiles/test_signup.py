from unittest.mock import patch

from django.core import mail

from profiles.models import Profile, User
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code


class SignupTests(PeopleTestCase):
    def test_it_lets_in_with_the_code_of_the_mail(self):
        self.assertRedirects(self.sign_up(), "/cuenta/confirm-email/")
        self.assertEqual(mail.outbox[0].to, ["new@example.com"])
        self.assertRedirects(self.confirm(sent_code()), "/perfil/")
        self.assertContains(self.client.get("/perfil/"), "new@example.com")

    def test_it_takes_the_code_without_its_dash_and_in_small_letters(self):
        self.sign_up()
        self.assertRedirects(self.confirm(f" {sent_code().lower().replace('-', '')} "), "/perfil/")

    def test_it_lets_nobody_in_without_the_code(self):
        self.sign_up()
        self.assertRedirects(self.client.get("/perfil/"), "/cuenta/login/?next=/perfil/", fetch_redirect_response=False)

    def test_it_says_that_the_code_is_wrong(self):
        self.sign_up()
        r = self.confirm("XXXX-XXXX")
        self.assertContains(r, 'data-error="code"')
        self.assertContains(r, "Ese no es el código. Mira el último correo que te enviamos.")

    def test_it_stops_after_three_wrong_codes(self):
        self.sign_up()
        code = sent_code()
        for _try in range(3):
            r = self.confirm("XXXX-XXXX")
        self.assertRedirects(r, "/cuenta/login/", fetch_redirect_response=False)
        self.assertRedirects(self.confirm(code), "/cuenta/login/", fetch_redirect_response=False)
        self.assertContains(self.client.get("/cuenta/login/"), "Demasiados intentos. Espera cinco minutos")

    def test_it_sends_another_code_and_only_that_one_works(self):
        self.sign_up()
        first = sent_code()
        r = self.client.post("/cuenta/confirm-email/", {"action": "resend"})
        self.assertRedirects(r, "/cuenta/confirm-email/")
        self.assertEqual(len(mail.outbox), 2)
        self.assertContains(self.confirm(first), 'data-error="code"')
        self.assertRedirects(self.confirm(sent_code()), "/perfil/")

    def test_it_starts_again_with_another_address(self):
        self.sign_up()
        r = self.client.post("/cuenta/logout/", {"next": "/cuenta/signup/"})
        self.assertRedirects(r, "/cuenta/signup/")
        self.assertRedirects(self.sign_up("other@example.com"), "/cuenta/confirm-email/")

    def test_it_stops_sending_codes_with_a_sentence(self):
        self.sign_up()
        for _time in range(3):
            self.client.post("/cuenta/confirm-email/", {"action": "resend"})
        self.assertEqual(len(mail.outbox), 4)
        self.assertNotContains(self.client.get("/cuenta/confirm-email/"), "Enviar otro código")

    def test_it_keeps_the_address_in_small_letters(self):
        self.sign_up("New.Person@Example.COM")
        self.assertTrue(User.objects.filter(email="new.person@example.com").exists())

    def test_it_makes_the_profile_in_the_language_and_zone_of_the_browser(self):
        self.client.post("/i18n/setlang/", {"language": "en"})
        self.sign_up(time_zone="America/Bogota")
        profile = Profile.objects.get(user__email="new@example.com")
        self.assertEqual((profile.language, profile.time_zone), ("en", "America/Bogota"))
        self.assertEqual(mail.outbox[0].subject, "Your code for Smartrader")

    def test_it_takes_no_zone_that_does_not_exist(self):
        self.sign_up(time_zone="Mars/Olympus")
        self.assertEqual(Profile.objects.get(user__email="new@example.com").time_zone, "Europe/Madrid")

    def test_it_makes_no_user_without_a_profile(self):
        with patch.object(Profile.objects, "create", side_effect=KeyError), self.assertRaises(KeyError):
            self.sign_up()
        self.assertFalse(User.objects.filter(email="new@example.com").exists())

    def test_it_refuses_a_short_password_at_its_field(self):
        r = self.sign_up(password1="abcxyz")
        self.assertContains(r, 'data-error="password1"')
        self.assertContains(r, "12 caracteres")
        self.assertNotContains(r, "abcxyz")

    def test_it_refuses_an_address_too_long_to_keep(self):
        self.assertContains(self.sign_up(f"{'a' * 60}@{'b.' * 100}example.com"), 'data-error="email"')

    def test_it_refuses_a_password_like_the_address(self):
        r = self.sign_up("anarobles2026@example.com", password1="anarobles2026")
        self.assertContains(r, 'data-error="password1"')


class SignupOfAKnownAddressTests(PeopleTestCase):
    def test_it_looks_the_same_as_for_a_new_one(self):
        new = self.client_class().post("/cuenta/signup/", {"email": "eva@example.com", "password1": OTHER_PASSWORD})
        known = self.client.post("/cuenta/signup/", {"email": "ANA@example.com", "password1": OTHER_PASSWORD})
        self.assertEqual((new.status_code, new.url), (known.status_code, known.url))

    def test_its_code_page_looks_the_same(self):
        other = self.client_class()
        other.post("/cuenta/signup/", {"email": "eva@example.com", "password1": OTHER_PASSWORD})
        self.sign_up("ana@example.com", password1=OTHER_PASSWORD)
        pages = [page(client, email) for client, email in ((other, "eva@"), (self.client, "ana@"))]
        self.assertEqual(*pages)

    def test_it_tells_the_owner_by_mail_and_changes_nothing(self):
        self.sign_up("ana@example.com", password1=OTHER_PASSWORD)
        self.assertEqual(mail.outbox[0].subject, "Ya tienes una cuenta en Smartrader")
        self.ana.refresh_from_db()
        self.assertFalse(self.ana.check_password(OTHER_PASSWORD))

    def test_it_lets_nobody_in_not_even_with_the_right_password(self):
        self.sign_up("ana@example.com")
        self.assertEqual(mail.outbox[0].subject, "Ya tienes una cuenta en Smartrader")
        self.assertEqual(self.client.get("/perfil/").status_code, 302)

    def test_a_second_try_of_an_unfinished_one_sends_a_new_code(self):
        self.sign_up()
        self.client.cookies.clear()
        self.sign_up()
        self.assertRedirects(self.confirm(sent_code()), "/perfil/")
        self.assertEqual(User.objects.filter(email="new@example.com").count(), 1)

    def test_a_double_click_that_loses_the_race_sends_a_new_code_too(self):
        User.objects.create_user("new@example.com", PASSWORD)
        with patch("allauth.account.forms.flows.manage_email.email_already_exists", lambda email: (email, False)):
            self.sign_up()
        self.assertRedirects(self.confirm(sent_code()), "/perfil/")

    def test_an_unfinished_one_is_not_taken_over_with_another_password(self):
        User.objects.create_user("new@example.com", OTHER_PASSWORD)
        self.sign_up()
        self.assertEqual(mail.outbox[0].subject, "Ya tienes una cuenta en Smartrader")


def page(client, name: str) -> str:
    """The code page without what differs by design: the address and the tokens."""
    body = client.get("/cuenta/confirm-email/").content.decode().replace(name, "")
    return "\n".join(line for line in body.splitlines() if "csrfmiddlewaretoken" not in line)
