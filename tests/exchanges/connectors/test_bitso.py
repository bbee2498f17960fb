"""Bitso: its signature, what we read in its answers, what people paste, and the whole way to it over real HTTP."""
import json

import requests
from django.test import SimpleTestCase
from requests import Request

from exchanges.audit import rows
from exchanges.connectors.base import Answer, Credentials, KeyReport, Mispasted, Refused, Unavailable
from exchanges.connectors.bitso import BitsoAuth, connector, describe_key, dry_run, read_trades, system_status
from exchanges.connectors.bitso_answers import ACCOUNT_STATUS, BALANCE, DRY_ORDER, OPEN_ORDERS, TICKER, USER_TRADES, read_answer

from .contract import ConnectorTests
from .proving import ProvingTestCase
from .wire import open_session

KEY, SECRET = "tR7kQ2mZx9", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PERSON = {
    "client_id": "1234567", "first_name": "Ana", "last_name": "Robles", "status": "active", "email_stored": "ana@example.com",
    "cellphone_number_stored": "+525500000000", "verification_level": 2,
}
MXN = {"currency": "mxn", "available": "14400.00", "locked": "600.00", "total": "15000.00"}
BTC = {"currency": "btc", "available": "0.00000000", "locked": "0.00000000", "total": "0.00000000"}
UNREADABLE = (Unavailable, "unreadable_answer", "")


def good(payload):
    return {"success": True, "payload": payload}


def bad(code):
    return {"success": False, "error": {"code": code, "message": "Revisa tus credenciales"}}


GOOD = {ACCOUNT_STATUS: good(PERSON), BALANCE: good({"balances": [BTC, MXN]}), OPEN_ORDERS: good([{"oid": "1"}])}


def signature(method, path, nonce, body=b"", secret=SECRET):
    auth = BitsoAuth(Credentials("key", secret), lambda: nonce, lambda: 0.0)
    return Request(method, "https://bitso.com" + path, data=body, auth=auth).prepare().headers["Authorization"]


class SignatureTests(SimpleTestCase):
    def test_a_request_without_parameters(self):
        self.assertEqual(
            signature("GET", "/api/v3/balance", 1700000000000, secret="secret"),
            "Bitso key:1700000000000:6c6c09ff89e7cc37f46d9dd7682b9ede0e5a1d9c9f1b167c562a25cf181fd6d5")

    def test_the_query_and_a_slash_at_the_end_count(self):
        said = {signature("GET", f"/api/v3/open_orders{end}", 1795300000000001) for end in ("", "/", "?book=btc_mxn", "?book=eth_mxn")}
        self.assertEqual(len(said), 4)

    def test_a_nonce_is_of_the_new_form(self):
        self.assertRegex(str(connector.nonce_now()), "^[0-9]{16}$")


class BitsoTests(ConnectorTests, SimpleTestCase):
    connector = connector
    credentials = Credentials(KEY, SECRET)
    good = GOOD

    def answered(self, endpoint, body, status=200):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            return read_answer(endpoint, Answer(status, {}, body))
        except (Refused, Unavailable) as failure:
            return type(failure), failure.reason, failure.code

    def describe(self, **payloads):
        """What describe_key makes of the good answers but for these."""
        names = {"person": ACCOUNT_STATUS, "balance": BALANCE, "orders": OPEN_ORDERS}
        return self.outcome(describe_key, GOOD | {names[name]: good(payload) for name, payload in payloads.items()})

    def test_nothing_of_the_person_is_kept_but_the_number_of_the_account(self):
        self.assertEqual(
            self.outcome(describe_key, GOOD), KeyReport(permissions=None, account="1234567", denied=frozenset(), empty=False))
        self.assertEqual(self.describe(person={"client_id": 1234567}).account, "1234567")

    def test_a_call_that_is_denied_is_a_right_that_is_missing(self):
        for endpoint, name in ((ACCOUNT_STATUS, "view_account"), (BALANCE, "view_balances"), (OPEN_ORDERS, "place_orders")):
            report = self.outcome(describe_key, GOOD | {endpoint: bad("0202")})
            self.assertEqual((report.permissions, report.denied), (None, {name}))
            found = {row.name: row.verdict for row in rows(connector.permissions, None, report.denied)}
            unknown = dict.fromkeys(("view_account", "view_balances", "place_orders", "withdrawals"), "unknown")
            self.assertEqual(found, unknown | {name: "missing"})

    def test_what_a_denied_call_would_have_told_stays_unknown(self):
        self.assertIsNone(self.outcome(describe_key, GOOD | {ACCOUNT_STATUS: bad("0202")}).account)
        self.assertIsNone(self.outcome(describe_key, GOOD | {BALANCE: bad("0202")}).empty)
        self.assertEqual(self.outcome(describe_key, bad("0202")).denied, {"view_account", "view_balances", "place_orders"})

    def test_any_other_failure_stays_what_it_is(self):
        for code, expected in (("0213", (Refused, "ip_blocked", "0213")), ("1000", (Unavailable, "maintenance", "1000"))):
            for endpoint in (ACCOUNT_STATUS, BALANCE, OPEN_ORDERS):
                self.assertEqual(self.outcome(describe_key, GOOD | {endpoint: bad(code)}), expected)

    def test_another_shape_is_unreadable(self):
        for payload in ([], {}, None, {"client_id": None}, {"client_id": ""}, {"client_id": "x" * 65}, {"client_id": True},
                        {"client_id": ["1"]}, {"client_id": "1\n"}, {"client_id": "a b"}):
            self.assertEqual(self.describe(person=payload), UNREADABLE)
        for payload in ([], {}, None, {"balances": {}}, {"balances": ["mxn"]}, {"balances": [{"currency": "mxn"}]},
                        {"balances": [{"total": "much"}]}, {"balances": [{"total": "NaN"}]}, {"balances": [{"total": True}]}):
            self.assertEqual(self.describe(balance=payload), UNREADABLE)
        for payload in ({}, None, "x", [1]):
            self.assertEqual(self.describe(orders=payload), UNREADABLE)
            self.assertEqual(self.outcome(read_trades, good(payload)), UNREADABLE)

    def test_an_empty_account_is_told_from_a_funded_one(self):
        for balances, empty in (([], True), ([BTC], True), ([BTC, MXN], False), ([{"total": 0.5}], False), ([{"total": "-1"}], False),
                                ([{"total": "-1"}, {"total": "1"}], False)):
            self.assertIs(self.describe(balance={"balances": balances}).empty, empty)

    def test_each_code_has_its_meaning(self):
        for code, status, expected in (
            ("0201", 401, (Refused, "bad_key", "0201")), ("0202", 401, (Refused, "missing_permissions", "0202")),
            ("0211", 401, (Refused, "ip_blocked", "0211")), ("0212", 401, (Refused, "account_restricted", "0212")),
            ("0213", 401, (Refused, "ip_blocked", "0213")), ("0215", 401, (Refused, "bad_secret", "0215")),
            ("0216", 401, (Refused, "account_restricted", "0216")), ("0326", 400, (Refused, "bad_key", "0326")),
            ("0327", 400, (Refused, "region_blocked", "0327")), ("0328", 400, (Refused, "region_blocked", "0328")),
            ("0346", 400, (Refused, "account_restricted", "0346")), ("1008", 400, (Refused, "account_restricted", "1008")),
            ("104", 400, (Refused, "nonce_conflict", "0104")), (104, 400, (Refused, "nonce_conflict", "0104")),
            (201, 401, (Refused, "bad_key", "0201")), ("0206", 401, (Unavailable, "internal", "0206")),
            ("0207", 401, (Unavailable, "internal", "0207")), ("0208", 401, (Unavailable, "internal", "0208")),
            ("0301", 400, (Unavailable, "internal", "0301")), ("0901", 400, (Unavailable, "internal", "0901")),
            ("0801", 420, (Unavailable, "rate_limited", "0801")), ("0802", 420, (Unavailable, "rate_limited", "0802")),
            ("0101", 500, (Unavailable, "maintenance", "0101")), ("1000", 400, (Unavailable, "maintenance", "1000")),
            ("1003", 400, (Unavailable, "maintenance", "1003")), ("1405", 400, (Unavailable, "unreadable_answer", "1405")),
            ("0201", 502, (Unavailable, "unreadable_answer", "0201")),
        ):
            self.assertEqual(self.answered(ACCOUNT_STATUS, bad(code), status), expected)

    def test_who_is_told_to_slow_down_waits_a_minute(self):
        for body in (json.dumps(bad("0801")).encode(), b"<html>"):
            for wait, seconds in (("", 60), ("7", 60), ("300", 300)):
                with self.assertRaises(Unavailable) as caught:
                    read_answer(BALANCE, Answer(420, {"Retry-After": wait}, body))
                self.assertEqual((caught.exception.reason, caught.exception.retry_after_s), ("rate_limited", seconds))

    def test_a_key_that_was_known_a_moment_ago_is_not_blamed(self):
        for endpoint in (BALANCE, OPEN_ORDERS, USER_TRADES, DRY_ORDER):
            for code in ("0201", "0215"):
                self.assertEqual(self.answered(endpoint, bad(code), 401), (Unavailable, "internal", code))

    def test_what_stands_before_it_judges_no_key(self):
        for status, reason in ((403, "unreadable_answer"), (404, "unreadable_answer"), (429, "rate_limited"), (502, "maintenance"),
                               (520, "maintenance")):
            for body in (b"<html>", b"", b'{"code": "0201"}', b'{"error": {"code": "0201"}}', b'{"success": true, "payload": {}}'):
                self.assertEqual(self.answered(ACCOUNT_STATUS, body, status), (Unavailable, reason, f"HTTP {status}"))

    def test_an_answer_that_says_neither_is_unreadable(self):
        for body in ({}, {"payload": PERSON}, {"success": "true", "payload": {}}, {"success": True}, [], bad(None), bad("0201x"),
                     bad(["0201"]), bad(True), {"success": False}, {"success": False, "error": "0201"}):
            self.assertEqual(self.answered(ACCOUNT_STATUS, body), (Unavailable, "unreadable_answer", "HTTP 200"))

    def test_only_a_denied_order_counts(self):
        self.assertEqual(self.outcome(dry_run, bad("0202")), (Refused, "missing_permissions", "0202"))
        self.assertEqual(self.outcome(dry_run, bad("104")), (Refused, "nonce_conflict", "0104"))
        for code in ("0215", "0346", "1008", "0801", "1000", "0101", "9999"):
            self.assertEqual(self.outcome(dry_run, bad(code)), "skipped")
        for code in ("0301", "0303", "0379", "0403", "0408"):
            self.assertEqual(self.answered(DRY_ORDER, bad(code), 400), {})
        self.assertEqual(self.answered(DRY_ORDER, bad("0410"), 400), (Unavailable, "unreadable_answer", "0410"))

    def test_the_dry_order_is_for_a_book_that_is_not_there(self):
        self.assertEqual(dict(DRY_ORDER.fixed), {"book": "zzz_zzz", "side": "buy", "type": "limit", "major": "1", "price": "1"})
        self.assertEqual(DRY_ORDER.free, ())

    def test_its_status_is_told_by_a_public_call(self):
        for body, expected in ((good({"book": "btc_mxn"}), "ok"), (bad("1000"), "maintenance"), (good({}), UNREADABLE),
                               (good([]), UNREADABLE), (bad("1003"), (Unavailable, "maintenance", "1003"))):
            self.assertEqual(self.outcome(system_status, {TICKER: body}), expected)

    def test_a_call_that_is_not_there_is_unreadable(self):
        self.assertEqual(self.answered(USER_TRADES, bad("0301"), 404), (Unavailable, "unreadable_answer", "0301"))

    def test_past_trades_that_are_not_shown_are_no_obstacle(self):
        self.assertIsNone(self.outcome(connector.reads[0].call, bad("0202")))
        self.assertEqual(self.outcome(connector.reads[0].call, bad("0213")), (Refused, "ip_blocked", "0213"))

    def test_what_people_paste(self):
        for api_key, secret in (
            (f" {KEY}\n", f"{SECRET}\u200b"), (f"API key: {KEY}", f"API secret: {SECRET}"),
            (f"“{KEY}” Copiar", f"Secret\n{SECRET[:16]} {SECRET[16:]}"),
            (f"API Key: {KEY}\nAPI Secret: {SECRET}", ""), ("", f"Clave API de Bitso: {KEY} Clave secreta: {SECRET}"),
        ):
            self.assertEqual(connector.clean(api_key, secret, ""), self.credentials)

    def test_what_cannot_be_a_key_is_told_at_its_field(self):
        for api_key, secret, fields in (
            (SECRET, KEY, {"secret"}), (KEY, KEY, {"secret"}), (KEY[:5], SECRET, {"api_key"}),
            (KEY, SECRET[:12], {"secret"}), (KEY, f"{SECRET[:-1]}ñ", {"secret"}),
            ("ana.robles1990@example.com", SECRET, {"api_key"}), ("https://bitso.com/api_setup", SECRET, {"api_key"}),
        ):
            with self.subTest(api_key), self.assertRaises(Mispasted) as caught:
                connector.clean(api_key, secret, "")
            self.assertEqual(set(caught.exception.errors), fields)


class SandboxTests(ProvingTestCase):
    connector = connector

    def test_a_good_key_is_proven_in_five_calls(self):
        for name in ("ok", "withdraw", "strict-nonce", "empty"):
            (report, *said), diary = self.prove(name)
            self.assertEqual((report.permissions, report.denied, said), (None, set(), [None, "ok"]))
            self.assertIs(report.empty, name == "empty")
            self.assertEqual(diary.before, ["account_status", "balance", "open_orders", "user_trades", "orders"])

    def test_a_missing_right_is_found_by_its_call(self):
        for name, denied in (("read-only", "place_orders"), ("no-balances", "view_balances"), ("no-account", "view_account")):
            self.assertEqual(self.prove(name)[0][0].denied, {denied})

    def test_keys_that_the_first_call_judges(self):
        for name, reason in (("ip", "ip_blocked"), ("wrong-secret", "bad_secret"), ("inactive", "bad_key"), ("expired", "bad_key"),
                             ("terms", "account_restricted"), ("restricted", "account_restricted"), ("region", "region_blocked"),
                             ("limited", "rate_limited"), ("busy", "maintenance"), ("down", "maintenance"),
                             ("html403", "unreadable_answer")):
            said, diary = self.prove(name)
            self.assertEqual((name, said, len(diary.after)), (name, [reason], 1))
        self.assertEqual(self.prove("slow", deadline_s=0.3)[0], ["timeout"])

    def test_a_wrong_secret_and_an_unknown_key(self):
        self.assertEqual(self.prove("ok", secret=SECRET)[0], ["bad_secret"])
        self.assertEqual(self.prove("ok", api_key=KEY)[0], ["bad_key"])

    def test_no_call_goes_to_withdrawals(self):
        self.prove("withdraw")
        api_key = self.keys["withdraw"].api_key
        asked = requests.get(f"{self.server.url}/_calls", params={"api_key": api_key}, timeout=5).json()
        self.assertEqual({(call["method"], call["path"]) for call in asked}, {
            ("GET", "/api/v3/account_status"), ("GET", "/api/v3/balance"), ("GET", "/api/v3/open_orders"),
            ("GET", "/api/v3/user_trades"), ("POST", "/api/v3/orders")})

    def test_its_status_is_asked_without_a_key(self):
        for status, said in (("maintenance", "maintenance"), ("online", "ok")):
            wish = {"exchange": "bitso", "status": status}
            requests.post(f"{self.server.url}/_status", json=wish, timeout=5).raise_for_status()
            with open_session(f"{self.server.url}/bitso", connector=connector, credentials=None) as session:
                self.assertEqual(system_status(session), said)
