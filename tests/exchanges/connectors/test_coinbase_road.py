"""Coinbase over real HTTP, against the sandbox: our session, a worker's look at a link, and ccxt."""
import json
import subprocess
import time
from unittest import SkipTest

from django.utils import translation

from exchanges.connectors.base import Seen, Unavailable
from exchanges.connectors.coinbase import connector, server_time, system_status
from exchanges.present import state_words
from sandbox.server import start
from tests.exchanges.base import ValidationTestCase
from tests.exchanges.keys import SandboxKeys

from .proving import ProvingTestCase
from .test_coinbase import EC_KEY, NAME
from .test_coinbase_sign import ED25519_KEY, KEY_ID, ORACLE

ALL_CALLS = ["key_permissions", "accounts", "batch", "fills", "preview"]
CCXT = """
import json, sys
import ccxt
url, keys = json.load(sys.stdin)
def client(key):
    made = ccxt.coinbase({"apiKey": key["api_key"], "secret": key["secret"], "enableRateLimit": False})
    made.urls["api"] = {"rest": url}
    return made
def said(call):
    try:
        return call()
    except ccxt.BaseError as error:
        return type(error).__name__
found = {}
for key in keys:
    one = client(key)
    found[key["name"]] = [
        said(lambda: one.v3_private_get_brokerage_key_permissions()["can_trade"]),
        said(lambda: one.fetch_balance({"v3": True})["total"]),
        said(lambda: one.fetch_balance()["free"]),
        said(lambda: [[o["symbol"], o["side"], o["price"], o["amount"], o["status"]] for o in one.fetch_open_orders()]),
        said(lambda: [[t["symbol"], t["price"], t["amount"]] for t in one.fetch_my_trades()]),
        said(lambda: one.create_order("BTC/USD", "limit", "buy", 0.0005, 7500, {"preview": True, "postOnly": True})["symbol"]),
    ]
json.dump(found, sys.stdout)
"""


class SandboxTests(ProvingTestCase):
    connector = connector

    def test_both_kinds_of_key_are_proven_in_five_calls(self):
        for name in ("ok", "ed25519", "disabled-later"):
            said, diary = self.prove(name)
            self.assertEqual(said[0].permissions, {"can_view", "can_trade"})
            self.assertRegex(said[0].account, "^[0-9a-f-]{36}$")
            self.assertEqual(said[1:], [Seen(empty=False), None, None, "ok"])
            self.assertEqual(diary.before, ALL_CALLS)

    def test_an_empty_account_is_a_success(self):
        self.assertEqual(self.prove("empty")[0][1:], [Seen(empty=True), None, None, "ok"])

    def test_a_missing_right_shows_where_it_is_used(self):
        self.assertEqual(self.prove("no-view")[0][1:], ["missing_permissions"])
        for name in ("boasts", "boasts-old"):
            self.assertEqual(self.prove(name)[0][1:], [Seen(empty=False), None, None, "missing_permissions"])

    def test_whatever_is_wrong_with_a_key_looks_the_same(self):
        for name, changes in (("ip", {}), ("deleted", {}), ("wrong-secret", {}), ("ok", {"api_key": NAME[:-1] + "0"}),
                              ("ok", {"api_key": KEY_ID}), ("ok", {"secret": ED25519_KEY}), ("ed25519", {"secret": EC_KEY})):
            said, diary = self.prove(name, **changes)
            self.assertEqual((said, diary.after), (["bad_key"], [("key_permissions", "bad_key", "401 Unauthorized")]))

    def test_every_fault_leaves_the_key_alone(self):
        for fault, reason in (("busy", "maintenance"), ("unavailable", "maintenance"), ("html_403", "unreadable_answer"),
                              ("html_520", "maintenance"), ("slow", "timeout"), ("reset", "network"), ("truncated", "unreadable_answer"),
                              ("huge", "unreadable_answer"), ("not_json", "unreadable_answer"), ("redirect", "unreadable_answer"),
                              ("rate_limit", "rate_limited")):
            self.fault("ok", fault)
            patience_s = 0.2 if reason == "timeout" else 5.0
            self.assertEqual((fault, self.prove("ok", patience_s)[0]), (fault, [reason]))

    def test_a_wrong_clock_is_set_by_theirs(self):
        server = start()                                    # its own: what is learnt of a clock is kept by address
        self.addCleanup(server.close)
        for ahead_s in (600, -600):
            self.status(server.url, ahead_s=ahead_s)
            said, diary = self.prove("ed25519", url=server.url)
            self.assertEqual(said[1:], [Seen(empty=False), None, None, "ok"])
            self.assertEqual(diary.after[:2], [("key_permissions", "bad_key", "401 Unauthorized"), ("key_permissions", "ok", "")])
            self.assertEqual(len(diary.after), 6)

    def test_it_tells_the_time_and_how_it_is(self):
        self.assertAlmostEqual(self.public(server_time), time.time(), delta=5)
        self.assertEqual(self.public(system_status), "ok")
        self.addCleanup(self.status, self.server.url, status="online")
        self.status(self.server.url, status="maintenance")
        with self.assertRaises(Unavailable) as caught:
            self.public(system_status)
        self.assertEqual(caught.exception.reason, "maintenance")

    def test_ccxt_works_here(self):
        if not ORACLE.exists():
            raise SkipTest("no .venv-oracles with ccxt (requirements-oracles.txt)")
        keys = [key for key in self.listed if key["name"] in ("ok", "ed25519", "no-view", "deleted")]
        wanted = json.dumps([f"{self.server.url}/coinbase", keys])
        said = subprocess.run([ORACLE, "-c", CCXT], input=wanted, capture_output=True, text=True, check=True, timeout=60)
        total, free = ({"USD": usd, "BTC": 0.018421, "ETH": 0.41, "USDC": 12.5} for usd in (1545.43, 1520.43))
        works = [True, total, free, [["BTC/USD", "buy", 50000.0, 0.0005, "open"]], [["BTC/USD", 50000.0, 0.0005]], "BTC/USD"]
        self.assertEqual(json.loads(said.stdout), {
            "ok": works, "ed25519": works, "no-view": [True, *["PermissionDenied"] * 5], "deleted": ["AuthenticationError"] * 6})


class LinkTests(ValidationTestCase):
    """A pasted key, one look of a worker, the state it deserves."""

    def setUp(self):
        super().setUp()
        self.keys = SandboxKeys(self.sandbox_url, "coinbase")
        self.exchange = self.keys.exchange()

    def test_a_good_key_is_ready_after_five_calls(self):
        for name in ("ok", "ed25519"):
            link = self.paste(name)
            self.assertEqual((link.status, link.reason, link.notices), ("ready", "", []))
            self.assertEqual(self.calls(link), ALL_CALLS)
            self.assertEqual(self.steps(link), ["ok"] * 5)
            self.assertEqual(sorted(link.key.permissions), ["can_trade", "can_view"])
        self.assertEqual(self.paste("empty").notices, ["empty_account"])

    def test_every_ready_made_key_comes_to_its_state(self):
        for name, status, reason, calls in (
            ("view-only", "action_required", "missing_permissions", 1), ("no-view", "action_required", "missing_permissions", 1),
            ("nothing", "action_required", "missing_permissions", 1), ("extra", "action_required", "extra_permissions", 1),
            ("boasts", "action_required", "missing_permissions", 5), ("restricted", "action_required", "account_restricted", 1),
            ("transfer", "refused", "dangerous_permissions", 1), ("withdraw", "refused", "dangerous_permissions", 1),
            ("ip", "action_required", "bad_key", 1), ("deleted", "action_required", "bad_key", 1),
            ("wrong-secret", "action_required", "bad_key", 1), ("unknown", "exchange_down", "unreadable_answer", 1),
            ("busy", "exchange_down", "maintenance", 1),
        ):
            with self.subTest(name):
                link = self.paste(name)
                self.assertEqual((link.status, link.reason, len(self.calls(link))), (status, reason, calls))
                self.assertEqual(link.has_secret, status != "refused")

    def test_a_deleted_key_is_told_in_words_that_name_every_cause(self):
        link = self.paste("disabled-later")
        self.keys.change(link, disabled=True)
        with translation.override("en"):
            said = state_words(self.ask(link))
        self.assertEqual(said.title, "Coinbase does not accept this key")
        for cause in ("Copy both texts again", "IP allowlist, add our addresses: 203.0.113", "ECDSA", "48 hours"):
            self.assertIn(cause, said.sentence)

    def test_a_right_that_is_added_or_taken_away_is_seen(self):
        link = self.paste("disabled-later")
        self.keys.change(link, permissions=["can_view"])
        link = self.ask(link)
        self.assertEqual((link.status, link.reason), ("action_required", "missing_permissions"))
        self.keys.change(link, permissions=["can_view", "can_trade"])
        self.assertEqual(self.ask(link).status, "ready")
        self.keys.change(link, permissions=["can_view", "can_trade", "can_transfer"])
        link = self.ask(link)
        self.assertEqual((link.status, link.reason, link.has_secret), ("suspended", "dangerous_permissions", False))

    def test_what_is_pasted_works_as_it_is_shown(self):
        """A key made on the sandbox's page, copied from a field of one line."""
        made = self.keys.new(["can_view", "can_trade"])
        link = self.give(connector.clean(made.secret.replace("\n", ""), made.api_key))
        self.assertEqual(link.status, "ready")
