"""What a key's report means: permission table × KeyReport → Verdict. Pure: no row, no clock, no network.

The order of judgement is the contract's: dangerous, past its end, missing, extra, dates; exactly the needed ones → ready.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .connectors.base import KeyReport, Permission, sounds_dangerous

EXPIRES_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Row:
    """One permission of a key. `permission` is None where our table does not know the name."""

    name: str
    verdict: str                            # needed | missing | extra | dangerous | unknown
    permission: Permission | None


@dataclass(frozen=True)
class Verdict:
    status: str                             # ready | action_required | refused | suspended | expired
    reason: str
    notices: tuple[str, ...]
    rows: tuple[Row, ...]


def audit(
    permissions: Sequence[Permission], report: KeyReport, *, proven: bool, now: datetime, withdrawals_off: bool = False,
) -> Verdict:
    """Judge `report`. `proven`: the key was ready before. `withdrawals_off`: the person's word where an exchange cannot tell."""
    found = rows(permissions, report.permissions, report.denied)
    status, reason = _judge(found, report, proven, now, withdrawals_off)
    return Verdict(status, reason, _notices(report, now) if status == "ready" else (), found)


def rows(
    permissions: Sequence[Permission], granted: frozenset[str] | None, denied: frozenset[str] = frozenset()
) -> tuple[Row, ...]:
    """One row per permission that is granted or needed, dangers first.

    Where `granted` is None, all of the table: missing where a call was `denied` for it, else unknown.
    """
    if granted is None:
        return tuple(
            Row(permission.name, "missing" if permission.kind == "needed" and permission.name in denied else "unknown", permission)
            for permission in permissions)
    known = {permission.name: permission for permission in permissions}
    found = [Row(name, verdict, known[name]) for name in known if (verdict := _verdict(known[name], name in granted))]
    found += [Row(name, _verdict_of_unknown(name), None) for name in sorted(granted - known.keys())]
    return tuple(sorted(found, key=lambda row: ("dangerous", "needed", "extra").index(_rank(row.verdict))))


def _verdict(permission: Permission, is_granted: bool) -> str:
    if not is_granted:
        return "missing" if permission.kind == "needed" else ""
    return "needed" if permission.kind == "bundled" else permission.kind


def _verdict_of_unknown(name: str) -> str:
    return "dangerous" if sounds_dangerous(name) else "extra"


def _rank(verdict: str) -> str:
    return "needed" if verdict == "missing" else verdict    # a gap shows where the tooth should be


def _judge(found: Sequence[Row], report: KeyReport, proven: bool, now: datetime, withdrawals_off: bool) -> tuple[str, str]:
    verdicts = {row.verdict for row in found}
    if "dangerous" in verdicts:
        return "suspended" if proven else "refused", "dangerous_permissions"
    if report.expires_at is not None and report.expires_at <= now:
        return "expired", ""
    if report.permissions is None and not withdrawals_off:
        return "action_required", "unverifiable_permissions"
    if "missing" in verdicts:
        return "action_required", "missing_permissions"
    if "extra" in verdicts:
        return "action_required", "extra_permissions"
    if report.query_window:
        return "action_required", "query_window"
    return "ready", ""


def _notices(report: KeyReport, now: datetime) -> tuple[str, ...]:
    """What a ready key's owner should know. `empty_account` comes from the reads, not from the report."""
    notices = []
    if report.expires_at is not None and report.expires_at - now <= EXPIRES_SOON:
        notices.append("expires_soon")
    if report.ip_allowlist == ():
        notices.append("ip_open")
    if report.permissions is None:
        notices.append("unverifiable_permissions")
    return tuple(notices)
