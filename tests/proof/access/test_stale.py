"""The owner's session, left open for longer than a proof of presence holds: which addresses want one before they show or do anything."""

from urllib.parse import urlencode

from django.test import Client

from tests.base import SECRET, grow_stale
from tests.proof.access.addresses import patterns
from tests.proof.access.people import ProofTestCase
from tests.proof.access.sweep import stored

SHOWN_AFTER = {
    "cuenta/2fa/totp/deactivate/",
    "cuenta/2fa/recovery-codes/", "cuenta/2fa/recovery-codes/generate/", "cuenta/2fa/recovery-codes/download/",
    "cuenta/2fa/webauthn/add/", "cuenta/2fa/webauthn/keys/<int:pk>/remove/", "cuenta/2fa/webauthn/keys/<int:pk>/edit/",
    "cuenta/password/set/", "perfil/exchanges/vincular/<slug:slug>/", "perfil/exchanges/<uuid:link_id>/diario/",
    "perfil/exchanges/<uuid:link_id>/reemplazar/", "perfil/exchanges/<uuid:link_id>/desvincular/", "perfil/datos/", "perfil/datos/borrar/",
}
ONLY_SHOWN = {"perfil/exchanges/<uuid:link_id>/diario/", "perfil/datos/"}
# What was sent goes away with the question, where it holds no secret; the forms of keys ask inside themselves.
DONE_AFTER = SHOWN_AFTER - {"cuenta/2fa/recovery-codes/"} | {"cuenta/email/"}
ASKED_INSIDE = {pattern for pattern in SHOWN_AFTER if pattern.startswith("perfil/")} - ONLY_SHOWN
GOOD = {
    "label": "Other", "api_key": "A" * 56, "secret": SECRET, "name": "Other", "email": "other@example.com", "action_add": "",
    "password1": "otra frase larga y segura", "word": "DELETE",
}


class StaleTests(ProofTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        client = Client()
        client.cookies["session"] = cls.sessions["owner"]
        grow_stale(client)

    def test_these_pages_and_no_others_ask_first(self):
        answers = {pattern: self.visit("owner", "GET", self.path(pattern)) for pattern in patterns()}
        asking = {pattern for pattern, answer in answers.items() if "reauthenticate/?next=" in answer.headers.get("Location", "")}
        self.assertEqual(asking, SHOWN_AFTER)

    def test_a_good_form_does_nothing_without(self):
        before = stored()
        for pattern in DONE_AFTER | ASKED_INSIDE:
            changed: set[str] = set()
            self.visit("owner", "POST", self.path(pattern), urlencode(GOOD), look=lambda changed=changed: changed.update(
                name for name, content in stored().items() if content != before[name]))
            self.assertEqual((pattern, changed), (pattern, set()))

    def test_the_forms_of_keys_come_back_with_the_question_and_without_the_secret(self):
        for pattern in ASKED_INSIDE:
            answer = self.visit("owner", "POST", self.path(pattern), urlencode(GOOD))
            self.assertEqual((pattern, answer.status_code), (pattern, 200))
            self.assertContains(answer, 'id="id_password"')
            self.assertNotIn(SECRET, answer.text_sent)
