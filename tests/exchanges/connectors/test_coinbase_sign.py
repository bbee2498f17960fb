"""Coinbase's tokens: of both kinds of key, with ccxt as oracle."""
import base64
import json
import subprocess
from pathlib import Path
from unittest import SkipTest, mock

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.test import SimpleTestCase
from requests import Request

from exchanges.connectors.base import Credentials
from exchanges.connectors.coinbase import CoinbaseAuth, connector

from .test_coinbase import EC_KEY, NAME

ROOT = Path(__file__).parents[3]
ORACLE = ROOT / ".venv-oracles" / "bin" / "python"
NOW, NONCE = 1795300000, "0123456789abcdef0123456789abcdef"
# Public: tests/constants.py of https://github.com/coinbase/coinbase-advanced-py
KEY_ID = "7ec729a4-ede2-4e3c-8763-9253f2e61304"
ED25519_KEY = "k0BUni0p0vZG1BdpVjS6ogBJ7kxm630AJ2dN+tuputDOKsRAwgyrpEQLeBtS1znTmzPX6Xr2eOWpzx6nW8knkA=="
SIGNED = [endpoint for endpoint in connector.endpoints if endpoint.signed]
CCXT = """
import json, sys
import ccxt
found = []
for asked in json.load(sys.stdin):
    exchange = ccxt.coinbase({"apiKey": asked["key"], "secret": asked["secret"]})
    exchange.seconds, exchange.random_bytes = lambda: asked["now"], lambda length: asked["nonce"]
    signed = exchange.sign(asked["path"], ["v3", "private"], asked["method"], asked["parameters"])
    found.append({"url": signed["url"], "token": signed["headers"]["Authorization"]})
json.dump(found, sys.stdout)
"""


def token(endpoint, name, secret):
    """The Authorization header of a request that the session would send, and its address."""
    auth = CoinbaseAuth(Credentials(name, secret), lambda: 0, lambda: NOW + 0.9)
    where = {"data": "{}"} if endpoint.is_json else {"params": list(endpoint.fixed)}
    with mock.patch("secrets.token_hex", return_value=NONCE):
        request = Request(endpoint.method, "https://api.coinbase.com" + endpoint.path, auth=auth, **where).prepare()
    return request.headers["Authorization"], request.url


def parts(header):
    """(header, claims, what is signed, signature) of a Bearer token."""
    head, claims, signature = header.removeprefix("Bearer ").split(".")
    head_and_claims = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, claims)]
    return *head_and_claims, f"{head}.{claims}".encode(), base64.urlsafe_b64decode(signature + "==")


def verify(header):
    """Raises InvalidSignature."""
    _head, _claims, signed, signature = parts(header)
    halves = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    load_pem_private_key(EC_KEY.encode(), None).public_key().verify(encode_dss_signature(*halves), signed, ec.ECDSA(SHA256()))


def asked(name, secret):
    return [{"key": name, "secret": secret, "now": NOW, "nonce": NONCE, "method": endpoint.method, "parameters": dict(endpoint.fixed),
             "path": endpoint.path.removeprefix("/api/v3/")} for endpoint in SIGNED]


class TokenTests(SimpleTestCase):
    def test_an_ec_key(self):
        header, url = token(SIGNED[1], NAME, EC_KEY)
        head, claims, _signed, signature = parts(header)
        self.assertEqual(url, "https://api.coinbase.com/api/v3/brokerage/accounts?limit=250")
        self.assertEqual(head, {"alg": "ES256", "typ": "JWT", "kid": NAME, "nonce": NONCE})
        self.assertEqual(claims, {
            "aud": ["retail_rest_api_proxy"], "iss": "coinbase-cloud", "nbf": 1795300000, "exp": 1795300120, "sub": NAME,
            "iat": 1795300000, "uri": "GET api.coinbase.com/api/v3/brokerage/accounts"})
        self.assertEqual(len(signature), 64)
        verify(header)

    def test_an_ed25519_key(self):
        header, _url = token(SIGNED[0], KEY_ID, ED25519_KEY)
        head, claims, _signed, signature = parts(header)
        self.assertEqual(head, {"alg": "EdDSA", "typ": "JWT", "kid": KEY_ID, "nonce": NONCE})
        self.assertEqual(claims, {
            "aud": ["cdp_service"], "iss": "cdp", "nbf": 1795300000, "exp": 1795300120, "sub": KEY_ID, "iat": 1795300000,
            "uris": ["GET api.coinbase.com/api/v3/brokerage/key_permissions"]})
        self.assertEqual(base64.b64encode(signature).decode(),
                         "ZJni01czKIQQK/ql64H2iPqJ53aOlI0vfoiSAuzMRLVZhZd3O/1kkr5Fuo/9BcsytkxcQcR+rgmcU0ibbVcrAw==")

    def test_no_token_is_like_another(self):
        auth = CoinbaseAuth(Credentials(NAME, EC_KEY), lambda: 0, lambda: NOW)
        headers = [Request("GET", "https://api.coinbase.com/x", auth=auth).prepare().headers["Authorization"] for _again in range(2)]
        self.assertNotEqual(parts(headers[0])[0]["nonce"], parts(headers[1])[0]["nonce"])


class OracleTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not ORACLE.exists():
            raise SkipTest("no .venv-oracles with ccxt (requirements-oracles.txt)")
        wanted = json.dumps(asked(KEY_ID, ED25519_KEY) + asked(NAME, EC_KEY))
        said = subprocess.run([ORACLE, "-c", CCXT], input=wanted, capture_output=True, text=True, check=True, timeout=60)
        cls.theirs = [(one["token"], one["url"]) for one in json.loads(said.stdout)]

    def test_ccxt_signs_with_ed25519_as_we_do(self):
        self.assertEqual(self.theirs[:len(SIGNED)], [token(endpoint, KEY_ID, ED25519_KEY) for endpoint in SIGNED])

    def test_ccxt_says_the_same_with_an_ec_key(self):
        for endpoint, (their_token, their_url) in zip(SIGNED, self.theirs[len(SIGNED):], strict=True):
            our_token, our_url = token(endpoint, NAME, EC_KEY)
            verify(our_token)
            verify(their_token)                             # or the oracle has another key than we think
            self.assertEqual((parts(our_token)[:3], our_url), (parts(their_token)[:3], their_url))
