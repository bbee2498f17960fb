"""Binance, spot. What a key may do: GET /sapi/v1/account/apiRestrictions, true or false for each right.

https://developers.binance.com/docs/wallet/account/api-key-permission (read 2026-11-22). `canTrade` and its like in the answer
with the balances describe the account, not the key. That a key without an IP list stops trading, or is deleted:
https://www.binance.com/en-IN/support/announcement/cda0a4b53da04396b5d27881e93abf78 (2021) and, by what its screen says today,
https://github.com/freqtrade/freqtrade/issues/13089 (2026-04-25).
"""
import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric import ed25519, padding
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils.translation import gettext_lazy as _
from requests import PreparedRequest
from requests.auth import AuthBase

from . import shapes
from .base import (
    Connector,
    Credentials,
    DryRun,
    KeyReport,
    Read,
    Refused,
    Seen,
    Unavailable,
    dangerous,
    extra,
    needed,
    sounds_dangerous,
)
from .binance_answers import (
    ACCOUNT,
    API_RESTRICTIONS,
    CLOCK,
    ENDPOINTS,
    MY_TRADES,
    OPEN_ORDERS,
    ORDER_TEST,
    READING,
    SYSTEM_STATUS,
    TIME,
    TRADING,
    read_answer,
)
from .binance_paste import API_KEY, SECRET_KEY, clean, loaded, looks_like_secret
from .session import ExchangeSession
from .shapes import as_amount, as_object, as_rows

RECV_WINDOW_MS = 10_000                     # how late a request may come; Binance allows up to 60,000
BOXES = "API restrictions"

# In the order of the screen. Its labels, and the Spanish ones, as guides of others have them: no live page was at hand.
PERMISSIONS = (
    needed(READING, title=_("Read the account"), opens=_("See your balances, orders and trades. Only looking."),
           label="Enable Reading", label_es="Habilitar lectura", group=BOXES),
    needed(TRADING, title=_("Trade in spot"), opens=_("Buy and sell as your strategy says. Binance has one box for spot and margin."),
           label="Enable Spot & Margin Trading", label_es="Habilitar trading de spot y margin", group=BOXES),
    extra("enableMargin", title=_("Margin loans"), opens=_("Borrow to trade, and repay."),
          label="Enable Margin Loan, Repay & Transfer", group=BOXES),
    extra("enableFutures", title=_("Futures"), opens=_("Trade futures, with leverage."), label="Enable Futures", group=BOXES),
    extra("enableVanillaOptions", title=_("Options"), opens=_("Trade options."), label="Enable European Options", group=BOXES),
    dangerous("enableWithdrawals", title=_("Withdraw funds"), opens=_("Lets money leave your account."),
              label="Enable Withdrawals", group=BOXES),
    dangerous("enableInternalTransfer", title=_("Internal transfer"), opens=_("Moves money to other accounts inside Binance."),
              label="Enable Internal Transfer", group=BOXES),
    dangerous("permitsUniversalTransfer", title=_("Universal transfer"), opens=_("Moves money between wallets and accounts."),
              label="Permits Universal Transfer", group=BOXES),
    extra("enablePortfolioMarginTrading", title=_("Portfolio margin"), opens=_("Trade with all of the account as a guarantee."),
          label="Enable Portfolio Margin Trading", group=BOXES),
    extra("enableFixApiTrade", title=_("Trade through FIX"), opens=_("Place orders by another way, which we do not use."),
          label="Enable FIX API Trading", group=BOXES),
    extra("enableFixReadOnly", title=_("Read through FIX"), opens=_("See orders by another way, which we do not use."),
          label="Enable FIX API Read Only", group=BOXES),
)
ALWAYS_TOLD = {READING, TRADING, *(one.name for one in PERMISSIONS if one.kind == "dangerous")}


class BinanceAuth(AuthBase):
    """X-MBX-APIKEY, and in the query (of a POST: the form) `timestamp` first, `recvWindow`, and last the `signature` of all that.

    Hexadecimal HMAC-SHA256, or for a self-generated key base64, percent-encoded, of Ed25519 or RSA (PKCS #1 v1.5, SHA-256).
    https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md#signed-endpoint-security (read 2026-11-22); the order
    as ccxt 4.5 has it, so that what works there works here.
    """

    def __init__(self, credentials: Credentials, _next_nonce: Callable[[], int], now: Callable[[], float]) -> None:
        self._credentials, self._now = credentials, now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        is_form = request.method == "POST"
        parameters = request.body if is_form else urlsplit(request.url).query
        timestamp = f"timestamp={int(self._now() * 1000)}"
        payload = "&".join(part for part in (timestamp, parameters, f"recvWindow={RECV_WINDOW_MS}") if part)
        signed = f"{payload}&signature={signature(self._credentials.secret, payload.encode('ascii'))}"
        if is_form:
            request.body = signed           # requests counts its length after this
        else:
            request.url = f"{request.url.partition('?')[0]}?{signed}"
        request.headers["X-MBX-APIKEY"] = self._credentials.api_key
        return request


def signature(secret: str, payload: bytes) -> str:
    """As it stands in a query."""
    key = loaded(secret)
    if key is None:
        return hmac.digest(secret.encode("ascii"), payload, "sha256").hex()
    is_ed25519 = isinstance(key, ed25519.Ed25519PrivateKey)
    raw = key.sign(payload) if is_ed25519 else key.sign(payload, padding.PKCS1v15(), SHA256())
    return quote(base64.b64encode(raw), safe="")


def describe_key(session: ExchangeSession) -> KeyReport:
    """Ask Binance what the session's key may do: one call. It tells whether there is an IP list, never which addresses.

    Raises Refused, or Unavailable("unreadable_answer") unless the rights that matter are all there and every one is true or false.
    A right to move money is believed in any company.
    """
    said = as_object(session.call(API_RESTRICTIONS))
    rights = {name: said[name] for name in said if name.startswith(("enable", "permits")) or said[name] is True}
    rights.pop("ipRestrict", None)          # the only field that is true or false and no right
    granted = frozenset(name for name in rights if rights[name] is True and len(name) <= 60 and name.isprintable())
    is_whole = set(rights) >= ALWAYS_TOLD and all(isinstance(value, bool) for value in (*rights.values(), said.get("ipRestrict", True)))
    if not is_whole or len(granted) != sum(rights.values()):
        if any(map(sounds_dangerous, granted)):
            return KeyReport(permissions=granted)
        raise Unavailable("unreadable_answer")
    return KeyReport(
        permissions=granted,
        expires_at=_moment(said.get("tradingAuthorityExpirationTime") or None),     # only told of keys without a list, if at all
        ip_allowlist=() if said.get("ipRestrict") is False else None,
    )


def read_account(session: ExchangeSession) -> Seen:
    """Whose account it is, and whether nothing is held in spot, free or bound in orders.

    Raises Refused("account_restricted") where the account itself may not trade.
    """
    said = as_object(session.call(ACCOUNT))
    empty = not any(as_amount(balance.get(field)) for balance in as_rows(said.get("balances")) for field in ("free", "locked"))
    if said.get("canTrade") is False:
        raise Refused("account_restricted", "canTrade")
    return Seen(empty=empty, account=_uid(said.get("uid")))


def _uid(found: Any) -> str | None:
    """The number of the account, None where none is told."""
    text = str(found)
    if found is None or (type(found) in (int, str) and text.isascii() and text.isdigit() and len(text) <= 20):
        return text if found else None
    raise Unavailable("unreadable_answer")


def read_open_orders(session: ExchangeSession) -> None:
    as_rows(session.call(OPEN_ORDERS))


def read_trades(session: ExchangeSession) -> None:
    as_rows(session.call(MY_TRADES))


def dry_run(session: ExchangeSession) -> str:
    """An order that a rule of the market is against leaves the call as the answer of one that is fine."""
    return shapes.dry_run(lambda: session.call(ORDER_TEST) == {})


def server_time(session: ExchangeSession) -> float:
    return _moment(as_object(session.call(TIME)).get("serverTime") or 0).timestamp()


def system_status(session: ExchangeSession) -> str:
    status = as_object(session.call(SYSTEM_STATUS)).get("status")
    if type(status) is not int or status not in (0, 1):
        raise Unavailable("unreadable_answer")
    return "maintenance" if status else "ok"


def _moment(milliseconds: Any) -> datetime | None:
    """None where none is told."""
    if milliseconds is None:
        return None
    if type(milliseconds) is not int or not 10**12 <= milliseconds < 10**13:
        raise Unavailable("unreadable_answer")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


CURES = {
    "bad_key": (
        _("%(exchange)s does not accept this key"),
        _("%(exchange)s does not tell us which of these it is. Our addresses are not in the IP list of the key: add them "
          "there (%(ips)s). Or the key is not whole, or was deleted: copy it again, or create another. Or reading is off: tick “Enable "
          "Reading”. Or the two texts are swapped here: the API Key goes first, the Secret Key below.")),
    "revoked": (
        _("%(exchange)s no longer accepts this key"),
        _("It worked before, and %(exchange)s does not tell us what changed. If it is not in your list at %(exchange)s any more, replace "
          "it with a new one: %(exchange)s deletes those that can trade and have no IP list. If it is, see that its IP list has our "
          "addresses (%(ips)s) and that “Enable Reading” is ticked.")),
    "expired": (
        _("Your key may no longer trade"),
        _("%(exchange)s takes the right to trade from keys without an IP list. Add our addresses to its list there (%(ips)s) and check "
          "again; if that does not bring it back, create another key with the list from the start.")),
    "expires_soon": (
        _("May trade for %(days)s days more"),
        _("%(exchange)s takes the right to trade from keys without an IP list. Add our addresses to its list before %(date)s (%(ips)s).")),
    "ip_open": (
        "", _("%(exchange)s lets keys without a list trade for a while only, then takes the right away or deletes them. Add our "
              "addresses to its list there.")),
    "bad_secret": (
        _("The secret key does not match"),
        _("The secret is not the one of this API key. Copy both again, whole, and from the same key. %(exchange)s shows the secret only "
          "once: if you no longer have it, create another key. If you made the key pair yourself, paste its private key.")),
    "account_restricted": (
        _("%(exchange)s does not let your account trade"),
        _("There is nothing wrong with the key. Log in at %(exchange)s and see whether it asks you for something, such as finishing "
          "your verification; if not, their support can solve it.")),
    "region_blocked": (
        _("%(exchange)s does not let us in from where we are"),
        _("There is nothing wrong with your key, and another one would change nothing: %(exchange)s does not serve the country of our "
          "servers, or the one of your account. Ask our team, with the reference %(ref)s.")),
}

connector = Connector(
    slug="binance",
    name="Binance",
    monogram="Bn",
    api_url="https://api.binance.com",
    keys_url="https://www.binance.com/en/my/settings/api-management",
    status_url="https://www.binance.com/en/support/announcement",
    minutes=6,
    api_key_label=API_KEY.label,
    secret_label=SECRET_KEY.label,
    api_key_hint=_("64 letters and digits."),
    secret_hint=_("64 letters and digits; Binance shows it only once. If you made the key pair yourself, paste the whole private key."),
    key_length=64,
    clean=clean,
    looks_like_secret=looks_like_secret,
    key_shows=False,
    endpoints=ENDPOINTS,
    sign=BinanceAuth,
    read_answer=read_answer,
    # A first proof weighs 47 of the 6,000 a minute that each address of ours has, in five calls: were all of them first proofs, eight
    # a second weigh 4,500. Who is over is shut out for minutes to days. A later look weighs 1, of another budget.
    calls_per_s=8.0,
    server_time=server_time,
    clock_codes=(CLOCK,),
    permissions=PERMISSIONS,
    describe_key=describe_key,
    reads=(
        Read(ACCOUNT, read_account),
        Read(OPEN_ORDERS, read_open_orders, strict=False),
        Read(MY_TRADES, read_trades, strict=False),
    ),
    dry_run=DryRun(ORDER_TEST, dry_run),
    system_status=system_status,
    proof=_("Binance itself tells us every permission of the key. Then we read balances, orders and trades, and have it test an order "
            "that is never placed."),
    ip_words=_("Needed. A key that can trade has to be limited to our addresses, or Binance stops or deletes it."),
    expiry_words=_("With our addresses in its list Binance names no end. Without a list it stops trading, or is deleted."),
    cures=CURES,
)
