"""What a line of the log holds, and what it never does."""

import json
import logging
import sys
from unittest import TestCase

from django.test import Client, SimpleTestCase

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

    def test_of_what_is_no_http_it_tells_who_sent_it(self):
        found = line("Invalid request from ip=192.0.2.1: Invalid HTTP Header: 's3cret'")
        self.assertEqual(found["event"], "Invalid request from ip=192.0.2.1")


class RequestTests(SimpleTestCase):
    """Anybody may put a secret into an address, a host or an origin."""

    def logged(self, logger, send):
        with self.assertLogs(logger, "WARNING") as logs:
            send(Client(enforce_csrf_checks=True))
        text = JsonFormatter().format(logs.records[-1])
        self.assertNotIn("s3cret", text)
        return json.loads(text)

    def test_an_address_that_is_not_there(self):
        found = self.logged("django.request", lambda client: client.get("/s3cret/?s3cret"))
        self.assertEqual((found["event"], found["status_code"]), ("Not Found", 404))

    def test_of_one_that_is_there_it_tells_the_route(self):
        found = self.logged("django.request", lambda client: client.options("/health/live?s3cret"))
        self.assertEqual((found["event"], found["route"]), ("Method Not Allowed (OPTIONS)", "health/live"))

    def test_an_origin(self):
        found = self.logged("django.security.csrf", lambda client: client.post("/cuenta/login/", headers={"origin": "https://s3cret"}))
        self.assertEqual((found["event"], found["route"]), ("Forbidden (Origin checking failed)", "cuenta/login/"))

    def test_a_host(self):
        found = self.logged("django.security.DisallowedHost", lambda client: client.get("/", headers={"host": "s3cret"}))
        self.assertEqual((found["event"], found["error"]), ("DisallowedHost", "DisallowedHost"))
