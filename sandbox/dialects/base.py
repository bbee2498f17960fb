"""What the server and a dialect say to each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from sandbox.state import Key, State

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """One HTTP request. `path` is the exchange's own, without the /<slug> in front and without the query."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes = field(repr=False)
    address: str = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `outcome` is what `/_calls` tells about it."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    outcome: str = "ok"


@dataclass(frozen=True)
class PermissionGroup:
    """A heading of the exchange's key page and its boxes: (name in the API, label on the screen)."""

    label: str
    boxes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Dialect:
    """How one exchange speaks.

    `key_fields`: what a new key may wish beyond the common fields, each with its reader (see `wishes.py`).
    `make_pair()`: a fresh (api_key, secret, passphrase). `ready_made(now)`: the keys that are there from the start.
    `api_key_of(request)`: whose call it is, None for a public one. `errors`: busy, unavailable and rate_limit in the
    exchange's own words. `root_paths`: beginnings of paths that no other exchange uses.
    """

    slug: str
    name: str
    root_paths: tuple[str, ...]
    permission_groups: tuple[PermissionGroup, ...]
    key_type: type[Key]
    key_fields: Mapping[str, Callable[[Any], Any]]
    make_pair: Callable[[], tuple[str, str, str]]
    ready_made: Callable[[float], list[Key]]
    api_key_of: Callable[[Request], str | None]
    answer: Callable[[State, Request], Answer]
    errors: Mapping[str, Answer]
    statuses: tuple[str, ...] = ("online",)                     # that `/_status` can set
    new_key_labels: tuple[str, ...] = ("Create API key",)       # of the button, today's first
    api_key_label: str = "API key"
    secret_label: str = "Secret key"
    server_header: str = "sandbox"
