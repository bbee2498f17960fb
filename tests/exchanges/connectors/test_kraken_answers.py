"""What the connector makes of each error of Kraken, on each kind of call."""
import json

import time_machine
from django.test import SimpleTestCase

from exchanges.connectors.base import Answer, Refused, Unavailable
from exchanges.connectors.kraken import connector
from exchanges.connectors.kraken_answers import read_answer
from exchanges.connectors.kraken_endpoints import BALANCE, CLOSED_ORDERS, DRY_ORDER, KEY_INFO, LEDGERS, OPEN_ORDERS
from tests.exchanges.kraken_errors import BAD_KEY, HTTP_ROWS, LOCKED, ROWS, UNREADABLE


def judged(endpoint, *errors: str, status: int = 200):
    """(class, reason), code: or the result where there is no failure."""
    body = json.dumps({"error": list(errors), "result": {"a": 1}}).encode()
    try:
        return read_answer(endpoint, Answer(status, {}, body))
    except (Refused, Unavailable) as failure:
        return (type(failure), failure.reason), failure.code


class Answering:
    """A session whose every call ends in the same errors."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        self.errors = errors

    def call(self, endpoint, **_free: str):
        return read_answer(endpoint, Answer(200, {}, json.dumps({"error": self.errors}).encode()))


def dry_run(errors: tuple[str, ...]):
    try:
        return connector.dry_run.call(Answering(errors))
    except (Refused, Unavailable) as failure:
        return type(failure), failure.reason


class ErrorTests(SimpleTestCase):
    def test_each_has_its_meaning_on_each_call(self):
        for row in ROWS:
            for endpoint, meaning in ((KEY_INFO, row.key_info), (BALANCE, row.read), (OPEN_ORDERS, row.read),
                                      (CLOSED_ORDERS, row.history), (LEDGERS, row.history)):
                with self.subTest(row.said, call=endpoint.name):
                    self.assertEqual(judged(endpoint, *row.said), (meaning, row.code))

    def test_an_order_judges_no_key(self):
        for row in ROWS:
            with self.subTest(row.said):
                self.assertEqual(dry_run(row.said), row.dry_order)

    def test_another_status_says_nothing_of_the_key(self):
        for status, headers, meaning, wait_s in HTTP_ROWS:
            with self.subTest(status=status, headers=headers), self.assertRaises(Unavailable) as caught:
                sent = dict(header.split(": ", 1) for header in headers)
                read_answer(KEY_INFO, Answer(status, sent, b'{"error":["EAPI:Invalid key"]}'))
            self.assertEqual((Unavailable, caught.exception.reason), meaning)
            self.assertEqual((caught.exception.code, caught.exception.retry_after_s), (f"HTTP {status}", wait_s))

    def test_warnings_do_not_count(self):
        self.assertEqual(judged(BALANCE, "WDatabase:No change"), {"a": 1})
        self.assertEqual(judged(BALANCE, " WDatabase : No change", "WNew:Thing"), {"a": 1})

    def test_a_throttled_answer_names_its_end(self):
        for error, seconds in (
            ("EService:Throttled:1795300030", 30.0), ("EService: Throttled: [1795300030]", 30.0), ("EService:Throttled:1795299999", 0.0),
            ("EService:Throttled:1795399999", 900.0), ("EService:Throttled:1795300030123", 30.0), ("EService:Throttled:soon", None),
            ("EService:Throttled:17953000301", None), ("EService:Throttled", None),
        ):
            with time_machine.travel(1795300000, tick=False), self.assertRaises(Unavailable) as caught:
                read_answer(BALANCE, Answer(200, {}, json.dumps({"error": [error]}).encode()))
            self.assertEqual((caught.exception.reason, caught.exception.retry_after_s), ("rate_limited", seconds))

    def test_what_is_said_twice_is_unreadable(self):
        with self.assertRaises(Unavailable) as caught:
            read_answer(KEY_INFO, Answer(200, {}, b'{"error":["EAPI:Invalid key"],"error":[],"result":{}}'))
        self.assertEqual(caught.exception.reason, "unreadable_answer")

    def test_a_flood_of_errors_is_unreadable(self):
        self.assertEqual(judged(KEY_INFO, *["EAPI:Invalid key"] * 20)[0], BAD_KEY)
        self.assertEqual(judged(KEY_INFO, *["EAPI:Invalid key"] * 21)[0], UNREADABLE)

    def test_a_long_error_is_read_by_how_it_begins(self):
        self.assertEqual(judged(DRY_ORDER, "EGeneral:Temporary lockout" + ":" * 900_000), (LOCKED, "EGeneral:Temporary lockout"))
        self.assertEqual(judged(BALANCE, "E" * 900_000), (UNREADABLE, "?"))

    def test_failures_never_share_an_exception(self):
        body = Answer(200, {}, b'{"error":["EAPI:Invalid key"]}')
        caught = []
        for _one in range(2):
            with self.assertRaises(Refused) as context:
                read_answer(KEY_INFO, body)
            caught.append(context.exception)
        self.assertIsNot(*caught)
