"""Kraken's ordinary clients, other people's code, against a sandbox: krakenex, python-kraken-sdk and ccxt.

Each is a process of the interpreter in .venv-oracles that answers over pipes (tests/oracles/conversation.py).
"""

import json
import subprocess
from functools import cache
from unittest import SkipTest

from tests.environment import ROOT
from tests.sandbox.base import SandboxTestCase

ORACLE = ROOT / ".venv-oracles" / "bin" / "python"
NOW = 1795300000.5                      # Sat, 21 Nov 2026 22:26:40
NOBODY = {"api_key": "", "secret": ""}


class Raised(Exception):
    """What a client raised: its name, those of its ancestors, its text."""

    def __init__(self, answer):
        super().__init__(f"{answer['raised']}: {answer['text']}")
        self.name, self.kinds, self.text = answer["raised"], answer["kinds"], answer["text"]


@cache
def process(script):
    """The client's process, one for all tests; it ends when this process does and its pipe with it."""
    command = [ORACLE, ROOT / "tests" / "oracles" / script]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(script, **asked):
    """The result of one call. Raises Raised for what the client raises."""
    client = process(script)
    client.stdin.write(json.dumps(asked) + "\n")
    client.stdin.flush()
    answer = json.loads(client.stdout.readline())
    if "raised" in answer:
        raise Raised(answer)
    return answer["result"]


class ClientTestCase(SandboxTestCase):
    """`self.krakenex`, `self.sdk` and `self.ccxt` call the sandbox as their users do; `nonce` and `timeout_s` pin theirs."""

    durations = {"latency_ms": 2}       # or krakenex, counting milliseconds, would use a nonce twice

    @classmethod
    def setUpClass(cls):
        if not ORACLE.exists():
            raise SkipTest("no .venv-oracles with krakenex, python-kraken-sdk and ccxt (requirements-oracles.txt)")
        super().setUpClass()

    def stop_the_clock(self):
        """What the sandbox tells of times can be foretold; its counters forget nothing any more."""
        self.server.state.clock = lambda: NOW

    def krakenex(self, key, method, fields=None, **how):
        """What krakenex returns: the whole answer, errors too. `key` None for a public call."""
        call = "query_private" if key else "query_public"
        return self.ask("krakenex_client.py", key, call, [method, fields or {}], {}, how, prefix="/kraken")

    def sdk(self, key, call, *args, nonce=None, timeout_s=None, **named):
        """python-kraken-sdk drops the path of its address: it meets the sandbox at the root."""
        how = {"nonce": nonce, "timeout_s": timeout_s}
        return self.ask("kraken_sdk_client.py", key, call, args, named, how)

    def ccxt(self, key, call, *args, nonce=None, timeout_s=None, **named):
        how = {"nonce": nonce, "timeout_s": timeout_s, "exchange": "kraken"}
        return self.ask("ccxt_client.py", key, call, args, named, how, prefix="/kraken")

    def each(self, method, fields=None, *, make_key=None, **how):
        """What krakenex, ccxt and python-kraken-sdk make of a private call, in this order; see `outcome`.

        In this order because each counts its nonces finer than the one before.
        """
        make_key = make_key or self.new_key
        return (
            self.outcome(self.krakenex, make_key(), method, fields, **how),
            self.outcome(self.ccxt, make_key(), f"private_post_{method.lower()}", fields or {}, **how),
            self.outcome(self.sdk, make_key(), "user.request", "POST", f"/0/private/{method}", fields, **how),
        )

    def outcome(self, client, *args, **named):
        """"ok", the error in the answer where a client hands that over, or the name of what it raises."""
        try:
            answer = client(*args, **named)
        except Raised as exc:
            return exc.name
        return next(iter(answer.get("error", [])), "ok")

    def ask(self, script, key, call, args, named, how, prefix=""):
        pair = {name: (key or NOBODY)[name] for name in NOBODY}
        how = {name: value for name, value in how.items() if value is not None}
        return ask(script, url=self.url + prefix, **pair, call=call, args=list(args), named=named, **how)

    def raised(self, client, *args, **named):
        """The name of what `client` raises."""
        with self.assertRaises(Raised) as caught:
            client(*args, **named)
        return caught.exception.name
