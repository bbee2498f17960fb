"""Kraken's signature: the published vector, vectors of our own, and ccxt as oracle."""
import json
import subprocess
from pathlib import Path
from unittest import SkipTest

from django.test import SimpleTestCase
from requests import Request

from exchanges.connectors.base import Credentials
from exchanges.connectors.kraken import KrakenAuth, connector

from .wire import KEY, SECRET

ROOT = Path(__file__).parents[3]
ORACLE = ROOT / ".venv-oracles" / "bin" / "python"
DOCUMENTED = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="


SIGNED = [endpoint for endpoint in connector.endpoints if endpoint.signed]


def sign(path: str, nonce: int, parameters: list[tuple[str, str]], secret: str = SECRET) -> tuple[str, str]:
    """(body, API-Sign) of a request that the session would send."""
    auth = KrakenAuth(Credentials(KEY, secret), lambda: nonce, lambda: 0.0)
    request = Request("POST", "https://api.kraken.com" + path, data=parameters, auth=auth).prepare()
    return request.body.decode(), request.headers["API-Sign"]


class VectorTests(SimpleTestCase):
    def test_the_published_one(self):
        """https://docs.kraken.com/api/docs/guides/spot-rest-auth"""
        order = [("ordertype", "limit"), ("pair", "XBTUSD"), ("price", "37500"), ("type", "buy"), ("volume", "1.25")]
        body, signature = sign("/0/private/AddOrder", 1616492376594, order, DOCUMENTED)
        self.assertEqual(body, "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25")
        self.assertEqual(signature, "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==")

    def test_no_parameters(self):
        body, signature = sign("/0/private/GetApiKeyInfo", 1795300000000000001, [])
        self.assertEqual(body, "nonce=1795300000000000001")
        self.assertEqual(signature, "Mt7KdLQA8e5iZzrz0xtZ8lX1BGzbGfDVHYe15vEo5XyEf4x7fUB2oDPuQQoP6IlOmNo1etfHiuJXKsGBxvH7EA==")

    def test_two_parameters(self):
        body, signature = sign("/0/private/OpenOrders", 1795300000000000004, [("otp", "482913"), ("trades", "true")])
        self.assertEqual(body, "nonce=1795300000000000004&otp=482913&trades=true")
        self.assertEqual(signature, "6HGxNgJDY8MtmKKY67uF18ktglyOrIB+CYDs/ArA+e6QJ8h6RQlpx6SP006sjEX/NR7nd44TtejclFX630KRyg==")

    def test_an_order(self):
        order = [("pair", "XBTUSD"), ("type", "buy"), ("ordertype", "limit"), ("price", "25000.0"), ("volume", "0.0002"),
                 ("timeinforce", "GTC"), ("cl_ord_id", "str-00000000000001"), ("validate", "true")]
        self.assertEqual(sign("/0/private/AddOrder", 1795300000000000005, order)[1],
                         "vjrQRYYyRKtEEtgORUKTyvmx0vSFjoe8GBZ3Vjb7fspnxwelizOU3nSBanzDJvTnf+CX5oGQMT8t454rJHz/1Q==")

    def test_a_plus_is_encoded(self):
        self.assertEqual(sign("/0/private/AddOrder", 1, [("expiretm", "+10")])[0], "nonce=1&expiretm=%2B10")


class OracleTests(SimpleTestCase):
    def test_ccxt_signs_as_we_do(self):
        if not ORACLE.exists():
            raise SkipTest("no .venv-oracles with ccxt (requirements-oracles.txt)")
        asked = [{"method": endpoint.name, "parameters": dict(endpoint.fixed), "nonce": 1795300000000000001, "key": KEY, "secret": SECRET}
                 for endpoint in SIGNED]
        script = ROOT / "tests" / "oracles" / "ccxt_kraken.py"
        said = subprocess.run([ORACLE, script], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60)
        ours = [sign(endpoint.path, 1795300000000000001, list(endpoint.fixed)) for endpoint in SIGNED]
        self.assertEqual([(one["body"], one["signature"]) for one in json.loads(said.stdout)], ours)
