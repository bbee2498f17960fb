"""Kraken's public calls, with a few assets and pairs and prices that stand still.

https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs and its neighbours (read 2026-11-22)
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.dialects.kraken_errors import KrakenError, invalid

STATUSES = ("online", "maintenance", "cancel_only", "post_only")        # of the whole exchange, in SystemStatus


@dataclass(frozen=True)
class Asset:
    code: str
    altname: str
    decimals: int
    display_decimals: int
    margin_rate: str = ""

    def text(self, amount: Decimal) -> str:
        return f"{amount:.{self.decimals}f}"


@dataclass(frozen=True)
class Pair:
    """A market. `last` is the price of the last trade; the spread is one tick to each side of it."""

    key: str
    base: str
    quote: str
    decimals: int
    ordermin: str
    costmin: str
    last: Decimal

    @property
    def altname(self) -> str:
        return ASSETS[self.base].altname + ASSETS[self.quote].altname

    @property
    def wsname(self) -> str:
        return f"{ASSETS[self.base].altname}/{ASSETS[self.quote].altname}"

    @property
    def tick(self) -> Decimal:
        return Decimal(1).scaleb(-self.decimals)

    def price(self, price: Decimal) -> str:
        return f"{price:.{self.decimals}f}"


ASSETS = {asset.code: asset for asset in (
    Asset("ZEUR", "EUR", 4, 2, "0.02"), Asset("ZUSD", "USD", 4, 2, "0.025"), Asset("ZGBP", "GBP", 4, 2, "0.02"),
    Asset("XXBT", "XBT", 10, 5, "0.01"), Asset("XETH", "ETH", 10, 5, "0.02"), Asset("XXRP", "XRP", 8, 5),
    Asset("XXDG", "XDG", 8, 2), Asset("USDT", "USDT", 8, 4), Asset("USDC", "USDC", 8, 4),
    Asset("SOL", "SOL", 10, 5), Asset("ADA", "ADA", 8, 6), Asset("DOT", "DOT", 10, 8),
)}
PAIRS = {pair.key: pair for pair in (
    Pair("XXBTZUSD", "XXBT", "ZUSD", 1, "0.00005", "0.5", Decimal("68512.5")),
    Pair("XXBTZEUR", "XXBT", "ZEUR", 1, "0.00005", "0.45", Decimal("57928.7")),
    Pair("XBTUSDT", "XXBT", "USDT", 1, "0.00005", "0.5", Decimal("68530.1")),
    Pair("XBTUSDC", "XXBT", "USDC", 1, "0.00005", "0.5", Decimal("68520.3")),
    Pair("ZEURZUSD", "ZEUR", "ZUSD", 5, "0.5", "0.5", Decimal("1.18270")),
    Pair("XETHZUSD", "XETH", "ZUSD", 2, "0.001", "0.5", Decimal("2410.15")),
    Pair("XETHZEUR", "XETH", "ZEUR", 2, "0.001", "0.45", Decimal("2038.40")),
    Pair("XETHXXBT", "XETH", "XXBT", 5, "0.001", "0.00002", Decimal("0.03518")),
    Pair("SOLUSD", "SOL", "ZUSD", 2, "0.02", "0.5", Decimal("151.20")),
    Pair("SOLEUR", "SOL", "ZEUR", 2, "0.02", "0.45", Decimal("127.85")),
    Pair("ADAEUR", "ADA", "ZEUR", 6, "5", "0.45", Decimal("0.412345")),
    Pair("XXRPZEUR", "XXRP", "ZEUR", 5, "2", "0.45", Decimal("0.51230")),
    Pair("XDGEUR", "XXDG", "ZEUR", 7, "15", "0.45", Decimal("0.1032145")),
)}
NAMES = {name: pair for pair in PAIRS.values() for name in (pair.key, pair.altname, pair.wsname)}
LEVERAGES = [2, 3, 4, 5]
# What AssetPairs tells with `info`; without it, everything.
ABOUT_PAIRS = {
    "leverage": ("leverage_buy", "leverage_sell"), "fees": ("fees", "fees_maker", "fee_volume_currency"),
    "margin": ("margin_call", "margin_stop"),
}
INTERVALS = ("1", "5", "15", "30", "60", "240", "1440", "10080", "21600")               # of OHLC, in minutes
CANDLES = 720


@dataclass(frozen=True)
class PublicAsk:
    """One public call."""

    params: Mapping[str, str]
    now: float
    status: str


def find_pair(name: str) -> Pair:
    """The pair by key, altname or "XBT/USD"; Bitcoin also as BTC, Dogecoin as DOGE. Raises KrakenError."""
    pair = NAMES.get(name) or NAMES.get(name.replace("BTC", "XBT").replace("DOGE", "XDG"))
    if pair is None:
        raise KrakenError("EQuery:Unknown asset pair")
    return pair


def find_asset(name: str) -> Asset:
    """The asset by code or altname. Raises KrakenError."""
    for asset in ASSETS.values():
        if name in (asset.code, asset.altname):
            return asset
    raise KrakenError("EQuery:Unknown asset")


def asset_of(balance: str) -> Asset:
    """The asset of a balance such as "SOL.F" (in a rewards product)."""
    return ASSETS[balance.partition(".")[0]]


def names(params: Mapping[str, str], field: str) -> list[str]:
    return [name for name in params.get(field, "").split(",") if name]


def server_time(ask: PublicAsk) -> dict[str, Any]:
    now = int(ask.now)
    return {"unixtime": now, "rfc1123": time.strftime("%a, %d %b %y %H:%M:%S +0000", time.gmtime(now))}


def system_status(ask: PublicAsk) -> dict[str, Any]:
    return {"status": ask.status, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ask.now))}


def assets(ask: PublicAsk) -> dict[str, Any]:
    wanted = [find_asset(name) for name in names(ask.params, "asset")] or list(ASSETS.values())
    return {asset.code: describe_asset(asset) for asset in wanted}


def describe_asset(asset: Asset) -> dict[str, Any]:
    about: dict[str, Any] = {
        "aclass": "currency", "altname": asset.altname, "decimals": asset.decimals,
        "display_decimals": asset.display_decimals, "status": "enabled",
    }
    if asset.margin_rate:
        about |= {"collateral_value": 1, "margin_rate": asset.margin_rate}
    return about


def asset_pairs(ask: PublicAsk) -> dict[str, Any]:
    about = ask.params.get("info", "info")
    if about != "info" and about not in ABOUT_PAIRS:
        raise invalid("info")
    described = {pair.key: describe_pair(pair) for pair in wanted_pairs(ask)}
    if about == "info":
        return described
    return {key: {name: pair[name] for name in ABOUT_PAIRS[about]} for key, pair in described.items()}


def wanted_pairs(ask: PublicAsk) -> list[Pair]:
    """Those that `pair` names; all when it names none."""
    return [find_pair(name) for name in names(ask.params, "pair")] or list(PAIRS.values())


def describe_pair(pair: Pair) -> dict[str, Any]:
    return {
        "altname": pair.altname, "wsname": pair.wsname, "aclass_base": "currency", "base": pair.base,
        "aclass_quote": "currency", "quote": pair.quote, "lot": "unit", "cost_decimals": 5,
        "pair_decimals": pair.decimals, "lot_decimals": 8, "lot_multiplier": 1, "leverage_buy": LEVERAGES,
        "leverage_sell": LEVERAGES, "fees": [[0, 0.4], [10000, 0.35]], "fees_maker": [[0, 0.25], [10000, 0.2]],
        "fee_volume_currency": "ZUSD", "margin_call": 80, "margin_stop": 40, "ordermin": pair.ordermin,
        "costmin": pair.costmin, "tick_size": str(pair.tick), "status": "online", "long_position_limit": 300,
        "short_position_limit": 240, "execution_venue": "international",
    }


def ticker(ask: PublicAsk) -> dict[str, Any]:
    return {pair.key: describe_ticker(pair) for pair in wanted_pairs(ask)}


def describe_ticker(pair: Pair) -> dict[str, Any]:
    ask, bid, last = (f"{price:.{pair.decimals + 4}f}" for price in (pair.last + pair.tick, pair.last, pair.last))
    low, high = (f"{pair.last * factor:.{pair.decimals + 4}f}" for factor in (Decimal("0.98"), Decimal("1.02")))
    return {
        "a": [ask, "2", "2.000"], "b": [bid, "4", "4.000"], "c": [last, "0.00310000"],
        "v": ["402.73100000", "2611.90400000"], "p": [last, last], "t": [21804, 73110],
        "l": [low, low], "h": [high, high], "o": last,
    }


def ohlc(ask: PublicAsk) -> dict[str, Any]:
    """Candles later than `since`, oldest first; the last one is not finished, `last` is the one before it."""
    if not ask.params.get("pair"):
        raise invalid("pair")
    pair, interval, since = find_pair(ask.params["pair"]), ask.params.get("interval", "1"), ask.params.get("since", "0")
    if interval not in INTERVALS:
        raise invalid("interval")
    if not (since.isascii() and since.isdigit() and len(since) <= 12):
        raise invalid("since")
    width = 60 * int(interval)
    newest = int(ask.now) // width * width
    moments = range(newest - (CANDLES - 1) * width, newest + 1, width)
    return {pair.key: [candle(pair, moment) for moment in moments if moment > int(since)], "last": newest - width}


def candle(pair: Pair, moment: int) -> list[Any]:
    last, low, high = (pair.price(price) for price in (pair.last, pair.last - pair.tick, pair.last + pair.tick))
    return [moment, last, high, low, last, last, "12.48100000", 611]


METHODS: Mapping[str, Callable[[PublicAsk], dict[str, Any]]] = {
    "Time": server_time, "SystemStatus": system_status, "Assets": assets, "AssetPairs": asset_pairs,
    "Ticker": ticker, "OHLC": ohlc,
}
