"""Keys of every behaviour, and the state that each deserves in the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time

from tests.road.person import SIX

DAY_S = 86_400
# An unknown key that was proven is asked about again before it is given up, which may be after the trial.
GONE = frozenset({"action_required/bad_key", "revoked", "expired"})
READY = frozenset({"ready"})
FAULTS = (
    "busy", "unavailable", "rate_limit", "html_403", "html_520", "slow", "hang", "reset", "truncated", "huge", "not_json",
    "redirect",
)
WRONG_SECRET = "d3JvbmcgYnV0IHdlbGwgZm9ybWVkLCB4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="


@dataclass(frozen=True)
class Behaviour:
    """`share`: how many of 500 links. `proven`: it was linked a year ago and has changed since then."""

    name: str
    share: int
    deserves: frozenset[str] = READY
    permissions: tuple[str, ...] = tuple(SIX)
    wish: Mapping[str, object] = field(default_factory=dict)
    fault: str = ""
    secret: str = ""
    proven: bool = False


def without(name: str) -> tuple[str, ...]:
    return tuple(permission for permission in SIX if permission != name)


def state(*names: str) -> frozenset[str]:
    return frozenset(names)


def behaviours() -> list[Behaviour]:
    taking, over = (*SIX, "withdraw-funds"), {"valid_until": time() - DAY_S}
    first = [
        Behaviour("fine", 213),
        Behaviour("empty", 10, wish={"empty": True}),
        Behaviour("documented spelling", 10, wish={"spelling": "camel"}),
        Behaviour("ends in a week", 10, wish={"valid_until": time() + 7 * DAY_S}),
        Behaviour("lacks a permission", 15, state("action_required/missing_permissions"), without("query-ledger")),
        Behaviour("takes money out", 15, state("refused/dangerous_permissions"), taking),
        Behaviour("unknown permission", 5, state("refused/dangerous_permissions"), (*SIX, "future-transfer-funds")),
        Behaviour("deleted", 10, state("action_required/bad_key"), wish={"disabled": True}),
        Behaviour("over", 5, state("action_required/bad_key"), wish=over),
        Behaviour("wrong secret", 10, state("action_required/bad_secret"), secret=WRONG_SECRET),
        Behaviour("another address", 5, state("action_required/ip_blocked"), wish={"ip_allowlist": ["198.51.100.7"]}),
        Behaviour("its own 2FA", 5, state("action_required/ip_blocked"), wish={"otp": "482913"}),
        Behaviour("some days only", 5, state("action_required/query_window"), wish={"query_from": int(time()) - 30 * DAY_S}),
        Behaviour("no nonce left", 5, state("action_required/nonce_conflict"), wish={"nonce": 2**63 - 1}),
        Behaviour("cannot be read", 1, state("exchange_down/unreadable_answer"), wish={"no_method": True}),
    ]
    old = [
        Behaviour("was proven", 100, proven=True),
        Behaviour("took to taking money", 15, state("suspended/dangerous_permissions"), taking, proven=True),
        Behaviour("lost a permission", 15, state("action_required/missing_permissions"), without("modify-trades"), proven=True),
        Behaviour("was deleted", 10, GONE, wish={"disabled": True}, proven=True),
    ]
    # Last: while many meet a fault, the exchange's breaker is open and little else is asked.
    return [*first, *old, *(Behaviour(f"meets {fault}", 3, fault=fault) for fault in FAULTS)]
