import json
import time

from sandbox.dialects.kraken_auth import sign
from sandbox.dialects.kraken_keys import derived_pair
from tests.sandbox.base import SandboxTestCase

PUBLISHED_SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
OWN_SECRET = "GCh/vrh38tEEDrp0ps14blKiUBQc8kIdOgvpdO1q/2dCLG/mIG1Ww+kZD82wpZjanIGKCB9d6epyVbgfYQoodA=="
INVALID_KEY, INVALID_SIGNATURE = ["EAPI:Invalid key"], ["EAPI:Invalid signature"]
INVALID_NONCE, DENIED = ["EAPI:Invalid nonce"], ["EGeneral:Permission denied"]
LOCKED_OUT = ["EGeneral:Temporary lockout"]


class SignatureTests(SandboxTestCase):
    def test_it_agrees_with_the_vector_kraken_publishes(self):
        body = b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
        self.assertEqual(
            sign(PUBLISHED_SECRET, "/0/private/AddOrder", "1616492376594", body),
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
        )

    def test_it_agrees_with_our_vectors(self):
        for path, nonce, body, expected in (
            ("GetApiKeyInfo", "1795300000000000001", "nonce=1795300000000000001",
             "Mt7KdLQA8e5iZzrz0xtZ8lX1BGzbGfDVHYe15vEo5XyEf4x7fUB2oDPuQQoP6IlOmNo1etfHiuJXKsGBxvH7EA=="),
            ("Balance", "1795300000000000002", '{"nonce":"1795300000000000002"}',
             "aAOLd/MrZV6/XhOnGRvjeurS6mZGM5v+kYYSVEZ1Y8X3WFcf/xI2el0jF2RBd4KABNB5cvnEyyHnc52Tdc6sVw=="),
            ("Balance", "1795300000000000003", '{"nonce":1795300000000000003}',
             "rvDRZalDZsFrMFOVddl4abX+nSExJdv+3gwgiPaFZRrKGEgOZm9zZuLDa8MxZb4J6fyITOrWqsWmTi4ln4F7EQ=="),
            ("OpenOrders", "1795300000000000004", "nonce=1795300000000000004&otp=482913&trades=true",
             "6HGxNgJDY8MtmKKY67uF18ktglyOrIB+CYDs/ArA+e6QJ8h6RQlpx6SP006sjEX/NR7nd44TtejclFX630KRyg=="),
            ("AddOrder", "1795300000000000005",
             "nonce=1795300000000000005&pair=XBTUSD&type=buy&ordertype=limit&price=25000.0&volume=0.0002"
             "&timeinforce=GTC&cl_ord_id=str-00000000000001&validate=true",
             "vjrQRYYyRKtEEtgORUKTyvmx0vSFjoe8GBZ3Vjb7fspnxwelizOU3nSBanzDJvTnf+CX5oGQMT8t454rJHz/1Q=="),
        ):
            self.assertEqual(sign(OWN_SECRET, f"/0/private/{path}", nonce, body.encode()), expected)

    def test_it_derives_the_ready_made_pairs_from_their_names(self):
        key, secret = derived_pair("ok")
        self.assertEqual((key, secret), (self.keys["ok"]["api_key"], self.keys["ok"]["secret"]))
        self.assertEqual((len(key), len(secret)), (56, 88))

    def test_it_takes_json_bodies_with_the_nonce_as_text_or_number(self):
        for wrap in (str, int):
            nonce = time.time_ns()
            body = json.dumps({"nonce": wrap(nonce), "trades": True})
            answer = self.http.post(f"{self.url}/kraken/0/private/OpenOrders", data=body, headers={
                "API-Key": self.keys["ok"]["api_key"], "Content-Type": "application/json",
                "API-Sign": sign(self.keys["ok"]["secret"], "/0/private/OpenOrders", str(nonce), body.encode()),
            })
            self.assertEqual(answer.json()["error"], [])

    def test_it_refuses_a_body_changed_after_signing(self):
        key, nonce = self.keys["ok"], str(time.time_ns())
        answer = self.http.post(f"{self.url}/kraken/0/private/Balance", data=f"nonce={nonce}&asset=ZEUR", headers={
            "API-Key": key["api_key"],
            "API-Sign": sign(key["secret"], "/0/private/Balance", nonce, f"nonce={nonce}".encode()),
        })
        self.assertEqual(answer.json()["error"], INVALID_SIGNATURE)

    def test_it_calls_an_unreadable_body_a_bad_request(self):
        for kind, body in (("application/json", b"[" * 100_000), ("application/json", b"[]"), ("text/plain", b"\xff")):
            answer = self.http.post(f"{self.url}/kraken/0/private/Balance", data=body, headers={
                "API-Key": self.keys["ok"]["api_key"], "API-Sign": "x", "Content-Type": kind,
            })
            self.assertEqual(answer.json()["error"], ["EAPI:Bad request"])

    def test_it_refuses_unknown_keys_and_wrong_secrets(self):
        key = self.new_key()
        self.assertEqual(self.error({"api_key": "nobody", "secret": key["secret"]}, "Balance"), INVALID_KEY)
        self.assertEqual(self.error(key, "Balance", secret=self.keys["ok"]["secret"]), INVALID_SIGNATURE)

    def test_it_serves_clients_that_drop_the_prefix(self):
        self.assertEqual(self.call(self.keys["ok"], "Balance", prefix="").json()["error"], [])

    def test_it_answers_html_to_a_caller_without_a_user_agent(self):
        answer = self.http.get(f"{self.url}/kraken/0/public/Time", headers={"User-Agent": ""})
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (403, "text/html; charset=utf-8"))


class NonceTests(SandboxTestCase):
    def test_it_wants_each_nonce_above_the_last(self):
        key = self.new_key()
        self.assertEqual(self.error(key, "Balance", nonce=1000), [])
        self.assertEqual(self.error(key, "Balance", nonce=1000), INVALID_NONCE)
        self.assertEqual(self.error(key, "Balance", nonce=999), INVALID_NONCE)
        self.assertEqual(self.error(key, "Balance", nonce=1001), [])

    def test_it_wants_a_64_bit_number(self):
        key = self.new_key(tier="pro")
        for nonce in ("", "abc", "-5", "1.5", str(2**64)):
            self.assertEqual(self.error(key, "Balance", nonce=nonce), INVALID_NONCE)
            self.result(key, "Balance")                     # a good call in between: no lockout

    def test_it_does_not_remember_the_nonce_of_a_badly_signed_call(self):
        key = self.new_key()
        self.error(key, "Balance", nonce=2**62, secret=self.keys["ok"]["secret"])
        self.assertEqual(self.error(key, "Balance", nonce=5), [])

    def test_it_takes_each_nonce_inside_the_window_once(self):
        key = self.new_key(nonce_window="15")
        self.assertEqual(self.error(key, "Balance", nonce=1000), [])
        self.assertEqual(self.error(key, "Balance", nonce=986), [])
        self.assertEqual(self.error(key, "Balance", nonce=986), INVALID_NONCE)
        self.assertEqual(self.error(key, "Balance", nonce=1000), INVALID_NONCE)
        self.assertEqual(self.error(key, "Balance", nonce=985), INVALID_NONCE)

    def test_it_reports_the_window(self):
        self.assertEqual(self.result(self.keys["window"], "GetApiKeyInfo")["nonce_window"], "15")

    def test_it_never_frees_a_burnt_key(self):
        for _ in range(7):
            self.assertEqual(self.error(self.keys["burnt"], "GetApiKeyInfo", nonce=2**63), INVALID_NONCE)


class OtpTests(SandboxTestCase):
    def test_it_wants_the_password_of_a_key_with_2fa(self):
        key = self.keys["otp"]
        self.assertEqual(self.error(key, "GetApiKeyInfo"), DENIED)
        self.assertEqual(self.error(key, "GetApiKeyInfo", otp="000000"), INVALID_SIGNATURE)
        self.assertEqual(self.error(key, "GetApiKeyInfo", otp="482913"), [])

    def test_it_refuses_a_password_nobody_asked_for(self):
        self.assertEqual(self.error(self.new_key(), "Balance", otp="482913"), INVALID_KEY)


class AddressTests(SandboxTestCase):
    def test_it_refuses_callers_outside_the_list(self):
        self.assertEqual(self.error(self.keys["ip"], "GetApiKeyInfo"), DENIED)

    def test_it_takes_single_addresses_and_networks(self):
        for allowed in ("127.0.0.1", "127.0.0.0/8"):
            key = self.new_key(ip_allowlist=[allowed, "203.0.113.10"])
            self.assertEqual(self.result(key, "GetApiKeyInfo")["ip_allowlist"], [allowed, "203.0.113.10"])


class AddressErrorTests(SandboxTestCase):
    durations = {"ip_error": "EAPI:Invalid key"}

    def test_it_says_what_it_was_told_to_say(self):
        self.assertEqual(self.error(self.keys["ip"], "GetApiKeyInfo"), INVALID_KEY)


class LockoutTests(SandboxTestCase):
    def lock_out(self, key):
        for _ in range(5):
            self.assertEqual(self.error(key, "Balance", secret=self.keys["ok"]["secret"]), INVALID_SIGNATURE)

    def test_it_locks_a_key_out_after_five_bad_calls_and_opens_after_five_minutes(self):
        key = self.new_key()
        self.lock_out(key)
        self.assertEqual(self.error(key, "Balance"), LOCKED_OUT)
        self.later(290)
        self.assertEqual(self.error(key, "Balance"), LOCKED_OUT)
        self.later(301)
        self.assertEqual(self.error(key, "Balance"), [])

    def test_it_renews_the_lockout_with_each_further_bad_call(self):
        key = self.new_key()
        self.lock_out(key)
        self.later(290)
        self.assertEqual(self.error(key, "Balance", secret=self.keys["ok"]["secret"]), LOCKED_OUT)
        self.later(310)
        self.assertEqual(self.error(key, "Balance"), LOCKED_OUT)
        self.later(600)
        self.assertEqual(self.error(key, "Balance"), [])

    def test_it_counts_bad_nonces_too(self):
        key = self.new_key()
        self.result(key, "Balance")
        for _ in range(5):
            self.assertEqual(self.error(key, "Balance", nonce=1), INVALID_NONCE)
        self.assertEqual(self.error(key, "Balance"), LOCKED_OUT)

    def test_it_forgets_bad_calls_after_five_minutes(self):
        key = self.new_key()
        for _ in range(4):
            self.error(key, "Balance", secret=self.keys["ok"]["secret"])
        self.later(301)
        self.assertEqual(self.error(key, "Balance", secret=self.keys["ok"]["secret"]), INVALID_SIGNATURE)
        self.assertEqual(self.error(key, "Balance"), [])

    def test_it_forgives_bad_calls_after_a_good_one(self):
        key = self.new_key()
        for _ in range(3):
            self.error(key, "Balance", secret=self.keys["ok"]["secret"])
            self.error(key, "Balance", nonce=1)
            self.assertEqual(self.error(key, "Balance"), [])

    def test_it_keeps_the_locked_key_out_until_it_is_left_alone(self):
        key = self.keys["locked"]
        for later in (0, 290, 580):
            self.later(later)
            self.assertEqual(self.error(key, "GetApiKeyInfo"), LOCKED_OUT)
        self.later(890)
        self.assertEqual(self.error(key, "GetApiKeyInfo"), [])


class OrderOfChecksTests(SandboxTestCase):
    """Each call has two things wrong; the first one in Kraken's order is named."""

    def test_it_looks_at_the_key_first(self):
        expired = self.new_key(valid_until=1, ip_allowlist=["203.0.113.10"])
        self.assertEqual(self.error(expired, "Balance"), INVALID_KEY)

    def test_it_looks_at_the_lockout_before_the_address(self):
        key = self.new_key(locked=True, ip_allowlist=["203.0.113.10"])
        self.assertEqual(self.error(key, "Balance"), LOCKED_OUT)

    def test_it_looks_at_the_address_before_the_signature(self):
        key = self.new_key(ip_allowlist=["203.0.113.10"])
        self.assertEqual(self.error(key, "Balance", secret=self.keys["ok"]["secret"]), DENIED)

    def test_it_looks_at_the_password_before_the_signature(self):
        key = self.new_key(otp="482913")
        self.assertEqual(self.error(key, "Balance", secret=self.keys["ok"]["secret"]), DENIED)

    def test_it_looks_at_the_signature_before_the_nonce(self):
        key = self.new_key()
        self.assertEqual(self.error(key, "Balance", nonce="no", secret=self.keys["ok"]["secret"]), INVALID_SIGNATURE)

    def test_it_looks_at_the_nonce_before_the_permission(self):
        key = self.new_key(permissions=[])
        self.assertEqual(self.error(key, "Balance", nonce="no"), INVALID_NONCE)

    def test_it_looks_at_the_counter_before_the_permission(self):
        key = self.new_key(permissions=[])
        self.assertEqual([self.error(key, "Balance") for _ in range(21)][-1], ["EAPI:Rate limit exceeded"])

    def test_it_looks_at_the_permission_before_the_arguments(self):
        self.assertEqual(self.error(self.new_key(permissions=[]), "AddOrder"), DENIED)
