"""Binance's signatures: of all three kinds of key, with its published examples and ccxt as oracle."""
import base64
import json
import subprocess
from pathlib import Path
from unittest import SkipTest
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import SimpleTestCase
from requests import Request

from exchanges.connectors.base import Credentials
from exchanges.connectors.binance import BinanceAuth, connector, signature
from exchanges.connectors.binance_paste import loaded
from sandbox.dialects.binance_keys import derived_pair

from .test_binance import KEY, SECRET

ROOT = Path(__file__).parents[3]
ORACLE = ROOT / ".venv-oracles" / "bin" / "python"
NOW, NOW_MS = 1700000000.0005, 1700000000000
ED25519, RSA = derived_pair("ed25519")[1], derived_pair("rsa")[1]
SIGNED = [endpoint for endpoint in connector.endpoints if endpoint.signed]
CCXT = """
import json, sys
import ccxt
found = []
for asked in json.load(sys.stdin):
    exchange = ccxt.binance({"apiKey": asked["key"], "secret": asked["secret"]})
    exchange.nonce = lambda: asked["now"]
    exchange.handle_client_order_id = lambda parameters, *rest: parameters       # it would sign orders as its own
    signed = exchange.sign(asked["path"], asked["api"], asked["method"], asked["parameters"])
    found.append([signed["url"], signed["body"], signed["headers"]["X-MBX-APIKEY"]])
json.dump(found, sys.stdout)
"""


def prepared(endpoint, secret=SECRET):
    """A request as the session would send it."""
    auth = BinanceAuth(Credentials(KEY, secret), lambda: 0, lambda: NOW)
    where = {"params": list(endpoint.fixed)} if endpoint.method == "GET" else {"data": list(endpoint.fixed)}
    return Request(endpoint.method, connector.api_url + endpoint.path, auth=auth, **where).prepare()


def sent(endpoint, secret):
    request = prepared(endpoint, secret)
    return [request.url, request.body, request.headers["X-MBX-APIKEY"]]


def asked(endpoint, secret):
    _nothing, root, _version, path = endpoint.path.split("/", 3)
    return {"key": KEY, "secret": secret.strip(), "now": NOW_MS, "method": endpoint.method, "parameters": dict(endpoint.fixed),
            "path": path, "api": ["sapi" if root == "sapi" else "private", endpoint.method]}


class SignatureTests(SimpleTestCase):
    def test_the_published_examples(self):
        for payload, expected in (
            (b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
             "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
            (b"timestamp=1700000000000&recvWindow=10000", "b4069c8a49b1ce04606701ff7d300a7db2344d4f355056e70bb4e48d247b0a28"),
        ):
            self.assertEqual(signature(SECRET, payload), expected)

    def test_a_request_without_parameters(self):
        self.assertEqual(
            prepared(SIGNED[0]).url, "https://api.binance.com/sapi/v1/account/apiRestrictions?timestamp=1700000000000&recvWindow=10000"
            "&signature=b4069c8a49b1ce04606701ff7d300a7db2344d4f355056e70bb4e48d247b0a28")

    def test_a_form_has_all_in_its_body(self):
        request = prepared(SIGNED[-1])
        self.assertEqual(request.url, "https://api.binance.com/api/v3/order/test")
        self.assertEqual([name for name, _value in parse_qsl(request.body)], [
            "timestamp", "symbol", "side", "type", "quantity", "price", "recvWindow", "signature"])
        self.assertEqual(request.headers["Content-Length"], str(len(request.body)))
        self.assertEqual(request.headers["Content-Type"], "application/x-www-form-urlencoded")

    def test_a_key_of_ed25519_or_rsa_signs_in_base64(self):
        payload = b"timestamp=1700000000000&recvWindow=10000"
        for secret, length in ((ED25519, 64), (RSA, 256)):
            [(_name, found)] = parse_qsl(f"signature={signature(secret, payload)}")
            self.assertEqual(len(base64.b64decode(found, validate=True)), length)
        public = loaded(RSA).public_key()
        public.verify(base64.b64decode(found), payload, padding.PKCS1v15(), SHA256())


class OracleTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not ORACLE.exists():
            raise SkipTest("no .venv-oracles with ccxt (requirements-oracles.txt)")

    def test_ccxt_signs_each_of_our_requests_as_we_do(self):
        kinds = [(endpoint, secret) for secret in (SECRET, ED25519, RSA) for endpoint in SIGNED]
        wanted = json.dumps([asked(*kind) for kind in kinds])
        said = subprocess.run([ORACLE, "-c", CCXT], input=wanted, capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(json.loads(said.stdout), [sent(*kind) for kind in kinds])
