"""Signature, nonce, 2FA, addresses and lockout, as Kraken's ordinary clients meet them."""

import time

from sandbox.dialects.kraken_keys import NEEDED, KrakenKey
from tests.sandbox.clients import ClientTestCase

OK = ("ok", "ok", "ok")
INVALID_KEY = ("EAPI:Invalid key", "AuthenticationError", "KrakenInvalidAPIKeyError")
INVALID_SIGNATURE = ("EAPI:Invalid signature", "ExchangeError", "KrakenInvalidSignatureError")
INVALID_NONCE = ("EAPI:Invalid nonce", "InvalidNonce", "KrakenInvalidNonceError")
DENIED = ("EGeneral:Permission denied", "PermissionDenied", "KrakenPermissionDeniedError")
LOCKED_OUT = ("EGeneral:Temporary lockout", "DDoSProtection", "KrakenTemporaryLockoutError")
# https://docs.kraken.com/api/docs/guides/spot-rest-auth
DOCUMENTED = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
OWN_KEY = "RaALpndTVcpcVB2nJjbikFyJBPkIIVC2FDF0XI6A9/0suQBM5Vey8Cxg"
OWN_SECRET = "GCh/vrh38tEEDrp0ps14blKiUBQc8kIdOgvpdO1q/2dCLG/mIG1Ww+kZD82wpZjanIGKCB9d6epyVbgfYQoodA=="
ORDER = {"ordertype": "limit", "pair": "XBTUSD", "price": "37500", "type": "buy", "volume": "1.25"}
OUR_ORDER = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "25000.0", "volume": "0.0002",
             "timeinforce": "GTC", "cl_ord_id": "str-00000000000001", "validate": "true"}
# (secret, method, nonce, fields, the body they make, API-Sign)
FORMS = (
    (DOCUMENTED, "AddOrder", 1616492376594, ORDER,
     "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
     "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="),
    (OWN_SECRET, "GetApiKeyInfo", 1795300000000000001, {}, "nonce=1795300000000000001",
     "Mt7KdLQA8e5iZzrz0xtZ8lX1BGzbGfDVHYe15vEo5XyEf4x7fUB2oDPuQQoP6IlOmNo1etfHiuJXKsGBxvH7EA=="),
    (OWN_SECRET, "OpenOrders", 1795300000000000004, {"otp": "482913", "trades": "true"},
     "nonce=1795300000000000004&otp=482913&trades=true",
     "6HGxNgJDY8MtmKKY67uF18ktglyOrIB+CYDs/ArA+e6QJ8h6RQlpx6SP006sjEX/NR7nd44TtejclFX630KRyg=="),
    (OWN_SECRET, "AddOrder", 1795300000000000005, OUR_ORDER,
     "nonce=1795300000000000005&pair=XBTUSD&type=buy&ordertype=limit&price=25000.0&volume=0.0002&timeinforce=GTC"
     "&cl_ord_id=str-00000000000001&validate=true",
     "vjrQRYYyRKtEEtgORUKTyvmx0vSFjoe8GBZ3Vjb7fspnxwelizOU3nSBanzDJvTnf+CX5oGQMT8t454rJHz/1Q=="),
)
JSON = (
    (OWN_SECRET, "Balance", 1795300000000000002, {}, '{"nonce":"1795300000000000002"}',
     "aAOLd/MrZV6/XhOnGRvjeurS6mZGM5v+kYYSVEZ1Y8X3WFcf/xI2el0jF2RBd4KABNB5cvnEyyHnc52Tdc6sVw=="),
    (OWN_SECRET, "Balance", 1795300000000000003, {}, '{"nonce":1795300000000000003}',
     "rvDRZalDZsFrMFOVddl4abX+nSExJdv+3gwgiPaFZRrKGEgOZm9zZuLDa8MxZb4J6fyITOrWqsWmTi4ln4F7EQ=="),
)


class VectorTests(ClientTestCase):
    def own_key(self, secret, fields):
        """The vectors' key in this sandbox, as new each time."""
        key = KrakenKey(OWN_KEY, secret, permissions=list(NEEDED), otp=fields.get("otp", ""))
        self.server.state.add_key("kraken", key)
        return {"api_key": OWN_KEY, "secret": secret}

    def test_the_clients_sign_them_so(self):
        for secret, method, nonce, fields, body, expected in FORMS:
            key, path = {"api_key": OWN_KEY, "secret": secret}, f"/0/private/{method}"
            signed = self.ask("krakenex_client.py", key, "_sign", [{"nonce": nonce, **fields}, path], {}, {})
            self.assertEqual(signed, expected)
            signed = self.ccxt(key, "sign", method, ["private"], "POST", fields, nonce=nonce)
            self.assertEqual((signed["body"], signed["headers"]["API-Sign"]), (body, expected))

    def test_python_kraken_sdk_signs_json_so_too(self):
        for secret, method, nonce, _fields, body, expected in (*FORMS, *JSON):
            key, path = {"api_key": OWN_KEY, "secret": secret}, f"/0/private/{method}"
            self.assertEqual(self.sdk(key, "user._get_kraken_signature", path, body, nonce), expected)

    def test_the_sandbox_takes_them_as_they_are(self):
        for vectors, kind in ((FORMS, "application/x-www-form-urlencoded"), (JSON, "application/json")):
            for secret, method, _nonce, fields, body, signature in vectors:
                self.own_key(secret, fields)
                headers = {"API-Key": OWN_KEY, "API-Sign": signature, "Content-Type": kind}
                answer = self.http.post(f"{self.url}/kraken/0/private/{method}", data=body, headers=headers).json()
                # The published one wants to buy for more than the account has.
                self.assertEqual(answer["error"], ["EOrder:Insufficient funds"] if fields is ORDER else [])

    def test_the_clients_get_through_with_them(self):
        for call in (
            lambda key, nonce: self.krakenex(key, "AddOrder", OUR_ORDER, nonce=nonce)["result"],
            lambda key, nonce: self.ccxt(key, "private_post_addorder", OUR_ORDER, nonce=nonce)["result"],
            lambda key, nonce: self.sdk(key, "trade.request", "POST", "/0/private/AddOrder", OUR_ORDER, nonce=nonce),
        ):
            answer = call(self.own_key(OWN_SECRET, {}), 1795300000000000005)
            self.assertEqual(answer, {"descr": {"order": "buy 0.00020000 XBTUSD @ limit 25000.0"}})


class NonceTests(ClientTestCase):
    def all_at(self, nonce, keys):
        return self.each("Balance", make_key=iter(keys).__next__, nonce=nonce)

    def test_each_is_above_the_last(self):
        keys = [self.new_key() for _ in range(3)]
        for nonce, expected in ((1000, OK), (1000, INVALID_NONCE), (999, INVALID_NONCE), (1001, OK)):
            self.assertEqual(self.all_at(nonce, keys), expected)

    def test_inside_the_window_each_is_used_once(self):
        keys = [self.new_key(nonce_window=15) for _ in range(3)]
        for nonce, expected in (
            (1000, OK), (986, OK), (986, INVALID_NONCE), (1000, INVALID_NONCE), (985, INVALID_NONCE), (999, OK),
        ):
            self.assertEqual(self.all_at(nonce, keys), expected)

    def test_it_is_a_number_of_64_bits(self):
        for nonce in ("abc", "-5", "1.5", str(2**64)):
            self.assertEqual(self.each("Balance", nonce=nonce), INVALID_NONCE)
        self.assertEqual(self.each("Balance", nonce=2**63 + 1), OK)

    def test_a_finer_client_locks_the_coarser_ones_out(self):
        key = self.new_key()
        self.assertEqual(self.each("Balance", make_key=lambda: key), OK)
        self.assertEqual(self.outcome(self.krakenex, key, "Balance"), "EAPI:Invalid nonce")
        self.assertEqual(self.outcome(self.ccxt, key, "fetch_balance"), "InvalidNonce")
        self.assertEqual(self.outcome(self.sdk, key, "user.get_account_balance"), "ok")

    def test_a_burnt_key_stays_burnt(self):
        for _ in range(3):
            self.assertEqual(self.each("GetApiKeyInfo", make_key=lambda: self.keys["burnt"]), INVALID_NONCE)


class CredentialTests(ClientTestCase):
    def test_a_key_nobody_knows(self):
        self.assertEqual(self.each("Balance", make_key=lambda: {**self.new_key(), "api_key": "nobody"}), INVALID_KEY)

    def test_the_secret_of_another_key(self):
        self.assertEqual(self.each("Balance", make_key=lambda: {**self.new_key(), "secret": OWN_SECRET}), INVALID_SIGNATURE)

    def test_a_secret_that_was_cut_stays_at_home(self):
        key = self.new_key()
        self.assertEqual(self.each("Balance", make_key=lambda: {**key, "secret": key["secret"][:-3]}), ("Error",) * 3)
        self.assertEqual(self.http.get(f"{self.url}/_calls", params={"api_key": key["api_key"]}).json(), [])

    def test_a_key_with_2fa(self):
        for fields, expected in (({}, DENIED), ({"otp": "000000"}, INVALID_SIGNATURE), ({"otp": "482913"}, OK)):
            self.assertEqual(self.each("GetApiKeyInfo", fields, make_key=lambda: self.new_key(otp="482913")), expected)

    def test_a_password_nobody_asked_for(self):
        self.assertEqual(self.each("Balance", {"otp": "482913"}), INVALID_KEY)

    def test_a_key_for_another_address(self):
        self.assertEqual(self.each("GetApiKeyInfo", make_key=lambda: self.new_key(ip_allowlist=["203.0.113.10"])), DENIED)
        self.assertEqual(self.each("GetApiKeyInfo", make_key=lambda: self.new_key(ip_allowlist=["127.0.0.0/8"])), OK)

    def test_a_key_that_is_not_there_yet(self):
        key = self.new_key(late=True)
        for later, expected in ((0, INVALID_KEY), (29, INVALID_KEY), (31, OK)):
            self.later(later)
            self.assertEqual(self.each("GetApiKeyInfo", make_key=lambda: key), expected)

    def test_a_key_past_its_end_or_disabled(self):
        key = self.new_key()
        self.assertEqual(self.each("Balance", make_key=lambda: key), OK)
        self.post("/_keys", {"exchange": "kraken", "api_key": key["api_key"], "disabled": True})
        self.assertEqual(self.each("Balance", make_key=lambda: key), INVALID_KEY)
        self.post("/_keys", {"exchange": "kraken", "api_key": key["api_key"], "disabled": False, "valid_until": time.time()})
        self.assertEqual(self.each("Balance", make_key=lambda: key), INVALID_KEY)


class LockoutTests(ClientTestCase):
    def test_the_sixth_bad_call_is_locked_out_and_silence_helps(self):
        keys = [self.new_key() for _ in range(3)]
        bad = [{**key, "secret": OWN_SECRET} for key in keys]
        for _ in range(5):
            self.assertEqual(self.each("Balance", make_key=iter(bad).__next__), INVALID_SIGNATURE)
        self.assertEqual(self.each("Balance", make_key=iter(bad).__next__), LOCKED_OUT)
        self.later(290)
        self.assertEqual(self.each("Balance", make_key=iter(keys).__next__), LOCKED_OUT)
        self.later(310)
        self.assertEqual(self.each("Balance", make_key=iter(keys).__next__), OK)

    def test_bad_nonces_lock_out_too(self):
        keys = [self.new_key(nonce=2**62) for _ in range(3)]
        for _ in range(5):
            self.assertEqual(self.each("Balance", make_key=iter(keys).__next__), INVALID_NONCE)
        self.assertEqual(self.each("Balance", make_key=iter(keys).__next__), LOCKED_OUT)


class OtherAddressTests(ClientTestCase):
    durations = {"ip_error": "EAPI:Invalid key", "latency_ms": 2}

    def test_it_says_what_it_was_told_to_say(self):
        self.assertEqual(self.each("GetApiKeyInfo", make_key=lambda: self.keys["ip"]), INVALID_KEY)
