"""Coinbase Advanced. What a key may do: GET /api/v3/brokerage/key_permissions, which needs no permission itself.

https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions.md, rights and addresses:
https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-scopes.md (read 2026-11-22). A key sees one portfolio, which
stands for the account here: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/guides/portfolios
"""
import base64
import json
import re
import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils.translation import gettext_lazy as _
from requests import PreparedRequest
from requests.auth import AuthBase

from . import shapes
from .base import (
    GET,
    POST_JSON,
    PUBLIC,
    Answer,
    Connector,
    Credentials,
    DryRun,
    Endpoint,
    KeyReport,
    Read,
    Refused,
    Seen,
    Unavailable,
    dangerous,
    needed,
    read_object,
    sounds_dangerous,
    status_failure,
)
from .coinbase_paste import clean, loaded, looks_like_secret
from .session import ExchangeSession
from .shapes import as_amount, as_object, as_rows

TOKEN_S = 120                               # the longest life that Coinbase allows
UNAUTHORIZED = "401 Unauthorized"
BOXES = "API restrictions"

PERMISSIONS = (
    needed("can_view", title=_("View the account"), opens=_("See your balances, orders and trades. Only looking."),
           label="View", group=BOXES),
    needed("can_trade", title=_("Create orders"), opens=_("Buy and sell as your strategy says."), label="Trade", group=BOXES),
    dangerous("can_transfer", title=_("Transfer money"), opens=_("Lets money leave your account."), label="Transfer", group=BOXES),
)

KEY_PERMISSIONS = GET("/api/v3/brokerage/key_permissions", says=_("Read what the key may do"))
ACCOUNTS = GET("/api/v3/brokerage/accounts", says=_("Read balances"), permission="can_view", limit="250")
OPEN_ORDERS = GET(
    "/api/v3/brokerage/orders/historical/batch", says=_("Read open orders"), permission="can_view", order_status="OPEN", limit="1")
FILLS = GET("/api/v3/brokerage/orders/historical/fills", says=_("Read trades"), permission="can_view", limit="1")
# A preview has no order behind it. Even as one it could do no harm: far below the market, and post-only so that it never takes.
PREVIEW = POST_JSON(
    "/api/v3/brokerage/orders/preview", says=_("Test an order without placing it"), permission="can_trade",
    product_id="BTC-USD", side="BUY",
    order_configuration={"limit_limit_gtc": {"base_size": "0.0005", "limit_price": "7500.00", "post_only": True}},
)
TIME = PUBLIC("/api/v3/brokerage/time", says=_("Ask whether it is up"))


class CoinbaseAuth(AuthBase):
    """Authorization: Bearer <JWT>, a new one for each request, which it names by method, host and path, without the query.

    https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication (read 2026-11-22); issuer and
    audience by the kind of key as ccxt 4.5 has them, so that what works there works here.
    """

    def __init__(self, credentials: Credentials, _next_nonce: Callable[[], int], now: Callable[[], float]) -> None:
        self._credentials, self._now = credentials, now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        address = urlsplit(request.url)
        request.headers["Authorization"] = "Bearer " + self._token(f"{request.method} {address.netloc}{address.path}")
        return request

    def _token(self, uri: str) -> str:
        name, key, now = self._credentials.api_key, loaded(self._credentials.secret), int(self._now())
        is_ec = isinstance(key, ec.EllipticCurvePrivateKey)
        header = {"alg": "ES256" if is_ec else "EdDSA", "typ": "JWT", "kid": name, "nonce": secrets.token_hex(16)}
        claims = {
            "aud": ["retail_rest_api_proxy" if is_ec else "cdp_service"], "iss": "coinbase-cloud" if is_ec else "cdp",
            "nbf": now, "exp": now + TOKEN_S, "sub": name, "iat": now, **({"uri": uri} if is_ec else {"uris": [uri]}),
        }
        signed = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        return f"{signed}.{_encoded(_signature(key, signed.encode('ascii')))}"


def _signature(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, message: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    return b"".join(half.to_bytes(32, "big") for half in decode_dss_signature(key.sign(message, ec.ECDSA(SHA256()))))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read_answer(endpoint: Endpoint, answer: Answer) -> dict[str, Any]:
    """The object in an answer. Raises Refused or Unavailable.

    A wrong name, a wrong or deleted key, a wrong clock and perhaps an address that is not allowed all come as 401 with the word
    Unauthorized (https://github.com/ccxt/ccxt/issues/22182); where the key was known a moment ago it is not the key.
    """
    if answer.status == 200:
        return read_object(answer.body)
    if answer.status in (401, 403) and endpoint.signed and answer.body.strip(b' "\r\n').lower() == b"unauthorized":
        raise Refused("bad_key", UNAUTHORIZED) if endpoint == KEY_PERMISSIONS else Unavailable("internal", UNAUTHORIZED)
    if answer.status >= 500 or answer.status == 429:
        raise status_failure(answer)
    try:
        said = read_object(answer.body)
    except Unavailable:
        said = None
    raise status_failure(answer) if said is None else judge(endpoint, answer, said)


def judge(endpoint: Endpoint, answer: Answer, said: dict[str, Any]) -> Refused | Unavailable:
    """The failure that an error in JSON means: `error`, a word, and `message`, or `error_details`, in which the reason is.

    https://github.com/ccxt/ccxt/issues/19034 and https://github.com/coinbase/coinbase-advanced-py/issues/125 (read 2026-11-22).
    """
    error = said.get("error")
    code = f"HTTP {answer.status} {error if isinstance(error, str) and re.fullmatch('[A-Za-z_]{1,60}', error) else ''}".strip()
    text = " ".join(said[field] for field in ("error", "message", "error_details") if isinstance(said.get(field), str)).lower()
    if answer.status == 401 and endpoint == KEY_PERMISSIONS:
        return Refused("bad_key", UNAUTHORIZED)
    if "missing required scopes" in text:
        return Refused("missing_permissions", code)
    if answer.status == 403 and re.search(r"\bip\b", text):
        return Refused("ip_blocked", code)
    if answer.status == 403 and "correct permissions" in text:
        return Refused("account_restricted", code)
    if "rate_limit_exceeded" in text or "resource_exhausted" in text:
        return Unavailable("rate_limited", code)
    return Unavailable("unreadable_answer", code)


def describe_key(session: ExchangeSession) -> KeyReport:
    """Ask Coinbase what the session's key may do: one call. It tells neither addresses nor an end.

    Raises Refused, or Unavailable("unreadable_answer") unless each right of our table is there and true or false. A right to take
    money out is believed in any company.
    """
    try:
        said = session.call(KEY_PERMISSIONS)
    except Refused as refusal:              # it needs no right by what is written, and View by what is seen
        if refusal.reason != "missing_permissions":
            raise
        return KeyReport(permissions=frozenset(), denied=frozenset({"can_view"}))
    rights = {name: said[name] for name in said if name.startswith("can_") or said[name] is True}
    granted = frozenset(name for name in rights if rights[name] is True and len(name) <= 60 and name.isprintable())
    is_whole = {one.name for one in PERMISSIONS} <= set(rights) and all(isinstance(value, bool) for value in rights.values())
    portfolio = said.get("portfolio_uuid") or ""
    is_named = isinstance(portfolio, str) and len(portfolio) <= 100 and portfolio.isprintable()
    is_readable = is_whole and is_named and len(granted) == sum(rights.values())
    if not is_readable and not any(map(sounds_dangerous, granted)):
        raise Unavailable("unreadable_answer")
    return KeyReport(permissions=granted, account=portfolio or None if is_readable else None)


def read_accounts(session: ExchangeSession) -> Seen:
    """Whether nothing is held, free or bound in orders; unknown where there are more wallets than one answer holds."""
    said = session.call(ACCOUNTS)
    wallets = as_rows(said.get("accounts"))
    holds = any(_amount(wallet, "available_balance") or ("hold" in wallet and _amount(wallet, "hold")) for wallet in wallets)
    return Seen(empty=None if said.get("has_next") and not holds else not holds)


def read_open_orders(session: ExchangeSession) -> None:
    as_rows(session.call(OPEN_ORDERS).get("orders"))


def read_fills(session: ExchangeSession) -> None:
    as_rows(session.call(FILLS).get("fills"))


def dry_run(session: ExchangeSession) -> str:
    """Whatever Coinbase has against the order itself, it let the key preview one."""
    return shapes.dry_run(lambda: isinstance(session.call(PREVIEW).get("errs"), list))


def server_time(session: ExchangeSession) -> float:
    milliseconds = session.call(TIME).get("epochMillis")
    if not (isinstance(milliseconds, str) and milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) == 13):
        raise Unavailable("unreadable_answer")
    return int(milliseconds) / 1000


def system_status(session: ExchangeSession) -> str:
    """"ok" when it tells the time: Coinbase has no public call for more. Raises Unavailable."""
    server_time(session)
    return "ok"


def _amount(wallet: dict[str, Any], field: str) -> Decimal:
    return as_amount(as_object(wallet.get(field)).get("value"))


connector = Connector(
    slug="coinbase",
    name="Coinbase",
    monogram="Cb",
    api_url="https://api.coinbase.com",
    keys_url="https://portal.cdp.coinbase.com/projects/api-keys",
    status_url="https://status.coinbase.com",
    minutes=5,
    api_key_label="API key name",
    secret_label="Private key",
    api_key_hint=_("It looks like “organizations/…/apiKeys/…”. You can also paste here the whole file that Coinbase lets you download."),
    secret_hint=_("With its first line, “-----BEGIN EC PRIVATE KEY-----”, and its last one. Paste it whole; it does not matter if the "
                  "line breaks get lost."),
    secret_lines=4,
    clean=clean,
    looks_like_secret=looks_like_secret,
    endpoints=(KEY_PERMISSIONS, ACCOUNTS, OPEN_ORDERS, FILLS, PREVIEW, TIME),
    sign=CoinbaseAuth,
    read_answer=read_answer,
    calls_per_s=20.0,                       # theirs is 30, as ccxt quotes it, and perhaps for each address
    server_time=server_time,
    clock_codes=(UNAUTHORIZED,),
    permissions=PERMISSIONS,
    describe_key=describe_key,
    reads=(
        Read(ACCOUNTS, read_accounts),
        Read(OPEN_ORDERS, read_open_orders, strict=False),
        Read(FILLS, read_fills, strict=False),
    ),
    dry_run=DryRun(PREVIEW, dry_run),
    system_status=system_status,
    proof=_("Coinbase itself tells us every permission of the key. Then we read balances, orders and trades, and have it preview an "
            "order that is never placed."),
    ip_words=_("Optional. With our addresses in its IP allowlist the key is of no use from anywhere else. Coinbase does not tell us "
               "whether you have done it."),
    expiry_words=_("Coinbase sets no end: it works until you delete it."),
    cures={
        # Up to 48 hours until a new key works: https://www.gunbot.com/support/guides/exchange-configuration/creating-api-keys and
        # https://support.altrady.com/en/article/common-coinbase-error-messages-18gqfgc/ (read 2026-11-23)
        "bad_key": (
            _("%(exchange)s does not accept this key"),
            _("%(exchange)s does not tell us why. Copy both texts again, whole and of the same key. If the key has an IP allowlist, add "
              "our addresses: %(ips)s. If you deleted it, or none of this helps, create another with the signature algorithm ECDSA. "
              "%(exchange)s may take up to 48 hours to switch a new key on.")),
        "revoked": (
            _("%(exchange)s no longer accepts this key"),
            _("It worked before, and %(exchange)s does not tell us what changed. If you deleted it, replace it with a new one. If you "
              "gave it an IP allowlist, add our addresses: %(ips)s.")),
        "ip_blocked": (
            _("%(exchange)s does not let us in with this key"),
            _("The key only works from other addresses. Add ours to its IP allowlist at %(exchange)s: %(ips)s.")),
        "account_restricted": (
            _("%(exchange)s does not let your account trade"),
            _("There is nothing wrong with the key: your account cannot use Advanced, where %(exchange)s trades. Log in there and see "
              "whether it asks you for something; if not, their support can tell you why.")),
    },
)
