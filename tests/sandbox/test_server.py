import http.client
import socket
import statistics
import subprocess
import sys
import time

import requests

from sandbox import server
from tests.noise import best_of_three
from tests.sandbox.base import SandboxTestCase


class ServerTests(SandboxTestCase):
    def raw(self, request):
        """Everything the server sends back to these bytes until it closes."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    def test_it_answers_in_one_packet_on_a_connection_that_stays(self):
        key = self.new_key()

        def seconds():
            answers = [self.call(key, "AddOrder") for _ in range(20)]       # orders are not counted
            self.assertNotIn("Connection", answers[-1].headers)
            return statistics.median(answer.elapsed.total_seconds() for answer in answers)

        self.assertLess(best_of_three(seconds, 0.02), 0.02)                # a delayed acknowledgement would make it 0.04

    def test_it_looks_like_the_edge_in_front_of_kraken(self):
        headers = self.http.get(f"{self.url}/kraken/0/public/Time").headers
        self.assertEqual(headers["Server"], "cloudflare")
        self.assertEqual(headers["Content-Type"], "application/json; charset=utf-8")
        self.assertIn("Date", headers)

    def test_it_answers_to_names_of_this_machine_only(self):
        for host, status in (
            ("evil.example", 421), ("evil.example:80", 421), ("127.0.0.1.evil.example", 421), ("[::1", 421), ("", 421),
            ("localhost:8001", 200), ("127.0.0.1", 200), ("[::1]:8001", 200),
        ):
            answer = self.http.get(f"{self.url}/_keys", headers={"Host": host})
            self.assertEqual(answer.status_code, status, host)

    def test_it_listens_on_the_loopback_only(self):
        self.assertEqual(self.server.server_address[0], "127.0.0.1")

    def test_it_refuses_bodies_it_cannot_measure(self):
        for header, status in (
            ("Transfer-Encoding: chunked", b"411"), ("Content-Length: 99999999999", b"413"),
            ("Content-Length: ten", b"400"), ("Content-Length: -1", b"400"),
        ):
            answer = self.raw(f"POST /_keys HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
            self.assertEqual(answer.split()[1], status, header)

    def test_it_survives_odd_requests(self):
        for line in (b"GET nowhere HTTP/1.1", b"GET //[ HTTP/1.1", b"GET http://[::1 HTTP/1.1", b"GET /%00 HTTP/1.1"):
            answer = self.raw(line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertEqual(answer.split()[1], b"404", line)

    def test_it_sends_no_body_to_head(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        connection.request("HEAD", "/")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b""))
        connection.close()

    def test_it_hangs_up_when_it_is_closed(self):
        other, client = server.start(), requests.Session()
        client.get(f"{other.url}/_keys")
        other.close()
        with self.assertRaises(requests.ConnectionError):
            client.get(f"{other.url}/_keys")
        client.close()


class CommandTests(SandboxTestCase):
    def test_it_runs_as_a_module_and_stops_on_sigterm(self):
        command = [sys.executable, "-m", "sandbox", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            url = process.stdout.readline().removeprefix("Sandbox: ").strip()
            self.assertEqual(requests.get(f"{url}/_keys", timeout=5).status_code, 200)
            process.terminate()
            self.assertEqual(process.wait(timeout=5), 0)

    def test_it_says_which_port_is_taken(self):
        command = [sys.executable, "-m", "sandbox", "--port", str(self.server.port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"port {self.server.port} cannot be used", done.stderr)

    def test_it_needs_nothing_but_python(self):
        code = "import sandbox.server, sys; print({'django', 'requests', 'celery'} & set(sys.modules))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=10)
        self.assertEqual(done.stdout.strip(), "set()")


class FaultTests(SandboxTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.new_key()

    def fault(self, fault, count=1, **more):
        answer = self.post("/_faults", {"exchange": "kraken", "fault": fault, "count": count, **more})
        self.assertEqual(answer.status_code, 200, answer.text)

    def fault_of_key(self, fault, count=1):
        self.fault(fault, count, api_key=self.key["api_key"])

    def test_it_answers_in_krakens_words(self):
        for fault, words in (("busy", "EService:Busy"), ("unavailable", "EService:Unavailable"),
                             ("rate_limit", "EAPI:Rate limit exceeded")):
            self.fault_of_key(fault)
            self.assertEqual(self.error(self.key, "Balance"), [words])
            self.assertEqual(self.error(self.key, "Balance"), [])

    def test_it_puts_pages_in_place_of_answers(self):
        for fault, status in (("html_403", 403), ("html_520", 520)):
            self.fault_of_key(fault)
            answer = self.call(self.key, "Balance")
            self.assertEqual((answer.status_code, answer.headers["Content-Type"]),
                             (status, "text/html; charset=utf-8"))

    def test_it_sends_what_is_not_json(self):
        self.fault_of_key("not_json")
        answer = self.call(self.key, "Balance")
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]),
                         (200, "application/json; charset=utf-8"))
        with self.assertRaises(requests.JSONDecodeError):
            answer.json()

    def test_it_redirects_so_that_a_follower_repeats_its_signature(self):
        self.fault_of_key("redirect")
        answer = self.call(self.key, "Balance")
        self.assertEqual((answer.status_code, answer.headers["Location"]),
                         (307, f"{self.url}/kraken/0/private/Balance"))

    def test_it_is_slow(self):
        self.fault_of_key("slow")
        with self.assertRaises(requests.ReadTimeout):
            self.call(self.key, "Balance", timeout=0.1)
        self.fault_of_key("slow")
        self.assertEqual(self.error(self.key, "Balance"), [])

    def test_it_hangs(self):
        self.fault_of_key("hang")
        with self.assertRaises(requests.ReadTimeout):
            self.call(self.key, "Balance", timeout=0.2)

    def test_it_resets_the_connection(self):
        self.fault_of_key("reset")
        with self.assertRaises(requests.ConnectionError) as caught:
            self.call(self.key, "Balance")
        self.assertIn("Connection reset by peer", str(caught.exception))

    def test_it_breaks_off_in_the_middle(self):
        self.fault_of_key("truncated")
        with self.assertRaises(requests.exceptions.ChunkedEncodingError) as caught:
            self.call(self.key, "Balance")
        self.assertIn("23 bytes read, 4073 more expected", str(caught.exception))

    def test_it_streams_more_than_anybody_wants_without_saying_how_much(self):
        self.fault_of_key("huge")
        answer = self.call(self.key, "Balance")
        self.assertNotIn("Content-Length", answer.headers)
        self.assertGreaterEqual(len(answer.content), 2_000_000)
        self.assertIsInstance(answer.json(), list)

    def test_it_meets_the_next_calls_and_no_more(self):
        self.fault_of_key("busy", 2)
        self.assertEqual([self.error(self.key, "Balance") for _ in range(3)],
                         [["EService:Busy"], ["EService:Busy"], []])

    def test_it_meets_one_key_or_the_whole_exchange_but_no_public_call(self):
        self.fault_of_key("busy")
        self.assertEqual(self.error(self.keys["ok"], "Balance"), [])
        self.fault("unavailable")
        self.assertEqual(self.http.get(f"{self.url}/kraken/0/public/Time").json()["error"], [])
        self.assertEqual(self.error(self.keys["ok"], "Balance"), ["EService:Unavailable"])
        self.assertEqual(self.error(self.key, "Balance"), ["EService:Busy"])

    def test_it_takes_faults_back(self):
        self.fault_of_key("busy", 9)
        self.fault_of_key("none")
        self.assertEqual(self.error(self.key, "Balance"), [])
        self.fault_of_key("busy", 9)
        self.fault("busy", 9)
        self.fault("none")
        self.assertEqual(self.error(self.key, "Balance"), [])

    def test_it_goes_on_serving_others_meanwhile(self):
        def seconds():
            self.fault_of_key("slow")
            started = time.monotonic()
            with self.assertRaises(requests.ReadTimeout):
                self.call(self.key, "Balance", timeout=0.05)
            self.assertEqual(self.error(self.keys["ok"], "Balance"), [])
            return time.monotonic() - started

        self.assertLess(best_of_three(seconds, 0.25), 0.25)
