"""What a line of the log holds, and what it never does."""

import json
import logging
import sys
from unittest import TestCase

from smartrader.logs import JsonFormatter


def line(message, *args, exc_info=None, **extra):
    """The line that logging this would write."""
    record = logging.LogRecord("exchanges.validation", logging.ERROR, "validation.py", 1, message, args, exc_info)
    vars(record).update(extra)
    return json.loads(JsonFormatter().format(record))


def raised(error):
    try:
        raise error
    except type(error):
        return sys.exc_info()


class JsonFormatterTests(TestCase):
    def test_it_is_one_object_with_the_fields_given(self):
        found = line("Asked %s", "Balance", link="4f0e", ms=12)
        self.assertEqual(found.pop("at")[-6:], "+00:00")
        self.assertEqual(found, {
            "level": "error", "logger": "exchanges.validation", "event": "Asked Balance", "link": "4f0e", "ms": 12,
        })

    def test_it_drops_what_is_named_like_a_secret(self):
        found = line("x", secret="s3cret", api_key="s3cret", passphrase="s3cret", new_password="s3cret", Session_Cookie="s3cret")
        self.assertNotIn("s3cret", json.dumps(found))

    def test_it_drops_the_request(self):
        self.assertNotIn("request", line("x", request="<WSGIRequest: POST '/perfil/?s3cret'>"))

    def test_it_tells_an_error_by_type_and_place_never_by_its_text(self):
        found = line("It failed", exc_info=raised(ValueError("s3cret")))
        self.assertEqual(found["error"], "ValueError")
        self.assertRegex(found["where"][-1], r"test_logs\.py:\d+ raised$")
        self.assertNotIn("s3cret", json.dumps(found))

    def test_it_takes_the_text_of_the_error_out_of_celerys_message(self):
        context = {"name": "exchanges.tasks.sweep", "id": "1", "exc": "ValueError('s3cret')", "traceback": "… s3cret"}
        found = line("Task %(name)s[%(id)s] raised unexpected: %(exc)s\n%(traceback)s\n", context, data=context)
        self.assertEqual(found["event"], "Task exchanges.tasks.sweep[1] raised unexpected:")
        self.assertNotIn("s3cret", json.dumps(found))

    def test_it_writes_what_json_does_not_know_as_text(self):
        self.assertEqual(line("x", reasons={"bad_key"})["reasons"], "{'bad_key'}")
