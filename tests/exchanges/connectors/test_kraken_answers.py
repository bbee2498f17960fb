"""Every error that Kraken's documentation and its users know, and what it means for a key."""
import json

import time_machine
from django.test import SimpleTestCase

from exchanges.connectors.base import Answer, Refused, Unavailable
from exchanges.connectors.kraken_answers import read_answer
from exchanges.connectors.kraken_endpoints import BALANCE, CLOSED_ORDERS, DRY_ORDER, KEY_INFO, LEDGERS, OPEN_ORDERS

BAD_KEY, BAD_SECRET = (Refused, "bad_key"), (Refused, "bad_secret")
MISSING, RESTRICTED, REGION = (Refused, "missing_permissions"), (Refused, "account_restricted"), (Refused, "region_blocked")
BUSY, SLOWER, LATE, LOCKED = [(Unavailable, reason) for reason in ("maintenance", "rate_limited", "timeout", "lockout")]
OURS, UNREADABLE = (Unavailable, "internal"), (Unavailable, "unreadable_answer")

MEANINGS = {                                # the string → (class, reason) and the code our staff see
    "EAPI:Invalid key": (BAD_KEY, "EAPI:Invalid key"),
    "EAPI : Invalid  key": (BAD_KEY, "EAPI:Invalid key"),
    " eapi:invalid KEY ": (BAD_KEY, "EAPI:Invalid key"),
    "EAPI:Invalid key:not found": (BAD_KEY, "EAPI:Invalid key"),
    "EAPI:Invalid key - see Settings": (BAD_KEY, "EAPI:Invalid key"),
    "EAPI:Invalid keyring": (UNREADABLE, "EAPI:Invalid keyring"),
    "ESession:Invalid session": (BAD_KEY, "ESession:Invalid session"),
    "EAPI:Invalid signature": (BAD_SECRET, "EAPI:Invalid signature"),
    "EAPI:Invalid otp": ((Refused, "otp_on_key"), "EAPI:Invalid otp"),
    "EAPI:Invalid nonce": ((Refused, "nonce_conflict"), "EAPI:Invalid nonce"),
    "EGeneral:Permission denied": (MISSING, "EGeneral:Permission denied"),
    "EAPI:Feature disabled": (RESTRICTED, "EAPI:Feature disabled"),
    "EAPI:Feature disabled:viqc": (RESTRICTED, "EAPI:Feature disabled"),
    "EAuth:Account temporary disabled": (RESTRICTED, "EAuth:Account temporary disabled"),
    "EAuth:Account unconfirmed": (RESTRICTED, "EAuth:Account unconfirmed"),
    "EAuth:Failed": (RESTRICTED, "EAuth:Failed"),
    "EAuth:Rate limit exceeded": (SLOWER, "EAuth:Rate limit exceeded"),
    "EAuth:Too many requests": (SLOWER, "EAuth:Too many requests"),
    "EAccount:Invalid permissions": (REGION, "EAccount:Invalid permissions"),
    "EAccount:Invalid permissions:XBT trading restricted for US:WA.": (REGION, "EAccount:Invalid permissions"),
    "EAccount:Closed": (RESTRICTED, "EAccount:Closed"),
    "ETrade:User Locked": (RESTRICTED, "ETrade:User Locked"),
    "ETrade:Locked": (RESTRICTED, "ETrade:Locked"),
    "ETrade:Invalid request": (OURS, "ETrade:Invalid request"),
    "EGeneral:Temporary lockout": (LOCKED, "EGeneral:Temporary lockout"),
    "EAPI:Rate limit exceeded": (SLOWER, "EAPI:Rate limit exceeded"),
    "EOrder:Rate limit exceeded": (SLOWER, "EOrder:Rate limit exceeded"),
    "EGeneral:Too many requests": (SLOWER, "EGeneral:Too many requests"),
    "EService:Throttled": (SLOWER, "EService:Throttled"),
    "EService:Unavailable": (BUSY, "EService:Unavailable"),
    "EService:Busy": (BUSY, "EService:Busy"),
    "EService:Market in cancel_only mode": (BUSY, "EService:Market in cancel_only mode"),
    "EService:Market in post_only mode": (BUSY, "EService:Market in post_only mode"),
    "EService:Market in limit_only mode": (BUSY, "EService:Market in limit_only mode"),
    "EService:Timeout": (LATE, "EService:Timeout"),
    "EService:Deadline elapsed": (LATE, "EService:Deadline elapsed"),
    "EGeneral:Internal error": (BUSY, "EGeneral:Internal error"),
    "EGeneral:Internal error:1234": (BUSY, "EGeneral:Internal error"),
    "EDatabase:Internal error": (BUSY, "EDatabase:Internal error"),
    "EAPI:Bad request": (OURS, "EAPI:Bad request"),
    "EGeneral:Invalid arguments": (OURS, "EGeneral:Invalid arguments"),
    "EGeneral:Invalid arguments:volume": (OURS, "EGeneral:Invalid arguments"),
    "EGeneral:Invalid arguments:Index unavailable": (OURS, "EGeneral:Invalid arguments"),
    "EQuery:Unknown asset pair": (OURS, "EQuery:Unknown asset pair"),
    "EQuery:Invalid asset pair": (OURS, "EQuery:Invalid asset pair"),
    "EQuery:Unknown asset": (OURS, "EQuery:Unknown asset"),
    "EGeneral:Unknown method": (UNREADABLE, "EGeneral:Unknown method"),
    "EGeneral:Unknown Method": (UNREADABLE, "EGeneral:Unknown method"),
    "EBM:limit exceeded:CAL": (UNREADABLE, "?"),
    "EFunding:Unknown withdraw key": (UNREADABLE, "EFunding:Unknown withdraw key"),
    "EOrder:Insufficient funds": (UNREADABLE, "EOrder:Insufficient funds"),
    "ENew:Never seen before": (UNREADABLE, "ENew:Never seen before"),
    "ENew:Ana Robles owes 5": (UNREADABLE, "ENew:Ana"),
    "ENew:1234": (UNREADABLE, "?"),
    "Something else": (UNREADABLE, "?"),
    "": (UNREADABLE, "?"),
}
ORDER_ERRORS = (
    "EOrder:Insufficient funds", "EOrder:Order minimum not met", "EOrder:Cost minimum not met", "EOrder:Tick size check failed",
    "EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.", "EOrder:Orders limit exceeded",
    "EOrder:Rate limit exceeded", "EOrder:Post only order", "EOrder:Trading agreement required", "EOrder:Never seen before",
)


def judged(endpoint, *errors: str, status: int = 200):
    """(class, reason), code: or the result where there is no failure."""
    body = json.dumps({"error": list(errors), "result": {"a": 1}}).encode()
    try:
        return read_answer(endpoint, Answer(status, {}, body))
    except (Refused, Unavailable) as failure:
        return (type(failure), failure.reason), failure.code


class ErrorTests(SimpleTestCase):
    def test_each_has_its_meaning(self):
        for error, (meaning, code) in MEANINGS.items():
            with self.subTest(error):
                self.assertEqual(judged(BALANCE, error), (meaning, code))

    def test_permission_denied_where_none_is_needed_means_address_or_key_2fa(self):
        self.assertEqual(judged(KEY_INFO, "EGeneral:Permission denied"), ((Refused, "ip_blocked"), "EGeneral:Permission denied"))

    def test_an_unknown_method_is_never_the_keys_fault(self):
        self.assertEqual(judged(KEY_INFO, "EGeneral:Unknown method")[0], UNREADABLE)

    def test_invalid_arguments_on_history_mean_dates_on_the_key(self):
        for endpoint in (CLOSED_ORDERS, LEDGERS):
            self.assertEqual(judged(endpoint, "EGeneral:Invalid arguments:start")[0], (Refused, "query_window"))
        for endpoint in (KEY_INFO, BALANCE, OPEN_ORDERS, DRY_ORDER):
            self.assertEqual(judged(endpoint, "EGeneral:Invalid arguments:start")[0], OURS)

    def test_an_order_error_after_the_dry_order_means_that_the_right_is_there(self):
        for error in ORDER_ERRORS:
            self.assertEqual(judged(DRY_ORDER, error), {"a": 1})
        self.assertEqual(judged(DRY_ORDER, "EOrder:Insufficient funds", "EAPI:Invalid key")[0], UNREADABLE)

    def test_warnings_do_not_count(self):
        self.assertEqual(judged(BALANCE, "WDatabase:No change"), {"a": 1})
        self.assertEqual(judged(BALANCE, "WDatabase:No change", "EAPI:Invalid key")[0], BAD_KEY)

    def test_of_several_the_one_that_spares_the_key_wins(self):
        for errors, meaning in (
            (["EAPI:Invalid key", "EService:Busy"], BUSY),
            (["EService:Busy", "EGeneral:Temporary lockout", "EAPI:Invalid nonce"], LOCKED),
            (["EAPI:Invalid signature", "ENew:Never seen before"], UNREADABLE),
            (["ENew:Never seen before", "EAPI:Rate limit exceeded"], SLOWER),
            (["EAPI:Invalid key", "EGeneral:Permission denied"], BAD_KEY),
        ):
            self.assertEqual(judged(BALANCE, *errors)[0], meaning)

    def test_a_throttled_answer_names_its_end(self):
        for error, seconds in (
            ("EService:Throttled:1795300030", 30.0), ("EService: Throttled: [1795300030]", 30.0), ("EService:Throttled:1795299999", 0.0),
            ("EService:Throttled:1795399999", 900.0), ("EService:Throttled:soon", None), ("EService:Throttled", None),
        ):
            with time_machine.travel(1795300000, tick=False), self.assertRaises(Unavailable) as caught:
                read_answer(BALANCE, Answer(200, {}, json.dumps({"error": [error]}).encode()))
            self.assertEqual((caught.exception.reason, caught.exception.retry_after_s), ("rate_limited", seconds))

    def test_what_is_said_twice_is_unreadable(self):
        with self.assertRaises(Unavailable) as caught:
            read_answer(KEY_INFO, Answer(200, {}, b'{"error":["EAPI:Invalid key"],"error":[],"result":{}}'))
        self.assertEqual(caught.exception.reason, "unreadable_answer")

    def test_a_flood_of_errors_is_unreadable(self):
        self.assertEqual(judged(BALANCE, *["EAPI:Invalid key"] * 21)[0], UNREADABLE)

    def test_failures_never_share_an_exception(self):
        body = Answer(200, {}, b'{"error":["EAPI:Invalid key"]}')
        caught = []
        for _one in range(2):
            with self.assertRaises(Refused) as context:
                read_answer(BALANCE, body)
            caught.append(context.exception)
        self.assertIsNot(*caught)
