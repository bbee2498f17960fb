"""Binance: what a key may do, and what each of its answers means."""
import json
from datetime import UTC, datetime
from decimal import Decimal

from django.test import SimpleTestCase

from exchanges.audit import audit
from exchanges.connectors.base import Answer, Credentials, KeyReport, Refused, Seen, Unavailable
from exchanges.connectors.binance import (
    connector,
    describe_key,
    dry_run,
    read_account,
    read_open_orders,
    read_trades,
    server_time,
    system_status,
)
from exchanges.connectors.binance_answers import (
    ACCOUNT,
    API_RESTRICTIONS,
    MY_TRADES,
    OPEN_ORDERS,
    ORDER_TEST,
    SYSTEM_STATUS,
    TIME,
    read_answer,
)

from .contract import ConnectorTests

# Public: the examples of https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
RIGHTS = {
    "enableReading": True, "enableSpotAndMarginTrading": True, "enableWithdrawals": False, "enableInternalTransfer": False,
    "permitsUniversalTransfer": False, "enableMargin": False, "enableFutures": False, "enableVanillaOptions": False,
    "enablePortfolioMarginTrading": False, "enableFixApiTrade": False, "enableFixReadOnly": False,
}
GOOD = {"ipRestrict": True, "createTime": 1698645219000, **RIGHTS}
NEEDED = frozenset(("enableReading", "enableSpotAndMarginTrading"))
UNREADABLE = (Unavailable, "unreadable_answer", "")
OF_A_KEY = ("enableWithdrawals", "enableInternalTransfer", "permitsUniversalTransfer")


def bad(code, message="Whatever it says."):
    return {"code": code, "msg": message}


def balance(asset, free, locked="0.00000000"):
    return {"asset": asset, "free": free, "locked": locked}


class BinanceTests(ConnectorTests, SimpleTestCase):
    connector = connector
    credentials = Credentials(KEY, SECRET)
    good = GOOD

    def answered(self, endpoint, body, status=400, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            return read_answer(endpoint, Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body))
        except Refused as failure:
            return Refused, failure.reason, failure.code
        except Unavailable as failure:
            return Unavailable, failure.reason, failure.code

    def describe(self, **changes):
        """What describe_key makes of the good answer but for `changes`; `...` leaves a field out."""
        said = {name: value for name, value in (GOOD | changes).items() if value is not ...}
        return self.outcome(describe_key, said)

    def verdict(self, **changes):
        found = audit(connector.permissions, self.describe(**changes), proven=False, now=NOW)
        return found.status, found.reason, found.notices

    def test_it_tells_the_true_ones(self):
        self.assertEqual(self.describe(), KeyReport(permissions=NEEDED))
        self.assertEqual(self.describe(enableStaking=True).permissions, NEEDED | {"enableStaking"})
        self.assertEqual(self.describe(canTrade=True, enabled="yes"), UNREADABLE)

    def test_each_right_too_many_is_judged_by_the_table(self):
        self.assertEqual(self.verdict(), ("ready", "", ()))
        for name in (*OF_A_KEY, "enableWithdrawalsToAnywhere", "permitsSubAccountTransfer", "allowWithdraw", "EnableWithdrawals"):
            self.assertEqual(self.verdict(**{name: True}), ("refused", "dangerous_permissions", ()))
        for name in (*(set(RIGHTS) - NEEDED - {*OF_A_KEY}), "enableStaking", "permitsSomething", "stakingAllowed"):
            self.assertEqual(self.verdict(**{name: True}), ("action_required", "extra_permissions", ()))
        for name in NEEDED:
            self.assertEqual(self.verdict(**{name: False}), ("action_required", "missing_permissions", ()))

    def test_what_matters_has_to_be_told(self):
        for name in (*NEEDED, *OF_A_KEY):
            self.assertEqual(self.describe(**{name: ...}), UNREADABLE)
        for name in (*RIGHTS, "ipRestrict", "enableSomethingNew"):
            for odd in (None, 0, 1, "true", "false", [], {}):
                self.assertEqual(self.describe(**{name: odd}), UNREADABLE)
        self.assertEqual(self.describe(enableMargin=..., enableFixReadOnly=..., createTime=...), KeyReport(permissions=NEEDED))
        for odd in ("enable" + "x" * 60, "enable\u202e"):
            self.assertEqual(self.describe(**{odd: True}), UNREADABLE)

    def test_a_right_to_move_money_is_believed_in_any_company(self):
        self.assertEqual(self.verdict(enableWithdrawals=True, enableFutures="?"), ("refused", "dangerous_permissions", ()))
        self.assertEqual(self.verdict(enableInternalTransfer=True, enableReading=...), ("refused", "dangerous_permissions", ()))

    def test_a_key_without_an_ip_list_is_told_and_when_it_stops_trading(self):
        self.assertEqual(self.describe(ipRestrict=False).ip_allowlist, ())
        self.assertIsNone(self.describe(ipRestrict=...).ip_allowlist)
        self.assertEqual(self.verdict(ipRestrict=False), ("ready", "", ("ip_open",)))
        soon = self.describe(ipRestrict=False, tradingAuthorityExpirationTime=1796083200000)
        self.assertEqual(soon.expires_at, datetime(2026, 12, 1, tzinfo=UTC))
        self.assertEqual(self.verdict(ipRestrict=False, tradingAuthorityExpirationTime=1796083200000),
                         ("ready", "", ("expires_soon", "ip_open")))
        self.assertEqual(self.verdict(tradingAuthorityExpirationTime=1795300000000), ("expired", "", ()))
        self.assertIsNone(self.describe(tradingAuthorityExpirationTime=0).expires_at)
        for odd in ("1796083200000", 1796083200, 1.5, True, 10**13, [1]):
            self.assertEqual(self.describe(tradingAuthorityExpirationTime=odd), UNREADABLE)

    def test_the_balances_tell_whose_account_it_is_and_whether_it_is_empty(self):
        for balances, empty in (([], True), ([balance("BTC", "0.00000000")], True), ([balance("BTC", "0.1")], False),
                                ([balance("BTC", "0"), balance("USDT", "0.0", "25.5")], False)):
            said = {ACCOUNT: {"balances": balances, "uid": 354937868, "canTrade": True}}
            self.assertEqual(self.outcome(read_account, said), Seen(empty=empty, account="354937868"))
        self.assertEqual(self.outcome(read_account, {"balances": []}), Seen(empty=True, account=None))
        self.assertEqual(self.outcome(read_account, {"balances": [], "uid": "42"}), Seen(empty=True, account="42"))

    def test_an_account_that_may_not_trade_is_no_fault_of_the_key(self):
        self.assertEqual(self.outcome(read_account, {"balances": [], "uid": 1, "canTrade": False}),
                         (Refused, "account_restricted", "canTrade"))

    def test_another_shape_is_unreadable(self):
        for odd in ([], {}, {"balances": {}}, {"balances": [1]}, {"balances": [{"asset": "BTC"}]}, {"balances": [balance("BTC", [])]},
                    {"balances": [balance("BTC", "NaN")]}, {"balances": [balance("BTC", "much")]}, {"balances": [], "uid": True},
                    {"balances": [], "uid": "a b"}, {"balances": [], "uid": -1}, {"balances": [], "uid": [1]}):
            self.assertEqual(self.outcome(read_account, odd), UNREADABLE)
        for read in (read_open_orders, read_trades):
            for odd in ({}, {"rows": []}, [1], ["x"], [[]]):
                self.assertEqual(self.outcome(read, odd), UNREADABLE)
            self.assertIsNone(self.outcome(read, []))
            self.assertIsNone(self.outcome(read, [{"symbol": "BTCUSDT"}]))
        for odd in (b'[],"rows":[]', b'[],"code":1', b"[]]", b"[", b"[NaN]", b'[{"a":1,"a":2}]'):
            self.assertEqual(self.outcome(read_trades, odd), (Unavailable, "unreadable_answer", "HTTP 200"))

    def test_each_code_has_its_meaning(self):
        for code, status, expected in (
            (-2014, 401, (Refused, "bad_key")), (-2008, 400, (Refused, "bad_key")), (-2015, 401, (Refused, "bad_key")),
            (-1002, 401, (Refused, "bad_key")), (-1099, 400, (Refused, "bad_key")), (-1022, 400, (Refused, "bad_secret")),
            (-1021, 400, (Unavailable, "clock_skew")), (-1003, 429, (Unavailable, "rate_limited")),
            (-1003, 418, (Unavailable, "rate_limited")), (-1003, 400, (Unavailable, "rate_limited")),
            (-1015, 429, (Unavailable, "rate_limited")), (-1008, 503, (Unavailable, "maintenance")),
            (-1000, 500, (Unavailable, "maintenance")), (-1001, 500, (Unavailable, "maintenance")),
            (-1006, 500, (Unavailable, "maintenance")), (-1016, 503, (Unavailable, "maintenance")), (1, 200, (Unavailable, "maintenance")),
            (1, 503, (Unavailable, "maintenance")), (-1007, 504, (Unavailable, "timeout")), (-1102, 400, (Unavailable, "internal")),
            (-1131, 400, (Unavailable, "internal")), (-1121, 400, (Unavailable, "unreadable_answer")),
            (-9999, 400, (Unavailable, "unreadable_answer")), (-2010, 400, (Unavailable, "unreadable_answer")),
        ):
            self.assertEqual(self.answered(API_RESTRICTIONS, bad(code), status), (*expected, str(code)))

    def test_a_code_in_a_broken_answer_judges_no_key(self):
        for status, reason in ((500, "maintenance"), (502, "maintenance"), (520, "maintenance")):
            self.assertEqual(self.answered(API_RESTRICTIONS, bad(-2015), status), (Unavailable, reason, f"HTTP {status}"))
        for body in (b"", b"<html>", b"-2015", {"code": "-2015", "msg": ""}, {"code": -2015.0}, {"code": True}, {"code": [-2015]},
                     {"msg": "Invalid API-key"}, {"error": {"code": -2015}}, {"code": -10**9}):
            for status, reason in ((401, "unreadable_answer"), (403, "unreadable_answer"), (502, "maintenance")):
                self.assertEqual(self.answered(API_RESTRICTIONS, body, status), (Unavailable, reason, f"HTTP {status}"))

    def test_who_was_let_in_a_moment_ago_lacks_a_right(self):
        for endpoint in (ACCOUNT, OPEN_ORDERS, MY_TRADES, ORDER_TEST):
            for code in (-2015, -1002, -1099):
                self.assertEqual(self.answered(endpoint, bad(code), 401), (Refused, "missing_permissions", str(code)))
            for code in (-2014, -2008, -1022):
                self.assertEqual(self.answered(endpoint, bad(code), 401), (Unavailable, "internal", str(code)))

    def test_a_wait_is_as_long_as_it_is_told(self):
        for status, wait, expected in ((429, "7", 7), (418, "120", 120), (418, "90000", 3600), (429, "0", 0), (429, "soon", None)):
            for body in (b"<html>", json.dumps(bad(-1003)).encode()):
                with self.assertRaises(Unavailable) as caught:
                    read_answer(ACCOUNT, Answer(status, {"Retry-After": wait}, body))
                self.assertEqual((caught.exception.reason, caught.exception.retry_after_s), ("rate_limited", expected))

    def test_a_country_that_it_does_not_serve_is_told_apart(self):
        for body in (bad(0, "Service unavailable from a restricted location"), b"<html>"):
            self.assertEqual(self.answered(API_RESTRICTIONS, body, 451), (Refused, "region_blocked", "HTTP 451"))
            self.assertEqual(self.answered(TIME, body, 451), (Unavailable, "unreadable_answer", "HTTP 451"))

    def test_a_public_call_judges_no_key(self):
        for code in (-2015, -1002, -1099):
            self.assertEqual(self.answered(SYSTEM_STATUS, bad(code), 401), (Unavailable, "unreadable_answer", str(code)))

    def test_an_order_that_is_found_fault_with_may_be_placed(self):
        for body in (bad(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"), bad(-1013, "Filter failure: NOTIONAL"),
                     bad(-2010, "Account has insufficient balance for requested action."), bad(-2010, "Market is closed.")):
            self.assertEqual(self.answered(ORDER_TEST, body, 400), {})
        for message in ("This account may not place or cancel orders.", "This action is disabled on this account."):
            self.assertEqual(self.answered(ORDER_TEST, bad(-2010, message), 400), (Refused, "account_restricted", "-2010"))

    def test_only_a_denied_order_counts(self):
        self.assertEqual(self.outcome(dry_run, {}), "ok")
        self.assertEqual(self.outcome(dry_run, bad(-2015)), (Refused, "missing_permissions", "-2015"))
        for body in (bad(-2010, "This account may not place or cancel orders."), bad(-1021), bad(-1022), bad(-1121), bad(1), [], {"a": 1}):
            self.assertEqual(self.outcome(dry_run, body), "skipped")

    def test_the_tested_order_could_do_no_harm(self):
        self.assertEqual(ORDER_TEST.path, "/api/v3/order/test")
        self.assertEqual(dict(ORDER_TEST.fixed), {
            "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT_MAKER", "quantity": "0.001", "price": "10000"})
        self.assertEqual((Decimal("0.001") * 10000, ORDER_TEST.free), (10, ()))

    def test_it_tells_the_time_and_how_it_is(self):
        self.assertEqual(self.outcome(server_time, {"serverTime": 1795300000123}), 1795300000.123)
        for status, expected in ((0, "ok"), (1, "maintenance"), (2, UNREADABLE), (True, UNREADABLE), ("0", UNREADABLE), (None, UNREADABLE)):
            self.assertEqual(self.outcome(system_status, {"status": status, "msg": ""}), expected)
        for odd in (None, 0, "1795300000123", 1795300000, True):
            self.assertEqual(self.outcome(server_time, {"serverTime": odd}), UNREADABLE)

    def test_a_minute_of_first_proofs_stays_below_the_limit(self):
        weights = 20 + 6 + 20 + 1
        self.assertLess(60 * connector.calls_per_s / connector.proof_calls * weights, 0.8 * 6000)
