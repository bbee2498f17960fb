"""The settings of production: `check --deploy` is clean, and without its environment nothing starts."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from unittest import TestCase

from exchanges import sealing
from tests import environment

# Made today: `check --deploy` has something to say of an old one.
PUBLIC, PRIVATE = sealing.new_pair(datetime.now(UTC).date())

PRODUCTION = {
    "SITE_URL": "https://smartrader.example",
    "EGRESS_IPS": "198.51.100.7",
    "SECRET_KEY": "p3Xc9wQ7vT1zR5mK8yN2bJ6hF4gD0sLaUeIoWqYtRzXcVbNmAs",
    "CREDENTIALS_KEYS": environment.EXAMPLE_KEY,
    "FINGERPRINT_KEY": "f" * 32,
    "SEALING_PUBLIC_KEY": PUBLIC,
}
LOCAL = PRODUCTION | {"SITE_URL": "http://127.0.0.1:8000"}
SHOWN = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", "REQUIRE_MFA", "DEBUG",
)
SHOW = f"import json; from django.conf import settings; print(json.dumps([getattr(settings, n) for n in {SHOWN}]))"


def python(arguments: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess:
    given = environment.bare() | {"DJANGO_SETTINGS_MODULE": "smartrader.settings"} | variables
    return subprocess.run(
        [sys.executable, *arguments], cwd=environment.ROOT, env=given, capture_output=True, text=True, check=False
    )


def settings_with(variables: dict[str, str]) -> dict[str, object]:
    return dict(zip(SHOWN, json.loads(python(["-c", SHOW], variables).stdout), strict=True))


class ProductionTests(TestCase):
    def test_djangos_own_check_has_nothing_to_say(self):
        done = python(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION)
        self.assertEqual((done.returncode, done.stdout), (0, "System check identified no issues (0 silenced).\n"), done.stderr)

    def test_cookies_belong_to_this_host_alone_and_everything_is_https(self):
        self.assertEqual(settings_with(PRODUCTION), {
            "SESSION_COOKIE_NAME": "__Host-session", "CSRF_COOKIE_NAME": "__Host-csrf", "SESSION_COOKIE_SECURE": True,
            "CSRF_COOKIE_SECURE": True, "SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31536000,
            "ALLOWED_HOSTS": ["smartrader.example"], "REQUIRE_MFA": True, "DEBUG": False,
        })

    def test_this_machine_alone_may_do_without(self):
        found = settings_with(LOCAL)
        self.assertEqual((found["SESSION_COOKIE_NAME"], found["SECURE_SSL_REDIRECT"]), ("session", False))
        self.assertEqual((found["REQUIRE_MFA"], found["DEBUG"]), (False, False))

    def test_it_does_not_start_without_its_environment_and_names_what_is_missing(self):
        for name in PRODUCTION:
            without = {key: value for key, value in PRODUCTION.items() if key != name}
            done = python(["-c", SHOW], without)
            self.assertNotEqual((name, done.returncode), (name, 0))
            self.assertIn(f"{name} is missing in the environment.", done.stderr)

    def test_what_is_misspelt_stops_the_start_and_names_itself(self):
        for name, value in (
            ("DEBUG", "ture"), ("SITE_URL", "http://smartrader.example"), ("EGRESS_IPS", "foo"), ("SECRET_KEY", "short"),
            ("CREDENTIALS_KEYS", "short"), ("FINGERPRINT_KEY", "short"), ("ACCOUNT_KEY", "short"), ("SEALING_PUBLIC_KEY", PUBLIC[:-8]),
            ("SEALING_PUBLIC_KEY", PRIVATE), ("SEALING_PRIVATE_KEYS", PUBLIC), ("SEALING_PRIVATE_KEYS", f"{PRIVATE},x"),
            ("MAX_LINKS", "many"), ("KRAKEN_API_URL", "http://exchange.example"), ("DATABASE_URL", "mysql://host/db"),
            ("EMAIL_URL", "mail"), ("TRUSTED_PROXIES", "proxy"), ("CELERY_BROKER_URL", "localhost"), ("REQUIRE_MFA", "maybe"),
            ("CACHE_URL", "x"),
        ):
            done = python(["-c", SHOW], PRODUCTION | {name: value})
            self.assertEqual((name, done.returncode), (name, 1))
            self.assertIn(f"ImproperlyConfigured: {name} in the environment must be ", done.stderr)
