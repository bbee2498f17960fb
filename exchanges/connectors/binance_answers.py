"""The seven requests that a session may send to Binance, two of them without a key, and what its answers mean.

https://github.com/binance/binance-spot-api-docs, rest-api.md and errors.md, and
https://developers.binance.com/docs/wallet/account/api-key-permission (read 2026-11-22). A success is an object or a list of its
own; a failure {"code": -2015, "msg": "…"}. The weights beside the calls are of 6,000 a minute for each address of ours, those
below /sapi of 12,000 of their own.
"""
import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from .base import GET, POST, PUBLIC, Answer, Endpoint, Refused, Unavailable, read_object, status_failure

READING, TRADING = "enableReading", "enableSpotAndMarginTrading"
SYMBOL = "BTCUSDT"                          # the largest market there; it has to be named, or an answer costs many times as much

API_RESTRICTIONS = GET("/sapi/v1/account/apiRestrictions", says=_("Read what the key may do"))                              # 1
ACCOUNT = GET("/api/v3/account", says=_("Read balances"), permission=READING, omitZeroBalances="true")                      # 20
OPEN_ORDERS = GET("/api/v3/openOrders", says=_("Read open orders"), permission=READING, symbol=SYMBOL)                      # 6
MY_TRADES = GET("/api/v3/myTrades", says=_("Read trades"), permission=READING, symbol=SYMBOL, limit="1")                    # 20
# Never reaches the market. Even as an order it could do no harm: far below the price, and of a kind that never takes.
ORDER_TEST = POST(                                                                                                          # 1
    "/api/v3/order/test", says=_("Test an order without placing it"), permission=TRADING,
    symbol=SYMBOL, side="BUY", type="LIMIT_MAKER", quantity="0.001", price="10000",
)
TIME = PUBLIC("/api/v3/time", says=_("Ask what time it is there"))                                                          # 1
SYSTEM_STATUS = PUBLIC("/sapi/v1/system/status", says=_("Ask whether it is up"))                                            # 1
ENDPOINTS = (API_RESTRICTIONS, ACCOUNT, OPEN_ORDERS, MY_TRADES, ORDER_TEST, TIME, SYSTEM_STATUS)

CLOCK = "-1021"
BAD_SIGNATURE = "-1022"
NO_SUCH_KEY = ("-2014", "-2008")
# "Invalid API-key, IP, or permissions for action", and two that say even less.
NOT_ALLOWED = ("-2015", "-1002", "-1099")
ORDER_JUDGED = ("-1013", "-2010")           # a filter of the market, the rules of the account: the key itself may trade
# Of the order's account: errors.md, "Messages for -1010, -2010, -2011, -2038".
ACCOUNT_CLOSED = ("may not place or cancel orders", "action is disabled on this account")
UNAVAILABLE = {
    CLOCK: "clock_skew",
    "1": "maintenance", "-1000": "maintenance", "-1001": "maintenance", "-1006": "maintenance", "-1008": "maintenance",
    "-1016": "maintenance", "-1007": "timeout", "-1003": "rate_limited", "-1015": "rate_limited",
    "-1100": "internal", "-1101": "internal", "-1102": "internal", "-1103": "internal", "-1104": "internal", "-1105": "internal",
    "-1131": "internal",
}


def read_answer(endpoint: Endpoint, answer: Answer) -> Any:
    """The object or the list in an answer; {} for a tested order that was judged. Raises Refused or Unavailable.

    Of a public call nothing judges a key.
    """
    said = _parsed(answer)
    code = _code(said)
    if answer.status == 200 and said is not None and "code" not in said:
        return said
    if endpoint == ORDER_TEST and answer.status == 400 and code in ORDER_JUDGED and not _is_closed(said):
        return {}
    failure = _failure(endpoint, answer, code, said)
    if isinstance(failure, Refused) and not endpoint.signed:
        failure = Unavailable("unreadable_answer", failure.code)
    raise failure


def _parsed(answer: Answer) -> dict[str, Any] | list[Any] | None:
    """The JSON object or list in `answer`, as strictly as `read_object`; None where there is none."""
    is_list = answer.body.lstrip()[:1] == b"["
    try:
        found = read_object(b'{"rows":%b}' % answer.body if is_list else answer.body)
    except Unavailable:
        return None
    if is_list:
        return found["rows"] if len(found) == 1 else None
    return found


def _code(said: Any) -> str:
    """The number that a failure carries, "" where it has none."""
    code = said.get("code") if isinstance(said, dict) else None
    return str(code) if type(code) is int and abs(code) < 10**6 else ""


def _failure(endpoint: Endpoint, answer: Answer, code: str, said: Any) -> Refused | Unavailable:
    bare = status_failure(answer)
    if answer.status == 451:                # for where our servers are, or for where the account is
        return Refused("region_blocked", bare.code)
    if bare.reason == "rate_limited":       # 429, and 418 where they shut our address out
        return Unavailable(bare.reason, code or bare.code, bare.retry_after_s)
    if code in UNAVAILABLE:
        return Unavailable(UNAVAILABLE[code], code)
    if not re.fullmatch("-[0-9]+", code) or answer.status >= 500:
        return bare
    return _judgement(endpoint, code, said)


def _judgement(endpoint: Endpoint, code: str, said: Any) -> Refused | Unavailable:
    """The restrictions are asked first: who got them has the right key, secret and address, so that later calls lack a right."""
    is_first = endpoint == API_RESTRICTIONS
    if code in NOT_ALLOWED:
        return Refused("bad_key" if is_first else "missing_permissions", code)
    if code in NO_SUCH_KEY or code == BAD_SIGNATURE:
        if not is_first:
            return Unavailable("internal", code)
        return Refused("bad_secret" if code == BAD_SIGNATURE else "bad_key", code)
    if code == "-2010" and _is_closed(said):
        return Refused("account_restricted", code)
    return Unavailable("unreadable_answer", code)


def _is_closed(said: Any) -> bool:
    message = said.get("msg") if isinstance(said, dict) else None
    return isinstance(message, str) and any(words in message for words in ACCOUNT_CLOSED)
