"""Every error that Kraken's documentation and its users know, and what each means on each kind of call.

https://docs.kraken.com/exchange/guides/general/errors.md and
https://support.kraken.com/hc/en-us/articles/360001491786-API-error-messages (read 2026-11-22)
"""
from dataclasses import dataclass

from exchanges.connectors.base import Refused, Unavailable

Meaning = tuple[type[Exception], str]

# The exchange judged: the person must do something.
BAD_KEY, BAD_SECRET, NONCE, OTP = [(Refused, reason) for reason in ("bad_key", "bad_secret", "nonce_conflict", "otp_on_key")]
BLOCKED, MISSING, DATES = [(Refused, reason) for reason in ("ip_blocked", "missing_permissions", "query_window")]
RESTRICTED, REGION = [(Refused, reason) for reason in ("account_restricted", "region_blocked")]
# It did not: nothing for the person to do.
BUSY, SLOWER, LATE, LOCKED = [(Unavailable, reason) for reason in ("maintenance", "rate_limited", "timeout", "lockout")]
OURS, UNREADABLE = (Unavailable, "internal"), (Unavailable, "unreadable_answer")
# What the dry order makes of it.
OK, SKIPPED = "ok", "skipped"


@dataclass(frozen=True)
class Row:
    """`said` is what Kraken answers, the rest what we make of it. `history`: ClosedOrders and Ledgers; `code` is for our staff."""

    said: tuple[str, ...]
    key_info: Meaning
    read: Meaning
    history: Meaning
    dry_order: Meaning | str
    code: str


def row(said, key_info, read=None, dry_order=SKIPPED, *, history=None, code=None) -> Row:
    """A meaning that is left out is that of the column before; so is the code, where the error says nothing else."""
    said = said if isinstance(said, tuple) else (said,)
    read = read or key_info
    return Row(said, key_info, read, history or read, dry_order, said[0] if code is None else code)


KEY_ROWS = (
    row("EAPI:Invalid key", BAD_KEY, OURS),
    row("EAPI : Invalid  key", BAD_KEY, OURS, code="EAPI:Invalid key"),
    row(" eapi:invalid KEY ", BAD_KEY, OURS, code="EAPI:Invalid key"),
    row("EAPI:Invalid key:not found", BAD_KEY, OURS, code="EAPI:Invalid key"),
    row("EAPI:Invalid key - see Settings", BAD_KEY, OURS, code="EAPI:Invalid key"),
    row("EAPI:Invalid keyring", UNREADABLE),
    row("ESession:Invalid session", BAD_KEY),
    row("EAPI:Invalid signature", BAD_SECRET, OURS),
    row("EAPI:Invalid signature:HMAC", BAD_SECRET, OURS, code="EAPI:Invalid signature"),
    row("EAPI:Invalid otp", OTP),
    row("EAPI:Invalid nonce", NONCE, dry_order=NONCE),
    row("EGeneral:Permission denied", BLOCKED, MISSING, MISSING),
    row("EGeneral: Permission denied: Query Funds", BLOCKED, MISSING, MISSING, code="EGeneral:Permission denied"),
)
ACCOUNT_ROWS = (
    row("EAPI:Feature disabled", RESTRICTED),
    row("EAPI:Feature disabled:viqc", RESTRICTED, code="EAPI:Feature disabled"),
    row("EAuth:Account temporary disabled", RESTRICTED),
    row("EAuth:Account unconfirmed", RESTRICTED),
    row("EAuth:Failed", RESTRICTED),
    row("EAccount:Invalid permissions", REGION),
    row("EAccount:Invalid permissions:XBT trading restricted for US:WA.", REGION, code="EAccount:Invalid permissions"),
    row("EAccount:Closed", RESTRICTED),
    row("ETrade:User Locked", RESTRICTED),
    row("ETrade:Locked", RESTRICTED),
)
PASSING_ROWS = (
    row("EGeneral:Temporary lockout", LOCKED),
    row("EAPI:Rate limit exceeded", SLOWER),
    row("EGeneral:Too many requests", SLOWER),
    row("EAuth:Rate limit exceeded", SLOWER),
    row("EAuth:Too many requests", SLOWER),
    row("EService:Throttled", SLOWER),
    row("EService:Throttled:1795300030", SLOWER, code="EService:Throttled"),
    row("EService: Throttled: [1795300030]", SLOWER, code="EService:Throttled"),
    row("EService:Unavailable", BUSY),
    row("EService:Busy", BUSY),
    row("EService:Market in cancel_only mode", BUSY),
    row("EService:Market in post_only mode", BUSY),
    row("EService:Market in limit_only mode", BUSY),
    row("EService:Timeout", LATE),
    row("EService:Deadline elapsed", LATE),
    row("EGeneral:Internal error", BUSY),
    row("EGeneral:Internal error:1234", BUSY, code="EGeneral:Internal error"),
    row("EDatabase:Internal error", BUSY),
)
OUR_ROWS = (
    row("EAPI:Bad request", OURS),
    row("EGeneral:Invalid arguments", OURS, history=DATES),
    row("EGeneral:Invalid arguments:start", OURS, history=DATES, code="EGeneral:Invalid arguments"),
    row("EGeneral:Invalid arguments:Index unavailable", OURS, history=DATES, code="EGeneral:Invalid arguments"),
    row("ETrade:Invalid request", OURS),
    row("EQuery:Unknown asset pair", OURS),
    row("EQuery:Invalid asset pair", OURS),
    row("EQuery:Unknown asset", OURS),
    row("EGeneral:Unknown method", UNREADABLE),
    row("EGeneral:Unknown Method", UNREADABLE, code="EGeneral:Unknown method"),
)
# After the dry order they mean that the right is there; no other call of ours can bring them.
ORDER_ROWS = (
    row("EOrder:Rate limit exceeded", SLOWER, dry_order=OK),
    *(row(said, UNREADABLE, dry_order=OK) for said in (
        "EOrder:Insufficient funds", "EOrder:Order minimum not met", "EOrder:Cost minimum not met", "EOrder:Tick size check failed",
        "EOrder:Invalid order", "EOrder:Unknown order", "EOrder:Unknown position", "EOrder:Orders limit exceeded",
        "EOrder:Positions limit exceeded", "EOrder:Scheduled orders limit exceeded", "EOrder:Domain rate limit exceeded",
        "EOrder:Post only order", "EOrder:Insufficient margin", "EOrder:Cannot open position", "EOrder:Cannot open opposing position",
        "EOrder:Margin allowance exceeded", "EOrder:Margin level too low", "EOrder:Margin position size exceeded",
        "EOrder:Trading agreement required", "EOrder:Never seen before")),
    row("EOrder:Reduce only:No position exists", UNREADABLE, dry_order=OK, code="EOrder:Reduce only"),
    row("EOrder:Reduce only:Position is closed", UNREADABLE, dry_order=OK, code="EOrder:Reduce only"),
    row("EOrder:Reduce only:Non-PC", UNREADABLE, dry_order=OK, code="EOrder:Reduce only"),
    row("EOrder:Invalid price", UNREADABLE, dry_order=OK),
    row("EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.", UNREADABLE, dry_order=OK,
        code="EOrder:Invalid price"),
    row("EOrder : Insufficient funds", UNREADABLE, dry_order=OK, code="EOrder:Insufficient funds"),
    row("EBM:limit exceeded:CAL", UNREADABLE, code="EBM:limit exceeded"),
)
FUNDING_ROWS = tuple(row(said, UNREADABLE) for said in (
    "EFunding:Unknown withdraw key", "EFunding:Invalid amount", "EFunding:No funding method", "EFunding:Max fee exceeded",
    "EFunding:Too many addresses", "EFunding:Unknown asset", "EFunding:Unknown reference id", "EFunding:Invalid reference id"))
STRANGE_ROWS = (
    row("ENew:Never seen before", UNREADABLE),
    row("ENew:Ana Robles owes 5", UNREADABLE, code="ENew:Ana"),
    row("ENew:1234", UNREADABLE, code="?"),
    row("EOrdering:Never seen before", UNREADABLE),
    row("Website under maintenance", UNREADABLE, code="?"),
    row("Something else", UNREADABLE, code="?"),
    row("", UNREADABLE, code="?"),
)
# Where they disagree, the one that spares the key wins; warnings do not count.
SEVERAL_ROWS = (
    row(("WDatabase:No change", "EAPI:Invalid key"), BAD_KEY, OURS, code="EAPI:Invalid key"),
    row(("EAPI:Invalid key", "EGeneral:Permission denied"), BAD_KEY, OURS, code="EAPI:Invalid key"),
    row(("EAPI:Invalid key", "EService:Busy"), BUSY, code="EService:Busy"),
    row(("EAPI:Invalid signature", "EGeneral:Temporary lockout"), LOCKED, code="EGeneral:Temporary lockout"),
    row(("EService:Busy", "EGeneral:Temporary lockout", "EAPI:Invalid nonce"), LOCKED, code="EGeneral:Temporary lockout"),
    row(("EAPI:Invalid otp", "ENew:Never seen before"), UNREADABLE, code="ENew:Never seen before"),
    row(("ENew:Never seen before", "EAPI:Rate limit exceeded"), SLOWER, code="EAPI:Rate limit exceeded"),
    row(("EOrder:Insufficient funds", "EOrder:Rate limit exceeded"), SLOWER, dry_order=OK, code="EOrder:Rate limit exceeded"),
    row(("EOrder:Insufficient funds", "EService:Busy"), BUSY, code="EService:Busy"),
)
ROWS = (*KEY_ROWS, *ACCOUNT_ROWS, *PASSING_ROWS, *OUR_ROWS, *ORDER_ROWS, *FUNDING_ROWS, *STRANGE_ROWS, *SEVERAL_ROWS)
READ_ROWS = (*KEY_ROWS, *ACCOUNT_ROWS, *PASSING_ROWS, *OUR_ROWS)
AFTER_ORDER_ROWS = tuple(row for row in (*KEY_ROWS, *ORDER_ROWS) if row.dry_order != MISSING)

# An HTTP status other than 200 comes from what stands before Kraken: status, headers, meaning, seconds it asks us to wait.
HTTP_ROWS = (
    (201, (), UNREADABLE, None), (204, (), UNREADABLE, None), (301, ("Location: /elsewhere",), UNREADABLE, None),
    (307, ("Location: https://example.com/",), UNREADABLE, None), (400, (), UNREADABLE, None), (401, (), UNREADABLE, None),
    (403, (), UNREADABLE, None), (404, (), UNREADABLE, None), (451, (), UNREADABLE, None),
    (429, (), SLOWER, None), (429, ("Retry-After: 30",), SLOWER, 30.0), (429, ("Retry-After: 86400",), SLOWER, 3600.0),
    (429, ("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT",), SLOWER, None), (429, ("Retry-After: -1",), SLOWER, None),
    (500, (), BUSY, None), (502, (), BUSY, None), (503, (), BUSY, None), (503, ("Retry-After: 30",), BUSY, None),
    (504, (), BUSY, None), (520, (), BUSY, None), (522, (), BUSY, None), (525, (), BUSY, None), (530, (), BUSY, None),
)
