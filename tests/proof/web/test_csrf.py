"""Forms sent from elsewhere: without the token of this browser nothing is done, at any address."""

from django.http import HttpResponse
from django.test import Client

from tests.profiles.people import PASSWORD
from tests.proof.access.addresses import patterns
from tests.proof.access.people import ProofTestCase
from tests.proof.access.sweep import stored
from tests.road.person import TOKEN

HTTPS = {"secure": True}
SITE, EVIL = "https://testserver", "https://evil.example"
ORIGINS = (EVIL, "http://evil.example", SITE, "http://testserver:8080", "http://testserver.evil.example", "null", "x")
REFERERS = (
    "", EVIL, "http://testserver/perfil/", "https://testserver.evil.example/", "https://testserver@evil.example/", "//testserver/", "x",
)


class TokenTests(ProofTestCase):
    def setUp(self) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def test_every_address_wants_it(self):
        before = stored()
        for pattern in patterns():
            for who, method in (("anonymous", "POST"), ("owner", "POST"), ("owner", "PUT"), ("owner", "DELETE"), ("superuser", "POST")):
                answer = self.visit(who, method, self.path(pattern), "label=Other&password=x")
                self.assertEqual((pattern, who, method, answer.status_code), (pattern, who, method, 403))
        self.assertEqual(stored(), before)


class RuleTests(ProofTestCase):
    def setUp(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.cookies["session"] = self.sessions["stranger"]

    def send(self, client: Client, token: str, **more: object) -> HttpResponse:
        return client.post("/i18n/setlang/", {"csrfmiddlewaretoken": token, "language": "en"}, **more)

    def token(self, client: Client, path: str = "/perfil/", **more: object) -> str:
        return TOKEN.search(client.get(path, **more).content.decode())[1]

    def test_with_it_the_form_is_taken(self):
        self.assertEqual(self.send(self.client, self.token(self.client)).status_code, 302)

    def test_one_of_another_browser_is_refused(self):
        other = Client()
        other.cookies["session"] = self.sessions["reader"]
        self.token(self.client)
        self.assertEqual(self.send(self.client, self.token(other)).status_code, 403)

    def test_one_from_before_the_login_is_refused(self):
        client = Client(enforce_csrf_checks=True)
        before = self.token(client, "/cuenta/login/")
        client.post("/cuenta/login/", {"csrfmiddlewaretoken": before, "login": "stranger@example.com", "password": PASSWORD})
        self.assertEqual(self.send(client, before).status_code, 403)

    def test_one_in_the_address_is_none(self):
        token = self.token(self.client)
        self.assertEqual(self.client.post(f"/i18n/setlang/?csrfmiddlewaretoken={token}", {"language": "en"}).status_code, 403)

    def test_another_origin_is_refused_with_it(self):
        for origin in ORIGINS:
            answer = self.send(self.client, self.token(self.client), headers={"Origin": origin})
            self.assertEqual((origin, answer.status_code), (origin, 403))
        self.assertEqual(self.send(self.client, self.token(self.client), headers={"Origin": "http://testserver"}).status_code, 302)

    def test_over_https_it_must_come_from_a_page_of_ours(self):
        for referer in REFERERS:
            answer = self.send(self.client, self.token(self.client, **HTTPS), headers={"Referer": referer}, **HTTPS)
            self.assertEqual((referer, answer.status_code), (referer, 403))
        answer = self.send(self.client, self.token(self.client, **HTTPS), headers={"Referer": f"{SITE}/perfil/"}, **HTTPS)
        self.assertEqual(answer.status_code, 302)

    def test_over_https_the_origin_is_enough(self):
        token = self.token(self.client, **HTTPS)
        self.assertEqual(self.send(self.client, token, headers={"Origin": SITE}, **HTTPS).status_code, 302)
        self.assertEqual(self.send(self.client, token, headers={"Origin": EVIL, "Referer": f"{SITE}/"}, **HTTPS).status_code, 403)
