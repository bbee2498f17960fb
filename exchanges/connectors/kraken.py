"""Kraken spot. What a key may do: POST /0/private/GetApiKeyInfo, which needs no permission itself.

https://docs.kraken.com/api-reference/account-data/get-api-key-info.md (read 2026-11-22). Its fields are camelCase in the
documentation and snake_case, with numbers as strings, in the answers that others published: both are read.
"""
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from requests import PreparedRequest
from requests.auth import AuthBase

from . import shapes
from .base import Connector, Credentials, DryRun, KeyReport, Read, Seen, Unavailable, sounds_dangerous
from .kraken_answers import read_answer
from .kraken_endpoints import BALANCE, CLOSED_ORDERS, DRY_ORDER, ENDPOINTS, KEY_INFO, LEDGERS, OPEN_ORDERS, SYSTEM_STATUS
from .kraken_paste import clean, looks_like_secret
from .kraken_permissions import PERMISSIONS
from .session import ExchangeSession
from .shapes import as_amount

RECENT_S = 3600


class KrakenAuth(AuthBase):
    """API-Sign = base64(HMAC-SHA512(secret, path + SHA256(nonce + body))), over the exact bytes that are sent.

    https://docs.kraken.com/api/docs/guides/spot-rest-auth (read 2026-11-22)
    """

    def __init__(self, credentials: Credentials, next_nonce: Callable[[], int], _now: Callable[[], float]) -> None:
        self._credentials, self._next_nonce = credentials, next_nonce

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        nonce = str(self._next_nonce())
        parameters = request.body or b""
        parameters = parameters if isinstance(parameters, str) else parameters.decode("ascii")
        body = f"nonce={nonce}&{parameters}".rstrip("&").encode("ascii")
        message = request.path_url.encode("ascii") + hashlib.sha256(nonce.encode("ascii") + body).digest()
        signature = hmac.digest(base64.b64decode(self._credentials.secret, validate=True), message, "sha512")
        request.body = body
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        request.headers["API-Key"] = self._credentials.api_key
        request.headers["API-Sign"] = base64.b64encode(signature).decode("ascii")
        return request


def describe_key(session: ExchangeSession) -> KeyReport:
    """Ask Kraken what the session's key may do: one call.

    Raises Refused, or Unavailable("unreadable_answer") unless every field has its documented shape and the key echoed is ours.
    """
    result = _fields(session.call(KEY_INFO))
    permissions = _permissions(result.get("permissions"))
    name, account = [
        "" if said is None else said for said in (_first(result, "api_key_name", "apiKeyName"), result.get("iban"))]
    ips = _first(result, "ip_allowlist", "ipAllowlist")
    window = [_moment(_first(result, *names)) for names in (("query_from", "queryFrom"), ("query_to", "queryTo"))]
    echoed = _first(result, "api_key", "apiKey") == session.credentials.api_key
    if not (echoed and isinstance(name, str) and _is_short(account)):
        raise Unavailable("unreadable_answer")
    return KeyReport(
        permissions=frozenset(permissions),
        account="".join(account.split()) or None,           # Kraken's own IIBAN, printed in groups of four
        expires_at=_moment(_first(result, "valid_until", "validUntil")),
        ip_allowlist=None if ips is None else tuple(_texts(ips)),       # unrestricted: [] documented, [""] seen
        query_window=any(window),
        name="".join(letter for letter in name if letter.isprintable())[:80],
        modified_at=_moment(_first(result, "modified_time", "modifiedTime")),
    )


def read_balance(session: ExchangeSession) -> Seen:
    """Whether nothing is held. An account that never held anything answers without a result (rotki #946)."""
    amounts = _fields(session.call(BALANCE)).values()
    return Seen(empty=not any(as_amount(amount) for amount in amounts))


def read_open_orders(session: ExchangeSession) -> None:
    _read_map(session.call(OPEN_ORDERS), "open")


def read_closed_orders(session: ExchangeSession) -> None:
    _read_map(session.call(CLOSED_ORDERS, start=_recently()), "closed")


def read_ledgers(session: ExchangeSession) -> None:
    _read_map(session.call(LEDGERS, start=_recently()), "ledger")


def dry_run(session: ExchangeSession) -> str:
    """`EOrder:…` comes after the permission was accepted, and leaves the call as an answer, whatever its result."""
    def ask() -> bool:
        session.call(DRY_ORDER)
        return True

    return shapes.dry_run(ask)


def system_status(session: ExchangeSession) -> str:
    """"ok", "limited" (orders only in part: cancel_only, post_only) or "maintenance": one public call.

    https://docs.kraken.com/api/docs/rest-api/get-system-status (read 2026-11-22). Raises Unavailable, also for another word.
    """
    known = {"online": "ok", "maintenance": "maintenance", "cancel_only": "limited", "post_only": "limited", "limit_only": "limited"}
    status = _fields(session.call(SYSTEM_STATUS)).get("status")
    if not isinstance(status, str) or status not in known:
        raise Unavailable("unreadable_answer")
    return known[status]


def _recently() -> str:
    return str(int(time.time()) - RECENT_S)


def _fields(result: Any) -> dict[str, Any]:
    if result is None:
        return {}
    if not isinstance(result, dict):
        raise Unavailable("unreadable_answer")
    return result


def _read_map(result: Any, name: str) -> None:
    _fields(_fields(result).get(name))


def _first(fields: dict[str, Any], *names: str) -> Any:
    """The value under whichever spelling is there; both are believed only where they agree."""
    found = [fields[name] for name in names if fields.get(name) is not None]
    if len(found) > 1 and str(found[0]) != str(found[1]):
        raise Unavailable("unreadable_answer")
    return found[0] if found else None


def _permissions(found: Any) -> list[str]:
    """The names granted. A list that is partly garbage is believed where it holds a right to take money out, and only then."""
    try:
        return _texts(found)
    except Unavailable:
        parts = found if isinstance(found, list) else []
        inner = [name for part in parts for name in (part if isinstance(part, list) else [part])]
        readable = ["".join(filter(str.isprintable, name[:100])).strip() for name in inner if isinstance(name, str)]
        if not any(map(sounds_dangerous, readable)):
            raise
        return sorted(filter(None, readable), key=sounds_dangerous, reverse=True)[:200]


def _texts(found: Any) -> list[str]:
    """A list of short texts without its blanks."""
    if not isinstance(found, list) or len(found) > 200 or not all(_is_short(one) for one in found):
        raise Unavailable("unreadable_answer")
    return [one.strip() for one in found if one.strip()]


def _is_short(found: Any) -> bool:
    return isinstance(found, str) and len(found) <= 100 and found.isprintable()


def _moment(found: Any) -> datetime | None:
    """Unix seconds as a number or a string; 0 means never."""
    text = "0" if found is None or found == "" else str(found)
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise Unavailable("unreadable_answer")
    return datetime.fromtimestamp(int(text), UTC) if int(text) else None


connector = Connector(
    slug="kraken",
    name="Kraken",
    monogram="Kr",
    api_url="https://api.kraken.com",
    keys_url="https://www.kraken.com/u/security/api",
    status_url="https://status.kraken.com",
    api_key_label="API key",
    secret_label="Private key",
    api_key_hint=_("The shorter one: at Kraken it usually has 56 characters."),
    secret_hint=_("The long one: it usually has 88 characters and ends in “==”. Paste it whole; we take out the spaces."),
    key_length=56,
    secret_length=88,
    clean=clean,
    looks_like_secret=looks_like_secret,
    endpoints=ENDPOINTS,
    sign=KrakenAuth,
    nonce_now=time.time_ns,                 # a finer unit than any other program's, so ours is never behind theirs
    read_answer=read_answer,
    permissions=PERMISSIONS,
    describe_key=describe_key,
    reads=(
        Read(BALANCE, read_balance),
        Read(OPEN_ORDERS, read_open_orders),
        Read(CLOSED_ORDERS, read_closed_orders),
        Read(LEDGERS, read_ledgers),
    ),
    dry_run=DryRun(DRY_ORDER, dry_run),
    system_status=system_status,
    proof=_("Kraken itself tells us every permission of the key. Then we read balances, orders and ledger entries, and have it check "
            "an order that is never placed."),
    ip_words=_("Optional. With our addresses in its list the key is of no use from anywhere else."),
    expiry_words=_("Only on the date that you give it, if you give it one. We remind you before."),
)
