"""What an exchange says of a key otherwise than it did the last time: pure, nothing is asked or written."""
from collections.abc import Sequence

from exchanges.connectors.base import KeyReport
from exchanges.models import ApiKey


def compare(key: ApiKey, report: KeyReport, account_hash: str | None) -> dict:
    """The differences between `key`, as its row has it, and `report`, of the account with this hash. {} for none.

    Ready for `Event.changes`: {"permissions": {"added": [...], "removed": [...]}, "ip_allowlist": [...], "expires_at": "2027-…",
    "modified_at": "2026-…", "account": "changed"}, each only where it differs. `ip_allowlist` [] is "from anywhere", None
    "does not say"; `expires_at` None is "no end". What was or is not told at all is no difference.
    """
    changes = _permissions(key, report)
    if _set(key.ip_allowlist) != _set(report.ip_allowlist):
        changes["ip_allowlist"] = None if report.ip_allowlist is None else list(report.ip_allowlist)
    if key.expires_at != report.expires_at:
        changes["expires_at"] = report.expires_at and report.expires_at.isoformat()
    if key.modified_at and report.modified_at and key.modified_at != report.modified_at:
        changes["modified_at"] = report.modified_at.isoformat()
    if key.account_hash and account_hash and key.account_hash != account_hash:
        changes["account"] = "changed"
    return changes


def _permissions(key: ApiKey, report: KeyReport) -> dict:
    if (key.permissions is None) != (report.permissions is None):
        return {}
    if report.permissions is None:          # all that shows there is what a call is refused for
        added, removed = sorted(set(key.denied) - report.denied), sorted(report.denied - set(key.denied))
    else:
        had = frozenset(key.permissions)
        added, removed = sorted(report.permissions - had), sorted(had - report.permissions)
    return {"permissions": {"added": added, "removed": removed}} if added or removed else {}


def _set(addresses: Sequence[str] | None) -> frozenset[str] | None:
    return None if addresses is None else frozenset(addresses)
