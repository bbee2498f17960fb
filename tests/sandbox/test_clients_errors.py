"""Kraken's errors, misbehaviour and modes, as its ordinary clients surface them: (krakenex, ccxt, python-kraken-sdk)."""

from tests.sandbox.clients import ClientTestCase, Raised

OK = ("ok", "ok", "ok")
UNAVAILABLE = ("EService:Unavailable", "ExchangeNotAvailable", "KrakenServiceUnavailableError")
ORDER = {"pair": "XBTEUR", "type": "buy", "ordertype": "limit", "price": "25000.0", "volume": "0.001"}


class ErrorTests(ClientTestCase):
    """https://docs.kraken.com/exchange/guides/general/errors.md: what an account, not a call, can run into."""

    def meets(self, error):
        return self.each("Balance", make_key=lambda: self.new_key(error=error))

    def test_an_account_in_trouble(self):
        for error, ccxt, sdk in (
            ("EAuth:Account temporary disabled", "ExchangeError", "EAuth:Account temporary disabled"),
            ("EAuth:Account unconfirmed", "ExchangeError", "EAuth:Account unconfirmed"),
            ("EAuth:Failed", "ExchangeError", "KrakenAuthenticationFailedError"),
            ("EAccount:Invalid permissions", "ExchangeError", "EAccount:Invalid permissions"),
            ("ETrade:User Locked", "AccountSuspended", "ETrade:User Locked"),
            ("ETrade:Locked", "ExchangeError", "ETrade:Locked"),
            ("ESession:Invalid session", "AuthenticationError", "ESession:Invalid session"),
            ("EAPI:Feature disabled:viqc", "ExchangeError", "EAPI:Feature disabled:viqc"),
            ("EBM:limit exceeded:CAL", "ExchangeError", "EBM:limit exceeded:CAL"),
        ):
            self.assertEqual(self.meets(error), (error, ccxt, sdk))

    def test_a_service_in_trouble(self):
        for error, ccxt, sdk in (
            ("EService:Timeout", "ExchangeError", "EService:Timeout"),
            ("EService:Throttled:1795300000", "ExchangeError", "EService:Throttled:1795300000"),
            ("EService:Market in limit_only mode", "ExchangeError", "EService:Market in limit_only mode"),
            ("EGeneral:Internal error", "ExchangeNotAvailable", "EGeneral:Internal error"),
            ("EGeneral:Internal error:1234", "ExchangeError", "EGeneral:Internal error:1234"),
            ("EDatabase:Internal error", "ExchangeNotAvailable", "EDatabase:Internal error"),
        ):
            self.assertEqual(self.meets(error), (error, ccxt, sdk))

    def test_too_many_calls(self):
        for error, ccxt, sdk in (
            ("EGeneral:Too many requests", "DDoSProtection", "EGeneral:Too many requests"),
            ("EAuth:Too many requests", "ExchangeError", "EAuth:Too many requests"),
            ("EAuth:Rate limit exceeded", "RateLimitExceeded", "EAuth:Rate limit exceeded"),
            ("EOrder:Domain rate limit exceeded", "ExchangeError", "EOrder:Domain rate limit exceeded"),
        ):
            self.assertEqual(self.meets(error), (error, ccxt, sdk))

    def test_a_call_that_does_not_exist(self):
        self.assertEqual(self.each("DepositStatus"), ("EGeneral:Unknown method", "ExchangeError", "KrakenUnknownMethodError"))

    def test_ccxt_names_krakens_error_in_its_text(self):
        with self.assertRaisesRegex(Raised, r'kraken \{"error":\["EAuth:Failed"\]\}'):
            self.ccxt(self.new_key(error="EAuth:Failed"), "fetch_balance")

    def test_ccxt_files_them_under_more_than_one_name(self):
        for error, expected in (
            ("EGeneral:Permission denied", ["PermissionDenied", "AuthenticationError", "ExchangeError"]),
            ("EAPI:Invalid nonce", ["InvalidNonce", "NetworkError", "OperationFailed"]),
        ):
            with self.assertRaises(Raised) as caught:
                self.ccxt(self.new_key(error=error), "private_post_balance")
            self.assertEqual(caught.exception.kinds[:3], expected)


class FaultTests(ClientTestCase):
    durations = {"slow_s": 0.3, "hang_s": 1, "huge_bytes": 100_000, "latency_ms": 2}

    def meets(self, fault, **how):
        """What each client makes of the fault, once; the next call is fine again."""
        keys = [self.new_key() for _ in range(3)]
        for key in keys:
            self.post("/_faults", {"exchange": "kraken", "api_key": key["api_key"], "fault": fault})
        outcomes = self.each("Balance", make_key=iter(keys).__next__, **how)
        self.assertEqual(self.each("Balance", make_key=iter(keys).__next__), OK)
        return outcomes

    def test_in_krakens_words(self):
        self.assertEqual(self.meets("busy"), ("EService:Busy", "ExchangeNotAvailable", "EService:Busy"))
        self.assertEqual(self.meets("unavailable"), UNAVAILABLE)
        self.assertEqual(self.meets("rate_limit"), ("EAPI:Rate limit exceeded", "DDoSProtection", "KrakenApiLimitExceededError"))

    def test_pages_in_place_of_answers(self):
        for fault in ("html_403", "html_520"):
            self.assertEqual(self.meets(fault), ("HTTPError", "ExchangeNotAvailable", "Exception"))

    def test_answers_that_come_late_or_never(self):
        for fault in ("slow", "hang"):
            self.assertEqual(self.meets(fault, timeout_s=0.1), ("ReadTimeout", "RequestTimeout", "ReadTimeout"))

    def test_connections_that_break(self):
        self.assertEqual(self.meets("reset"), ("ConnectionError", "NetworkError", "ConnectionError"))
        self.assertEqual(self.meets("truncated"), ("ChunkedEncodingError", "NetworkError", "ChunkedEncodingError"))

    def test_answers_nobody_can_read(self):
        key = self.new_key()
        self.post("/_faults", {"exchange": "kraken", "api_key": key["api_key"], "fault": "not_json", "count": 3})
        self.assertEqual(self.raised(self.krakenex, key, "Balance"), "JSONDecodeError")
        # ccxt hands over what it cannot read.
        self.assertEqual(self.ccxt(key, "private_post_balance"), '{"error":[],"result":{"upstream": oops')
        self.assertEqual(self.raised(self.sdk, key, "user.get_account_balance"), "ValueError")

    def test_answers_that_never_end(self):
        key = self.new_key()
        self.post("/_faults", {"exchange": "kraken", "api_key": key["api_key"], "fault": "huge", "count": 3})
        for client, call in (
            (self.krakenex, "Balance"), (self.ccxt, "private_post_balance"), (self.sdk, "user.get_account_balance"),
        ):
            self.assertEqual(client(key, call), ["0" * 65_533, "0" * 65_533, ""])

    def test_a_redirection_that_all_three_follow(self):
        self.assertEqual(self.meets("redirect"), OK)


class ModeTests(ClientTestCase):
    def setUp(self):
        super().setUp()
        self.set("online")

    def set(self, status):
        self.post("/_status", {"exchange": "kraken", "status": status}).raise_for_status()

    def test_maintenance(self):
        self.set("maintenance")
        self.assertEqual(self.each("Balance"), UNAVAILABLE)
        self.assertEqual(self.each("CancelAll"), UNAVAILABLE)
        self.assertEqual(self.krakenex(None, "SystemStatus")["result"]["status"], "maintenance")
        self.assertEqual(self.sdk(None, "market.get_system_status")["status"], "maintenance")
        self.assertEqual(self.ccxt(None, "fetch_status")["status"], "maintenance")
        self.assertEqual(self.ccxt(None, "fetch_ticker", "BTC/EUR")["last"], 57928.7)

    def test_cancel_only(self):
        self.set("cancel_only")
        expected = ("EService:Market in cancel_only mode", "OnMaintenance", "KrakenMarketInOnlyCancelModeError")
        self.assertEqual(self.each("AddOrder", ORDER), expected)
        self.assertEqual(self.each("AddOrder", {**ORDER, "validate": "true"}), expected)
        self.assertEqual((self.each("Balance"), self.each("CancelAll")), (OK, OK))

    def test_post_only(self):
        self.set("post_only")
        expected = ("EService:Market in post_only mode", "OnMaintenance", "KrakenMarketInOnlyPostModeError")
        self.assertEqual(self.each("AddOrder", ORDER), expected)
        self.assertEqual(self.each("AddOrder", {**ORDER, "oflags": "post"}), OK)
        self.assertEqual(self.ccxt(self.new_key(), "create_order", "BTC/EUR", "limit", "buy", 0.001, 25000,
                                   {"postOnly": True})["info"]["descr"], {"order": "buy 0.00100000 XBTEUR @ limit 25000.0"})
