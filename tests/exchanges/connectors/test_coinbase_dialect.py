"""The sandbox's Coinbase: which tokens it takes, and what it answers. The tokens are made by hand, in the shapes of all clients."""
import base64
import json
import time

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import SimpleTestCase

from sandbox.dialects.coinbase_keys import derived_ed25519_pair, derived_pair, private_key
from sandbox.server import start

PATH = "/api/v3/brokerage/key_permissions"
NAME, SECRET = derived_pair("ok")
KEY_ID, ED25519_SECRET = derived_ed25519_pair("ed25519")
REAL = f"GET api.coinbase.com{PATH}"
CCXT_EC = {"iss": "coinbase-cloud", "aud": ["retail_rest_api_proxy"], "uri": REAL}
CCXT_ED25519 = {"iss": "cdp", "aud": ["cdp_service"], "uris": [REAL]}
SDK = {"iss": "cdp", "uri": REAL}


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(name, secret, claims, **header):
    """A JWT with `claims`, over those that every client sends; a claim that is ... is left out."""
    key, now = private_key(secret), int(time.time())
    is_ec = isinstance(key, ec.EllipticCurvePrivateKey)
    head = {"alg": "ES256" if is_ec else "EdDSA", "typ": "JWT", "kid": name, "nonce": "00", **header}
    body = {"sub": name, "nbf": now, "exp": now + 120, **claims}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (
        head, {claim: value for claim, value in body.items() if value is not ...}))
    if not is_ec:
        return f"{signed}.{encoded(key.sign(signed.encode()))}"
    halves = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{encoded(b''.join(half.to_bytes(32, 'big') for half in halves))}"


class DialectTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = start()
        cls.addClassCleanup(cls.server.close)

    def ask(self, authorization, path=PATH, method="GET", prefix="/coinbase", **options):
        headers = {"Authorization": authorization} if authorization else {}
        return requests.request(method, f"{self.server.url}{prefix}{path}", headers=headers, timeout=5, **options)

    def answer(self, name, secret, claims, **header):
        answer = self.ask("Bearer " + token(name, secret, claims, **header))
        return answer.status_code, answer.text if answer.status_code != 200 else answer.json()["can_view"]

    def test_it_takes_the_claims_of_every_client(self):
        for name, secret, claims in (
            (NAME, SECRET, CCXT_EC), (NAME, SECRET, SDK), (KEY_ID, ED25519_SECRET, CCXT_ED25519), (KEY_ID, ED25519_SECRET, SDK),
            (NAME, SECRET, CCXT_EC | {"uri": f"GET {self.server.url}/coinbase{PATH}"}),         # ccxt takes off "https://" only
            (NAME, SECRET, CCXT_EC | {"uri": f"GET 127.0.0.1:8001{PATH}"}),
        ):
            self.assertEqual(self.answer(name, secret, claims), (200, True))

    def test_whatever_is_not_in_order_is_unauthorized(self):
        now = int(time.time())
        for name, secret, claims, header in (
            (NAME, derived_pair("empty")[1], CCXT_EC, {}), (NAME[:-1] + "0", SECRET, CCXT_EC, {}), (NAME, ED25519_SECRET, CCXT_EC, {}),
            (NAME, SECRET, CCXT_EC, {"alg": "EdDSA"}), (NAME, SECRET, CCXT_EC, {"alg": "none"}),
            (KEY_ID, ED25519_SECRET, SDK, {"alg": "ES256"}), (NAME, SECRET, CCXT_EC | {"sub": KEY_ID}, {}),
            (NAME, SECRET, CCXT_EC | {"nbf": now - 121, "exp": now - 1}, {}), (NAME, SECRET, CCXT_EC | {"nbf": now + 30}, {}),
            (NAME, SECRET, CCXT_EC | {"exp": now + 999}, {}), (NAME, SECRET, CCXT_EC | {"exp": ...}, {}),
            (NAME, SECRET, CCXT_EC | {"nbf": "0"}, {}), (NAME, SECRET, CCXT_EC | {"iss": "cdp"}, {}),
            (NAME, SECRET, CCXT_EC | {"uri": ...}, {}), (NAME, SECRET, CCXT_EC | {"uri": ..., "uris": [REAL]}, {}),
            (NAME, SECRET, CCXT_EC | {"uri": REAL.replace("GET", "POST")}, {}), (NAME, SECRET, CCXT_EC | {"uri": REAL + "?limit=1"}, {}),
            (NAME, SECRET, CCXT_EC | {"uri": "GET api.coinbase.com/api/v3/brokerage/accounts"}, {}),
            (KEY_ID, ED25519_SECRET, CCXT_ED25519 | {"uris": []}, {}), (KEY_ID, ED25519_SECRET, CCXT_ED25519 | {"uris": REAL}, {}),
        ):
            with self.subTest(claims=claims, header=header):
                self.assertEqual(self.answer(name, secret, claims, **header), (401, "Unauthorized"))

    def test_what_is_no_token_is_unauthorized(self):
        good = token(NAME, SECRET, CCXT_EC)
        for authorization in ("", "Bearer", "Bearer a.b", "Bearer a.b.c", "Bearer W10.W10.", good, f"Basic {good}", f"Bearer {good[:-4]}",
                              f"Bearer {good}A", "Bearer " + good.replace(".", "..", 1)):
            answer = self.ask(authorization)
            self.assertEqual((answer.status_code, answer.text, answer.headers["Content-Type"]),
                             (401, "Unauthorized", "text/plain; charset=utf-8"))

    def test_its_paths_answer_at_the_root_too(self):
        self.assertEqual(self.ask("Bearer " + token(NAME, SECRET, CCXT_EC), prefix="").status_code, 200)
        self.assertEqual(self.ask("", "/api/v3/brokerage/time", prefix="").status_code, 200)

    def test_the_public_calls_need_no_key(self):
        said = self.ask("", "/api/v3/brokerage/time").json()
        self.assertEqual(set(said), {"iso", "epochSeconds", "epochMillis"})
        self.assertEqual(self.ask("", "/api/v3/brokerage/market/products").json()["num_products"], 3)
        self.assertEqual(self.ask("", "/v2/currencies").json()["data"][0]["id"], "USD")
        self.assertEqual(self.ask("", "/v2/nowhere").status_code, 404)

    def call(self, name, method, path, **options):
        """(status, JSON) of a call with a ready-made key."""
        authorization = "Bearer " + token(*derived_pair(name), CCXT_EC | {"uri": f"{method} api.coinbase.com/api/v3/brokerage/{path}"})
        answer = self.ask(authorization, f"/api/v3/brokerage/{path}", method, **options)
        return answer.status_code, answer.json()

    def test_wallets_come_in_pages(self):
        _status, first = self.call("ok", "GET", "accounts", params={"limit": 3})
        self.assertEqual(([one["currency"] for one in first["accounts"]], first["has_next"]), (["USD", "BTC", "ETH"], True))
        _status, rest = self.call("ok", "GET", "accounts", params={"limit": 3, "cursor": first["cursor"]})
        self.assertEqual(([one["currency"] for one in rest["accounts"]], rest["has_next"], rest["cursor"]), (["USDC"], False, ""))
        self.assertEqual(self.call("ok", "GET", "accounts", params={"limit": "x"})[0], 400)

    def test_orders_are_chosen_by_state_and_product(self):
        for params, statuses in (({}, ["OPEN", "FILLED"]), ({"order_status": "OPEN"}, ["OPEN"]), ({"order_status": "EXPIRED"}, []),
                                 ({"product_ids": "ETH-USD"}, []), ({"limit": 1}, ["OPEN"])):
            _status, said = self.call("ok", "GET", "orders/historical/batch", params=params)
            self.assertEqual([one["status"] for one in said["orders"]], statuses)

    def test_a_preview_tells_what_stands_against_an_order(self):
        for name, product, size, errs in (("ok", "BTC-USD", "0.0005", []), ("ok", "BTC-USD", "1", ["PREVIEW_INSUFFICIENT_FUND"]),
                                          ("empty", "BTC-USD", "0.0005", ["PREVIEW_INSUFFICIENT_FUND"]),
                                          ("ok", "XYZ-USD", "1", ["PREVIEW_INVALID_PRODUCT_ID"]),
                                          ("ok", "BTC-USD", "0.0001", ["PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"])):
            order = {"product_id": product, "side": "BUY",
                     "order_configuration": {"limit_limit_gtc": {"base_size": size, "limit_price": "7500"}}}
            status, said = self.call(name, "POST", "orders/preview", json=order)
            self.assertEqual((status, said["errs"]), (200, errs))
        nan = '{"product_id":"BTC-USD","side":"BUY","order_configuration":{"limit_limit_gtc":{"base_size":"NaN","limit_price":"1"}}}'
        for body in ("", "x", "[]", "{}", nan, '{"product_id":"BTC-USD","side":"BUY","order_configuration":{"limit_limit_gtc":7}}'):
            self.assertEqual(self.call("ok", "POST", "orders/preview", data=body)[0], 400)

    def test_it_has_no_order_to_place(self):
        self.assertEqual(self.call("ok", "POST", "orders", json={})[0], 404)
        self.assertEqual(self.call("ok", "POST", "accounts", json={})[0], 404)
