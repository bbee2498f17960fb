from datetime import timedelta
from smtplib import SMTPServerDisconnected
from unittest.mock import patch

import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from profiles.models import Activity
from tests.profiles.people import PASSWORD, PeopleTestCase, sent_code
from tests.profiles.test_sessions import FIREFOX, IPHONE

SUBJECT = "Your account was entered from a new device"


class NewDeviceTests(PeopleTestCase):
    def enter(self, headers, **more):
        browser = self.client_class(headers=headers, **more)
        return browser.post("/cuenta/login/", {"login": "bea@example.com", "password": PASSWORD})

    def told(self):
        return [message.subject for message in mail.outbox]

    def test_the_first_login_of_an_account_is_no_news(self):
        self.enter(FIREFOX)
        self.assertEqual(self.told(), [])

    def test_nor_is_the_one_that_ends_a_sign_up(self):
        self.sign_up()
        self.confirm(sent_code())
        self.assertEqual(self.client.get("/perfil/").status_code, 200)
        self.assertEqual(len(mail.outbox), 1)

    def test_another_device_is_with_what_to_do(self):
        self.enter(FIREFOX)
        with time_machine.travel("2026-11-22T20:15:00Z"):
            self.enter(IPHONE, REMOTE_ADDR="198.51.100.7")
        self.assertEqual((self.told(), mail.outbox[0].to), ([SUBJECT], ["bea@example.com"]))
        for words in ("Nov. 22, 2026, 9:15 p.m. (CET)", "From: 198.51.100.7\nWith: Safari on iPhone",
                      "http://127.0.0.1:8000/perfil/seguridad/#sesiones", "http://127.0.0.1:8000/cuenta/password/reset/"):
            self.assertIn(words, mail.outbox[0].body)

    def test_the_same_one_again_is_none(self):
        for headers in (FIREFOX, IPHONE, IPHONE, FIREFOX):
            self.enter(headers)
        self.assertEqual(self.told(), [SUBJECT])

    def test_it_is_known_for_ninety_days(self):
        self.enter(FIREFOX)
        with time_machine.travel(timedelta(days=89)):
            self.enter(FIREFOX)
        self.assertEqual(self.told(), [])
        with time_machine.travel(timedelta(days=180)):
            self.enter(FIREFOX)
        self.assertEqual(self.told(), [SUBJECT])

    def test_a_failed_try_makes_no_device_known(self):
        self.enter(FIREFOX)
        stranger = self.client_class(headers=IPHONE)
        stranger.post("/cuenta/login/", {"login": "bea@example.com", "password": "not hers at all"})
        self.assertEqual(Activity.objects.filter(cause="login_failed").count(), 1)
        self.enter(IPHONE)
        self.assertEqual(self.told(), [SUBJECT])

    def test_a_browser_that_does_not_say_is_a_device_too(self):
        self.enter(FIREFOX)
        self.enter({"User-Agent": ""})
        self.assertEqual(self.told(), [SUBJECT])
        self.assertNotIn("With:", mail.outbox[0].body)

    def test_nobody_is_kept_out_because_the_mail_does_not_work(self):
        self.enter(FIREFOX)
        with patch.object(EmailBackend, "send_messages", side_effect=SMTPServerDisconnected("gone")):
            self.assertRedirects(self.enter(IPHONE), "/perfil/", fetch_redirect_response=False)
