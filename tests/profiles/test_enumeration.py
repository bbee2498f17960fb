"""Nobody learns from us who has an account: the same answers, the same work, a mail in either case. ana@ has one, eva@ has none."""

import json
import re
from base64 import urlsafe_b64encode
from unittest.mock import patch

from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from profiles.models import User
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
ANA, EVA = "ana@example.com", "eva@example.com"
WAITING = ("/cuenta/confirm-email/", "/cuenta/login/", "/cuenta/signup/", "/cuenta/2fa/authenticate/", "/cuenta/password/reset/", "/")


def told(response, email: str) -> tuple:
    """All that an answer tells, but for the tokens and the address that was asked about."""
    cookies = {name: dict(cookie) for name, cookie in response.cookies.items()}
    page = TOKEN.sub("", response.content.decode()).replace(email, "…")
    return response.status_code, dict(response.items()), cookies, page


def hashed(do) -> int:
    """How many passwords were hashed meanwhile."""
    with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as encode:
        do()
    return encode.call_count


def asked(do) -> int:
    """How many questions the database was asked meanwhile."""
    with CaptureQueriesContext(connection) as queries:
        do()
    return len(queries)


class EnumerationTestCase(PeopleTestCase):
    def setUp(self):
        clock = travel(1_790_000_000, tick=False)
        clock.start()
        self.addCleanup(clock.stop)
        self.known, self.unknown = Client(), Client()

    def both(self, path: str, **fields: str) -> list[tuple]:
        """What ana@ and eva@ are told; "{}" in a field is the address."""
        return [
            told(client.post(path, {name: value.format(email) for name, value in fields.items()}), email)
            for client, email in ((self.known, ANA), (self.unknown, EVA))
        ]

    def same(self, path: str, **fields: str) -> tuple:
        known, unknown = self.both(path, **fields)
        self.assertEqual(known, unknown)
        return known

    def same_page(self, path: str) -> tuple:
        known, unknown = told(self.known.get(path), ANA), told(self.unknown.get(path), EVA)
        self.assertEqual(known, unknown)
        return known


class LoginTests(EnumerationTestCase):
    def log_in_both(self) -> tuple:
        return self.same("/cuenta/login/", login="{}", password=OTHER_PASSWORD)

    def test_it_says_the_same(self):
        status, _headers, _cookies, page = self.log_in_both()
        self.assertEqual(status, 200)
        self.assertIn("El correo o la contraseña no son correctos.", page)

    def test_it_says_the_same_to_who_tries_on(self):
        for _time in range(6):
            said = self.log_in_both()
        self.assertNotIn("El correo o la contraseña no son correctos.", said[3])

    def test_it_hashes_as_often(self):
        self.assertEqual(hashed(lambda: self.log_in(ANA, OTHER_PASSWORD)), 1)
        self.assertEqual(hashed(lambda: self.log_in(EVA, OTHER_PASSWORD)), 1)

    def test_it_hashes_as_often_for_an_account_without_a_password(self):
        self.ana.set_unusable_password()
        self.ana.save()
        self.assertEqual(hashed(lambda: self.log_in(ANA, OTHER_PASSWORD)), 1)

    def test_it_hashes_as_often_for_an_account_that_is_switched_off(self):
        User.objects.filter(email=ANA).update(is_active=False)
        self.assertEqual(hashed(lambda: self.log_in(ANA, OTHER_PASSWORD)), 1)
        self.log_in_both()


class SignupTests(EnumerationTestCase):
    def sign_up_both(self) -> tuple:
        return self.same("/cuenta/signup/", email="{}", password1=OTHER_PASSWORD)

    def test_it_leads_to_the_same_page_and_sends_a_mail(self):
        status, headers, _cookies, _page = self.sign_up_both()
        self.assertEqual((status, headers["Location"]), (302, "/cuenta/confirm-email/"))
        self.assertEqual([message.to for message in mail.outbox], [[ANA], [EVA]])

    def test_it_hashes_as_often(self):
        self.assertEqual(hashed(lambda: self.sign_up(ANA, password1=OTHER_PASSWORD)), 1)
        self.assertEqual(hashed(lambda: Client().post("/cuenta/signup/", {"email": EVA, "password1": OTHER_PASSWORD})), 1)

    def test_it_hashes_as_often_where_somebody_has_begun(self):
        User.objects.create_user(EVA, PASSWORD)
        self.assertEqual(hashed(lambda: self.sign_up(EVA, password1=OTHER_PASSWORD)), 1)

    def test_it_asks_the_database_as_much(self):
        self.sign_up("first@example.com")
        known = asked(lambda: self.known.post("/cuenta/signup/", {"email": ANA, "password1": OTHER_PASSWORD}))
        unknown = asked(lambda: self.unknown.post("/cuenta/signup/", {"email": EVA, "password1": OTHER_PASSWORD}))
        self.assertAlmostEqual(known, unknown, delta=2)

    def test_it_leaves_nobody_behind(self):
        self.sign_up(ANA, password1=OTHER_PASSWORD)
        self.assertEqual(list(User.objects.order_by("email").values_list("email", flat=True)), [ANA, "bea@example.com"])

    def test_the_pages_that_wait_for_the_code_are_the_same(self):
        self.sign_up_both()
        for path in WAITING:
            self.same_page(path)

    def test_and_take_as_long(self):
        self.sign_up_both()
        for path in WAITING:
            known, unknown = (asked(lambda client=client, path=path: client.get(path)) for client in (self.known, self.unknown))
            self.assertEqual((path, known), (path, unknown))

    def test_a_wrong_code_is_answered_the_same_until_there_are_no_tries_left(self):
        self.sign_up_both()
        for _time in range(4):
            self.same("/cuenta/confirm-email/", code="XXXX-XXXX")

    def test_another_code_is_sent_or_seems_to_be(self):
        self.sign_up_both()
        mail.outbox.clear()
        for _time in range(3):
            self.same("/cuenta/confirm-email/", action="resend")
        self.assertEqual([message.to for message in mail.outbox], [[ANA], [EVA]] * 3)
        self.same_page("/cuenta/confirm-email/")

    def test_no_more_are_sent_than_that(self):
        self.sign_up_both()
        for _time in range(3):
            self.same("/cuenta/confirm-email/", action="resend")
        mail.outbox.clear()
        self.same("/cuenta/confirm-email/", action="resend")
        self.assertEqual(mail.outbox, [])

    def test_there_is_no_code_that_lets_in(self):
        self.sign_up(ANA, password1=OTHER_PASSWORD)
        self.assertNotRegex(mail.outbox[0].body, "[A-Z]{4}-[A-Z]{4}")
        self.assertEqual(self.client.get("/perfil/").status_code, 302)

    def test_who_is_signing_up_and_asks_about_another_address_goes_on_signing_up(self):
        self.sign_up(EVA)
        code = sent_code()
        self.client.post("/cuenta/password/reset/", {"email": "nobody@example.com"})
        self.assertRedirects(self.confirm(code), "/perfil/")


class ResetTests(EnumerationTestCase):
    def ask_both(self) -> tuple:
        return self.same("/cuenta/password/reset/", email="{}")

    def test_it_leads_to_the_same_page_and_sends_a_mail(self):
        status, headers, _cookies, _page = self.ask_both()
        self.assertEqual((status, headers["Location"]), (302, "/cuenta/password/reset/confirm/"))
        self.assertEqual([message.to for message in mail.outbox], [[ANA], [EVA]])

    def test_it_says_the_same_to_who_asks_too_often(self):
        for _time in range(6):
            said = self.ask_both()
        self.assertIn('data-error="email"', said[3])

    def test_it_hashes_nothing_and_asks_as_much(self):
        self.assertEqual(hashed(lambda: self.ask_both()), 0)
        known = asked(lambda: self.known.post("/cuenta/password/reset/", {"email": ANA}))
        self.assertAlmostEqual(known, asked(lambda: self.unknown.post("/cuenta/password/reset/", {"email": EVA})), delta=1)

    def test_a_wrong_code_is_answered_the_same_until_there_are_no_tries_left(self):
        self.ask_both()
        for _time in range(4):
            self.same_page("/cuenta/password/reset/confirm/")
            self.same("/cuenta/password/reset/confirm/", code="XXXX-XXXX")

    def test_and_takes_as_long(self):
        self.ask_both()
        wrong = {"code": "XXXX-XXXX"}
        known = asked(lambda: self.known.post("/cuenta/password/reset/confirm/", wrong))
        self.assertEqual(known, asked(lambda: self.unknown.post("/cuenta/password/reset/confirm/", wrong)))


class InsideTests(EnumerationTestCase):
    """What somebody with an account of their own can ask about others. Here bea@ has one too, and asks."""

    def setUp(self):
        super().setUp()
        for client in (self.known, self.unknown):
            client.post("/cuenta/login/", {"login": "bea@example.com", "password": PASSWORD})

    def test_a_change_to_the_address_of_another_looks_like_one_to_any(self):
        status, headers, _cookies, _page = self.same("/cuenta/email/", email="{}", action_add="")
        self.assertEqual((status, headers["Location"]), (302, "/cuenta/confirm-email/"))
        self.assertEqual([message.to for message in mail.outbox[-2:]], [[ANA], [EVA]])
        self.same_page("/cuenta/confirm-email/")
        self.same("/cuenta/confirm-email/", code="XXXX-XXXX")
        self.same("/cuenta/confirm-email/", action="resend")

    def test_it_asks_the_database_as_much(self):
        self.known.post("/cuenta/email/", {"email": "first@example.com", "action_add": ""})
        known = asked(lambda: self.known.post("/cuenta/email/", {"email": ANA, "action_add": ""}))
        self.assertEqual(known, asked(lambda: self.unknown.post("/cuenta/email/", {"email": EVA, "action_add": ""})))

    def test_the_session_of_another_is_none(self):
        self.log_in(ANA)
        theirs = UserSession.objects.get(user=self.ana)
        path = f"/perfil/seguridad/sesiones/{theirs.pk}/cerrar/"
        of_ana = told(self.known.post(path), ANA)
        theirs.delete()
        self.assertEqual(of_ana, told(self.known.post(path), ANA))
        self.assertEqual(of_ana[0], 404)


class PasskeyTests(EnumerationTestCase):
    PATH = "/cuenta/2fa/webauthn/login/"

    def try_as(self, client: Client, user: User) -> None:
        """Send what a browser would for this person: shaped right, signed by nobody."""
        handle = urlsafe_b64encode(user_pk_to_url_str(user).encode()).decode().rstrip("=")
        client.cookies["django_language"] = "en"
        client.get(self.PATH, headers={"X-Requested-With": "XMLHttpRequest"})
        response = {"clientDataJSON": "e30", "authenticatorData": "A" * 52, "signature": "AAAA", "userHandle": handle}
        answer = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {}, "response": response}
        self.assertRedirects(client.post(self.PATH, {"credential": json.dumps(answer)}), "/cuenta/login/", fetch_redirect_response=False)

    def test_the_options_name_no_account(self):
        options = self.client.get(self.PATH, headers={"X-Requested-With": "XMLHttpRequest"}).json()
        self.assertEqual(options["request_options"]["publicKey"].get("allowCredentials", []), [])

    def test_a_wrong_one_is_answered_the_same_for_a_person_and_for_none(self):
        self.try_as(self.known, self.ana)
        self.try_as(self.unknown, User())
        self.assertIn("We could not check the passkey.", self.same_page("/cuenta/login/")[3])
