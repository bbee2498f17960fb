"""Bitso. It tells nobody what a key may do: each right that we need is tried by a call that changes nothing.

Keys: https://docs.bitso.com/bitso-api/docs/2-generate-your-api-credentials (read 2026-11-23).

Whether a key can withdraw is not tried. POST /v3/withdrawals with an empty body would move nothing, and be refused with 0202
where the right is absent; but nothing of ours goes to a call that moves money. The person's word stands in for it.
"""
import hmac
import re
import time
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from requests import PreparedRequest
from requests.auth import AuthBase

from . import shapes
from .base import Connector, Credentials, DryRun, KeyReport, Read, Refused, Unavailable, dangerous, needed
from .bitso_answers import (
    ACCOUNT_STATUS,
    BALANCE,
    BOOK,
    DRY_ORDER,
    ENDPOINTS,
    OPEN_ORDERS,
    TICKER,
    USER_TRADES,
    read_answer,
)
from .paste import Token, plain
from .session import ExchangeSession
from .shapes import as_amount, as_rows

PROBES = (ACCOUNT_STATUS, BALANCE, OPEN_ORDERS)

# Bitso gives its permissions no names but those on its screen. Spanish ones as the screen is likely to have them.
PERMISSIONS = (
    needed("view_account", title=_("View account information"), opens=_("Know which account the key belongs to. Only looking."),
           label="View account information", label_es="Ver información de la cuenta", group="Permissions"),
    needed("view_balances", title=_("View balances"), opens=_("See your balances. Only looking."),
           label="View balances", label_es="Ver saldos", group="Permissions"),
    needed("place_orders", title=_("Place orders"), opens=_("Buy and sell as your strategy says, and follow your orders."),
           label="Place orders", label_es="Colocar órdenes", group="Permissions"),
    dangerous("withdrawals", title=_("Withdraw funds"), opens=_("Lets money leave your account."),
              label="Withdrawals", label_es="Retiros", group="Permissions"),
)


class BitsoAuth(AuthBase):
    """Authorization: Bitso key:nonce:signature, hexadecimal HMAC-SHA256 over nonce + method + path with its query + body.

    https://docs.bitso.com/bitso-api/docs/create-signed-requests (read 2026-11-23)
    """

    def __init__(self, credentials: Credentials, next_nonce: Callable[[], int], _now: Callable[[], float]) -> None:
        self._credentials, self._next_nonce = credentials, next_nonce

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        nonce = str(self._next_nonce())
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        message = f"{nonce}{request.method}{request.path_url}".encode("ascii") + body
        signature = hmac.digest(self._credentials.secret.encode("ascii"), message, "sha256").hex()
        request.headers["Authorization"] = f"Bitso {self._credentials.api_key}:{nonce}:{signature}"
        return request


def nonce_now() -> int:
    """Microseconds: 16 digits, which is the new form (a 13-digit time in milliseconds and 1 to 6 digits more).

    https://docs.bitso.com/bitso-api/docs/nonce-v2-rollout (read 2026-11-23); the old form was to end in November 2025.
    """
    return time.time_ns() // 1000


def describe_key(session: ExchangeSession) -> KeyReport:
    """What the session's key was denied, by three calls that change nothing; what else it may do, Bitso does not say.

    Raises Refused (but for a right that is missing, which goes into `denied`) or Unavailable. Of what account_status tells of
    the person only the number of the account is kept.
    """
    payloads, denied = {}, set()
    for probe in PROBES:
        try:
            payloads[probe] = session.call(probe)
        except Refused as refusal:
            if refusal.reason != "missing_permissions":
                raise
            denied.add(probe.permission)
    if OPEN_ORDERS in payloads:
        as_rows(payloads[OPEN_ORDERS])
    return KeyReport(
        permissions=None,
        account=_client_id(payloads[ACCOUNT_STATUS]) if ACCOUNT_STATUS in payloads else None,
        denied=frozenset(denied),
        empty=_is_empty(payloads[BALANCE]) if BALANCE in payloads else None,
    )


def read_trades(session: ExchangeSession) -> None:
    """Which right this one needs is written nowhere, so that a refusal means none of the three we ask for."""
    try:
        as_rows(session.call(USER_TRADES))
    except Refused as refusal:
        if refusal.reason != "missing_permissions":
            raise


def dry_run(session: ExchangeSession) -> str:
    """An order that Bitso found fault with leaves the call as an answer."""
    return shapes.dry_run(lambda: session.call(DRY_ORDER) is not None)


def system_status(session: ExchangeSession) -> str:
    """"ok" or "maintenance": one public call, for Bitso has none that tells its status. Raises Unavailable."""
    try:
        ticker = session.call(TICKER)
    except Unavailable as unavailable:
        if unavailable.code != "1000":      # "API temporarily disabled"
            raise
        return "maintenance"
    if not isinstance(ticker, dict) or ticker.get("book") != BOOK:
        raise Unavailable("unreadable_answer")
    return "ok"


def _client_id(payload: Any) -> str:
    """The number of the account, as a number or a text."""
    found = payload.get("client_id") if isinstance(payload, dict) else None
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", text):
        raise Unavailable("unreadable_answer")
    return text


def _is_empty(payload: Any) -> bool:
    balances = as_rows(payload.get("balances") if isinstance(payload, dict) else None)
    return sum(abs(as_amount(balance.get("total"))) for balance in balances) == 0


# The general sentences suppose a two-factor code of the key's own, and that a key can always be changed.
CURES = {
    "bad_key": (
        _("%(exchange)s cannot find this key"),
        _("%(exchange)s cannot find this key, or it is switched off there. Copy it again, whole; if it is not in your list at "
          "%(exchange)s, or not active, create another.")),
    "bad_secret": (
        _("The secret key does not match"),
        _("The secret is not the one of this API key. Copy both again, whole, and from the same key. %(exchange)s shows the "
          "secret only once: if you no longer have it, create another key.")),
    "ip_blocked": (
        _("%(exchange)s does not let us in with this key"),
        _("The key only works from other addresses. Add ours to its list at %(exchange)s (%(ips)s); up to five fit.")),
    "missing_permissions": (
        _("Tick what is missing"),
        _("This is missing: %(list)s. Tick it at %(exchange)s and check again here. If %(exchange)s does not let you change a "
          "key, create another with the three permissions and replace this one.")),
    "account_restricted": (
        _("%(exchange)s has limited your account"),
        _("%(exchange)s has limited your account. Log in there: it may ask you to accept its new terms or to finish your "
          "verification. If it asks for nothing, their support can solve it.")),
}

# Nowhere promised, so others are let through: the examples in Bitso's pages have ten letters and digits, and 32 hexadecimal ones.
API_KEY = Token("API key", "[A-Za-z0-9]", 6, 64)
API_SECRET = Token("API secret", "[A-Za-z0-9]", 16, 128)

connector = Connector(
    slug="bitso",
    name="Bitso",
    monogram="Bi",
    api_url="https://bitso.com",
    keys_url="https://bitso.com/api_setup",
    status_url="https://status.bitso.com",
    api_key_label=API_KEY.label,
    secret_label=API_SECRET.label,
    api_key_hint=_("The short one: at Bitso it usually has 10 letters and digits."),
    secret_hint=_("The long one: it usually has 32 letters and digits. Bitso shows it only once."),
    key_length=10,
    secret_length=32,
    clean=plain("Bitso", API_KEY, API_SECRET),
    looks_like_secret=API_SECRET.is_in,
    endpoints=ENDPOINTS,
    sign=BitsoAuth,
    nonce_now=nonce_now,
    read_answer=read_answer,
    max_calls=11,                           # three to describe, twice again from its last one, the trades and the order
    # Its limit on signed calls, 300 a minute, is for each account, so it is not for all of us together (docs, General).
    permissions=PERMISSIONS,
    describe_key=describe_key,
    describe_calls=len(PROBES),
    reads=(Read(USER_TRADES, read_trades, strict=False),),
    dry_run=DryRun(DRY_ORDER, dry_run),
    system_status=system_status,
    reports_permissions=False,
    proof=_("Bitso tells nobody what a key can do. So we try each right that we need with a call that changes nothing, have it "
            "judge an order for a market that does not exist, and ask you to confirm that withdrawals are off."),
    ip_words=_("Optional, up to five addresses. With ours in its list the key is of no use from anywhere else."),
    expiry_words=_("Bitso names no end: a key works until you delete it there."),
    cures=CURES,
)
