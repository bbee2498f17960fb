"""`manage.py check_key` at every exchange, none of them named, and what only some have: sites, PEM, the owner's word."""
import io
import json
from dataclasses import replace
from unittest import mock

import requests
from django.conf import settings
from django.core.management import CommandError, call_command

from exchanges import connectors
from exchanges.connectors.base import Credentials, Mispasted
from tests.exchanges.made_up import KEY, SECRET, MadeUp, connector, with_regions
from tests.exchanges.test_check_key import CheckKeyTestCase

COMMAND = "exchanges.management.commands.check_key"
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8Q\nERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----"


class AllTests(CheckKeyTestCase):
    def test_the_good_key_of_each_is_ready(self):
        ready_made = requests.get(f"{self.sandbox_url}/_keys", timeout=5).json()
        for slug, exchange in connectors.all().items():
            key = next(key for key in ready_made[slug] if key["name"] == "ok")
            region = exchange.regions[0].slug if exchange.regions else ""
            pasted = "\n".join(filter(None, (key["api_key"], key["secret"], key["passphrase"])))
            status, shown = self.check(pasted, slug, region=region, withdrawals_off=not exchange.reports_permissions)
            self.assertEqual((slug, status, shown.count("\nready\n")), (slug, 0, 1))


class MadeUpTestCase(CheckKeyTestCase):
    made_up = connector

    def setUp(self):
        self.enterContext(mock.patch.dict(connectors.all(), {"madeup": self.made_up}))
        self.wire = self.enterContext(MadeUp())
        self.enterContext(mock.patch.dict(settings.API_URLS, {"madeup": self.wire.url}))


class WordTests(MadeUpTestCase):
    def test_without_the_owners_word_nothing_is_proven(self):
        status, shown = self.check(f"{KEY}\n{SECRET}", "madeup")
        self.assertEqual(status, 1)
        self.assertIn("\naction_required unverifiable_permissions\n", shown)
        self.assertEqual(self.wire.asked(), ["GET /v1/me", "GET /v1/orders?book=a_b"])

    def test_with_it_the_key_is_proven_and_told_as_what_it_is(self):
        status, shown = self.check(f"{KEY}\n{SECRET}", "madeup", as_json=True, withdrawals_off=True)
        found = json.loads(shown)
        self.assertEqual((status, found["status"]), (0, "ready"))
        self.assertEqual([notice["code"] for notice in found["notices"]], ["unverifiable_permissions", "empty_account"])
        self.assertEqual({row["verdict"] for row in found["permissions"]}, {"unknown"})

    def test_a_right_that_a_call_was_denied_for_is_missing(self):
        self.wire.answers["orders"] = {"error": "denied"}
        found = json.loads(self.check(f"{KEY}\n{SECRET}", "madeup", as_json=True, withdrawals_off=True)[1])
        self.assertEqual((found["status"], found["reason"]), ("action_required", "missing_permissions"))
        self.assertEqual([row["name"] for row in found["permissions"] if row["verdict"] == "missing"], ["trade"])


class RegionTests(MadeUpTestCase):
    made_up = with_regions

    def test_it_asks_the_site_that_is_named(self):
        with mock.patch.dict(settings.API_URLS, {"madeup": "http://127.0.0.1:9", "madeup_eu": self.wire.url}):
            status, shown = self.check(f"{KEY}\n{SECRET}", "madeup", region="eu", withdrawals_off=True)
        self.assertEqual(status, 0)
        self.assertIn(f"Asking Made Up at {self.wire.url}\n", shown)
        self.assertIn("X-Signed: https://api.eu.madeup.example/v1/me", self.wire.requests[0].decode())

    def test_none_or_another_is_a_fault_of_use_that_is_not_said_again(self):
        for region in ("", "moon"):
            status, shown = self.check(f"{KEY}\n{SECRET}", "madeup", region=region)
            self.assertEqual((status, shown), (64, "Made Up needs --region, one of: eu, world."))
        self.assertEqual(self.wire.asked(), [])

    def test_where_there_is_one_site_none_is_named(self):
        self.assertEqual(self.check(f"{KEY}\n{SECRET}", region="eu"), (64, "Kraken has one site for all: leave --region out."))


class SeveralLinesTests(MadeUpTestCase):
    """What the connector is given of a paste in several lines."""

    def setUp(self):
        super().setUp()
        self.given = []
        self.enterContext(mock.patch.dict(connectors.all(), {"madeup": replace(connector, clean=self.clean, secret_lines=6)}))

    def clean(self, *pasted: str) -> Credentials:
        self.given = [part.strip() for part in pasted]
        raise Mispasted({"secret": "None of mine."})

    def test_a_pem_is_the_secret_and_the_rest_the_api_key(self):
        for pasted in (f"{KEY}\n{PEM}\n", f"\r\n{KEY}\r\n\r\n{PEM}", f"{PEM}\n{KEY}\n"):
            status, shown = self.check(pasted, "madeup")
            self.assertEqual((status, shown.splitlines()[1:]), (64, ["secret: None of mine."]))
            self.assertEqual(self.given, [KEY, PEM, ""])

    def test_the_exchanges_own_file_is_left_whole(self):
        for file in ({"name": KEY, "privateKey": PEM}, {"id": KEY, "privateKey": SECRET}):
            for pasted in (json.dumps(file), json.dumps(file, indent=2)):
                self.assertEqual(self.check(pasted, "madeup")[0], 64)
                self.assertEqual(self.given, [pasted, "", ""])

    def test_on_a_terminal_a_pem_is_read_to_its_last_line(self):
        typed = [*PEM.splitlines(), "of no use"]
        with mock.patch(f"{COMMAND}.sys.stdin") as stdin, mock.patch(f"{COMMAND}.input", return_value=KEY, create=True), \
                mock.patch(f"{COMMAND}.getpass", side_effect=typed), self.assertRaises(CommandError):
            stdin.isatty.return_value = True
            call_command("check_key", "madeup", stdout=io.StringIO())
        self.assertEqual(self.given, [KEY, PEM, ""])
