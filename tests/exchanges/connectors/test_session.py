"""The one door out: what it lets through, and how a request looks when it leaves."""
import os
import socket
import traceback
from dataclasses import replace
from unittest import mock

from django.test import SimpleTestCase

from exchanges.connectors.base import GET, POST, Credentials, Endpoint, Refused, Unavailable
from exchanges.connectors.kraken import connector as kraken
from exchanges.connectors.line import address_family
from exchanges.connectors.session import UnlistedCall

from .wire import BALANCE, KEY, SECRET, Diary, Wire, answer, open_session, say

LEDGERS = POST("/0/private/Ledgers", says="", free=("start",), without_count="true")


class AllowListTests(SimpleTestCase):
    def assert_unlisted(self, endpoint: Endpoint, **free: str) -> None:
        with Wire(say(answer())) as wire, open_session(wire.url) as session:
            self.assertRaises(UnlistedCall, session.call, endpoint, **free)
            self.assertEqual(wire.connections, 0)

    def test_it_sends_no_other_path(self):
        for name in ("Withdraw", "WalletTransfer", "DepositAddresses", "CancelAll", "AddOrderBatch", "Balance/"):
            self.assert_unlisted(POST(f"/0/private/{name}", says=""))

    def test_it_sends_no_other_method(self):
        self.assert_unlisted(GET("/0/private/Balance", says=""))

    def test_it_sends_no_order_without_validate(self):
        order = kraken.dry_run.endpoint
        fixed = tuple(pair for pair in order.fixed if pair[0] != "validate")
        self.assert_unlisted(replace(order, fixed=fixed))
        self.assert_unlisted(replace(order, fixed=(*fixed, ("validate", "false"))))
        self.assert_unlisted(replace(order, free=("validate",)))

    def test_it_lets_nothing_be_added_to_the_order_or_changed(self):
        for name in ("validate", "Validate", "price", "pair", "nonce", "leverage"):
            self.assert_unlisted(kraken.dry_run.endpoint, **{name: "false"})

    def test_it_keeps_fixed_parameters_even_where_they_are_named_free(self):
        odd = replace(kraken, endpoints=(POST("/0/private/Balance", says="", free=("asset",), asset="ZEUR"),))
        with Wire(say(answer())) as wire, open_session(wire.url, connector=odd) as session:
            self.assertRaises(UnlistedCall, session.call, odd.endpoints[0], asset="XXBT")

    def test_it_adds_what_is_free_and_nothing_else(self):
        with Wire(say(answer())) as wire, open_session(wire.url) as session:
            session.call(LEDGERS, start="1795290000")
            self.assertTrue(wire.requests[0].endswith(b"\r\n\r\nnonce=1795300000000000001&without_count=true&start=1795290000"))
            self.assertRaises(UnlistedCall, session.call, LEDGERS, end="1795290000")

    def test_a_value_cannot_smuggle_a_parameter(self):
        with Wire(say(answer())) as wire, open_session(wire.url) as session:
            session.call(LEDGERS, start="1&ofs=9\r\nX: y")
            self.assertTrue(wire.requests[0].endswith(b"&start=1%26ofs%3D9%0D%0AX%3A+y"))


class RequestTests(SimpleTestCase):
    def setUp(self):
        self.wire = self.enterContext(Wire(say(answer(b'{"error":[]}', 200, "Set-Cookie: a=b; Path=/"))))

    def sent(self, number: int = 0) -> tuple[str, dict[str, str], str]:
        head, _gap, body = self.wire.requests[number].decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        return first, dict(line.split(": ", 1) for line in lines), body

    def test_it_says_who_we_are_and_nothing_of_the_machine(self):
        with open_session(self.wire.url) as session:
            session.call(BALANCE)
        first, headers, body = self.sent()
        self.assertEqual(first, "POST /0/private/Balance HTTP/1.1")
        self.assertEqual(body, "nonce=1795300000000000001")
        self.assertEqual(headers.pop("API-Sign")[-2:], "==")
        self.assertEqual(headers, {
            "Host": f"127.0.0.1:{self.wire.port}",
            "User-Agent": "Smartrader/1.0 (+https://smartrader.io)",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": "25",
            "API-Key": KEY,
        })

    def test_a_path_in_front_is_sent_and_not_signed(self):
        signatures = []
        for number, base in enumerate((self.wire.url, f"{self.wire.url}/kraken", f"{self.wire.url}/a/0/b/")):
            with open_session(base) as session:
                session.call(BALANCE)
            signatures.append(self.sent(number)[1]["API-Sign"])
        self.assertEqual([self.sent(n)[0].split()[1] for n in range(3)],
                         ["/0/private/Balance", "/kraken/0/private/Balance", "/a/0/b/0/private/Balance"])
        self.assertEqual(len(set(signatures)), 1)

    def test_it_keeps_the_connection_and_no_cookie(self):
        with open_session(self.wire.url) as session:
            session.call(BALANCE)
            session.call(BALANCE)
        self.assertEqual(self.wire.connections, 1)
        self.assertNotIn("Cookie", self.sent(1)[1])

    def test_it_takes_no_proxy_and_no_netrc_from_the_environment(self):
        proxy = self.enterContext(Wire(say(answer())))
        netrc = self.enterContext(mock.patch("requests.sessions.get_netrc_auth", return_value=("a", "b")))
        variables = {"http_proxy": proxy.url, "HTTP_PROXY": proxy.url, "ALL_PROXY": proxy.url, "NO_PROXY": ""}
        with mock.patch.dict(os.environ, variables), open_session(self.wire.url) as session:
            session.call(BALANCE)
        self.assertEqual((proxy.connections, len(self.wire.requests)), (0, 1))
        netrc.assert_not_called()

    def test_every_call_takes_the_next_nonce(self):
        with open_session(self.wire.url) as session:
            session.call(BALANCE)
            session.call(BALANCE)
        self.assertEqual(self.sent(1)[2], "nonce=1795300000000000002")


class BaseAddressTests(SimpleTestCase):
    def test_it_refuses_what_is_not_https_or_not_a_bare_address(self):
        for url in ("http://api.kraken.com", "ftp://127.0.0.1", "https://", "//api.kraken.com", "", "http://127.0.0.1.evil.example",
                    "https://user:pass@api.kraken.com", "https://api.kraken.com/?a=b", "https://api.kraken.com/#a",
                    "http://10.0.0.1", "http://localhost.evil.example"):
            with self.subTest(url), self.assertRaises(ValueError):
                open_session(url)

    def test_it_takes_https_and_loopback(self):
        for url in ("https://api.kraken.com", "http://127.0.0.1:8001/kraken", "http://localhost:8001", "http://[::1]:8001"):
            open_session(url).close()


class HookTests(SimpleTestCase):
    def test_they_frame_every_call(self):
        diary = Diary()
        with Wire(say(answer())) as wire, open_session(wire.url, diary) as session:
            session.call(BALANCE)
        self.assertEqual((diary.before, diary.after), (["Balance"], [("Balance", "ok", "")]))
        self.assertIn(diary.ms[0], range(5000))

    def test_they_tell_the_reason_and_the_code_of_a_failure(self):
        for body, expected in (
            (b'{"error":["ESession:Invalid session"]}', ("Balance", "bad_key", "ESession:Invalid session")),
            (b'{"error":["EGeneral:Internal error:for key ' + KEY.encode() + b'"]}', ("Balance", "maintenance", "EGeneral:Internal error")),
            (b'{"error":["EFoo:Odd ' + KEY.encode() + b'"]}', ("Balance", "unreadable_answer", "EFoo:Odd")),
            (b'{"error":["EFoo:' + KEY.encode() + b'"]}', ("Balance", "unreadable_answer", "?")),
            (b"nonsense", ("Balance", "unreadable_answer", "")),
        ):
            diary = Diary()
            with Wire(say(answer(body))) as wire, open_session(wire.url, diary) as session:
                self.assertRaises((Refused, Unavailable), session.call, BALANCE)
            self.assertEqual(diary.after, [expected])

    def test_what_the_first_raises_stops_the_call(self):
        class Lost(Exception):
            pass

        def lose(_endpoint):
            raise Lost

        diary = Diary()
        with Wire(say(answer())) as wire, open_session(wire.url, diary, before_call=lose) as session:
            self.assertRaises(Lost, session.call, BALANCE)
            self.assertEqual((wire.connections, diary.after), (0, []))


class SecrecyTests(SimpleTestCase):
    """Neither the text nor the chain of an error, nor any repr, holds the key, the secret or a signature."""

    def assert_silent(self, text: str) -> None:
        for secret in (KEY, SECRET, SECRET[:20], "API-Sign", "nonce="):
            self.assertNotIn(secret, text)

    def failure(self, base_url: str, **options) -> Unavailable:
        with open_session(base_url, **options) as session:
            self.assert_silent(repr(session) + repr(session.credentials) + repr(vars(session)))
            with self.assertRaises(Unavailable) as caught:
                session.call(BALANCE)
        return caught.exception

    def test_a_failed_call_carries_no_error_of_requests(self):
        with Wire(lambda connection: connection.close()) as wire:
            error = self.failure(wire.url)
        self.assertEqual(error.reason, "network")
        self.assertIsNone(error.__cause__)
        self.assertIsNone(error.__context__)
        self.assert_silent("".join(traceback.format_exception(error)) + repr(error) + str(error))

    def test_neither_does_a_credential_that_cannot_be_sent(self):
        for key, secret, reason in ((KEY, "not base64!", "internal"), (KEY + "\n", SECRET, "unreadable_answer"),
                                    ("clé €", SECRET, "unreadable_answer"), (KEY, "ñ", "internal")):
            with Wire(say(answer())) as wire:
                error = self.failure(wire.url, credentials=Credentials(key, secret))
                self.assertEqual((error.reason, error.__context__, wire.requests), (reason, None, []))

    def test_credentials_hide_in_their_repr(self):
        self.assertEqual(repr(Credentials(KEY, SECRET, "phrase")), "Credentials()")


class FamilyTests(SimpleTestCase):
    def test_it_is_the_one_all_our_addresses_share(self):
        self.assertEqual(address_family(["203.0.113.10", "203.0.113.11"]), socket.AF_INET)
        self.assertEqual(address_family(["2001:db8::1"]), socket.AF_INET6)
        self.assertEqual(address_family(["203.0.113.10", "2001:db8::1"]), socket.AF_UNSPEC)
        self.assertEqual(address_family([]), socket.AF_UNSPEC)

    def asked(self, url: str, family: socket.AddressFamily) -> socket.AddressFamily:
        """The family that the resolver is asked for when `url` is called."""
        look_up = self.enterContext(mock.patch("socket.getaddrinfo", side_effect=OSError))
        with open_session(url, family=family) as session, self.assertRaises(Unavailable) as caught:
            session.call(BALANCE)
        self.assertEqual(caught.exception.reason, "network")
        return look_up.call_args.args[2]

    def test_it_binds_an_exchange_and_not_this_machine(self):
        self.assertEqual(self.asked("https://api.exchange.example", socket.AF_INET), socket.AF_INET)
        self.assertEqual(self.asked("https://api.exchange.example", socket.AF_INET6), socket.AF_INET6)
        self.assertEqual(self.asked("http://127.0.0.1:9", socket.AF_INET6), socket.AF_UNSPEC)
        self.assertEqual(self.asked("http://localhost:9", socket.AF_INET6), socket.AF_UNSPEC)
