"""Cookies: for this host alone, over https alone, out of reach of scripts, and not sent along with what other sites send."""

import json
import tempfile
from unittest import TestCase

from django.test import Client

from tests.environment import ROOT
from tests.profiles.people import PASSWORD
from tests.proof.access.people import ProofTestCase
from tests.smartrader.test_settings import PRODUCTION, python

# Path, domain, for https only, kept from scripts, SameSite.
OURS = ["/", "", True, True, "Lax"]
SCRIPTS = tuple((ROOT / "smartrader" / "static" / "js").glob("*.js"))


class ProductionTests(TestCase):
    """The site as production runs it, in a process of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        with tempfile.TemporaryDirectory() as folder:
            done = python(["-m", "tests.proof.web.production"], PRODUCTION | {"VAR_DIR": folder, "CELERY_BROKER_URL": "memory://"})
        cls.facts = json.loads(done.stdout)

    def test_every_cookie_is_bound(self):
        self.assertEqual(self.facts["cookies"], {"__Host-session": OURS, "__Host-csrf": OURS, "django_language": OURS})

    def test_over_http_there_is_nothing_but_the_way_to_https(self):
        self.assertEqual(self.facts["over http"], [301, "https://smartrader.example/perfil/", {}])

    def test_browsers_remember_that_for_a_year(self):
        self.assertEqual(self.facts["hsts"], "max-age=31536000; includeSubDomains; preload")

    def test_it_answers_to_its_name_alone(self):
        self.assertEqual(self.facts["another host"], 400)


class LocalTests(ProofTestCase):
    def test_here_too_but_for_https(self):
        client = Client()
        client.get("/cuenta/login/")
        client.post("/cuenta/login/", {"login": "stranger@example.com", "password": PASSWORD})
        client.post("/i18n/setlang/", {"language": "en"})
        found = {
            name: (cookie["path"], cookie["domain"], cookie["httponly"], cookie["samesite"]) for name, cookie in client.cookies.items()}
        self.assertEqual(found, dict.fromkeys(("session", "csrf", "django_language"), ("/", "", True, "Lax")))

    def test_a_logout_takes_it_back(self):
        client = Client()
        client.cookies["session"] = self.sessions["stranger"]
        gone = client.post("/cuenta/logout/").cookies["session"]
        self.assertEqual((gone.value, gone["max-age"], gone["path"]), ("", 0, "/"))

    def test_no_script_of_ours_reads_one(self):
        self.assertEqual([path.name for path in SCRIPTS if "document.cookie" in path.read_text()], [])
        self.assertIn("enhance.js", [path.name for path in SCRIPTS])
