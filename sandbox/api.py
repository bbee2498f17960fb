"""The sandbox's own JSON addresses: `/_keys`, `/_calls`, `/_faults`, `/_status`. For tests and scripts."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from sandbox import faults, wishes
from sandbox.dialects.base import Answer, Dialect, Request
from sandbox.state import Key, State

PRIVATE = (("Cache-Control", "no-store"), ("Cross-Origin-Resource-Policy", "same-origin"))
CHANGEABLE: Mapping[str, Callable[[Any], Any]] = {
    "permissions": wishes.permissions, "disabled": wishes.boolean, "valid_until": wishes.moment,
    "ip_allowlist": wishes.addresses,
}
COMMON = {**CHANGEABLE, "name": wishes.text, "account": wishes.text, "fault": wishes.fault}


class BadWish(Exception):
    """What was asked for cannot be done; the text says why."""


def to_json(content: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False).encode(), status, headers=PRIVATE)


def answer(state: State, dialects: Mapping[str, Dialect], request: Request) -> Answer:
    """Answer a request to one of the JSON addresses. What it does not understand is a 4xx with {"error": why}."""
    if (request.method, request.path) not in ADDRESSES:
        return to_json({"error": "method not allowed"}, 405)
    if request.method == "POST" and request.headers.get_content_type() != "application/json":
        # Other sites can make a browser post forms and plain text here, but not this type.
        return to_json({"error": "send the Content-Type application/json"}, 415)
    try:
        return to_json(ADDRESSES[request.method, request.path](state, dialects, request))
    except BadWish as exc:
        return to_json({"error": str(exc)}, 400)


def list_keys(state: State, dialects: Mapping[str, Dialect], _: Request) -> dict[str, Any]:
    return {slug: [key.entry() for key in state.keys(slug) if key.ready_made] for slug in dialects}


def list_calls(state: State, _: Mapping[str, Dialect], request: Request) -> list[dict[str, Any]]:
    wanted = parse_qs(request.query).get("api_key")
    # A "+" left unquoted arrives as a blank; no exchange's key has blanks.
    api_key = wanted[0].replace(" ", "+") if wanted else None
    return [call.entry() for call in state.calls(api_key)]


def post_key(state: State, dialects: Mapping[str, Dialect], request: Request) -> dict[str, Any]:
    wish = read_object(request)
    dialect = dialect_of(wish, dialects)
    if wish.get("api_key") is not None:
        key = key_of(state, dialect, wish)
        change_key(state, key, read_fields(wish, CHANGEABLE))
        return key.entry()
    if "permissions" not in wish:
        raise BadWish("permissions: is required")
    return make_key(state, dialect, read_fields(wish, {**COMMON, **dialect.key_fields})).entry()


def make_key(state: State, dialect: Dialect, fields: Mapping[str, Any]) -> Key:
    """Make a key with a fresh pair; valid at once. `fields`: clean values by field name."""
    api_key, secret, passphrase = dialect.make_pair()
    key = dialect.key_type(api_key=api_key, secret=secret, passphrase=passphrase, **fields)
    state.add_key(dialect.slug, key)
    return key


def change_key(state: State, key: Key, fields: Mapping[str, Any]) -> None:
    with state.lock:
        for name, value in fields.items():
            setattr(key, name, value)
        key.modified_time = state.clock()


def post_fault(state: State, dialects: Mapping[str, Dialect], request: Request) -> dict[str, Any]:
    wish = read_object(request)
    dialect = dialect_of(wish, dialects)
    fields = read_fields(wish, {"fault": wishes.fault, "count": wishes.whole})
    if "fault" not in fields:
        raise BadWish(f"fault: is required, one of {', '.join(faults.NAMES)}")
    count = fields.get("count", 1)
    if not 1 <= count <= 1_000_000:
        raise BadWish("count: must be 1 to 1000000")
    api_key = key_of(state, dialect, wish).api_key if wish.get("api_key") is not None else ""
    state.set_fault(dialect.slug, api_key, fields["fault"], count)
    return {"exchange": dialect.slug, "api_key": api_key or None, "fault": fields["fault"], "count": count}


def post_status(state: State, dialects: Mapping[str, Dialect], request: Request) -> dict[str, Any]:
    """Set how an exchange is doing, until it is set otherwise; what is not named stays."""
    wish = read_object(request)
    dialect = dialect_of(wish, dialects)
    fields = read_fields(wish, {
        "status": wishes.one_of(dialect.statuses), "latency_ms": wishes.latency, "ahead_s": wishes.seconds})
    condition = state.change_condition(dialect.slug, **fields)
    return {"exchange": dialect.slug, "status": condition.status, "latency_ms": condition.latency_ms, "ahead_s": condition.ahead_s}


def read_object(request: Request) -> dict[str, Any]:
    try:
        wish = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadWish("the body is not JSON") from None
    if not isinstance(wish, dict):
        raise BadWish("the body must be a JSON object")
    return wish


def dialect_of(wish: Mapping[str, Any], dialects: Mapping[str, Dialect]) -> Dialect:
    if wish.get("exchange") not in tuple(dialects):
        raise BadWish(f"exchange: must be one of {', '.join(dialects)}")
    return dialects[wish["exchange"]]


def key_of(state: State, dialect: Dialect, wish: Mapping[str, Any]) -> Key:
    key = state.key(dialect.slug, str(wish["api_key"]))
    if key is None:
        raise BadWish(f"api_key: {dialect.name} has no such key here")
    return key


def read_fields(wish: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The clean values of `wish`. Raises BadWish for a value that cannot be read and for a name nobody knows."""
    clean = {}
    for name, value in wish.items():
        if name in ("exchange", "api_key"):
            continue
        if name not in readers:
            raise BadWish(f"{str(name)[:40]}: unknown field; known: {', '.join(readers)}")
        try:
            clean[name] = readers[name](value)
        except ValueError as exc:
            raise BadWish(f"{name}: {exc}") from None
    return clean


ADDRESSES: Mapping[tuple[str, str], Callable[[State, Mapping[str, Dialect], Request], Any]] = {
    ("GET", "/_keys"): list_keys,
    ("POST", "/_keys"): post_key,
    ("GET", "/_calls"): list_calls,
    ("POST", "/_faults"): post_fault,
    ("POST", "/_status"): post_status,
}
PATHS = {path for _, path in ADDRESSES}
