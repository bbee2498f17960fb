"""The sandbox's Binance: which calls it takes, and what it answers. The calls are signed by hand, in the shapes that clients use."""
import base64
import hmac
import time
from urllib.parse import quote

import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.test import SimpleTestCase

from sandbox.dialects.binance_keys import derived_pair
from sandbox.server import start

RESTRICTIONS, ACCOUNT, ORDER = "/sapi/v1/account/apiRestrictions", "/api/v3/account", "/api/v3/order/test"
NAME, SECRET = derived_pair("ok")
BUY = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=50000"


def signed(text, secret=SECRET, behind=""):
    """`text` with its signature, which is over `text` and the body `behind` it."""
    return f"{text}&signature={hmac.digest(secret.encode(), (text + behind).encode(), 'sha256').hex()}"


def now(offset_ms=0):
    return f"timestamp={time.time_ns() // 1_000_000 + offset_ms}"


class DialectTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = start()
        cls.addClassCleanup(cls.server.close)

    def ask(self, query="", path=RESTRICTIONS, method="GET", prefix="/binance", name=NAME, **options):
        headers = {"X-MBX-APIKEY": name} if name else {}
        return requests.request(method, f"{self.server.url}{prefix}{path}?{query}", headers=headers, timeout=5, **options)

    def code(self, *args, **named):
        """(status, code), or the status alone where there is none."""
        answer = self.ask(*args, **named)
        said = answer.json()
        return (answer.status_code, said["code"]) if "code" in said else answer.status_code

    def order(self, text, name="ok"):
        api_key, secret = derived_pair(name)
        return self.code("", ORDER, "POST", name=api_key, data=signed(f"{text}&{now()}", secret))

    def test_it_takes_the_shapes_of_every_client(self):
        for query in (signed(now()), signed(now() + "000"), signed(f"recvWindow=5000.5&{now()}"), signed(now(-4000)), signed(now(900))):
            self.assertEqual(self.code(query), 200)
        text, _signature, found = signed(now()).rpartition("=")
        self.assertEqual(self.code(f"{text}={found.upper()}"), 200)
        self.assertEqual(self.code(f"signature={found}&{text.partition('&')[0]}"), (400, -1022))

    def test_an_order_may_be_in_the_query_the_form_or_both(self):
        whole = f"{BUY}&{now()}"
        for query, body in ((signed(whole), ""), ("", signed(whole)), (signed(BUY, behind=now()), now())):
            self.assertEqual(self.code(query, ORDER, "POST", data=body), 200)

    def test_each_check_has_its_code(self):
        for query, name, expected in (
            (signed(now()), "", (401, -2014)), (signed(now()), NAME[:-1], (401, -2014)), (signed(now()), "A" * 64, (401, -2015)),
            (signed("a=b"), NAME, (400, -1102)), (signed("timestamp="), NAME, (400, -1102)), (signed("timestamp=soon"), NAME, (400, -1102)),
            (now(), NAME, (400, -1102)), (now() + "&signature=", NAME, (400, -1102)),
            (signed(now(1500)), NAME, (400, -1021)), (signed(now(-6000)), NAME, (400, -1021)),
            (signed(now(-1500) + "&recvWindow=1000"), NAME, (400, -1021)), (signed(now() + "&recvWindow=60001"), NAME, (400, -1131)),
            (signed(now() + "&recvWindow=x"), NAME, (400, -1131)), (signed(now(), "x" * 64), NAME, (400, -1022)),
            (signed(now()) + "&more=1", NAME, (400, -1022)), (now() + "&signature=%2B%2B", NAME, (400, -1022)),
        ):
            with self.subTest(query=query, name=name):
                self.assertEqual(self.code(query, name=name), expected)

    def test_base64_has_to_be_encoded(self):
        name, secret = derived_pair("ed25519")
        key = load_pem_private_key(secret.encode(), None)
        tries = (f"{now()}&try={number}" for number in range(100))          # until one has a + in it
        text, raw = next((text, raw) for text in tries if "+" in (raw := base64.b64encode(key.sign(text.encode())).decode()))
        self.assertEqual(self.code(f"{text}&signature={quote(raw, safe='')}", name=name), 200)
        self.assertEqual(self.code(f"{text}&signature={raw}", name=name), (400, -1022))

    def test_its_own_root_is_there_too(self):
        self.assertEqual(self.code(signed(now()), prefix=""), 200)
        self.assertEqual(self.ask(path="/sapi/v1/system/status", prefix="", name="").json(), {"status": 0, "msg": "normal"})

    def test_the_public_calls_need_no_key(self):
        self.assertEqual(self.ask(path="/api/v3/ping", name="").json(), {})
        self.assertEqual(set(self.ask(path="/api/v3/time", name="").json()), {"serverTime"})
        symbols = self.ask(path="/api/v3/exchangeInfo", name="").json()["symbols"]
        self.assertEqual([one["symbol"] for one in symbols], ["BTCUSDT", "ETHUSDT", "BTCEUR"])

    def test_nothing_else_is_there(self):
        for method, path in (("POST", "/api/v3/order"), ("POST", "/sapi/v1/capital/withdraw/apply"), ("GET", "/api/v3/nowhere"),
                             ("POST", ACCOUNT), ("GET", ORDER), ("POST", "/api/v3/time")):
            self.assertEqual(self.ask(signed(now()), path, method).status_code, 404)

    def test_zero_balances_are_left_out_on_request(self):
        some, all_of_them = (self.ask(signed(f"{asked}{now()}"), ACCOUNT).json() for asked in ("omitZeroBalances=true&", ""))
        self.assertEqual([one["asset"] for one in some["balances"]], ["BTC", "USDT", "BNB"])
        self.assertEqual([one["asset"] for one in all_of_them["balances"]], ["BTC", "ETH", "USDT", "BNB", "EUR"])
        self.assertEqual(some["uid"], all_of_them["uid"])

    def test_orders_and_trades_are_of_one_market(self):
        for path, symbol, expected in (("openOrders", "symbol=BTCUSDT&", 1), ("openOrders", "symbol=ETHUSDT&", 0), ("openOrders", "", 1),
                                       ("myTrades", "symbol=BTCUSDT&", 1), ("myTrades", "symbol=ETHUSDT&", 0)):
            self.assertEqual(len(self.ask(signed(f"{symbol}{now()}"), f"/api/v3/{path}").json()), expected)
        self.assertEqual(self.code(signed(now()), "/api/v3/myTrades"), (400, -1102))
        self.assertEqual(self.code(signed(f"symbol=ABC&{now()}"), "/api/v3/myTrades"), (400, -1121))

    def test_an_order_that_cannot_be_is_told_why(self):
        self.assertEqual(self.order(BUY), 200)
        for old, new, expected in (
            ("BTCUSDT", "ABC", -1121), ("symbol=BTCUSDT&", "", -1102), ("BUY", "HOLD", -1117), ("LIMIT", "SOON", -1116),
            ("timeInForce=GTC&", "", -1102), ("&price=50000", "", -1102), ("0.001", "x", -1100), ("0.001", "NaN", -1100),
            ("0.001", "-1", -1100), ("0.001", "0.000001", -1013), ("50000", "10000", -1013), ("0.001", "0.00005", -1013),
        ):
            self.assertEqual((new, self.order(BUY.replace(old, new))), (new, (400, expected)))
        self.assertEqual(self.order(BUY, "restricted"), (400, -2010))
        self.assertEqual(self.order(BUY, "read-only"), (401, -2015))
