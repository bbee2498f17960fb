from datetime import timedelta

import time_machine
from django.core import mail

from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code


class PasswordResetTests(PeopleTestCase):
    def ask(self, email="ana@example.com"):
        return self.client.post("/cuenta/password/reset/", {"email": email})

    def enter(self, code):
        return self.client.post("/cuenta/password/reset/confirm/", {"code": code})

    def choose(self, password):
        return self.client.post("/cuenta/password/reset/complete/", {"password1": password})

    def test_it_changes_the_password_with_the_code_of_the_mail_and_lets_in(self):
        self.assertRedirects(self.ask(), "/cuenta/password/reset/confirm/")
        self.assertRedirects(self.enter(sent_code()), "/cuenta/password/reset/complete/")
        self.assertRedirects(self.choose(OTHER_PASSWORD), "/perfil/")
        self.client.logout()
        self.assertRedirects(self.log_in(password=OTHER_PASSWORD), "/perfil/")

    def test_it_closes_the_other_sessions(self):
        elsewhere = self.client_class()
        elsewhere.force_login(self.ana)
        self.ask()
        self.enter(sent_code())
        self.choose(OTHER_PASSWORD)
        self.assertEqual(elsewhere.get("/perfil/").status_code, 302)

    def test_it_says_that_the_code_is_wrong(self):
        self.ask()
        self.assertContains(self.enter("XXXX-XXXX"), "Ese no es el código.")

    def test_it_does_not_change_the_password_without_the_code(self):
        self.ask()
        self.assertRedirects(self.choose(OTHER_PASSWORD), "/cuenta/password/reset/confirm/")

    def test_it_refuses_a_short_one_at_its_field(self):
        self.ask()
        self.enter(sent_code())
        self.assertContains(self.choose("corta"), 'data-error="password1"')

    def test_it_looks_the_same_for_an_unknown_address(self):
        self.assertRedirects(self.ask("nobody@example.com"), "/cuenta/password/reset/confirm/")
        self.assertContains(self.enter("XXXX-XXXX"), "Ese no es el código.")
        self.assertEqual(mail.outbox[0].subject, "No tienes cuenta en Smartrader")

    def test_it_tells_the_person_by_mail(self):
        self.ask()
        self.enter(sent_code())
        self.choose(OTHER_PASSWORD)
        self.assertEqual(mail.outbox[-1].subject, "Tu contraseña ha cambiado")

    def test_its_mail_is_in_the_language_of_the_person(self):
        self.ask("bea@example.com")
        self.assertEqual(mail.outbox[0].subject, "Your code to choose another password")
        self.assertIn("Hello:", mail.outbox[0].body)


class PasswordChangeTests(PeopleTestCase):
    def change(self, old, new):
        self.client.force_login(self.ana)
        return self.client.post("/cuenta/password/change/", {"oldpassword": old, "password1": new})

    def test_it_changes_it_and_says_so(self):
        r = self.change(PASSWORD, OTHER_PASSWORD)
        self.assertRedirects(r, "/perfil/seguridad/", fetch_redirect_response=False)
        self.assertContains(self.client.get(r.url), "Tu contraseña ha cambiado.")
        self.assertEqual(mail.outbox[-1].subject, "Tu contraseña ha cambiado")
        self.ana.refresh_from_db()
        self.assertTrue(self.ana.check_password(OTHER_PASSWORD))

    def test_it_wants_the_current_one(self):
        self.assertContains(self.change("not my password", OTHER_PASSWORD), "Esta no es tu contraseña actual.")

    def test_it_closes_the_other_sessions_and_keeps_this_one(self):
        elsewhere = self.client_class()
        elsewhere.force_login(self.ana)
        self.change(PASSWORD, OTHER_PASSWORD)
        self.assertEqual(elsewhere.get("/perfil/").status_code, 302)
        self.assertEqual(self.client.get("/perfil/").status_code, 200)

    def test_who_has_none_sets_one(self):
        self.ana.set_unusable_password()
        self.ana.save()
        self.client.force_login(self.ana)
        self.assertRedirects(self.client.get("/cuenta/password/change/"), "/cuenta/password/set/")
        r = self.client.post("/cuenta/password/set/", {"password1": OTHER_PASSWORD})
        self.assertRedirects(r, "/perfil/seguridad/")

    def test_who_has_none_sets_one_only_after_a_login_of_late(self):
        self.ana.set_unusable_password()
        self.ana.save()
        self.client.force_login(self.ana)
        with time_machine.travel(timedelta(minutes=16)):
            r = self.client.post("/cuenta/password/set/", {"password1": OTHER_PASSWORD})
            self.assertRedirects(r, "/cuenta/login/?next=/cuenta/password/set/")
        self.ana.refresh_from_db()
        self.assertFalse(self.ana.has_usable_password())
