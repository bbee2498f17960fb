"""What connectors read in answers, each strictly: another shape is Unavailable("unreadable_answer"), never a guess."""
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from .base import Refused, Unavailable


def as_object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Unavailable("unreadable_answer")
    return found


def as_rows(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unavailable("unreadable_answer")
    return found


def as_amount(found: Any) -> Decimal:
    """An amount as a text or a number."""
    try:
        amount = Decimal(str(found))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Unavailable("unreadable_answer")
    return amount


def dry_run(ask: Callable[[], bool]) -> str:
    """What an order that is not placed tells, for DryRun: "ok" where `ask` says that the key may, else "skipped".

    Raises Refused("missing_permissions") where the key may not, Refused("nonce_conflict") to be asked once more. Nothing else
    that an order is told judges the key.
    """
    try:
        accepted = ask()
    except Refused as refusal:
        if refusal.reason in ("missing_permissions", "nonce_conflict"):
            raise
        return "skipped"
    except Unavailable:
        return "skipped"
    return "ok" if accepted else "skipped"
