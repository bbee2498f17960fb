"""What we read in Kraken's answers, and the whole way to them over real HTTP, against the sandbox."""
import threading
from datetime import UTC, datetime
from unittest import mock

from django.test import SimpleTestCase

from exchanges.audit import rows
from exchanges.connectors import kraken as module
from exchanges.connectors.base import Credentials, KeyReport, Refused, Seen, Unavailable
from exchanges.connectors.kraken import connector, describe_key, dry_run, read_balance
from exchanges.connectors.kraken_endpoints import DRY_ORDER

from .contract import ConnectorTests
from .proving import ProvingTestCase
from .wire import KEY, SECRET

SIX = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger"]
SEEN = {
    "api_key_name": "Smartrader", "api_key": KEY, "nonce": "1795300000000000001", "nonce_window": "0", "permissions": SIX,
    "iban": "AA17 K2PQ QX2M 7KTD", "valid_until": "0", "query_from": "0", "query_to": "0", "created_time": "1795200000",
    "modified_time": "1795200600", "ip_allowlist": [""], "last_used": "1795300000",
}
DOCUMENTED = {
    "apiKeyName": "Smartrader", "apiKey": KEY, "nonce": "1795300000000000001", "nonceWindow": 0, "permissions": SIX,
    "iban": "AA17 K2PQ QX2M 7KTD", "validUntil": "0", "queryFrom": "0", "queryTo": "0", "createdTime": "1795200000",
    "modifiedTime": "1795200600", "ipAllowlist": [], "lastUsed": None,
}
UNREADABLE = (Unavailable, "unreadable_answer", "")

FUNDED, EMPTY = Seen(empty=False), Seen(empty=True)


class KrakenTests(ConnectorTests, SimpleTestCase):
    connector = connector
    credentials = Credentials(KEY, SECRET)
    good = {"error": [], "result": SEEN}

    def describe(self, **changes):
        result = {name: value for name, value in (SEEN | changes).items() if value is not ...}
        return self.outcome(describe_key, {"error": [], "result": result})

    def test_both_spellings_say_the_same(self):
        expected = KeyReport(
            permissions=frozenset(SIX), account="AA17K2PQQX2M7KTD", expires_at=None, ip_allowlist=(), query_window=False,
            name="Smartrader",
            modified_at=datetime(2026, 11, 20, 18, 50, tzinfo=UTC))
        for result in (SEEN, DOCUMENTED):
            self.assertEqual(self.outcome(describe_key, {"error": [], "result": result}), expected)

    def test_an_end_date_and_addresses_are_read(self):
        report = self.describe(valid_until="1795400000", ip_allowlist=["203.0.113.10", " ", "2001:db8::/64"])
        self.assertEqual(report.expires_at, datetime(2026, 11, 23, 2, 13, 20, tzinfo=UTC))
        self.assertEqual(report.ip_allowlist, ("203.0.113.10", "2001:db8::/64"))
        self.assertEqual(self.describe(valid_until=1795400000).expires_at, report.expires_at)

    def test_dates_on_the_key_are_seen(self):
        for changes in ({"query_from": "1795200000"}, {"query_to": 1795200000}, {"query_from": ..., "queryFrom": "1"}):
            self.assertIs(self.describe(**changes).query_window, True)

    def test_what_is_not_said_stays_unknown(self):
        report = self.describe(ip_allowlist=..., valid_until=None, iban=..., api_key_name=None, query_from=...)
        self.assertEqual((report.ip_allowlist, report.expires_at, report.account, report.name, report.query_window),
                         (None, None, None, "", False))

    def test_unknown_permissions_are_kept(self):
        self.assertEqual(self.describe(permissions=["query-funds", "future-right"]).permissions, {"query-funds", "future-right"})
        self.assertEqual(self.describe(permissions=[]).permissions, frozenset())

    def test_another_shape_is_unreadable(self):
        for changes in (
            {"api_key": "another"}, {"api_key": ...}, {"api_key": KEY.lower()}, {"api_key": None}, {"permissions": ...},
            {"permissions": None}, {"permissions": "query-funds"}, {"permissions": [1]}, {"permissions": [["query-funds"]]},
            {"permissions": {"query-funds": True}}, {"permissions": ["a\x00b"]}, {"permissions": ["\ud800"]},
            {"permissions": ["x" * 101]}, {"permissions": ["x"] * 201},
            {"valid_until": "tomorrow"}, {"valid_until": "-1"}, {"valid_until": "9" * 12}, {"valid_until": True}, {"valid_until": []},
            {"valid_until": "\u0661"}, {"valid_until": 1.5}, {"query_from": {}}, {"modified_time": [0]},
            {"ip_allowlist": "203.0.113.10"}, {"ip_allowlist": [None]}, {"iban": 17}, {"iban": "x" * 101}, {"api_key_name": ["a"]},
        ):
            with self.subTest(changes):
                self.assertEqual(self.describe(**changes), UNREADABLE)
        for result in (None, {}, [], "x", 0, [SEEN], {"result": SEEN}):
            self.assertEqual(self.outcome(describe_key, {"error": [], "result": result}), UNREADABLE)

    def test_two_spellings_that_disagree_are_unreadable(self):
        self.assertEqual(self.describe(validUntil="1795200000"), UNREADABLE)

    def test_in_a_list_that_is_partly_garbage_a_danger_is_still_believed(self):
        for permissions in (["query-funds", "withdraw-funds", None], [["withdraw-funds"], "query-funds"],
                            ["withdraw-" + "x" * 200], ["with\u200bdraw-funds"]):
            with self.subTest(permissions):
                granted = self.describe(permissions=permissions).permissions
                self.assertIn("dangerous", [row.verdict for row in rows(connector.permissions, granted)])

    def test_a_name_is_kept_without_what_does_not_print(self):
        self.assertEqual(self.describe(api_key_name="Smart\x00\u202etrader\ud800 🚀").name, "Smarttrader 🚀")
        self.assertEqual(len(self.describe(api_key_name="x" * 5000).name), 80)

    def test_an_empty_account_is_told_from_a_funded_one(self):
        for body, empty in (
            ({"error": []}, EMPTY), ({"error": [], "result": None}, EMPTY), ({"error": [], "result": {}}, EMPTY),
            ({"error": [], "result": {"ZEUR": "0.0000", "XXBT": "0"}}, EMPTY), ({"error": [], "result": {"ZEUR": "0.0001"}}, FUNDED),
            ({"error": [], "result": {"ZEUR": 12.5}}, FUNDED), ({"error": [], "result": {"ZEUR": "-1"}}, FUNDED),
            ({"error": [], "result": []}, UNREADABLE), ({"error": [], "result": {"ZEUR": "much"}}, UNREADABLE),
            ({"error": [], "result": {"ZEUR": "NaN"}}, UNREADABLE), ({"error": [], "result": {"ZEUR": {"balance": "1"}}}, UNREADABLE),
            ({"error": [], "result": {"ZEUR": None}}, UNREADABLE), ({"error": [], "result": {"ZEUR": True}}, UNREADABLE),
        ):
            self.assertEqual(self.outcome(read_balance, body), empty)

    def test_each_read_looks_for_its_own_map(self):
        for read, name in zip(connector.reads[1:], ("open", "closed", "ledger"), strict=True):
            for result, expected in ((None, None), ({}, None), ({name: {}}, None), ({name: {"O": {}}}, None),
                                     ({name: []}, UNREADABLE), ({name: "x"}, UNREADABLE), ([], UNREADABLE)):
                self.assertEqual(self.outcome(read.call, {"error": [], "result": result}), expected)

    def test_history_is_asked_for_the_last_hour_only(self):
        session = self.session({"error": []})
        with mock.patch.object(module.time, "time", return_value=1795300000.9):
            for read in connector.reads:
                read.call(session)
        self.assertEqual(session.asked, [("Balance", {}), ("OpenOrders", {}), ("ClosedOrders", {"start": "1795296400"}),
                                         ("Ledgers", {"start": "1795296400"})])

    def test_only_a_denied_order_counts(self):
        for error, expected in (
            ([], "ok"), (["EOrder:Insufficient funds"], "ok"),
            (["EGeneral:Permission denied"], (Refused, "missing_permissions", "EGeneral:Permission denied")),
            (["EAPI:Invalid nonce"], (Refused, "nonce_conflict", "EAPI:Invalid nonce")), (["EAPI:Invalid key"], "skipped"),
            (["EAPI:Invalid signature"], "skipped"), (["EService:Unavailable"], "skipped"), (["EGeneral:Invalid arguments"], "skipped"),
            (["EGeneral:Temporary lockout"], "skipped"), (["EAccount:Invalid permissions:XBTUSD"], "skipped"), (["ENew:Error"], "skipped"),
        ):
            self.assertEqual(self.outcome(dry_run, {"error": error}), expected)
        self.assertEqual(self.outcome(dry_run, b"<html>"), "skipped")

    def test_the_dry_order_is_harmless_even_without_its_flag(self):
        self.assertEqual(dict(DRY_ORDER.fixed), {
            "pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "7500.0", "volume": "0.0001", "oflags": "post",
            "timeinforce": "GTD", "expiretm": "+10", "validate": "true",
        })
        self.assertEqual(DRY_ORDER.free, ())

    def test_the_six_are_needed_and_what_moves_money_is_dangerous(self):
        kinds = {}
        for one in connector.permissions:
            kinds.setdefault(one.kind, []).append(one.name)
        self.assertEqual(kinds, {
            "needed": SIX, "dangerous": ["withdraw-funds", "add-withdraw-address", "update-withdraw-address"],
            "extra": ["add-funds", "earn-funds", "export-data", "create-ws-token"],
        })

    def test_the_six_stand_on_both_screens(self):
        needed = [one for one in connector.permissions if one.kind == "needed"]
        self.assertEqual([one.classic_label for one in needed], [
            "Query Funds", "Query Open Orders & Trades", "Query Closed Orders & Trades", "Create & Modify Orders", "Cancel/Close Orders",
            "Query Ledger Entries"])
        self.assertEqual([(one.group, one.label) for one in needed], [
            ("Funds permissions", "Query"), ("Orders and trades", "Query open orders & trades"),
            ("Orders and trades", "Query closed orders & trades"), ("Orders and trades", "Create & modify orders"),
            ("Orders and trades", "Cancel & close orders"), ("Data", "Query ledger entries")])


class SandboxTests(ProvingTestCase):
    connector = connector

    def test_a_good_key_is_proven_in_six_calls(self):
        for name in ("ok", "ok-camel", "window"):
            said, diary = self.prove(name)
            self.assertEqual(said[0].permissions, frozenset(SIX))
            self.assertEqual(said[1:], [FUNDED, None, None, None, "ok"])
            self.assertEqual(diary.before, ["GetApiKeyInfo", "Balance", "OpenOrders", "ClosedOrders", "Ledgers", "AddOrder"])

    def test_an_empty_account_is_a_success(self):
        self.assertEqual(self.prove("empty")[0][1:], [EMPTY, None, None, None, "ok"])

    def test_a_missing_right_shows_where_it_is_used(self):
        self.assertEqual(self.prove("no-open")[0][1:], [FUNDED, "missing_permissions"])
        self.assertEqual(self.prove("no-ledger")[0][1:], [FUNDED, None, None, "missing_permissions"])
        self.assertEqual(self.prove("no-trade")[0][1:], [FUNDED, None, None, None, "missing_permissions"])

    def test_keys_that_the_first_call_judges(self):
        for name, reason in (("expired", "bad_key"), ("ip", "ip_blocked"), ("otp", "ip_blocked"), ("burnt", "nonce_conflict"),
                             ("locked", "lockout"), ("busy", "maintenance"), ("down", "maintenance"), ("html403", "unreadable_answer"),
                             ("html520", "maintenance"), ("no-method", "unreadable_answer")):
            said, diary = self.prove(name)
            self.assertEqual((said, len(diary.after)), ([reason], 1))

    def test_a_slow_answer_is_not_waited_for(self):
        self.assertEqual(self.prove("slow", deadline_s=0.3)[0], ["timeout"])

    def test_a_wrong_secret_and_an_unknown_key(self):
        self.assertEqual(self.prove("ok", secret=SECRET)[0], ["bad_secret"])
        self.assertEqual(self.prove("ok", api_key=KEY)[0], ["bad_key"])

    def test_every_fault_leaves_the_key_alone(self):
        for fault, reason in (("busy", "maintenance"), ("unavailable", "maintenance"), ("html_403", "unreadable_answer"),
                              ("html_520", "maintenance"), ("slow", "timeout"), ("hang", "timeout"), ("reset", "network"),
                              ("truncated", "unreadable_answer"), ("huge", "unreadable_answer"), ("not_json", "unreadable_answer"),
                              ("redirect", "unreadable_answer"), ("rate_limit", "rate_limited")):
            self.fault("ok", fault)
            patience_s = 0.3 if reason == "timeout" else 8.0
            self.assertEqual((fault, self.prove("ok", patience_s)[0]), (fault, [reason]))

    def test_two_sessions_do_not_disturb_each_other(self):
        said = {}
        threads = [threading.Thread(target=lambda name=name: said.update({name: self.prove(name)[0][1:]})) for name in ("ok", "empty")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(said, {"ok": [FUNDED, None, None, None, "ok"], "empty": [EMPTY, None, None, None, "ok"]})
