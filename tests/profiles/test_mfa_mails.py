"""What a person is told of their second factors, once it is done: real transactions."""

from django.core import mail
from django.test import TransactionTestCase

from tests.profiles.factors import add_app, code_of
from tests.profiles.people import person


class MailTests(TransactionTestCase):
    def setUp(self):
        self.bea = person("bea@example.com", language="en")
        self.client.force_login(self.bea)

    def activate(self):
        secret = self.client.get("/cuenta/2fa/totp/activate/").context["form"].secret
        return self.client.post("/cuenta/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)

    def test_of_a_new_app(self):
        self.assertContains(self.activate(), "Your authenticator app is on.")
        self.assertEqual(mail.outbox[-1].subject, "You have switched on the authenticator app")
        cure = "Was it not you? Remove it now, and close the other sessions:\nhttp://127.0.0.1:8000/perfil/seguridad/"
        self.assertIn(cure, mail.outbox[-1].body)

    def test_of_an_app_switched_off(self):
        add_app(self.bea)
        self.client.post("/cuenta/2fa/totp/deactivate/")
        self.assertIn("The authenticator app is switched off", [message.subject for message in mail.outbox])

    def test_of_new_recovery_codes(self):
        add_app(self.bea)
        self.client.post("/cuenta/2fa/recovery-codes/generate/")
        self.assertEqual(mail.outbox[-1].subject, "You have new recovery codes")

    def test_no_mail_tells_a_secret(self):
        self.activate()
        self.assertNotRegex(mail.outbox[-1].body, r"\d{8}|[A-Z2-7]{16}")
