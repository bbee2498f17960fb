"""The one door out against whatever can come back: bounded in time and size, and never the key's fault."""
import datetime
import gzip
import ipaddress
import os
import pathlib
import socket
import ssl
import tempfile
import threading
import time
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import SimpleTestCase

from exchanges.connectors.base import Unavailable

from .wire import BALANCE, GOOD, Diary, Wire, answer, open_session, reset, say, say_and_close

SHORT_S = 0.3
MARGIN_S = 2.7                              # for a machine that is busy with other tests


class WireTestCase(SimpleTestCase):
    def failure(self, wire: Wire, **options) -> Unavailable:
        diary = Diary()
        with open_session(options.pop("base_url", wire.url), diary, **options) as session, self.assertRaises(Unavailable) as caught:
            session.call(BALANCE)
        self.assertEqual(diary.after, [("Balance", caught.exception.reason, caught.exception.code)])
        self.assertIsNone(caught.exception.__context__)
        return caught.exception

    def assert_failure(self, play, reason: str, code: str = "") -> None:
        with Wire(play) as wire:
            error = self.failure(wire)
            self.assertEqual((error.reason, error.code), (reason, code))

    def assert_in_time(self, wire: Wire, **options) -> None:
        began = time.monotonic()
        self.assertEqual(self.failure(wire, deadline_s=SHORT_S, **options).reason, "timeout")
        self.assertLess(time.monotonic() - began, SHORT_S + MARGIN_S)


class ContentTests(WireTestCase):
    def test_a_redirect_is_not_followed_nor_read(self):
        elsewhere = self.enterContext(Wire(say(answer())))
        for status in (301, 302, 303, 307, 308):
            redirect = answer(b"", status, f"Location: {elsewhere.url}/0/private/Balance")
            self.assert_failure(say(redirect), "unreadable_answer", f"HTTP {status}")
        self.assert_failure(say(answer(b"", 307, "Location: http://[bad")), "unreadable_answer", "HTTP 307")
        self.assertEqual(elsewhere.connections, 0)

    def test_what_is_not_the_exchanges_json_is_unreadable(self):
        for body in (b"", b"<html>", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b'{"error":[]', b'{"result":{}}', b'{"error":null}',
                     b'{"error":{}}', b'{"error":[1]}', b'{"error":[],"result":{"ZEUR":NaN}}', b"[" * 100_000, b'{"a":' * 50_000):
            with self.subTest(body[:20]):
                self.assert_failure(say(answer(body)), "unreadable_answer")

    def test_a_packed_answer_is_not_unpacked(self):
        self.assert_failure(say(answer(gzip.compress(GOOD), 200, "Content-Encoding: gzip")), "unreadable_answer")
        self.assert_failure(say(answer(b"x", 200, "Content-Encoding: br, gzip")), "unreadable_answer")

    def test_a_status_other_than_200_says_nothing_of_the_key(self):
        body = b'{"error":["EAPI:Invalid key"]}'
        for reason, statuses in (("unreadable_answer", (201, 400, 401, 403, 404, 451)), ("rate_limited", (418, 429)),
                                 ("maintenance", (500, 502, 503, 504, 520, 522, 525))):
            for status in statuses:
                self.assert_failure(say(answer(body, status)), reason, f"HTTP {status}")

    def test_retry_after_is_heeded(self):
        for value, seconds in (("30", 30.0), ("0", 0.0), ("259200", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None),
                               ("9999999999", None)):
            with Wire(say(answer(b"", 429, "Retry-After: " + value))) as wire:
                self.assertEqual(self.failure(wire).retry_after_s, seconds)

    def test_a_broken_connection_is_the_networks_fault(self):
        self.assert_failure(reset, "network")
        self.assert_failure(say_and_close(b""), "network")

    def test_an_answer_cut_short_is_unreadable(self):
        self.assert_failure(say_and_close(b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n" + GOOD), "unreadable_answer")
        self.assert_failure(say_and_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"), "unreadable_answer")

    def test_what_is_not_http_is_unreadable(self):
        for garbage in (b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
                        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
                        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n"):
            with self.subTest(garbage[:40]):
                self.assert_failure(say_and_close(garbage), "unreadable_answer")

    def test_an_answer_too_long_is_not_read_to_its_end(self):
        sent = []

        def flood(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
            for _megabyte in range(50):
                connection.sendall(b"0" * 1_000_000)
                sent.append(1)

        self.assert_failure(flood, "unreadable_answer")
        self.assertLess(len(sent), 20)

    def test_two_megabytes_are_read(self):
        with Wire(say(answer(b'{"error":[],"result":"' + b"a" * 1_900_000 + b'"}'))) as wire, open_session(wire.url) as session:
            self.assertEqual(len(session.call(BALANCE)), 1_900_000)

    def test_the_next_call_after_a_failure_starts_afresh(self):
        plays = iter((say(answer(b"", 200, "Content-Encoding: gzip") + b"left over"), say(answer())))
        with Wire(lambda connection: next(plays)(connection)) as wire, open_session(wire.url) as session:
            self.assertRaises(Unavailable, session.call, BALANCE)
            self.assertEqual(session.call(BALANCE), {"ZEUR": "1.0"})
            self.assertEqual(wire.connections, 2)


class DeadlineTests(WireTestCase):
    def test_silence(self):
        with Wire(lambda connection: wire.over.wait(10)) as wire:
            self.assert_in_time(wire)

    def test_dripping_headers(self):
        with Wire(lambda connection: wire.drip(b"A")(connection)) as wire:
            self.assert_in_time(wire)

    def test_a_dripping_body_of_known_and_of_unknown_length(self):
        for head in (b"Content-Length: 4096\r\n", b"", b"Connection: close\r\n", b"Transfer-Encoding: chunked\r\n"):
            def play(connection, head=head):
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
                wire.drip(b"1" if b"chunked" not in head else b"1\r\n{\r\n")(connection)

            with Wire(play) as wire:
                self.assert_in_time(wire)

    def test_endless_continue(self):
        with Wire(lambda connection: wire.drip(b"HTTP/1.1 100 Continue\r\n\r\n")(connection)) as wire:
            self.assert_in_time(wire)

    def test_a_redirect_with_a_dripping_body(self):
        def play(connection):
            connection.sendall(b"HTTP/1.1 307 Elsewhere\r\nLocation: /\r\nContent-Length: 4096\r\n\r\n")
            wire.drip(b"1")(connection)

        with Wire(play) as wire:
            self.assert_in_time(wire)

    def test_a_resolver_that_does_not_answer(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        with mock.patch("socket.getaddrinfo", side_effect=lambda *_arguments: gate.wait(10)), Wire(say(b"")) as wire:
            self.assert_in_time(wire, base_url="https://api.exchange.example")

    def test_a_listener_that_does_not_accept(self):
        full = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(full.close)
        port = full.getsockname()[1]
        crowd = [socket.socket() for _one in range(4)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            self.addCleanup(one.close)
        with Wire(say(b"")) as wire:
            self.assert_in_time(wire, base_url=f"http://127.0.0.1:{port}")

    def test_no_listener_is_the_networks_fault(self):
        with Wire(say(b"")) as wire:
            pass
        self.assertEqual(self.failure(wire).reason, "network")

    def test_a_timer_that_comes_late_does_not_meet_the_next_call(self):
        with Wire(say(answer())) as wire, open_session(wire.url) as session:
            session.call(BALANCE)
            session._line.cut()
            self.assertEqual(session.call(BALANCE), {"ZEUR": "1.0"})
            self.assertEqual(wire.connections, 1)

    def test_calls_of_one_session_go_one_by_one(self):
        at_once, most, guard = [], [], threading.Lock()

        def play(connection):
            with guard:
                at_once.append(1)
                most.append(len(at_once))
            wire.over.wait(0.05)
            with guard:
                at_once.pop()
            connection.sendall(answer())

        with Wire(play) as wire, open_session(wire.url) as session:
            threads = [threading.Thread(target=session.call, args=(BALANCE,)) for _one in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(most, [1, 1, 1, 1])


class TLSTests(WireTestCase):
    """A certificate of our own for 127.0.0.1, which nobody trusts unless told to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.certificate = folder / "certificate.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wire")])
        today = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
            .not_valid_before(today - datetime.timedelta(1)).not_valid_after(today + datetime.timedelta(1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        cls.certificate.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(cls.certificate)

    def trust(self) -> None:
        self.enterContext(mock.patch("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(self.certificate)))

    def test_an_unknown_certificate_is_refused_whatever_the_environment_says(self):
        bundles = {"REQUESTS_CA_BUNDLE": str(self.certificate), "CURL_CA_BUNDLE": str(self.certificate)}
        with mock.patch.dict(os.environ, bundles), Wire(say(answer()), self.tls) as wire:
            self.assertEqual(self.failure(wire).reason, "network")
            self.assertEqual(wire.requests, [])

    def test_a_known_one_is_taken(self):
        self.trust()
        with Wire(say(answer()), self.tls) as wire, open_session(wire.url) as session:
            self.assertEqual(session.call(BALANCE), {"ZEUR": "1.0"})
            self.assertEqual(session.call(BALANCE), {"ZEUR": "1.0"})
            self.assertEqual(wire.connections, 1)

    def test_one_for_another_name_is_refused(self):
        self.trust()
        with Wire(say(answer()), self.tls) as wire:
            self.assertEqual(self.failure(wire, base_url=f"https://localhost:{wire.port}").reason, "network")

    def test_the_deadline_holds_under_tls(self):
        self.trust()

        def play(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            wire.drip(b"1")(connection)

        with Wire(play, self.tls) as wire:
            self.assert_in_time(wire)

    def test_the_deadline_holds_in_a_handshake_that_never_ends(self):
        with Wire(say(b"")) as wire:
            self.assert_in_time(wire, base_url=f"https://127.0.0.1:{wire.port}")
