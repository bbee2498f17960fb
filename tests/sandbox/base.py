"""A sandbox of its own for each test class, and a small client that speaks to it as Kraken's clients do."""

import time
import unittest
from urllib.parse import urlencode

import requests

from sandbox import server
from sandbox.dialects.kraken_auth import sign
from sandbox.dialects.kraken_keys import NEEDED


class SandboxTestCase(unittest.TestCase):
    """Real HTTP to a server in a thread. `self.keys`: the ready-made keys by name; `self.new_key` for one to spoil."""

    durations = {"slow_s": 0.3, "hang_s": 5, "huge_bytes": 2_000_000}

    @classmethod
    def setUpClass(cls):
        cls.server = server.start(**cls.durations)
        cls.addClassCleanup(cls.server.close)
        cls.url = cls.server.url
        cls.http = requests.Session()
        cls.addClassCleanup(cls.http.close)
        cls.keys = {key["name"]: key for key in cls.http.get(f"{cls.url}/_keys").json()["kraken"]}

    def setUp(self):
        self.later(0)

    def later(self, seconds):
        """Let the sandbox believe that it is so many seconds later than now."""
        self.server.state.clock = lambda: time.time() + seconds

    def post(self, path, wish):
        return self.http.post(f"{self.url}{path}", json=wish)

    def new_key(self, **wish):
        answer = self.post("/_keys", {"exchange": "kraken", "permissions": list(NEEDED), **wish})
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def call(self, key, method, *, nonce=None, secret=None, prefix="/kraken", timeout=5, **params):
        """The HTTP answer to a signed, form-encoded call."""
        nonce = str(time.time_ns() if nonce is None else nonce)
        body = urlencode({"nonce": nonce, **params})
        path = f"/0/private/{method}"
        return self.http.post(
            f"{self.url}{prefix}{path}", data=body, timeout=timeout, allow_redirects=False,
            headers={
                "API-Key": key["api_key"], "API-Sign": sign(secret or key["secret"], path, nonce, body.encode()),
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )

    def result(self, key, method, **params):
        answer = self.call(key, method, **params).json()
        self.assertEqual(answer["error"], [])
        return answer["result"]

    def error(self, key, method, **params):
        answer = self.call(key, method, **params)
        self.assertEqual(answer.status_code, 200)
        return answer.json()["error"]
