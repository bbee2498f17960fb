"""The six requests that a session may send to Bitso, one of them without a key, and what its answers mean.

https://docs.bitso.com/bitso-api/docs/general and the lists of errors beside it (read 2026-11-23). Every answer is JSON,
{"success": true, "payload"} or {"success": false, "error": {"code": "0201", "message"}}; the message is in the language of the
person's account, so only the code is read.
"""
import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from .base import GET, POST_JSON, PUBLIC, Answer, Endpoint, Refused, Unavailable, named_wait_s, read_object, status_failure

BOOK = "btc_mxn"                            # the oldest and largest there
ACCOUNT_STATUS = GET("/api/v3/account_status", says=_("Ask whose account it is"), permission="view_account")
BALANCE = GET("/api/v3/balance", says=_("Read balances"), permission="view_balances")
OPEN_ORDERS = GET("/api/v3/open_orders", says=_("Read open orders"), permission="place_orders", book=BOOK)
# That it goes with the right to place orders is our reading; Bitso's pages do not say.
USER_TRADES = GET("/api/v3/user_trades", says=_("Read past trades"), permission="place_orders", limit="1")
# Can never become an order: there is no such book.
DRY_ORDER = POST_JSON(
    "/api/v3/orders", says=_("Test an order without placing it"), permission="place_orders",
    book="zzz_zzz", side="buy", type="limit", major="1", price="1",
)
TICKER = PUBLIC("/api/v3/ticker", says=_("Ask whether it is up"), book=BOOK)
ENDPOINTS = (ACCOUNT_STATUS, BALANCE, OPEN_ORDERS, USER_TRADES, DRY_ORDER, TICKER)

REFUSED = {
    "0201": "bad_key",
    "0202": "missing_permissions",
    "0211": "ip_blocked",
    "0212": "account_restricted",
    "0213": "ip_blocked",
    "0215": "bad_secret",
    "0216": "account_restricted",
    "0326": "bad_key",                      # switched off or past its end; unknown ones get 0201
    "0327": "region_blocked",
    "0328": "region_blocked",
    "0346": "account_restricted",           # until the person accepts the new terms
    "1008": "account_restricted",           # "trading … disabled on your account" (their list of changes, 2022-01-18)
    "0104": "nonce_conflict",               # of the old nonces, which had to rise; told as 104
}
UNAVAILABLE = {
    "0101": "maintenance",
    "0206": "internal",                     # nonce, address or body: ours
    "0207": "internal",
    "0208": "internal",
    "0801": "rate_limited",
    "0802": "rate_limited",
    "0901": "internal",
    "1000": "maintenance",
    "1003": "maintenance",
}
# account_status is asked first: where it knew the key and its signature, another call that does not is at odds with Bitso
# itself (seen with orders: https://github.com/bitsoex/bitso-java/issues/55).
JUDGES_KEY = ("0201", "0215")
ORDER_JUDGED = re.compile("03..|040[1-8]")  # the order was looked at, so the key may place one
LOCKED_S = 60.0                             # "locked out for one minute" (docs, General)


def read_answer(endpoint: Endpoint, answer: Answer) -> Any:
    """The `payload` of an answer; {} for a dry order that was judged. Raises Refused or Unavailable.

    What is not in Bitso's own shape comes from the edge before it, and is never the fault of a key.
    """
    try:
        envelope = read_object(answer.body)
    except Unavailable:
        envelope = {}
    if envelope.get("success") is True and answer.status == 200 and "payload" in envelope:
        return envelope["payload"]
    code = _code(envelope) if envelope.get("success") is False else ""
    if endpoint == DRY_ORDER and answer.status == 400 and ORDER_JUDGED.fullmatch(code) and code not in REFUSED:
        return {}
    raise _failure(endpoint, answer, code)


def _code(envelope: dict[str, Any]) -> str:
    """Four digits, or "". Old answers have a number, without the zero in front."""
    error = envelope.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    text = str(code) if isinstance(code, str | int) and not isinstance(code, bool) else ""
    return text.zfill(4) if re.fullmatch("[0-9]{3,4}", text) else ""


def _failure(endpoint: Endpoint, answer: Answer, code: str) -> Refused | Unavailable:
    if answer.status == 420 or UNAVAILABLE.get(code) == "rate_limited":
        return Unavailable("rate_limited", code or "HTTP 420", max(LOCKED_S, named_wait_s(answer) or 0))
    if answer.status == 404:                # that call is not there, or no longer
        return Unavailable("unreadable_answer", code or "HTTP 404")
    if not code:
        return status_failure(answer)
    if code in JUDGES_KEY and endpoint != ACCOUNT_STATUS:
        return Unavailable("internal", code)
    if code in REFUSED and answer.status < 500:
        return Refused(REFUSED[code], code)
    if code in UNAVAILABLE:
        return Unavailable(UNAVAILABLE[code], code)
    ours = code.startswith("03") and code not in REFUSED    # a field it does not like, and all of them are ours
    return Unavailable("internal" if ours else "unreadable_answer", code)
