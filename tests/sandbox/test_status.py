import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.noise import best_of_three
from tests.sandbox.base import SandboxTestCase

ORDER = {"pair": "XBTEUR", "type": "buy", "ordertype": "limit", "price": "25000.0", "volume": "0.001"}
CANCEL_ONLY, POST_ONLY = ["EService:Market in cancel_only mode"], ["EService:Market in post_only mode"]


class StatusTestCase(SandboxTestCase):
    def setUp(self):
        super().setUp()
        self.set(status="online", latency_ms=0)

    def set(self, **wish):
        answer = self.post("/_status", {"exchange": "kraken", **wish})
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def public(self, method):
        return self.http.get(f"{self.url}/kraken/0/public/{method}").json()


class SwitchTests(StatusTestCase):
    def test_it_repeats_all_and_keeps_what_was_not_named(self):
        self.assertEqual(self.set(), {"exchange": "kraken", "status": "online", "latency_ms": 0, "ahead_s": 0})
        self.assertEqual(self.set(status="post_only"), {"exchange": "kraken", "status": "post_only", "latency_ms": 0, "ahead_s": 0})
        self.assertEqual(self.set(latency_ms=5), {"exchange": "kraken", "status": "post_only", "latency_ms": 5, "ahead_s": 0})
        self.assertEqual(self.set(), {"exchange": "kraken", "status": "post_only", "latency_ms": 5, "ahead_s": 0})

    def test_it_tells_its_status(self):
        for status in ("maintenance", "cancel_only", "post_only", "online"):
            self.set(status=status)
            self.assertEqual(self.public("SystemStatus")["result"]["status"], status)

    def test_it_says_what_is_wrong_with_a_wish(self):
        for wish, expected in (
            ({"exchange": "kraken", "status": "gone"},
             "status: must be one of online, maintenance, cancel_only, post_only"),
            ({"exchange": "kraken", "status": None}, "status: must be one of online, maintenance, cancel_only, post_only"),
            ({"exchange": "kraken", "latency_ms": -1}, "latency_ms: must be a whole number, 0 or more"),
            ({"exchange": "kraken", "latency_ms": 1.5}, "latency_ms: must be a whole number, 0 or more"),
            ({"exchange": "kraken", "latency_ms": 10_001}, "latency_ms: must be at most 10000 milliseconds"),
            ({"exchange": "kraken", "colour": "red"}, "colour: unknown field; known: status, latency_ms, ahead_s"),
            ({"exchange": "kraken", "ahead_s": "soon"}, "ahead_s: must be a whole number of seconds, a day at most"),
            ({"exchange": "kraken", "ahead_s": 90_000}, "ahead_s: must be a whole number of seconds, a day at most"),
            ({"status": "online"}, f"exchange: must be one of {', '.join(self.server.dialects)}"),
            (["online"], "the body must be a JSON object"),
        ):
            answer = self.post("/_status", wish)
            self.assertEqual((answer.status_code, answer.json()["error"]), (400, expected))
        self.assertEqual(self.set(), {"exchange": "kraken", "status": "online", "latency_ms": 0, "ahead_s": 0})

    def test_it_refuses_other_methods(self):
        self.assertEqual(self.http.get(f"{self.url}/_status").status_code, 405)


class ModeTests(StatusTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.new_key()
        self.txid = self.result(self.key, "AddOrder", **ORDER)["txid"][0]

    def test_it_answers_no_private_call_during_maintenance(self):
        self.set(status="maintenance")
        for method in ("GetApiKeyInfo", "Balance", "AddOrder", "CancelOrder"):
            self.assertEqual(self.error(self.key, method), ["EService:Unavailable"])
        self.assertEqual(self.error({"api_key": "nobody", "secret": self.key["secret"]}, "Balance"), ["EService:Unavailable"])
        self.assertEqual((self.public("Time")["error"], self.public("Ticker")["error"]), ([], []))
        self.set(status="online")
        self.assertEqual(self.error(self.key, "Balance"), [])

    def test_it_takes_no_new_order_in_cancel_only(self):
        self.set(status="cancel_only")
        for changes in ({}, {"validate": "true"}, {"oflags": "post"}):
            self.assertEqual(self.error(self.key, "AddOrder", **ORDER, **changes), CANCEL_ONLY)
        self.assertEqual(self.error(self.key, "AmendOrder", txid=self.txid, limit_price="24000"), CANCEL_ONLY)
        self.assertEqual(self.error(self.key, "EditOrder", txid=self.txid, pair="XBTEUR", volume="0.002"), CANCEL_ONLY)
        self.assertEqual(self.error(self.key, "Balance"), [])
        self.assertEqual(self.result(self.key, "CancelOrder", txid=self.txid), {"count": 1})

    def test_it_takes_only_orders_that_rest_in_post_only(self):
        self.set(status="post_only")
        for changes in ({}, {"validate": "true"}, {"ordertype": "market"}):
            self.assertEqual(self.error(self.key, "AddOrder", **{**ORDER, **changes}), POST_ONLY)
        self.assertEqual(self.error(self.key, "AddOrder", **ORDER, oflags="post"), [])
        self.assertEqual(self.error(self.key, "AmendOrder", txid=self.txid, limit_price="24000", post_only="true"), [])
        self.assertEqual(self.result(self.key, "CancelOrder", txid=self.txid), {"count": 1})


class StartTests(SandboxTestCase):
    durations = {"latency_ms": 5}

    def test_it_starts_with_the_latency_it_was_given(self):
        answer = self.post("/_status", {"exchange": "kraken"})
        self.assertEqual(answer.json(), {"exchange": "kraken", "status": "online", "latency_ms": 5, "ahead_s": 0})


class LatencyTests(StatusTestCase):
    durations = {"slow_s": 0.2}

    def seconds(self, call):
        started = time.monotonic()
        call()
        return time.monotonic() - started

    def ask_the_time(self, _number):
        return requests.get(f"{self.url}/0/public/Time", timeout=5)

    def test_it_answers_each_call_that_much_later(self):
        self.set(latency_ms=250)
        self.assertGreater(self.seconds(lambda: self.public("Time")), 0.25)
        self.assertGreater(self.seconds(lambda: self.call(self.keys["ok"], "Balance")), 0.25)
        self.assertGreater(self.seconds(lambda: self.call(self.keys["slow"], "Balance")), 0.45)
        at_once = best_of_three(lambda: self.seconds(lambda: self.http.get(f"{self.url}/_keys")), 0.25)
        self.assertLess(at_once, 0.25)

    def test_it_keeps_nobody_waiting_for_another(self):
        self.set(latency_ms=200)
        with ThreadPoolExecutor(16) as pool:
            together = best_of_three(lambda: self.seconds(lambda: list(pool.map(self.ask_the_time, range(16)))), 1.6)
        self.assertLess(together, 1.6)                          # one after the other: 3.2
