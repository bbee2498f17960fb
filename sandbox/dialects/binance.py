"""Binance (https://api.binance.com, spot): how a call is checked, which call exists, what it needs, and what it is answered.

https://github.com/binance/binance-spot-api-docs, rest-api.md and errors.md (read 2026-11-22). In which order Binance checks is
not documented; this one is ours. There is no order to place here, only one to test; and no count of weights.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from sandbox import faults
from sandbox.dialects import binance_account as account
from sandbox.dialects import binance_keys as keys
from sandbox.dialects.base import Answer, Dialect, Request
from sandbox.dialects.binance_account import Ask, BinanceError, mandatory, ms
from sandbox.dialects.binance_keys import SLUG, BinanceKey
from sandbox.state import State

READING, TRADING = keys.NEEDED
EARLY_MS = 1000
RECV_WINDOW_MS, LONGEST_WINDOW_MS = 5000, 60_000
SIGNATURE = re.compile("(?:^|&)signature=([^&]*)")
NOT_ALLOWED = (401, -2015, "Invalid API-key, IP, or permissions for action.")
ERRORS = {
    "region": (451, 0, "Service unavailable from a restricted location according to 'b. Eligibility'. Please contact customer service."),
    "banned": (418, -1003, "Way too much request weight used; IP banned until 1795300600000."),
    "rate_limit": (429, -1003, "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."),
    "overload": (503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
    "timeout": (504, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."),
    "unauthorized": (401, -1002, "You are not authorized to execute this request."),
    "maintenance": (200, 1, "System is under maintenance."),
}
RETRY_AFTER_S = {"banned": 120, "rate_limit": 7}


def trouble(name: str) -> BinanceError:
    return BinanceError(*ERRORS[name], RETRY_AFTER_S.get(name, 0))


PUBLIC: Mapping[str, Callable[[Ask], Any]] = {
    "/api/v3/ping": lambda ask: {},
    "/api/v3/time": lambda ask: {"serverTime": ms(ask.now)},
    "/api/v3/exchangeInfo": account.exchange_info,
}
STATUS_PATH = "/sapi/v1/system/status"
PRIVATE: Mapping[tuple[str, str], tuple[Callable[[Ask], Any], str]] = {      # who answers, and the right it needs
    ("GET", "/sapi/v1/account/apiRestrictions"): (account.restrictions, READING),
    ("GET", "/sapi/v1/capital/config/getall"): (account.coins, READING),
    ("GET", "/sapi/v1/margin/allPairs"): (lambda ask: [], READING),          # ccxt asks for these before anything else
    ("GET", "/sapi/v1/margin/isolated/allPairs"): (lambda ask: [], READING),
    ("GET", "/api/v3/account"): (account.wallet, READING),
    ("GET", "/api/v3/openOrders"): (account.open_orders, READING),
    ("GET", "/api/v3/myTrades"): (account.trades, READING),
    ("POST", "/api/v3/order/test"): (account.test_order, TRADING),
}


def answer(state: State, request: Request) -> Answer:
    """Answer any request to Binance; runs under the state's lock."""
    now, is_down = state.now(SLUG), state.condition(SLUG).status == "maintenance"
    if request.method == "GET" and request.path == STATUS_PATH:
        return success({"status": 1, "msg": "system maintenance"} if is_down else {"status": 0, "msg": "normal"})
    if request.method == "GET" and request.path in PUBLIC:
        return success(PUBLIC[request.path](Ask(None, {}, now)))
    run, right = PRIVATE.get((request.method, request.path), (None, ""))
    if run is None:
        return faults.html(404, "Not found", "not found")
    try:
        if is_down:
            raise trouble("maintenance")
        key = authenticate(state, request, now)
        if right not in key.permissions or (key.boasts and right == TRADING):
            raise BinanceError(*NOT_ALLOWED)
        return success(run(Ask(key, dict(params_of(request)), now)))
    except BinanceError as exc:
        return failure(exc)


def params_of(request: Request) -> list[tuple[str, str]]:
    """Of the query and of the form in the body."""
    return [pair for text in (request.query, request.body.decode(errors="replace")) for pair in parse_qsl(text, keep_blank_values=True)]


def authenticate(state: State, request: Request, now: float) -> BinanceKey:
    """Whose call this is. Raises BinanceError: format of the key · unknown · address · trouble · time · signature."""
    named = request.headers.get("X-MBX-APIKEY", "")
    if not re.fullmatch("[A-Za-z0-9]{64}", named):
        raise BinanceError(401, -2014, "API-key format invalid.")
    key = state.key(SLUG, named)
    if not isinstance(key, BinanceKey) or key.disabled or 0 < key.valid_until <= now or not may_call_from(key, request.address):
        raise BinanceError(*NOT_ALLOWED)
    if key.trouble:
        raise trouble(key.trouble)
    check_time(dict(params_of(request)), now)
    check_signature(key, request)
    key.last_used = now
    return key


def may_call_from(key: BinanceKey, address: str) -> bool:
    caller = ipaddress.ip_address(address)
    return not key.ip_allowlist or any(caller in ipaddress.ip_network(net, strict=False) for net in key.ip_allowlist)


def check_time(params: Mapping[str, str], now: float) -> None:
    """`timestamp` (milliseconds, or microseconds) is at most a second early and `recvWindow` late. Raises BinanceError."""
    text, window = params.get("timestamp", ""), params.get("recvWindow", str(RECV_WINDOW_MS))
    if not re.fullmatch("[0-9]{1,16}", text):
        raise mandatory("timestamp")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", window) or not 0 < float(window) <= LONGEST_WINDOW_MS:
        raise BinanceError(400, -1131, "recvWindow must be less than 60000.")
    late_ms = now * 1000 - int(text) / (1000 if len(text) == 16 else 1)
    if late_ms <= -EARLY_MS:
        raise BinanceError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if late_ms > float(window):
        raise BinanceError(400, -1021, "Timestamp for this request is outside of the recvWindow.")


def check_signature(key: BinanceKey, request: Request) -> None:
    """Over the query and, right behind it, the body, as they were sent, but for the signature itself. Raises BinanceError."""
    texts = (request.query.encode(), request.body)
    sent = [found for text in texts for found in SIGNATURE.findall(text.decode(errors="replace"))]
    if len(sent) != 1 or not sent[0]:
        raise mandatory("signature")
    payload = b"".join(re.sub(SIGNATURE.pattern.encode(), b"", text) for text in texts)
    if not keys.is_signed(key, payload, unquote_plus(sent[0])):
        raise BinanceError(400, -1022, "Signature for this request is not valid.")


def success(content: Any) -> Answer:
    return Answer(json.dumps(content, separators=(",", ":")).encode())


def failure(error: BinanceError) -> Answer:
    body = json.dumps({"code": error.code, "msg": error.message}, separators=(",", ":")).encode()
    headers = (("Retry-After", str(error.retry_after_s)),) if error.retry_after_s else ()
    return Answer(body, error.status, headers=headers, outcome=str(error.code))


def api_key_of(request: Request) -> str | None:
    is_private = any(path == request.path for _, path in PRIVATE)
    return request.headers.get("X-MBX-APIKEY", "") if is_private else None


dialect = Dialect(
    slug=SLUG,
    name="Binance",
    root_paths=("/sapi/",),
    permission_groups=keys.GROUPS,
    key_type=BinanceKey,
    key_fields=keys.FIELDS,
    make_pair=keys.make_pair,
    ready_made=keys.ready_made,
    api_key_of=api_key_of,
    answer=answer,
    errors={
        "busy": failure(trouble("overload")),
        "unavailable": failure(trouble("maintenance")),
        "rate_limit": failure(trouble("rate_limit")),
    },
    statuses=("online", "maintenance"),
    new_key_labels=("Create API",),
    api_key_label="API Key",
    secret_label="Secret Key",
    server_header="nginx",
)
