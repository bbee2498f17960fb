from datetime import timedelta

import time_machine
from django.core import mail

from tests.profiles.people import PASSWORD, PeopleTestCase, sent_code


class EmailChangeTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(self.ana)

    def change(self, email="ana.new@example.com"):
        """Ask for the change, and prove once more who one is."""
        r = self.client.post("/cuenta/email/", {"email": email, "action_add": ""})
        if "reauthenticate" in r.url:
            r = self.client.post(r.url, {"password": PASSWORD, "next": "/cuenta/email/"})
        return r

    def test_it_asks_for_the_password_first_when_the_login_is_long_ago(self):
        with time_machine.travel(timedelta(minutes=16)):
            r = self.client.post("/cuenta/email/", {"email": "ana.new@example.com", "action_add": ""})
            self.assertRedirects(r, "/cuenta/reauthenticate/?next=%2Fcuenta%2Femail%2F")
            self.assertContains(self.client.post(r.url, {"password": "not mine"}), "Esta no es tu contraseña.")
        self.assertEqual(mail.outbox, [])

    def test_it_changes_with_the_code_sent_to_the_new_address(self):
        self.assertRedirects(self.change(), "/cuenta/confirm-email/")
        self.assertEqual(mail.outbox[-1].to, ["ana.new@example.com"])
        self.assertRedirects(self.confirm(sent_code()), "/perfil/seguridad/")
        self.ana.refresh_from_db()
        self.assertEqual(self.ana.email, "ana.new@example.com")

    def test_it_changes_nothing_before(self):
        self.change()
        self.ana.refresh_from_db()
        self.assertEqual(self.ana.email, "ana@example.com")

    def test_it_tells_the_old_address_in_the_language_of_the_person(self):
        self.ana.profile.language = "en"
        self.ana.profile.save()
        self.change()
        self.confirm(sent_code())
        self.assertEqual(mail.outbox[-1].to, ["ana@example.com"])
        self.assertIn("Hello, Ana:", mail.outbox[-1].body)
        self.assertIn("Delete your keys at your exchange now", mail.outbox[-1].body)

    def test_it_does_not_tell_that_an_address_has_an_account(self):
        self.assertRedirects(self.change("bea@example.com"), "/cuenta/confirm-email/")

    def test_it_never_takes_the_address_of_another_account(self):
        self.change("bea@example.com")
        self.confirm(sent_code())
        self.ana.refresh_from_db()
        self.assertEqual(self.ana.email, "ana@example.com")
