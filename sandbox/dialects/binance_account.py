"""Accounts at the practice Binance: what a key may do, balances, orders, the markets they are in, and the test of an order.

https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md (read 2026-11-22). Prices stand still.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.dialects import binance_keys as keys
from sandbox.dialects.binance_keys import BinanceKey

BALANCES = {"BTC": ("0.01842100", "0.00000000"), "USDT": ("1500.25000000", "20.00000000"), "BNB": ("0.50000000", "0.00000000")}
COINS = {"BTC": "Bitcoin", "ETH": "Ethereum", "USDT": "TetherUS", "BNB": "BNB", "EUR": "Euro"}
PRICES = {"BTCUSDT": Decimal("60000"), "ETHUSDT": Decimal("3000"), "BTCEUR": Decimal("55000")}
SMALLEST, SMALLEST_WORTH = Decimal("0.00001"), Decimal("5")
BAND = (Decimal("0.2"), Decimal("5"))                       # of the last price, in which an order may lie
SIDES = ("BUY", "SELL")
PRICED = ("LIMIT", "LIMIT_MAKER")


class BinanceError(Exception):
    """An error in Binance's JSON: HTTP status, `code`, `msg`; and how long to stay away."""

    def __init__(self, status: int, code: int, message: str, retry_after_s: int = 0) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message, self.retry_after_s = status, code, message, retry_after_s


@dataclass(frozen=True)
class Ask:
    """A call that has been let in. `key`: None for a public one."""

    key: BinanceKey | None
    params: Mapping[str, str]
    now: float

    def needs(self, name: str) -> str:
        if not self.params.get(name):
            raise mandatory(name)
        return self.params[name]

    def number(self, purpose: str, digits: int) -> int:
        """The same for all keys of the account."""
        return int(hashlib.sha256(f"{self.key.account}|{purpose}".encode()).hexdigest(), 16) % 10**digits


def mandatory(name: str) -> BinanceError:
    return BinanceError(400, -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def ms(moment: float) -> int:
    return int(moment * 1000)


def restrictions(ask: Ask) -> dict[str, Any]:
    key = ask.key
    granted: dict[str, Any] = {name: name in key.permissions for name in (*keys.NAMES, *key.permissions)}
    granted.pop(key.untold, None)
    until = {"tradingAuthorityExpirationTime": ms(key.trade_until)} if key.trade_until else {}
    return {"ipRestrict": bool(key.ip_allowlist), "createTime": ms(key.created_time)} | granted | until


def wallet(ask: Ask) -> dict[str, Any]:
    """`can…` are the account's, whatever the key may do."""
    held = {} if ask.key.empty else BALANCES
    names = held if ask.params.get("omitZeroBalances") == "true" else COINS
    rate = "0.00100000"
    return {
        "makerCommission": 10, "takerCommission": 10, "buyerCommission": 0, "sellerCommission": 0,
        "commissionRates": {"maker": rate, "taker": rate, "buyer": "0.00000000", "seller": "0.00000000"},
        "canTrade": not ask.key.restricted, "canWithdraw": True, "canDeposit": True, "brokered": False,
        "requireSelfTradePrevention": False, "preventSor": False, "updateTime": ms(ask.now - 3600), "accountType": "SPOT",
        "balances": [dict(zip(("asset", "free", "locked"), (name, *held.get(name, ("0.00000000",) * 2)), strict=True)) for name in names],
        "permissions": ["SPOT"], "uid": ask.number("uid", 9),
    }


def symbol_of(ask: Ask) -> str:
    if ask.needs("symbol") not in PRICES:
        raise BinanceError(400, -1121, "Invalid symbol.")
    return ask.params["symbol"]


def open_orders(ask: Ask) -> list[dict[str, Any]]:
    if ("symbol" in ask.params and symbol_of(ask) != "BTCUSDT") or ask.key.empty:
        return []
    placed = ms(ask.now - 3600)
    return [{
        "symbol": "BTCUSDT", "orderId": ask.number("order", 10), "orderListId": -1, "clientOrderId": "web_1", "price": "40000.00000000",
        "origQty": "0.00050000", "executedQty": "0.00000000", "cummulativeQuoteQty": "0.00000000", "origQuoteOrderQty": "0.00000000",
        "status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "stopPrice": "0.00000000", "icebergQty": "0.00000000",
        "time": placed, "updateTime": placed, "isWorking": True, "workingTime": placed, "selfTradePreventionMode": "EXPIRE_MAKER",
    }]


def trades(ask: Ask) -> list[dict[str, Any]]:
    if symbol_of(ask) != "BTCUSDT" or ask.key.empty:
        return []
    return [{
        "symbol": "BTCUSDT", "id": ask.number("trade", 10), "orderId": ask.number("filled", 10), "orderListId": -1,
        "price": "58000.00000000", "qty": "0.00100000", "quoteQty": "58.00000000", "commission": "0.00000100", "commissionAsset": "BTC",
        "time": ms(ask.now - 7200), "isBuyer": True, "isMaker": False, "isBestMatch": True,
    }]


def test_order(ask: Ask) -> dict[str, Any]:
    """{} where the order could be placed. Raises BinanceError for the first thing that is wrong with it."""
    last, kind = PRICES[symbol_of(ask)], ask.needs("type")
    if ask.needs("side") not in SIDES:
        raise BinanceError(400, -1117, "Invalid side.")
    if kind not in (*PRICED, "MARKET"):
        raise BinanceError(400, -1116, "Invalid orderType.")
    if kind == "LIMIT":
        ask.needs("timeInForce")
    price = amount(ask, "price") if kind in PRICED else last
    quantity = amount(ask, "quantity")
    if quantity < SMALLEST:
        raise BinanceError(400, -1013, "Filter failure: LOT_SIZE")
    if not BAND[0] * last <= price <= BAND[1] * last:
        raise BinanceError(400, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE")
    if quantity * price < SMALLEST_WORTH:
        raise BinanceError(400, -1013, "Filter failure: NOTIONAL")
    if ask.key.restricted:
        raise BinanceError(400, -2010, "This account may not place or cancel orders.")
    return {}


def amount(ask: Ask, name: str) -> Decimal:
    try:
        found = Decimal(ask.needs(name))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found <= 0:
        raise BinanceError(400, -1100, f"Illegal characters found in parameter '{name}'.")
    return found


def coins(_: Ask) -> list[dict[str, Any]]:
    return [{"coin": coin, "name": name, "depositAllEnable": True, "withdrawAllEnable": True, "isLegalMoney": coin == "EUR",
             "trading": True, "free": "0", "locked": "0", "networkList": []} for coin, name in COINS.items()]


def exchange_info(ask: Ask) -> dict[str, Any]:
    return {
        "timezone": "UTC", "serverTime": ms(ask.now), "exchangeFilters": [], "symbols": [describe_symbol(name) for name in PRICES],
        "rateLimits": [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}],
    }


def describe_symbol(name: str) -> dict[str, Any]:
    low, high = map(str, BAND)
    return {
        "symbol": name, "status": "TRADING", "baseAsset": name[:3], "baseAssetPrecision": 8, "quoteAsset": name[3:],
        "quotePrecision": 8, "quoteAssetPrecision": 8, "orderTypes": [*PRICED, "MARKET"], "icebergAllowed": True, "ocoAllowed": True,
        "isSpotTradingAllowed": True, "isMarginTradingAllowed": False, "permissions": [], "permissionSets": [["SPOT"]],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "maxPrice": "1000000.00000000", "tickSize": "0.01000000"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True, "maxNotional": "9000000.00000000",
             "applyMaxToMarket": False, "avgPriceMins": 5},
            {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": high, "bidMultiplierDown": low, "askMultiplierUp": high,
             "askMultiplierDown": low, "avgPriceMins": 5}],
    }
