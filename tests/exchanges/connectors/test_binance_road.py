"""Binance over real HTTP, against the sandbox: our session, a worker's look at a link, a person's pages, and ccxt."""
import html
import json
import subprocess
import time
from datetime import timedelta
from unittest import SkipTest

from django.utils import timezone, translation

from exchanges.connectors.base import Credentials
from exchanges.connectors.binance import connector, server_time, system_status
from exchanges.models import Exchange
from exchanges.present import state_words
from profiles.models import Profile
from sandbox.server import start
from tests.exchanges.base import ValidationTestCase
from tests.exchanges.keys import SandboxKeys

from .proving import ProvingTestCase
from .test_binance import KEY, NEEDED, SECRET
from .test_binance_sign import ED25519, ORACLE, RSA

ALL_CALLS = ["apiRestrictions", "account", "openOrders", "myTrades", "test"]
CCXT = """
import json, sys
import ccxt
url, keys = json.load(sys.stdin)
def client(key):
    made = ccxt.binance({"apiKey": key["api_key"], "secret": key["secret"].strip(), "enableRateLimit": False,
                         "options": {"fetchMarkets": {"types": ["spot"]}}})
    made.urls["api"] |= {"public": f"{url}/api/v3", "private": f"{url}/api/v3", "sapi": f"{url}/sapi/v1"}
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
        said(lambda: one.sapi_get_account_apirestrictions()["enableReading"]),
        said(lambda: sorted(one.load_markets())),
        said(lambda: one.fetch_balance()["total"]),
        said(lambda: [[o["symbol"], o["side"], o["price"], o["amount"], o["status"]] for o in one.fetch_open_orders("BTC/USDT")]),
        said(lambda: [[t["symbol"], t["price"], t["amount"]] for t in one.fetch_my_trades("BTC/USDT")]),
        said(lambda: one.create_order("BTC/USDT", "limit", "buy", 0.001, 50000, {"test": True})["symbol"]),
        said(lambda: one.create_order("BTC/USDT", "limit", "buy", 0.001, 10000, {"test": True})["symbol"]),
    ]
json.dump(found, sys.stdout)
"""


class SandboxTests(ProvingTestCase):
    connector = connector

    def test_each_kind_of_key_is_proven_in_five_calls(self):
        for name in ("ok", "ed25519", "rsa", "disabled-later"):
            (report, seen, *said), diary = self.prove(name)
            self.assertEqual((report.permissions, report.ip_allowlist, report.expires_at), (NEEDED, None, None))
            self.assertRegex(seen.account, "^[0-9]{1,9}$")
            self.assertEqual((seen.empty, said), (False, [None, None, "ok"]))
            self.assertEqual(diary.after, [(call, "ok", "") for call in ALL_CALLS])

    def test_an_empty_account_is_a_success(self):
        said = self.prove("empty")[0]
        self.assertEqual((said[1].empty, said[2:]), (True, [None, None, "ok"]))

    def test_a_right_that_is_told_and_not_there_is_missed_where_it_is_used(self):
        self.assertEqual(self.prove("boasts")[0][2:], [None, None, "missing_permissions"])
        self.assertEqual(self.prove("restricted")[0][1:], ["account_restricted"])

    def test_keys_that_the_first_call_judges(self):
        for name, changes, reason, code in (
            ("ip", {}, "bad_key", "-2015"), ("deleted", {}, "bad_key", "-2015"), ("no-reading", {}, "bad_key", "-2015"),
            ("ok", {"api_key": KEY}, "bad_key", "-2015"), ("ok", {"api_key": KEY[:-1]}, "bad_key", "-2014"),
            ("wrong-secret", {}, "bad_secret", "-1022"), ("ok", {"secret": SECRET}, "bad_secret", "-1022"),
            ("ok", {"secret": ED25519}, "bad_secret", "-1022"), ("rsa", {"secret": ED25519}, "bad_secret", "-1022"),
            ("ed25519", {"secret": RSA}, "bad_secret", "-1022"), ("ed25519", {"secret": SECRET}, "bad_secret", "-1022"),
            ("region", {}, "region_blocked", "HTTP 451"), ("banned", {}, "rate_limited", "-1003"), ("limit", {}, "rate_limited", "-1003"),
            ("busy", {}, "maintenance", "-1008"), ("down", {}, "maintenance", "1"), ("html403", {}, "unreadable_answer", "HTTP 403"),
        ):
            said, diary = self.prove(name, **changes)
            self.assertEqual((name, said, diary.after), (name, [reason], [("apiRestrictions", reason, code)]))
        self.assertEqual(self.prove("slow", deadline_s=0.2)[0], ["timeout"])

    def test_every_fault_leaves_the_key_alone(self):
        for fault, reason in (("html_520", "maintenance"), ("reset", "network"), ("truncated", "unreadable_answer"),
                              ("huge", "unreadable_answer"), ("not_json", "unreadable_answer"), ("redirect", "unreadable_answer")):
            self.fault("ok", fault)
            self.assertEqual((fault, self.prove("ok")[0]), (fault, [reason]))

    def test_a_wrong_clock_is_set_by_theirs(self):
        server = start()                                    # its own: what is learnt of a clock is kept by address
        self.addCleanup(server.close)
        for ahead_s in (600, -600):
            self.status(server.url, ahead_s=ahead_s)
            said, diary = self.prove("ok", url=server.url)
            self.assertEqual(said[2:], [None, None, "ok"])
            self.assertEqual(diary.after, [
                ("apiRestrictions", "clock_skew", "-1021"), *((call, "ok", "") for call in ALL_CALLS)])

    def test_a_clock_that_is_a_little_late_is_let_through(self):
        server = start()
        self.addCleanup(server.close)
        self.status(server.url, ahead_s=8)
        self.assertEqual(self.prove("ok", url=server.url)[1].after, [(call, "ok", "") for call in ALL_CALLS])

    def test_it_tells_the_time_and_how_it_is(self):
        self.assertAlmostEqual(self.public(server_time), time.time(), delta=5)
        self.assertEqual(self.public(system_status), "ok")
        self.addCleanup(self.status, self.server.url, status="online")
        self.status(self.server.url, status="maintenance")
        self.assertEqual(self.public(system_status), "maintenance")
        self.assertEqual(self.prove("ok")[0], ["maintenance"])

    def test_ccxt_works_here(self):
        if not ORACLE.exists():
            raise SkipTest("no .venv-oracles with ccxt (requirements-oracles.txt)")
        keys = [key for key in self.listed if key["name"] in ("ok", "ed25519", "rsa", "read-only", "deleted")]
        wanted = json.dumps([f"{self.server.url}/binance", keys])
        said = subprocess.run([ORACLE, "-c", CCXT], input=wanted, capture_output=True, text=True, check=True, timeout=60)
        reads = [["BTC/EUR", "BTC/USDT", "ETH/USDT"], {"BTC": 0.018421, "ETH": 0.0, "USDT": 1520.25, "BNB": 0.5, "EUR": 0.0},
                 [["BTC/USDT", "buy", 40000.0, 0.0005, "open"]], [["BTC/USDT", 58000.0, 0.001]]]
        works = [True, *reads, "BTC/USDT", "InvalidOrder"]
        self.assertEqual(json.loads(said.stdout), {
            "ok": works, "ed25519": works, "rsa": works, "read-only": [True, *reads, "DDoSProtection", "DDoSProtection"],
            "deleted": ["AuthenticationError"] * 7})


class LinkTests(ValidationTestCase):
    """A pasted key, one look of a worker, the state it deserves, and the pages that tell of it."""

    def setUp(self):
        super().setUp()
        self.keys = SandboxKeys(self.sandbox_url, "binance")
        self.exchange = self.keys.exchange()
        Profile.objects.update_or_create(user=self.ana, defaults={"time_zone": "UTC", "language": "en"})

    def page(self, url):
        self.client.force_login(self.ana)
        return html.unescape(self.client.get(url).content.decode())

    def words(self, link):
        with translation.override("en"):
            return state_words(link)

    def test_a_good_key_is_ready_after_five_calls(self):
        for name in ("ok", "ed25519", "rsa"):
            link = self.paste(name)
            self.assertEqual((link.status, link.reason, link.notices), ("ready", "", []))
            self.assertEqual((self.calls(link), self.steps(link)), (ALL_CALLS, ["ok"] * 5))
            self.assertEqual(set(link.key.permissions), NEEDED)
        self.assertEqual(self.calls(self.look_later(link))[5:], ALL_CALLS[:1])

    def test_every_ready_made_key_comes_to_its_state(self):
        for name, status, reason, calls in (
            ("read-only", "action_required", "missing_permissions", 1), ("boasts", "action_required", "missing_permissions", 5),
            ("withdraw", "refused", "dangerous_permissions", 1), ("internal", "refused", "dangerous_permissions", 1),
            ("universal", "refused", "dangerous_permissions", 1), ("all", "refused", "dangerous_permissions", 1),
            ("new-danger", "refused", "dangerous_permissions", 1), ("futures", "action_required", "extra_permissions", 1),
            ("margin", "action_required", "extra_permissions", 1), ("fix", "action_required", "extra_permissions", 1),
            ("extra", "action_required", "extra_permissions", 1), ("unknown", "exchange_down", "unreadable_answer", 1),
            ("restricted", "action_required", "account_restricted", 2), ("lapsed", "expired", "", 1),
            ("ip", "action_required", "bad_key", 1), ("deleted", "action_required", "bad_key", 1),
            ("no-reading", "action_required", "bad_key", 1), ("wrong-secret", "action_required", "bad_secret", 1),
            ("region", "action_required", "region_blocked", 1), ("busy", "exchange_down", "maintenance", 1),
        ):
            with self.subTest(name):
                Exchange.objects.update(spent_until=0)      # more proofs than the budget has for one moment
                link = self.paste(name)
                self.assertEqual((link.status, link.reason, len(self.calls(link))), (status, reason, calls))
                self.assertEqual(link.has_secret, status != "refused")

    def test_a_key_without_an_ip_list_is_ready_with_a_warning(self):
        self.assertEqual(self.paste("open").notices, ["ip_open"])
        link = self.paste("soon")
        self.assertEqual((link.status, link.notices), ("ready", ["expires_soon", "ip_open"]))
        page = self.page(f"/perfil/exchanges/{link.pk}/")
        self.assertIn("May trade for 9 days more", page)
        self.assertIn("Binance lets keys without a list trade for a while only", page)

    def test_one_that_lost_its_right_to_trade_is_told_of_the_list(self):
        said = self.words(self.paste("lapsed"))
        self.assertEqual(said.title, "Your key may no longer trade")
        self.assertIn("Add our addresses to its list there", said.sentence)

    def test_what_may_be_a_secret_is_not_shown_in_part_either(self):
        good = self.keys.ready_made("ok")
        link = self.give(Credentials(good.secret, good.api_key))
        self.assertEqual((link.reason, link.key.hint), ("bad_key", "····"))
        self.assertEqual(self.paste("ok").key.hint, good.api_key[-4:])

    def test_an_empty_account_is_a_success(self):
        self.assertEqual(self.paste("empty").notices, ["empty_account"])

    def test_one_account_is_linked_once(self):
        links = [self.give(self.keys.new([*NEEDED], account="ana")) for _ in range(2)]
        self.assertEqual([(link.status, link.reason) for link in links], [("ready", ""), ("action_required", "already_linked")])

    def test_a_key_that_is_not_let_in_is_told_every_cause(self):
        for name in ("ip", "deleted", "no-reading"):
            said = self.words(self.paste(name))
            self.assertEqual(said.title, "Binance does not accept this key")
            for cause in ("add them there (203.0.113.10, 203.0.113.11)", "was deleted", "tick “Enable Reading”"):
                self.assertIn(cause, said.sentence)

    def test_a_key_that_is_deleted_later_is_given_up_at_the_second_look(self):
        link = self.paste("disabled-later")
        self.keys.change(link, disabled=True)
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("action_required", "bad_key"))
        link = self.look_later(link, failing_since=timezone.now() - timedelta(seconds=75))
        self.assertEqual(link.status, "revoked")
        self.assertIn("Binance deletes those that can trade and have no IP list", self.words(link).sentence)

    def test_a_country_is_no_fault_of_the_key(self):
        said = self.words(self.paste("region"))
        self.assertEqual(said.title, "Binance does not let us in from where we are")
        self.assertIn("There is nothing wrong with your key", said.sentence)

    def test_a_right_that_is_added_or_taken_away_is_seen(self):
        link = self.paste("disabled-later")
        for permissions, expected in (
            (["enableReading"], ("action_required", "missing_permissions")), ([*NEEDED], ("ready", "")),
            ([*NEEDED, "enableMargin"], ("action_required", "extra_permissions")),
            ([*NEEDED, "enableWithdrawals"], ("suspended", "dangerous_permissions")),
        ):
            self.keys.change(link, permissions=permissions)
            link = self.ask(link)
            self.assertEqual((link.status, link.reason), expected)
        self.assertFalse(link.has_secret)

    def test_what_is_made_and_pasted_works(self):
        made = self.keys.new([*NEEDED])
        self.assertEqual(self.give(connector.clean(f"API Key {made.api_key}", f" {made.secret}\n", "")).status, "ready")

    def test_the_guide_has_the_boxes_of_the_table(self):
        for language, words in (("en", "Tick exactly these 2 boxes"), ("es", "Binance")):
            Profile.objects.filter(user=self.ana).update(language=language)
            page = self.page("/perfil/exchanges/vincular/binance/")
            for permission in connector.permissions:
                shown = "s" if permission.kind == "dangerous" else "span"
                self.assertIn(f">{permission.label}</{shown}>", page)
            self.assertEqual(page.count('<li class="on">'), 2)
            self.assertIn("203.0.113.11", page)
            self.assertIn(words, page)

    def test_a_faulty_form_shows_neither_text_again(self):
        self.client.force_login(self.ana)
        answer = self.client.post("/perfil/exchanges/vincular/binance/", {"api_key": KEY, "secret": SECRET[:10]})
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn(KEY, answer.content.decode())
