"""What a running sandbox remembers: keys, accounts, calls and faults. In memory only, gone when it stops."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

CALLS_KEPT = 20_000


@dataclass(frozen=True)
class Options:
    """How long and how big the misbehaviours are; tests make them small. `ip_error` "" means the dialect's own."""

    slow_s: float = 15.0
    hang_s: float = 120.0
    late_s: float = 30.0
    lockout_s: float = 300.0
    huge_bytes: int = 50_000_000
    ip_error: str = ""
    latency_ms: int = 0


@dataclass(frozen=True)
class Condition:
    """How an exchange is doing: its status in its own word, how much later each call is answered, how far its clock is ahead."""

    status: str = "online"
    latency_ms: int = 0
    ahead_s: int = 0


@dataclass
class Key:
    """One key pair at one exchange. A dialect whose keys know more than this subclasses it."""

    api_key: str
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)
    name: str = ""
    about: tuple[str, str] = ("", "")                       # what it shows, in Spanish and in English
    ready_made: bool = False
    account: str = ""                                       # keys with the same text belong to one account
    permissions: list[str] = field(default_factory=list)
    disabled: bool = False
    valid_until: float = 0                                  # unix seconds, 0 for ever
    ip_allowlist: list[str] = field(default_factory=list)   # empty: from anywhere
    fault: str = "none"                                     # a misbehaviour that every call of this key meets
    created_time: float = field(default_factory=time.time)
    modified_time: float = 0
    last_used: float = 0

    def __post_init__(self) -> None:
        self.name = self.name or f"api-key-{int(self.created_time * 1000)}"
        self.account = self.account or self.api_key
        self.modified_time = self.modified_time or self.created_time

    def entry(self) -> dict[str, Any]:
        """The key as `/_keys` shows it."""
        return {
            "name": self.name, "api_key": self.api_key, "secret": self.secret, "passphrase": self.passphrase,
            "permissions": self.permissions, "about": self.about[1],
        }


@dataclass
class Call:
    """One call that reached an exchange of the sandbox. `outcome`: "ok", the exchange's error, or a fault's name.

    `ended`: when the answer left or the line was over, None while the caller waits.
    """

    api_key: str
    method: str
    path: str
    time: float
    outcome: str
    ended: float | None = None

    def entry(self) -> dict[str, Any]:
        """The call as `/_calls` shows it: nothing that was pasted into a header."""
        return {
            "method": self.method, "path": self.path, "time": self.time, "ended": self.ended, "outcome": self.outcome,
        }


class State:
    """Everything the sandbox knows. Whoever reads and then writes holds `lock`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock: Callable[[], float] = time.time         # tests put it forward instead of waiting
        self.lock = threading.RLock()
        self.form_token = secrets.token_urlsafe(24)         # only pages of this run know it
        self._keys: dict[tuple[str, str], Key] = {}
        self._accounts: dict[tuple[str, str], Any] = {}
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._faults: dict[tuple[str, str], tuple[str, int]] = {}
        self._conditions: dict[str, Condition] = {}

    def add_key(self, slug: str, key: Key) -> None:
        with self.lock:
            self._keys[slug, key.api_key] = key

    def key(self, slug: str, api_key: str) -> Key | None:
        return self._keys.get((slug, api_key))

    def keys(self, slug: str) -> list[Key]:
        """All keys of one exchange, in the order they were made."""
        with self.lock:
            return [key for (owner, _), key in self._keys.items() if owner == slug]

    def account(self, slug: str, name: str, make: Callable[[], Any]) -> Any:
        """The account called `name`, made by the dialect's `make` when it is first needed."""
        with self.lock:
            if (slug, name) not in self._accounts:
                self._accounts[slug, name] = make()
            return self._accounts[slug, name]

    def condition(self, slug: str) -> Condition:
        return self._conditions.get(slug, Condition(latency_ms=self.options.latency_ms))

    def now(self, slug: str) -> float:
        """Unix seconds by the clock of this exchange."""
        return self.clock() + self.condition(slug).ahead_s

    def change_condition(self, slug: str, **changes: Any) -> Condition:
        """What is not among `changes` stays as it was."""
        with self.lock:
            self._conditions[slug] = replace(self.condition(slug), **changes)
            return self._conditions[slug]

    def record(self, call: Call) -> None:
        with self.lock:
            self._calls.append(call)

    def calls(self, api_key: str | None) -> list[Call]:
        """What was asked with `api_key` (None: with any, and without), oldest first."""
        with self.lock:
            return [call for call in self._calls if api_key is None or call.api_key == api_key]

    def set_fault(self, slug: str, api_key: str, fault: str, count: int) -> None:
        """Let the next `count` private calls meet `fault`; `api_key` "" means whichever key.

        "none" takes back what was set before, for the key or, without one, for the whole exchange.
        """
        with self.lock:
            if fault != "none":
                self._faults[slug, api_key] = (fault, count)
                return
            for target in [t for t in self._faults if t[0] == slug and api_key in ("", t[1])]:
                del self._faults[target]

    def take_fault(self, slug: str, api_key: str) -> str:
        """The fault that a call of this key meets now; it counts as met."""
        with self.lock:
            for target in ((slug, api_key), (slug, "")):
                if target in self._faults:
                    fault, count = self._faults.pop(target)
                    if count > 1:
                        self._faults[target] = (fault, count - 1)
                    return fault
            key = self.key(slug, api_key)
            return key.fault if key else "none"
