"""What a connector is made of: data about one exchange, and the shapes that go in and out of it. Knows no user, row or request."""
import json
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from requests.auth import AuthBase

if TYPE_CHECKING:
    from .session import ExchangeSession

DANGEROUS_WORDS = re.compile("withdraw|transfer|send|address")
LONGEST_WAIT_S = 3600.0                     # what an edge may ask of us: people are told the hour of the next try, not the day
Words = str | Promise                       # a sentence of ours, translated when it is shown


class Refused(Exception):
    """The exchange judged the key; asking again changes nothing. `code` is the exchange's own, sanitised, never free text."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason, code)
        self.reason, self.code = reason, code[:120]


class Unavailable(Exception):
    """No answer, busy or unreadable: says nothing about the key. `retry_after_s`: when the exchange named a time."""

    def __init__(self, reason: str, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(reason, code, retry_after_s)
        self.reason, self.code, self.retry_after_s = reason, code[:120], retry_after_s


class Mispasted(Exception):
    """What was pasted cannot be a key of this exchange. `errors`: form field → sentence, which never repeats the paste."""

    def __init__(self, errors: Mapping[str, Words]) -> None:
        super().__init__(*errors)
        self.errors = errors


@dataclass(frozen=True)
class Permission:
    """One right a key can have. `label` and `group` are the exchange's screen today, `classic_…` the older one ("": not there)."""

    name: str                               # the exchange's own, as its API reports it
    kind: str                               # needed | bundled | dangerous | extra
    title: Words                            # ours
    opens: Words                            # what it lets one do
    label: str
    group: str = ""
    classic_label: str = ""
    classic_group: str = ""
    label_es: str = ""                      # on its Spanish screen, where we know it


needed = partial(Permission, kind="needed")
bundled = partial(Permission, kind="bundled")
dangerous = partial(Permission, kind="dangerous")
extra = partial(Permission, kind="extra")


@dataclass(frozen=True)
class Credentials:
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeyReport:
    """What the exchange says of a key. None always means that it does not say."""

    permissions: frozenset[str] | None
    account: str | None = None              # stable identity of the account; personal, only its keyed hash is stored
    expires_at: datetime | None = None
    ip_allowlist: tuple[str, ...] | None = None     # (): works from anywhere
    query_window: bool = False              # the key sees only some dates
    name: str = ""
    modified_at: datetime | None = None
    denied: frozenset[str] = frozenset()    # rights that a call of ours was refused for, whatever else is or is not told
    empty: bool | None = None               # nothing is held


@dataclass(frozen=True)
class Endpoint:
    """One request that may be sent: `fixed` parameters go with every call, those named in `free` may be added, no others."""

    method: str
    path: str
    fixed: tuple[tuple[str, Any], ...] = ()
    free: tuple[str, ...] = ()
    says: Words = field(default="", compare=False)          # what it is for, in the owner's diary of calls
    permission: str = field(default="", compare=False)      # the right it needs
    signed: bool = True                     # False: a public request, which never goes out with a key
    is_json: bool = False                   # the parameters are the fields of a JSON object, not of a form

    @property
    def name(self) -> str:
        """The last part of the path, as the diary of calls shows it: "Balance"."""
        return self.path.rpartition("/")[2]


def GET(path: str, *, says: Words, permission: str = "", free: tuple[str, ...] = (), **fixed: str) -> Endpoint:
    return Endpoint("GET", path, tuple(fixed.items()), free, says, permission)


def POST(path: str, *, says: Words, permission: str = "", free: tuple[str, ...] = (), **fixed: str) -> Endpoint:
    return Endpoint("POST", path, tuple(fixed.items()), free, says, permission)


def POST_JSON(path: str, *, says: Words, permission: str = "", **body: Any) -> Endpoint:
    """`body`: the whole JSON object, sent as it stands here."""
    return Endpoint("POST", path, tuple(body.items()), (), says, permission, is_json=True)


def PUBLIC(path: str, *, says: Words, **fixed: str) -> Endpoint:
    return Endpoint("GET", path, tuple(fixed.items()), says=says, signed=False)


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP, not yet judged. Header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Seen:
    """What a read tells beside that it works. `account`: as in KeyReport, where describe_key cannot tell it."""

    empty: bool | None = None
    account: str | None = None


@dataclass(frozen=True)
class Read:
    """A cheap proof that the key can read. `call` returns what else it saw (None: nothing).

    Not `strict`: an answer that we cannot read, or a call that is no longer there, keeps nobody waiting. It says nothing of the
    key, whose permissions the exchange has told; a refusal counts all the same.
    """

    endpoint: Endpoint
    call: "Callable[[ExchangeSession], Seen | None]"
    strict: bool = True


@dataclass(frozen=True)
class DryRun:
    """An order that is checked and never placed. `call` returns "ok" or "skipped", or raises Refused("missing_permissions")."""

    endpoint: Endpoint
    call: "Callable[[ExchangeSession], str]"


@dataclass(frozen=True)
class Region:
    """One of the sites of an exchange that has several, each with accounts of its own. `name`, `hint`: what a person chooses by."""

    slug: str                               # lower-case letters: <SLUG>_<REGION>_API_URL
    name: Words
    hint: Words
    api_url: str                            # scheme and host only


Sign = Callable[[Credentials, Callable[[], int], Callable[[], float]], AuthBase]


@dataclass(frozen=True, kw_only=True)
class Connector:
    """All that differs at one exchange. The form, the guide, the audit and the pages read it; nobody asks for a slug."""

    slug: str
    name: str
    monogram: str                           # two letters, drawn as the tile
    api_url: str                            # scheme and host only
    keys_url: str                           # where people make and delete keys
    status_url: str                         # for people
    minutes: int = 4                        # what a person needs for the guide
    # The paste
    api_key_label: str                      # on the exchange's screen
    secret_label: str
    api_key_hint: Words                     # what it looks like, below its field
    secret_hint: Words
    key_length: int = 0                     # the usual one, counted while one pastes; 0: they differ
    secret_length: int = 0
    secret_lines: int = 1                   # more: it comes in several
    needs_passphrase: bool = False
    clean: Callable[[str, str, str], Credentials]                   # (api_key, secret, passphrase); raises Mispasted
    looks_like_secret: Callable[[str], bool]
    key_shows: bool = True                  # False: key and secret look alike, so a faulty form shows neither again
    # The wire
    endpoints: tuple[Endpoint, ...]         # the session sends nothing else
    sign: Sign                              # (credentials, next nonce, unix seconds by the exchange's clock)
    nonce_now: Callable[[], int] = time.time_ns                     # the present in the exchange's nonce unit
    read_answer: Callable[[Endpoint, Answer], Any]                  # result, or raises Refused or Unavailable
    max_calls: int = 9                      # in one validation, repeats included
    # From all of us together. None of theirs that we know: enough for five million links a day, a burst of people included.
    calls_per_s: float = 60.0
    regions: tuple[Region, ...] = ()        # () where one site serves all
    server_time: "Callable[[ExchangeSession], float] | None" = None     # a public call: its clock, in unix seconds
    clock_codes: tuple[str, ...] = ()       # of failures that a wrong clock of ours may be behind
    # The questions: each raises Refused or Unavailable
    permissions: tuple[Permission, ...]     # in the order of the exchange's screen
    describe_key: "Callable[[ExchangeSession], KeyReport]"
    describe_calls: int = 1                 # that it makes
    reads: tuple[Read, ...]
    dry_run: DryRun | None = None
    system_status: "Callable[[ExchangeSession], str] | None" = None     # a public call: "ok" | "limited" | "maintenance"
    reports_permissions: bool = True        # False: the person's word stands in, the tick `withdrawals_off`
    supports_ip_allowlist: bool = True
    # In words: said in public, and where what we say of all exchanges is not true of this one
    proof: Words                            # how we prove what a key may do
    ip_words: Words                         # whether and how a key is limited to addresses
    expiry_words: Words                     # when a key ends by itself
    # Reason, notice, "expired" or "revoked" → (title or "", sentence)
    cures: Mapping[str, tuple[Words, Words]] = field(default_factory=dict)

    @property
    def proof_calls(self) -> int:
        """What the first proof of a key takes; afterwards describing it is a whole check."""
        return self.describe_calls + len(self.reads) + (self.dry_run is not None)

    def own_url(self, region: str = "") -> str:
        """The exchange's own address, which its signatures are made for."""
        return next((one.api_url for one in self.regions if one.slug == region), self.api_url)


def status_failure(answer: Answer) -> Unavailable:
    """What a bare HTTP status says where the exchange itself did not speak. Never the fault of a key."""
    code = f"HTTP {answer.status}"
    if answer.status in (418, 429):
        return Unavailable("rate_limited", code, named_wait_s(answer))
    if answer.status >= 500:                # 520 and up are Cloudflare's words for "the exchange does not answer me"
        return Unavailable("maintenance", code)
    return Unavailable("unreadable_answer", code)       # 403 is an edge's challenge page, not the exchange's word


def named_wait_s(answer: Answer) -> float | None:
    """How long to wait, where a header names it in seconds."""
    wait = answer.headers.get("Retry-After", "")
    return min(float(wait), LONGEST_WAIT_S) if wait.isdecimal() and len(wait) < 10 else None


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, parsed strictly: UTF-8, an object, no NaN. Raises Unavailable("unreadable_answer")."""
    try:
        parsed = json.loads(body.decode(), parse_constant=_no_constant, object_pairs_hook=_once_each)
    except (ValueError, RecursionError):    # RecursionError: brackets nested a thousand deep
        parsed = None
    if not isinstance(parsed, dict):
        raise Unavailable("unreadable_answer")
    return parsed


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says a thing twice says nothing."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def sounds_dangerous(name: str) -> bool:
    """Whether a permission nobody told us of, by its name, may move money out or prepare it. Dressed-up letters do not hide it."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return bool(DANGEROUS_WORDS.search("".join(letter for letter in plain if letter.isprintable())))
