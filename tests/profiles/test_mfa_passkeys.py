import json
from datetime import timedelta

import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail

from tests.profiles.factors import add_app
from tests.profiles.passkey import Passkey
from tests.profiles.people import PeopleTestCase

ADD, LOGIN, PROVE = "/cuenta/2fa/webauthn/add/", "/cuenta/2fa/webauthn/login/", "/cuenta/2fa/webauthn/reauthenticate/"
FAILED = "We could not check the passkey."
# What is no answer of a passkey.
JUNK = (
    "", "x", "null", "7", "[]", "[1]", '"text"', "{}", '{"id": 7}', '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "attestationObject": "AA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response":'
    ' {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response":'
    ' {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": null}}',
    '{"id": "AA", "rawId": 1, "type": 2, "response": 3}', "[" * 3000, '{"a": "' + "x" * 20_000 + '"}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response":'
    ' {"clientDataJSON": "e30", "attestationObject": "' + "gYGB" * 1000 + '"}}',
)


class PasskeyTestCase(PeopleTestCase):
    def add(self, passkey, name="Phone"):
        options = self.client.get(ADD).context["js_data"]["creation_options"]
        return self.client.post(ADD, {"name": name, "credential": passkey.register(as_json(options)), "passwordless": "on"})


def as_json(options):
    return json.loads(json.dumps(options))


class AddTests(PasskeyTestCase):
    def setUp(self):
        self.client.force_login(self.bea)

    def test_it_is_in_the_list_by_its_name(self):
        self.assertRedirects(self.add(Passkey()), "/cuenta/2fa/recovery-codes/")
        self.assertContains(self.client.get("/perfil/seguridad/"), '<span translate="no">Phone</span>', html=True)
        self.assertEqual(mail.outbox[-1].subject, "You have a new passkey")

    def test_without_a_name_it_is_called_after_the_device(self):
        options = self.client.get(ADD).context["js_data"]["creation_options"]
        form = {"name": "", "credential": Passkey().register(as_json(options)), "passwordless": "on"}
        self.client.post(ADD, form, headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150"})
        self.assertEqual(str(Authenticator.objects.get(type="webauthn")), "Chrome on Linux")

    def test_one_that_asks_for_no_finger_face_or_pin_is_refused(self):
        self.assertContains(self.add(Passkey(verifies=False)), FAILED)
        self.assertFalse(Authenticator.objects.exists())

    def test_an_answer_to_another_question_is_refused(self):
        options = as_json(self.client.get(ADD).context["js_data"]["creation_options"])
        self.client.get(ADD)
        r = self.client.post(ADD, {"name": "x", "credential": Passkey().register(options), "passwordless": "on"})
        self.assertContains(r, FAILED)

    def test_what_is_no_answer_is_refused(self):
        for junk in JUNK:
            r = self.client.post(ADD, {"name": "x", "credential": junk, "passwordless": "on"})
            self.assertContains(r, FAILED, msg_prefix=junk)
        self.assertFalse(Authenticator.objects.exists())

    def test_a_name_is_not_longer_than_forty(self):
        self.assertContains(self.add(Passkey(), "x" * 41), 'data-error="name"')

    def test_it_wants_a_proof_of_presence(self):
        with time_machine.travel(timedelta(minutes=16)):
            self.assertRedirects(self.client.get(ADD), "/cuenta/reauthenticate/?next=%2Fcuenta%2F2fa%2Fwebauthn%2Fadd%2F")


class LoginTests(PasskeyTestCase):
    def setUp(self):
        self.client.force_login(self.bea)
        self.passkey = Passkey()
        self.add(self.passkey)
        self.client.logout()
        self.client.cookies["django_language"] = "en"

    def options(self, address=LOGIN):
        return self.client.get(address, headers={"Accept": "application/json"}).json()["request_options"]

    def test_it_lets_in_by_itself(self):
        r = self.client.post(LOGIN, {"credential": self.passkey.prove(self.options()), "next": "/perfil/seguridad/"})
        self.assertRedirects(r, "/perfil/seguridad/")
        self.assertContains(self.client.get("/perfil/"), "bea@example.com")

    def test_after_the_password_it_is_the_second_step(self):
        self.assertRedirects(self.log_in("bea@example.com"), "/cuenta/2fa/authenticate/")
        page = self.client.get("/cuenta/2fa/authenticate/")
        self.assertContains(page, "With your passkey")
        proof = self.passkey.prove(as_json(page.context["js_data"]["request_options"]))
        self.assertRedirects(self.client.post("/cuenta/2fa/authenticate/", {"credential": proof}), "/perfil/")

    def test_one_of_somebody_else_does_not_let_in(self):
        stranger = Passkey()
        stranger.user_handle = self.passkey.user_handle
        r = self.client.post(LOGIN, {"credential": stranger.prove(self.options())}, follow=True)
        self.assertRedirects(r, "/cuenta/login/")
        self.assertContains(r, FAILED)

    def test_an_answer_is_good_once(self):
        proof = self.passkey.prove(self.options())
        self.client.post(LOGIN, {"credential": proof})
        self.client.logout()
        self.options()
        self.assertRedirects(self.client.post(LOGIN, {"credential": proof}), "/cuenta/login/")

    def test_what_is_no_answer_does_not_let_in(self):
        for junk in JUNK[:9]:
            self.assertRedirects(self.client.post(LOGIN, {"credential": junk}), "/cuenta/login/", msg_prefix=junk)

    def test_what_is_no_answer_is_no_second_step(self):
        self.log_in("bea@example.com")
        for junk in JUNK[9:13]:
            r = self.client.post("/cuenta/2fa/authenticate/", {"credential": junk})
            self.assertContains(r, FAILED, msg_prefix=junk)

    def test_who_is_switched_off_stays_out(self):
        self.bea.is_active = False
        self.bea.save()
        r = self.client.post(LOGIN, {"credential": self.passkey.prove(self.options())})
        self.assertRedirects(r, "/cuenta/inactive/")


class KeepTests(PasskeyTestCase):
    def setUp(self):
        self.client.force_login(self.bea)
        self.passkey = Passkey()
        self.add(self.passkey)
        self.row = Authenticator.objects.get(type="webauthn")
        self.page = f"/cuenta/2fa/webauthn/keys/{self.row.pk}/"

    def test_it_takes_another_name(self):
        r = self.client.post(f"{self.page}edit/", {"name": "Old phone"}, follow=True)
        self.assertRedirects(r, "/perfil/seguridad/#llaves")
        self.assertContains(r, "Old phone")

    def test_it_is_removed_after_a_question_and_told_by_mail(self):
        self.assertContains(self.client.get(f"{self.page}remove/"), "Yes, remove it")
        r = self.client.post(f"{self.page}remove/", follow=True)
        self.assertRedirects(r, "/perfil/seguridad/#llaves")
        self.assertFalse(Authenticator.objects.exists())
        self.assertIn("A passkey was removed", [message.subject for message in mail.outbox])

    def test_nobody_else_finds_it(self):
        self.client.force_login(self.ana)
        for verb in ("edit", "remove"):
            for ask in (self.client.get, self.client.post):
                self.assertEqual(ask(f"{self.page}{verb}/").status_code, 404)

    def test_a_login_of_long_ago_is_no_proof(self):
        with time_machine.travel(timedelta(minutes=16)):
            for verb in ("edit", "remove"):
                self.assertIn("/cuenta/reauthenticate/", self.client.get(f"{self.page}{verb}/").url)

    def test_it_proves_presence(self):
        with time_machine.travel(timedelta(minutes=16)):
            options = as_json(self.client.get(PROVE).context["js_data"]["request_options"])
            r = self.client.post(PROVE, {"credential": self.passkey.prove(options), "next": ADD})
            self.assertRedirects(r, ADD)

    def test_where_it_fails_to_one_tries_again_without_losing_the_way(self):
        r = self.client.post(PROVE, {"credential": Passkey().prove({"publicKey": {"challenge": "AA"}}), "next": ADD}, follow=True)
        self.assertRedirects(r, f"{PROVE}?next=%2Fcuenta%2F2fa%2Fwebauthn%2Fadd%2F")
        self.assertContains(r, FAILED)

    def test_all_ways_to_prove_it_are_offered(self):
        add_app(self.ana)
        self.client.force_login(self.ana)
        self.add(Passkey())
        pages = ["/cuenta/reauthenticate/", "/cuenta/2fa/reauthenticate/", PROVE]
        for page in pages:
            r = self.client.get(f"{page}?next=/perfil/")
            for other in {*pages} - {page}:
                self.assertContains(r, f'href="{other}?next=%2Fperfil%2F"')
