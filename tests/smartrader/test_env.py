"""The readers of the environment: what is misspelt stops the start and names itself."""

import os
from ipaddress import ip_network
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from smartrader import env


def given(value):
    return mock.patch.dict(os.environ, {"NAME": value})


class ReaderTestCase(SimpleTestCase):
    def assert_refused(self, reader, *values, **more):
        for value in values:
            with self.subTest(value), given(value), self.assertRaisesRegex(ImproperlyConfigured, "^NAME "):
                reader("NAME", **more)


class ReaderTests(ReaderTestCase):
    def test_it_names_what_is_missing(self):
        self.assert_refused(env.text, "", "  ")

    def test_an_empty_value_counts_as_unset(self):
        with given(""):
            self.assertEqual(env.text("NAME", "var"), "var")
            self.assertIs(env.flag("NAME", default=True), True)

    def test_flag(self):
        for value, expected in (("1", True), ("true", True), ("Off", False), ("0", False)):
            with given(value):
                self.assertIs(env.flag("NAME", default=not expected), expected)
        self.assert_refused(env.flag, "ture", "2", "-", default=False)

    def test_number(self):
        with given("65535"):
            self.assertEqual(env.number("NAME", 8000, least=1, most=65535), 65535)
        self.assert_refused(env.number, "abc", "-1", "0", "65536", "8e3", "٣", "1" * 30, default=8000, least=1, most=65535)

    def test_key(self):
        with given("k" * 44):
            self.assertEqual(env.key("NAME", least=44), "k" * 44)
        self.assert_refused(env.key, "", "k" * 43, least=44)

    def test_words(self):
        with given(" a.example, b.example ,"):
            self.assertEqual(env.words("NAME"), ["a.example", "b.example"])

    def test_addresses(self):
        with given("203.0.113.10, 2001:DB8::1"):
            self.assertEqual(env.addresses("NAME"), ["203.0.113.10", "2001:db8::1"])
        self.assert_refused(env.addresses, "foo", ",", "203.0.113.10,foo", "203.0.113.256", "203.0.113.0/24", default=None)

    def test_networks(self):
        with given("10.0.0.0/8,127.0.0.1"):
            self.assertEqual(env.networks("NAME"), [ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32")])
        self.assert_refused(env.networks, "1", "10.0.0.1/8", "proxy")

    def test_what_it_says_holds_no_value(self):
        with given("postgres://user:hunter2@[bad/name"), self.assertRaises(ImproperlyConfigured) as caught:
            env.database("NAME", "")
        self.assertNotIn("hunter2", str(caught.exception))


class UrlTests(ReaderTestCase):
    def test_https_anywhere_and_http_on_this_machine(self):
        for value in ("https://api.kraken.com", "http://127.0.0.1:8001/kraken", "http://localhost:1", "http://[::1]:8001"):
            with given(value):
                self.assertEqual(env.url("NAME"), value)
        with given("https://api.kraken.com/"):
            self.assertEqual(env.url("NAME"), "https://api.kraken.com")

    def test_nothing_else(self):
        self.assert_refused(
            env.url, "http://api.kraken.com", "http://127.0.0.1.evil.example", "ftp://127.0.0.1", "api.kraken.com", "https://",
            "https://u:p@host", "https://host?x=1", "https://host#x", "https://host:port", "https://host:0", "https://ho st",
        )

    def test_exchanges_by_slug_and_region(self):
        variables = {"KRAKEN_API_URL": "http://127.0.0.1:1/k", "ACME_US_API_URL": "https://api.acme.example", "BLANK_API_URL": ""}
        with mock.patch.dict(os.environ, variables):
            expected = {"kraken": "http://127.0.0.1:1/k", "acme_us": "https://api.acme.example"}
            self.assertEqual(env.api_urls(variables), expected)

    def test_an_exchange_over_plain_http_is_refused_by_name(self):
        variables = {"KRAKEN_API_URL": "http://exchange.example"}
        with mock.patch.dict(os.environ, variables), self.assertRaisesRegex(ImproperlyConfigured, "^KRAKEN_API_URL "):
            env.api_urls(variables)


class ServiceTests(ReaderTestCase):
    def test_other_schemes_and_broken_addresses_are_refused(self):
        self.assert_refused(env.database, "mysql://host/db", "postgres", "postgres://host:port/db", default="")
        self.assert_refused(env.cache, "memcache://host", "rediss", default="")
        self.assert_refused(env.email, "smtps", "mail.example", "smtp://host:x", default="")
        self.assert_refused(env.broker, "sqla+sqlite:///x", "redis:6379", default="")

    def test_a_cache_that_counts_its_entries_has_room(self):
        for address, backend in (
            ("dbcache://cache", "smartrader.cache.CountingDatabaseCache"),
            ("locmemcache://", "django.core.cache.backends.locmem.LocMemCache"),
        ):
            with given(address):
                config = env.cache("NAME", "")
            self.assertEqual((config["BACKEND"], config["OPTIONS"]), (backend, {"MAX_ENTRIES": 50_000}))

    def test_its_address_may_say_another_number(self):
        with given("dbcache://cache?max_entries=7"):
            self.assertEqual(env.cache("NAME", "")["OPTIONS"], {"MAX_ENTRIES": 7})

    def test_a_redis_that_hangs_holds_nobody_up_for_long(self):
        with given("redis://127.0.0.1:6379/1"):
            self.assertEqual(env.cache("NAME", "")["OPTIONS"], {"socket_timeout": 2, "socket_connect_timeout": 2})

    def test_sqlite_writes_ahead_one_at_a_time_and_overwrites_what_it_deletes(self):
        with given("sqlite:////somewhere/db.sqlite3"):
            config = env.database("NAME", "")
        self.assertEqual((config["ENGINE"], config["NAME"]), ("django.db.backends.sqlite3", "/somewhere/db.sqlite3"))
        self.assertEqual(config["OPTIONS"]["transaction_mode"], "IMMEDIATE")
        for pragma in ("journal_mode=WAL", "secure_delete=ON", "synchronous=NORMAL"):
            self.assertIn(pragma, config["OPTIONS"]["init_command"])

    def test_postgresql(self):
        with given("postgres://ana:pw@db.example:5433/portal?sslmode=require"):
            config = env.database("NAME", "")
        self.assertEqual((config["HOST"], config["PORT"], config["NAME"]), ("db.example", 5433, "portal"))
        self.assertEqual(config["OPTIONS"], {"sslmode": "require", "connect_timeout": 5})

    def test_email(self):
        with given("smtp+tls://ana:pw@mail.example:587"):
            settings = env.email("NAME", "")
        self.assertEqual((settings["EMAIL_HOST"], settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]), ("mail.example", 587, True))
