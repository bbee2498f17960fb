"""Another host than ours in a request: refused, and in no page and no mail."""

import re

from django.conf import settings
from django.core import mail
from django.test import Client, override_settings

from tests.profiles.people import PASSWORD
from tests.proof.access.addresses import patterns
from tests.proof.access.people import ProofTestCase

EVIL = "evil.example"
UNKNOWN = (
    EVIL, "testserver.evil.example", "evil.example:80", "testserver@evil.example", "evil.example#testserver", "testserver:80:80", "tést",
    " ", "a b",
)
FORWARDED = {"X-Forwarded-Host": EVIL, "X-Host": EVIL, "X-Original-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Forwarded-Server": EVIL}
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150"}
# A host of ours, at a port where nobody listens.
ELSEWHERE = {"HTTP_HOST": "localhost:666"}
URL = re.compile(r"https?://[^\s/\"'<>]+")


class HostTests(ProofTestCase):
    def test_an_unknown_one_is_refused_at_every_address(self):
        for pattern in patterns():
            for who in ("anonymous", "owner"):
                answer = self.visit(who, "GET", self.path(pattern), HTTP_HOST=EVIL)
                self.assertEqual((pattern, who, answer.status_code), (pattern, who, 400))
                self.assertNotIn(EVIL, answer.text_sent + str(answer.headers))

    def test_a_clever_one_too(self):
        for host in UNKNOWN:
            self.assertEqual((host, self.visit("anonymous", "GET", "/cuenta/login/", HTTP_HOST=host).status_code), (host, 400))

    def test_nobody_forwards_one(self):
        for pattern in patterns():
            answer = self.visit("owner", "GET", self.path(pattern), headers=FORWARDED)
            self.assertNotIn(EVIL, answer.text_sent + str(answer.headers), pattern)

    @override_settings(ALLOWED_HOSTS=["testserver", "localhost"])
    def test_no_page_names_the_host_it_was_asked_at(self):
        for pattern in patterns():
            answer = self.visit("owner", "GET", self.path(pattern), **ELSEWHERE)
            self.assertNotIn("localhost:666", answer.text_sent + str(answer.headers), pattern)


@override_settings(ALLOWED_HOSTS=["testserver", "localhost"])
class MailTests(ProofTestCase):
    """Every mail that a request makes go out."""

    def sent(self, who: str, path: str, **fields: str) -> None:
        client = Client()
        client.cookies["session"] = self.sessions.get(who, "")
        client.post(path, fields, headers=FORWARDED | BROWSER, **ELSEWHERE)

    def test_their_addresses_are_those_of_the_site(self):
        mail.outbox.clear()
        self.sent("anonymous", "/cuenta/signup/", email="new@example.com", password1=PASSWORD)
        self.sent("anonymous", "/cuenta/signup/", email="owner@example.com", password1=PASSWORD)
        self.sent("anonymous", "/cuenta/password/reset/", email="owner@example.com")
        self.sent("anonymous", "/cuenta/password/reset/", email="nobody@example.com")
        self.sent("anonymous", "/cuenta/login/", login="stranger@example.com", password=PASSWORD)
        self.sent("stranger", "/cuenta/email/", email="other@example.com", action_add="")
        self.sent("stranger", "/cuenta/password/change/", oldpassword=PASSWORD, password1="otra frase larga y segura")
        self.assertEqual(len(mail.outbox), 7)
        for message in mail.outbox:
            body = message.body + "".join(str(part) for part, _kind in getattr(message, "alternatives", []))
            self.assertEqual((message.subject, {*URL.findall(body)} - {settings.SITE_URL}), (message.subject, set()))
            self.assertNotIn(EVIL, body + message.subject + str(message.extra_headers))
