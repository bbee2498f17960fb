"""Coinbase Advanced (https://api.coinbase.com): which call exists, what it needs, and who answers it.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-scopes.md (read 2026-11-22). Of the older /v2/ there is what
ordinary clients ask before anything else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs
from uuid import NAMESPACE_URL, uuid5

from sandbox import faults
from sandbox.dialects import coinbase_keys as keys
from sandbox.dialects.base import Answer, Dialect, Request
from sandbox.dialects.coinbase_jwt import authenticate, named_in
from sandbox.state import State

BROKERAGE, WALLETS = "/api/v3/brokerage/", "/v2/accounts"
BALANCES = {"USD": "1520.43", "BTC": "0.018421", "ETH": "0.41", "USDC": "12.5"}
HELD = {"USD": "25"}
PRICES = {"BTC-USD": ("60000.00", "0.01"), "ETH-USD": ("3000.00", "0.01"), "BTC-USDC": ("60010.00", "0.01")}
NAMES = {"USD": "US Dollar", "BTC": "Bitcoin", "ETH": "Ethereum", "USDC": "USDC"}
FIAT = ("USD",)
MOST_ACCOUNTS = 250


class CoinbaseError(Exception):
    """An error in Coinbase's JSON: its HTTP status, `error` and `message`."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(status, error, message)
        self.status, self.error, self.message = status, error, message


@dataclass(frozen=True)
class Ask:
    """A private call that has been let in. `asked`: its query."""

    key: keys.CoinbaseKey
    asked: Mapping[str, list[str]]
    body: bytes
    now: float

    def uuid(self, purpose: str) -> str:
        """The same for all keys of the account."""
        return str(uuid5(NAMESPACE_URL, f"{self.key.account}|{purpose}"))

    def whole(self, name: str, otherwise: int) -> int:
        text = self.asked.get(name, [str(otherwise)])[0]
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise CoinbaseError(400, "INVALID_ARGUMENT", f"{name} is not a number")
        return int(text)


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def describe_key(ask: Ask) -> dict[str, Any]:
    granted = {name: name in ask.key.permissions for name in (*keys.NAMES, *ask.key.permissions)}
    told = granted | ({"can_trade": True} if ask.key.boasts else {})
    told.pop(ask.key.untold, None)
    return told | {"portfolio_uuid": ask.uuid("portfolio"), "portfolio_type": "DEFAULT"}


def accounts(ask: Ask) -> dict[str, Any]:
    """A page of the wallets, one for each currency, empty ones too."""
    first, limit = ask.whole("cursor", 0), min(ask.whole("limit", 49), MOST_ACCOUNTS)
    page = [wallet(ask, currency) for currency in BALANCES][first:first + limit]
    has_next = first + limit < len(BALANCES)
    return {"accounts": page, "has_next": has_next, "cursor": str(first + limit) if has_next else "", "size": len(page)}


def wallet(ask: Ask, currency: str) -> dict[str, Any]:
    amounts = ("0", "0") if ask.key.empty else (BALANCES[currency], HELD.get(currency, "0"))
    available, hold = ({"value": amount, "currency": currency} for amount in amounts)
    kind = "ACCOUNT_TYPE_FIAT" if currency in FIAT else "ACCOUNT_TYPE_CRYPTO"
    return {
        "uuid": ask.uuid(currency), "name": f"{currency} Wallet", "currency": currency, "available_balance": available,
        "default": True, "active": True, "created_at": "2025-03-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z",
        "deleted_at": None, "type": kind, "ready": True, "hold": hold, "retail_portfolio_id": ask.uuid("portfolio"),
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


def wallets_v2(ask: Ask) -> dict[str, Any]:
    """The same in the older shape, which ccxt asks for by itself."""
    wallets = [wallet(ask, currency) for currency in BALANCES]
    return {"pagination": {"next_uri": None, "limit": MOST_ACCOUNTS, "order": "desc"}, "data": [{
        "id": one["uuid"], "name": one["name"], "primary": False, "type": "wallet", "resource": "account",
        "currency": {"code": one["currency"], "name": NAMES[one["currency"]], "exponent": 8},
        "balance": {"amount": one["available_balance"]["value"], "currency": one["currency"]},
    } for one in wallets]}


def orders(ask: Ask) -> dict[str, Any]:
    statuses, products = ask.asked.get("order_status"), ask.asked.get("product_ids") or ask.asked.get("product_id")
    found = [
        one for one in ([] if ask.key.empty else [order(ask, "OPEN", "0"), order(ask, "FILLED", "100")])
        if (not statuses or one["status"] in statuses) and (not products or one["product_id"] in products)
    ]
    return {"orders": found[:ask.whole("limit", 1000)], "sequence": "0", "has_next": False, "cursor": ""}


def order(ask: Ask, status: str, percent: str) -> dict[str, Any]:
    filled = status == "FILLED"
    return {
        "order_id": ask.uuid(f"order {status}"), "product_id": "BTC-USD", "user_id": ask.uuid("user"),
        "order_configuration": {"limit_limit_gtc": {"base_size": "0.0005", "limit_price": "50000", "post_only": False}},
        "side": "BUY", "client_order_id": ask.uuid(f"client {status}"), "status": status,
        "time_in_force": "GOOD_UNTIL_CANCELLED", "created_time": iso(ask.now - 3600), "completion_percentage": percent,
        "filled_size": "0.0005" if filled else "0", "average_filled_price": "50000" if filled else "0", "fee": "",
        "number_of_fills": "1" if filled else "0", "filled_value": "25" if filled else "0", "pending_cancel": False,
        "size_in_quote": False, "total_fees": "0.15" if filled else "0", "size_inclusive_of_fees": False,
        "total_value_after_fees": "25.15" if filled else "0", "trigger_status": "INVALID_ORDER_TYPE", "order_type": "LIMIT",
        "reject_reason": "REJECT_REASON_UNSPECIFIED", "settled": filled, "product_type": "SPOT", "reject_message": "",
        "cancel_message": "",
    }


def fills(ask: Ask) -> dict[str, Any]:
    one = {
        "entry_id": ask.uuid("entry"), "trade_id": ask.uuid("trade"), "order_id": ask.uuid("order FILLED"),
        "trade_time": iso(ask.now - 3600), "trade_type": "FILL", "price": "50000", "size": "0.0005", "commission": "0.15",
        "product_id": "BTC-USD", "sequence_timestamp": iso(ask.now - 3600), "liquidity_indicator": "MAKER",
        "size_in_quote": False, "user_id": ask.uuid("user"), "side": "BUY", "retail_portfolio_id": ask.uuid("portfolio"),
    }
    return {"fills": ([] if ask.key.empty else [one])[:ask.whole("limit", 100)], "cursor": ""}


def preview(ask: Ask) -> dict[str, Any]:
    """What an order would cost; what stands against it is in `errs`, with HTTP 200."""
    base, size, price = read_order(ask.body)
    total, errs = size * price, []
    if base not in PRICES:
        errs = ["PREVIEW_INVALID_PRODUCT_ID"]
    elif total < 1:
        errs = ["PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"]
    elif ask.key.empty or total > Decimal(BALANCES["USD"]):
        errs = ["PREVIEW_INSUFFICIENT_FUND"]
    best = PRICES.get(base, ("0", ""))[0]
    return {
        "order_total": str(total), "commission_total": "0", "errs": errs, "warning": [], "quote_size": str(total),
        "base_size": str(size), "best_bid": best, "best_ask": best, "is_max": False, "order_margin_total": "0", "leverage": "0",
        "long_leverage": "0", "short_leverage": "0", "slippage": "0", "preview_id": "" if errs else ask.uuid("preview"),
    }


def read_order(body: bytes) -> tuple[str, Decimal, Decimal]:
    """(product, size, price) of a limit order. Raises CoinbaseError."""
    try:
        wish = json.loads(body)
        limit = wish["order_configuration"]["limit_limit_gtc"]
        size, price = Decimal(limit["base_size"]), Decimal(limit["limit_price"])
        if wish["side"] in ("BUY", "SELL") and size.is_finite() and price.is_finite():
            return str(wish["product_id"]), size, price
    except (ValueError, KeyError, TypeError, InvalidOperation, RecursionError):
        pass
    raise CoinbaseError(400, "INVALID_ARGUMENT", "order_configuration is invalid")


def fees(_: Ask) -> dict[str, Any]:
    tier = {"pricing_tier": "Advanced 1", "usd_from": "0", "usd_to": "1000", "taker_fee_rate": "0.012", "maker_fee_rate": "0.006"}
    return {"total_volume": 0, "total_fees": 0, "fee_tier": tier, "margin_rate": None, "goods_and_services_tax": None}


def products(asked: Mapping[str, list[str]]) -> dict[str, Any]:
    found = [product(name) for name in PRICES if asked.get("product_type", ["SPOT"]) == ["SPOT"]]
    return {"products": found, "num_products": len(found)}


def product(name: str) -> dict[str, Any]:
    (base, quote), (price, step) = name.split("-"), PRICES[name]
    off = dict.fromkeys(
        ("watched", "is_disabled", "new", "cancel_only", "limit_only", "post_only", "trading_disabled", "auction_mode", "view_only"),
        False)
    return off | {
        "product_id": name, "price": price, "base_increment": "0.00000001", "quote_increment": step, "quote_min_size": "1",
        "quote_max_size": "150000000", "base_min_size": "0.00000001", "base_max_size": "3400", "base_name": NAMES[base],
        "quote_name": NAMES[quote], "status": "online", "product_type": "SPOT", "quote_currency_id": quote,
        "base_currency_id": base, "fcm_trading_session_details": None, "mid_market_price": "", "alias": "", "alias_to": [],
        "base_display_symbol": base, "quote_display_symbol": quote, "price_increment": step, "display_name": name,
        "product_venue": "CBE",
    }


def time_v3(now: float) -> dict[str, Any]:
    return {"iso": iso(now)[:19] + "Z", "epochSeconds": str(int(now)), "epochMillis": str(int(now * 1000))}


PRIVATE: Mapping[tuple[str, str], tuple[Callable[[Ask], Any], str]] = {       # who answers, and the permission it needs
    ("GET", "key_permissions"): (describe_key, ""),
    ("GET", "accounts"): (accounts, "can_view"),
    ("GET", "orders/historical/batch"): (orders, "can_view"),
    ("GET", "orders/historical/fills"): (fills, "can_view"),
    ("GET", "products"): (lambda ask: products(ask.asked), "can_view"),
    ("GET", "transaction_summary"): (fees, "can_view"),
    ("POST", "orders/preview"): (preview, "can_trade"),
    ("GET", WALLETS): (wallets_v2, "can_view"),
}


def public(path: str, asked: Mapping[str, list[str]], now: float) -> Any:
    """The answer to a call without a key, None where `path` is none."""
    if path == BROKERAGE + "time":
        return time_v3(now)
    if path == BROKERAGE + "market/products":
        return products(asked)
    return {
        "/v2/time": {"data": {"epoch": int(now), "iso": iso(now)[:19] + "Z"}},
        "/v2/currencies": {"data": [{"id": name, "name": NAMES[name], "min_size": "0.01"} for name in FIAT]},
        "/v2/currencies/crypto": {"data": [
            {"asset_id": str(uuid5(NAMESPACE_URL, name)), "code": name, "name": NAMES[name], "exponent": 8, "type": "crypto"}
            for name in BALANCES if name not in FIAT]},
        "/v2/exchange-rates": {"data": {"currency": "USD", "rates": {"BTC": "0.0000167", "ETH": "0.000333", "USDC": "1"}}},
    }.get(path)


def answer(state: State, request: Request) -> Answer:
    """Answer any request to Coinbase; runs under the state's lock."""
    if state.condition(keys.SLUG).status == "maintenance":
        return dialect.errors["unavailable"]
    asked, now = parse_qs(request.query), state.now(keys.SLUG)
    told = public(request.path, asked, now) if request.method == "GET" else None
    if told is not None:
        return success(told)
    if not request.path.startswith((BROKERAGE, WALLETS)):
        return faults.html(404, "Not found", "not found")
    key = authenticate(state, request, now)
    if key is None:
        return Answer(b"Unauthorized", 401, "text/plain; charset=utf-8", outcome="Unauthorized")
    try:
        return success(private(request, Ask(key, asked, request.body, now)))
    except CoinbaseError as exc:
        return failure(exc.status, exc.error, exc.message)


def private(request: Request, ask: Ask) -> Any:
    """The result of a private call, after all checks. Raises CoinbaseError."""
    run, needs = PRIVATE.get((request.method, request.path.removeprefix(BROKERAGE)), (None, ""))
    if run is None:
        raise CoinbaseError(404, "NOT_FOUND", "Not found")
    if needs and needs not in ask.key.permissions:
        raise CoinbaseError(403, "unknown" if ask.key.old_errors else "PERMISSION_DENIED", "Missing required scopes")
    if ask.key.restricted:
        raise CoinbaseError(403, "PERMISSION_DENIED", "User does not have the correct permissions")
    return run(ask)


def success(content: Any) -> Answer:
    return Answer(json.dumps(content, separators=(",", ":")).encode())


def failure(status: int, error: str, message: str) -> Answer:
    content = {"error": error, "error_details": message, "message": message}
    return Answer(json.dumps(content, separators=(",", ":")).encode(), status, outcome=f"{status} {message}")


def api_key_of(request: Request) -> str | None:
    is_private = request.path.startswith((BROKERAGE, WALLETS)) and public(request.path, {}, 0) is None
    return named_in(request) if is_private else None


dialect = Dialect(
    slug=keys.SLUG,
    name="Coinbase",
    root_paths=(BROKERAGE,),
    permission_groups=keys.GROUPS,
    key_type=keys.CoinbaseKey,
    key_fields=keys.FIELDS,
    make_pair=keys.make_pair,
    ready_made=keys.ready_made,
    api_key_of=api_key_of,
    answer=answer,
    errors={
        "busy": failure(500, "internal_server_error", "Internal server error"),
        "unavailable": faults.html(503, "503 Service Unavailable", "unavailable"),
        "rate_limit": failure(429, "rate_limit_exceeded", "Too many requests"),
    },
    statuses=("online", "maintenance"),
    api_key_label="API key name",
    secret_label="Private key",
    server_header="cloudflare",
)
