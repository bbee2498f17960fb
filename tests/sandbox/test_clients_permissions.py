"""What each call asks of a key, and how often it may be made, through (krakenex, ccxt, python-kraken-sdk)."""

import time

from sandbox.dialects.kraken_keys import NEEDED
from tests.sandbox.clients import NOW, ClientTestCase

OK = ("ok", "ok", "ok")
DENIED = ("EGeneral:Permission denied", "PermissionDenied", "KrakenPermissionDeniedError")
TOO_MANY = ("EAPI:Rate limit exceeded", "DDoSProtection", "KrakenApiLimitExceededError")
UNKNOWN = ("EOrder:Unknown order", "InvalidOrder", "KrakenUnknownOrderError")
ORDER = {"pair": "XBTEUR", "type": "buy", "ordertype": "limit", "price": "25000.0", "volume": "0.001"}
NOBODYS = {"txid": "OAAAAA-AAAAA-AAAAAA", "pair": "XBTEUR"}


class PermissionTests(ClientTestCase):
    """https://docs.kraken.com/exchange/guides/rest/api-keys.md"""

    def meets(self, permissions, method, fields=None, **key):
        return self.each(method, fields, make_key=lambda: self.new_key(permissions=permissions, **key))

    def test_one_that_nothing_else_replaces(self):
        for name, methods in (
            ("query-funds", ["Balance", "BalanceEx"]), ("query-open-trades", ["OpenOrders", "OpenPositions"]),
            ("query-closed-trades", ["ClosedOrders", "TradesHistory"]), ("query-ledger", ["Ledgers"]),
            ("create-ws-token", ["GetWebSocketsToken"]),
        ):
            others = [other for other in NEEDED if other != name]
            for method in methods:
                self.assertEqual((method, self.meets([name], method)), (method, OK))
                self.assertEqual((method, self.meets(others, method)), (method, DENIED))

    def test_adding_orders(self):
        fields = {**ORDER, "validate": "true"}
        self.assertEqual(self.meets(["modify-trades"], "AddOrder", fields), OK)
        self.assertEqual(self.meets([name for name in NEEDED if name != "modify-trades"], "AddOrder", fields), DENIED)

    def test_either_of_two(self):
        for name in ("query-funds", "query-open-trades"):
            self.assertEqual(self.meets([name], "TradeBalance"), OK)
        self.assertEqual(self.meets(["query-ledger"], "TradeBalance"), DENIED)
        for method in ("CancelOrder", "AmendOrder"):
            for name in ("modify-trades", "close-trades"):
                self.assertEqual((method, self.meets([name], method, NOBODYS)), (method, UNKNOWN))
            self.assertEqual((method, self.meets(["query-funds"], method, NOBODYS)), (method, DENIED))
        self.assertEqual(self.meets(["modify-trades"], "CancelAll"), OK)
        self.assertEqual(self.meets(["close-trades"], "CancelAll"), OK)

    def test_both_of_two(self):
        self.assertEqual(self.meets(["modify-trades", "close-trades"], "EditOrder", NOBODYS), UNKNOWN)
        for name in ("modify-trades", "close-trades"):
            self.assertEqual(self.meets([name], "EditOrder", NOBODYS), DENIED)

    def test_orders_ask_for_the_permission_of_their_state(self):
        key = self.new_key(account="states")
        open_id, = self.krakenex(key, "OpenOrders")["result"]["open"]
        closed_id, = self.krakenex(key, "ClosedOrders")["result"]["closed"]
        for name, seen, hidden in (
            ("query-open-trades", open_id, closed_id), ("query-closed-trades", closed_id, open_id),
        ):
            self.assertEqual(self.meets([name], "QueryOrders", {"txid": seen}, account="states"), OK)
            self.assertEqual(self.meets([name], "QueryOrders", {"txid": hidden}, account="states"), DENIED)

    def test_the_key_itself_asks_for_none(self):
        self.assertEqual(self.meets([], "GetApiKeyInfo"), OK)

    def test_moving_money_is_not_offered_at_all(self):
        for method in ("Withdraw", "WalletTransfer", "DepositAddresses"):
            self.assertEqual(self.meets([*NEEDED, "withdraw-funds"], method),
                             ("EGeneral:Unknown method", "ExchangeError", "KrakenUnknownMethodError"))


class ReadyMadeTests(ClientTestCase):
    """The ready-made keys, each with the behaviour it is named after; each client calls once, for the nonces' sake."""

    durations = {"slow_s": 0.3, "latency_ms": 2}

    def meets(self, name, method="GetApiKeyInfo", fields=None, **how):
        return self.each(method, fields, make_key=lambda: self.keys[name], **how)

    def test_those_that_work(self):
        for name in ("ok", "ok-camel", "empty", "withdraw", "address", "unknown-perm", "expiring", "window", "disabled-later"):
            self.assertEqual((name, self.meets(name)), (name, OK))

    def test_those_that_lack_a_permission(self):
        for name, method in (("no-ledger", "Ledgers"), ("no-open", "OpenOrders"), ("no-trade", "AddOrder")):
            self.assertEqual((name, self.meets(name, method)), (name, DENIED))

    def test_those_that_do_not(self):
        unknown = ("EAPI:Invalid key", "AuthenticationError", "KrakenInvalidAPIKeyError")
        unavailable = ("EService:Unavailable", "ExchangeNotAvailable", "KrakenServiceUnavailableError")
        for name, *expected in (
            ("expired", *unknown), ("late", *unknown), ("ip", *DENIED), ("otp", *DENIED),
            ("burnt", "EAPI:Invalid nonce", "InvalidNonce", "KrakenInvalidNonceError"),
            ("locked", "EGeneral:Temporary lockout", "DDoSProtection", "KrakenTemporaryLockoutError"),
            ("busy", "EService:Busy", "ExchangeNotAvailable", "EService:Busy"), ("down", *unavailable),
            ("html403", "HTTPError", "ExchangeNotAvailable", "Exception"),
            ("html520", "HTTPError", "ExchangeNotAvailable", "Exception"),
            ("no-method", "EGeneral:Unknown method", "ExchangeError", "KrakenUnknownMethodError"),
        ):
            self.assertEqual((name, self.meets(name)), (name, tuple(expected)))

    def test_the_one_nobody_waits_for(self):
        self.assertEqual(self.meets("slow", timeout_s=0.1), ("ReadTimeout", "RequestTimeout", "ReadTimeout"))

    def test_the_one_that_shows_only_its_last_days(self):
        self.assertEqual(self.meets("dates", "Ledgers"),
                         ("EGeneral:Invalid arguments", "BadRequest", "KrakenInvalidArgumentsError"))
        yesterday = int(time.time()) - 86_400
        self.assertEqual(self.outcome(self.sdk, self.keys["dates"], "user.get_ledgers_info", start=yesterday), "ok")
        self.assertEqual(self.outcome(self.sdk, self.keys["dates"], "user.get_account_balance"), "ok")

    def test_the_one_that_somebody_disables(self):
        key = self.keys["disabled-later"]
        self.post("/_keys", {"exchange": "kraken", "api_key": key["api_key"], "disabled": True})
        self.addCleanup(self.post, "/_keys", {"exchange": "kraken", "api_key": key["api_key"], "disabled": False})
        self.assertEqual(self.meets("disabled-later"), ("EAPI:Invalid key", "AuthenticationError", "KrakenInvalidAPIKeyError"))


class LimitTests(ClientTestCase):
    def setUp(self):
        super().setUp()
        self.stop_the_clock()

    def calls(self, tier, method, count, fields=None):
        """The outcomes of so many calls, each client with a key of its own."""
        keys = [self.new_key(tier=tier) for _ in range(3)]
        return [self.each(method, fields, make_key=iter(keys).__next__) for _ in range(count)]

    def test_each_tier_has_its_maximum(self):
        for tier, most in (("starter", 15), ("intermediate", 20), ("pro", 20)):
            self.assertEqual((tier, self.calls(tier, "Balance", most + 1)), (tier, [*[OK] * most, TOO_MANY]))

    def test_history_counts_twice(self):
        for method in ("Ledgers", "TradesHistory", "ClosedOrders"):
            self.assertEqual((method, self.calls("intermediate", method, 11)), (method, [*[OK] * 10, TOO_MANY]))

    def test_orders_are_not_counted_there(self):
        self.assertEqual(set(self.calls("starter", "AddOrder", 17, {**ORDER, "validate": "true"})), {OK})

    def test_each_tier_forgets_at_its_own_pace(self):
        for tier, most, seconds in (("starter", 15, 4), ("intermediate", 20, 2), ("pro", 20, 1)):
            key = self.new_key(tier=tier)
            outcomes = [self.outcome(self.krakenex, key, "Balance") for _ in range(most)]
            self.server.state.clock = lambda later=seconds: NOW + later
            outcomes += [self.outcome(self.krakenex, key, "Balance") for _ in range(2)]
            self.stop_the_clock()
            self.assertEqual((tier, outcomes), (tier, [*["ok"] * (most + 1), "EAPI:Rate limit exceeded"]))

    def test_the_engine_slows_down_who_cancels_young_orders(self):
        key = self.new_key(tier="starter")
        outcomes = []
        for _ in range(7):
            txid, = self.krakenex(key, "AddOrder", ORDER)["result"]["txid"]
            outcomes.append(self.outcome(self.krakenex, key, "CancelOrder", {"txid": txid}))
        self.assertEqual(outcomes, [*["ok"] * 6, "EOrder:Rate limit exceeded"])
        self.assertEqual(self.raised(self.ccxt, key, "create_order", "BTC/EUR", "limit", "buy", 0.001, 25000), "DDoSProtection")
        self.assertEqual(self.raised(self.sdk, key, "user.request", "POST", "/0/private/AddOrder", ORDER),
                         "KrakenRateLimitExceededError")

    def test_a_pair_takes_so_many_open_orders(self):
        keys = [self.new_key(tier="starter") for _ in range(3)]
        wish = {**ORDER, "volume": "0.0001", "price": "5000"}
        for _ in range(59):
            self.assertEqual(self.each("AddOrder", wish, make_key=iter(keys).__next__), OK)
        self.server.state.clock = lambda: NOW + 600          # the engine has forgotten
        self.assertEqual(self.each("AddOrder", wish, make_key=iter(keys).__next__),
                         ("EOrder:Orders limit exceeded", "ExchangeError", "KrakenOrderLimitsExceededError"))
