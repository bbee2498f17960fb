"""Kraken's reads of orders, trades and ledger entries.

https://docs.kraken.com/api/docs/rest-api/get-open-orders and its neighbours (read 2026-11-22)
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.dialects.kraken_account import Ask, Order
from sandbox.dialects.kraken_errors import KrakenError, invalid
from sandbox.dialects.kraken_market import find_asset

PAGE = 50
TXID = re.compile(r"[A-Z0-9]{6}-[A-Z0-9]{5}-[A-Z0-9]{6}")
NUMBER = re.compile(r"\d{1,12}(\.\d{1,9})?")
MOST_IDS = {"txid": 50, "id": 20}


def open_orders(ask: Ask) -> dict[str, Any]:
    orders = chosen(ask, ask.account.open_orders(ask.now))
    return {"open": {order.txid: describe(order, ask.is_true("trades")) for order in orders}}


def closed_orders(ask: Ask) -> dict[str, Any]:
    ask.account.open_orders(ask.now)                        # closes what has expired
    moment = "opentm" if ask.params.get("closetime") == "open" else "closetm"
    orders = chosen(ask, [order for order in ask.account.orders.values() if order.status != "open"])
    return page(ask, "closed", {order.txid: describe(order, ask.is_true("trades")) for order in orders}, moment)


def trades_history(ask: Ask) -> dict[str, Any]:
    trades = ask.account.trades if ask.params.get("type", "all") in ("all", "no position") else {}
    if ask.is_true("ledgers"):
        entries = ask.account.ledger.items()
        trades = {trade: {**about, "ledgers": [entry for entry, booked in entries if booked["refid"] == trade]}
                  for trade, about in trades.items()}
    return page(ask, "trades", trades, "time", page_size(ask))


def page_size(ask: Ask) -> int:
    """`limit`, which only TradesHistory knows."""
    size = ask.params.get("limit", str(PAGE))
    if not re.fullmatch(r"\d{1,3}", size) or not 1 <= int(size) <= 100:
        raise invalid("limit")
    return int(size)


def ledgers(ask: Ask) -> dict[str, Any]:
    kind = ask.params.get("type", "all")
    names = [name for name in ask.params.get("asset", "all").split(",") if name not in ("all", "")]
    assets = {find_asset(name).code for name in names}
    entries = {
        number: entry for number, entry in ask.account.ledger.items()
        if kind in ("all", entry["type"]) and (not assets or entry["asset"] in assets)
    }
    return page(ask, "ledger", entries, "time")


def query_orders(ask: Ask) -> dict[str, Any]:
    """Orders by id; each needs the permission for what it is, open or closed."""
    found = {}
    ask.account.open_orders(ask.now)                        # closes what has expired
    for txid in ids(ask, "txid"):
        order = find_order(ask, txid)
        needed = "query-open-trades" if order.status == "open" else "query-closed-trades"
        if needed not in ask.key.permissions:
            raise KrakenError("EGeneral:Permission denied")
        if chosen(ask, [order]):
            found[txid] = describe(order, ask.is_true("trades"))
    return found


def query_trades(ask: Ask) -> dict[str, Any]:
    return {number: ask.account.trades[number] for number in ids(ask, "txid") if number in ask.account.trades}


def query_ledgers(ask: Ask) -> dict[str, Any]:
    return {number: ask.account.ledger[number] for number in ids(ask, "id") if number in ask.account.ledger}


def ids(ask: Ask, field: str) -> list[str]:
    wanted = [number.strip() for number in ask.params.get(field, "").split(",") if number.strip()]
    if not 0 < len(wanted) <= MOST_IDS[field]:
        raise invalid(field)
    return wanted


def find_order(ask: Ask, txid: str) -> Order:
    """The account's order. Raises KrakenError."""
    if not TXID.fullmatch(txid):
        raise KrakenError("EOrder:Invalid order")
    if txid not in ask.account.orders:
        raise KrakenError("EOrder:Unknown order")
    return ask.account.orders[txid]


def chosen(ask: Ask, orders: list[Order]) -> list[Order]:
    """The orders with the caller's own reference, where one is given."""
    userref, cl_ord_id = ask.params.get("userref", ""), ask.params.get("cl_ord_id", "")
    return [order for order in orders
            if userref in ("", "0", str(order.userref)) and cl_ord_id in ("", order.cl_ord_id)]


def page(ask: Ask, name: str, entries: Mapping[str, dict[str, Any]], moment: str, size: int = PAGE) -> dict[str, Any]:
    """One page of `entries` between `start` and `end`, newest first. `moment` is the field that holds the time."""
    start, end = limit(ask, "start", entries, moment), limit(ask, "end", entries, moment)
    outside_from = start < ask.key.query_from
    outside_to = ask.key.query_to and (end or ask.now) > ask.key.query_to
    if outside_from or outside_to:
        raise KrakenError("EGeneral:Invalid arguments")     # the key's own date window forbids it
    offset = ask.params.get("ofs") or "0"
    if not (offset.isascii() and offset.isdigit() and len(offset) < 9):
        raise invalid("ofs")
    newest_first = sorted(entries.items(), key=lambda item: item[1][moment], reverse=True)
    inside = [item for item in newest_first if item[1][moment] > start and (not end or item[1][moment] <= end)]
    answer: dict[str, Any] = {name: dict(inside[int(offset):int(offset) + size])}
    if not ask.is_true("without_count"):
        answer["count"] = len(inside)
    return answer


def limit(ask: Ask, field: str, entries: Mapping[str, dict[str, Any]], moment: str) -> float:
    """`start` or `end` as unix seconds, given as such or as the id of an entry; 0 when not given."""
    text = ask.params.get(field, "")
    if text in entries:
        return float(entries[text][moment])
    if not NUMBER.fullmatch(text or "0"):
        raise invalid(field)
    return float(text or 0)


def describe(order: Order, with_trades: bool) -> dict[str, Any]:
    """The order as Kraken writes it; closed ones say when and why."""
    average = order.pair.price(order.cost / order.filled) if order.filled else "0.00000"
    described: dict[str, Any] = {
        "refid": None, "userref": order.userref, "status": order.status, "opentm": order.opentm, "starttm": 0,
        "expiretm": order.expiretm,
        "descr": {
            "pair": order.pair.altname, "type": order.side, "ordertype": order.ordertype,
            "price": price_text(order), "price2": order.pair.price(order.price2) if order.price2 else "0",
            "leverage": order.leverage, "order": sentence(order), "close": order.close,
        },
        "vol": f"{order.volume:.8f}", "vol_exec": f"{order.filled:.8f}", "cost": f"{order.cost:.5f}",
        "fee": f"{order.fee:.5f}", "price": average, "stopprice": "0.00000", "limitprice": "0.00000",
        "misc": order.misc, "oflags": order.oflags,
    }
    if order.trigger:
        described["trigger"] = order.trigger
    if order.cl_ord_id:
        described["cl_ord_id"] = order.cl_ord_id
    if order.status != "open":
        described |= {"closetm": order.closetm, "reason": order.reason}
    if with_trades:
        described["trades"] = order.trades
    return described


def price_text(order: Order) -> str:
    return order.pair.price(order.price) if order.price else "0"


def sentence(order: Order) -> str:
    """The order in words: "buy 0.01000000 XBTEUR @ limit 25000.0"."""
    leverage = "" if order.leverage == "none" else f" with {order.leverage} leverage"
    return f"{order.side} {order.asked or order.volume:.8f} {order.pair.altname} @ {terms(order)}{leverage}"


def terms(order: Order) -> str:
    """Type and prices in words: "stop loss 22000.0 -> limit 21000.0"."""
    price = f" {price_text(order)}" if order.price else ""
    second = f" -> limit {order.pair.price(order.price2)}" if order.price2 else ""
    return f"{words(order.ordertype)}{price}{second}"


def words(ordertype: str) -> str:
    """Kraken writes "stop loss" in the sentence for "stop-loss-limit", and names the limit after the arrow."""
    return ordertype.removesuffix("-limit").replace("-", " ") if "-" in ordertype else ordertype
