"""Kraken (spot REST, https://api.kraken.com): which call exists, what it needs, and who answers it.

https://docs.kraken.com/api/docs/guides/spot-rest-intro (read 2026-11-22)
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox import faults
from sandbox.dialects import kraken_account as account
from sandbox.dialects import kraken_batches as batches
from sandbox.dialects import kraken_changes as changes
from sandbox.dialects import kraken_history as history
from sandbox.dialects import kraken_keys as keys
from sandbox.dialects import kraken_market as market
from sandbox.dialects import kraken_orders as orders
from sandbox.dialects.base import Answer, Dialect, Request
from sandbox.dialects.kraken_account import Ask
from sandbox.dialects.kraken_auth import authenticate, read_params
from sandbox.dialects.kraken_errors import KrakenError, failure, success
from sandbox.dialects.kraken_limits import charge_call
from sandbox.state import State

PUBLIC, PRIVATE = "/0/public/", "/0/private/"


@dataclass(frozen=True)
class Method:
    """A private call: who answers it, what it adds to the counter, and the permissions it needs (all of `all_of`
    and one of `any_of`, where there are any)."""

    run: Callable[[Ask], Any]
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    cost: int = 1

    def is_allowed(self, granted: list[str]) -> bool:
        return set(self.all_of) <= set(granted) and (not self.any_of or not set(self.any_of).isdisjoint(granted))


def describe_key(ask: Ask) -> dict[str, Any]:
    if ask.key.no_method:
        raise KrakenError("EGeneral:Unknown method")
    return account.describe_key(ask)


def websockets_token(_: Ask) -> dict[str, Any]:
    return {"token": secrets.token_urlsafe(32), "expires": 900}


ORDERS = ("modify-trades", "close-trades")
METHODS = {
    "GetApiKeyInfo": Method(describe_key),
    "Balance": Method(account.balance, ("query-funds",)),
    "BalanceEx": Method(account.balance_ex, ("query-funds",)),
    "TradeBalance": Method(account.trade_balance, ("query-funds", "query-open-trades")),
    "OpenOrders": Method(history.open_orders, ("query-open-trades",)),
    "OpenPositions": Method(lambda _: {}, ("query-open-trades",)),
    "ClosedOrders": Method(history.closed_orders, ("query-closed-trades",), cost=2),
    "TradesHistory": Method(history.trades_history, ("query-closed-trades",), cost=2),
    "QueryTrades": Method(history.query_trades, ("query-closed-trades",), cost=2),
    "QueryOrders": Method(history.query_orders, ("query-open-trades", "query-closed-trades")),
    "Ledgers": Method(history.ledgers, ("query-ledger",), cost=2),
    "QueryLedgers": Method(history.query_ledgers, ("query-ledger",), cost=2),
    "AddOrder": Method(orders.add_order, ("modify-trades",), cost=0),
    "AddOrderBatch": Method(batches.add_orders, all_of=ORDERS, cost=0),
    "AmendOrder": Method(changes.amend_order, ORDERS, cost=0),
    "EditOrder": Method(changes.edit_order, all_of=ORDERS, cost=0),
    "CancelOrder": Method(changes.cancel_order, ORDERS, cost=0),
    "CancelOrderBatch": Method(batches.cancel_orders, ORDERS, cost=0),
    "CancelAll": Method(changes.cancel_all, ORDERS),
    "GetWebSocketsToken": Method(websockets_token, ("create-ws-token",)),
}


def answer(state: State, request: Request) -> Answer:
    """Answer any request below /0/; runs under the state's lock."""
    if not request.headers.get("User-Agent", "").strip():
        return faults.html(403, "Attention required", "html_403")
    try:
        if request.path.startswith(PRIVATE):
            return success(private(state, request))
        if request.path.startswith(PUBLIC):
            return success(public(state, request))
    except KrakenError as exc:
        return failure(str(exc))
    return faults.html(404, "Not found", "not found")


def public(state: State, request: Request) -> Any:
    name = request.path.removeprefix(PUBLIC)
    if name not in market.METHODS or request.method not in ("GET", "POST"):
        raise KrakenError("EGeneral:Unknown method")
    params = dict(parse_qsl(request.query))
    if request.body:
        params |= read_params(request)
    return market.METHODS[name](market.PublicAsk(params, state.clock(), state.condition(keys.SLUG).status))


def private(state: State, request: Request) -> Any:
    """The result of a private call, after all checks. Raises KrakenError."""
    method = METHODS.get(request.path.removeprefix(PRIVATE))
    if method is None or request.method != "POST":
        raise KrakenError("EGeneral:Unknown method")
    if state.condition(keys.SLUG).status == "maintenance":
        raise KrakenError("EService:Unavailable")
    now = state.clock()
    key, params = authenticate(state, request, now)
    charge_call(key.calls_counter, key.tier, method.cost, now)
    if not method.is_allowed(key.permissions):
        raise KrakenError("EGeneral:Permission denied")
    if key.error:
        raise KrakenError(key.error)
    return method.run(Ask(state, key, account.account_of(state, key, now), params, now))


def api_key_of(request: Request) -> str | None:
    return request.headers.get("API-Key", "") if request.path.startswith(PRIVATE) else None


dialect = Dialect(
    slug=keys.SLUG,
    name="Kraken",
    root_paths=("/0/",),
    permission_groups=keys.GROUPS,
    key_type=keys.KrakenKey,
    key_fields=keys.FIELDS,
    make_pair=keys.make_pair,
    ready_made=keys.ready_made,
    api_key_of=api_key_of,
    answer=answer,
    errors={
        "busy": failure("EService:Busy"),
        "unavailable": failure("EService:Unavailable"),
        "rate_limit": failure("EAPI:Rate limit exceeded"),
    },
    statuses=market.STATUSES,
    new_key_labels=("Create API key", "Add key"),
    secret_label="Private key",
    server_header="cloudflare",
)
