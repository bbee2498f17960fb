"""Kraken's changes to orders: amend (same id), edit (a new one in its place), cancel.

https://docs.kraken.com/api/docs/rest-api/amend-order and its neighbours (read 2026-11-22)
"""

from dataclasses import replace
from typing import Any

from sandbox.dialects.kraken_account import Ask, Order
from sandbox.dialects.kraken_errors import KrakenError, invalid
from sandbox.dialects.kraken_history import find_order, sentence
from sandbox.dialects.kraken_limits import AMEND, CANCEL, EDIT, charge_engine, points_for
from sandbox.dialects.kraken_market import find_pair
from sandbox.dialects.kraken_orders import (
    TWICE_PRICED,
    check_crossing,
    check_deadline,
    check_funds,
    check_mode,
    check_size,
    fills_at,
    read_amount,
    read_price,
)


def amend_order(ask: Ask) -> dict[str, Any]:
    """AmendOrder: other quantity or price, same id and place in the queue."""
    check_deadline(ask)
    order = one_order(ask)
    wanted = amended(ask, order)
    check_mode(ask, wanted)
    touch(ask, order, 1 + points_for(ask.now - order.touched, AMEND))
    check_funds(ask, wanted, fills_at(wanted), instead_of=order)
    order.volume, order.price, order.price2, order.oflags = wanted.volume, wanted.price, wanted.price2, wanted.oflags
    order.asked, order.touched, order.misc = wanted.volume, ask.now, "amended"
    if price := fills_at(order):
        ask.account.fill(order, price, ask.now)
    return {"amend_id": ask.account.new_id("T")}


def amended(ask: Ask, order: Order) -> Order:
    """`order` as the parameters want it. Raises KrakenError for the first thing that is wrong."""
    wanted = replace(order)
    if "order_qty" in ask.params:
        wanted.volume = read_amount(ask.params, "order_qty")
    for field, price in (("trigger_price", "price"), ("limit_price", limit_of(order))):
        if field not in ask.params:
            continue
        if not price or (field == "trigger_price" and not order.trigger):
            raise invalid(field)
        setattr(wanted, price, read_price(ask.params, field, order.pair, order.side))
    if ask.is_true("post_only"):
        wanted.oflags = "post"
    check_size(wanted)
    check_crossing(wanted)
    return wanted


def limit_of(order: Order) -> str:
    """Which of its prices is its limit, "" when it has none."""
    if order.ordertype in TWICE_PRICED:
        return "price2"
    return "" if order.trigger or order.ordertype == "market" else "price"


def edit_order(ask: Ask) -> dict[str, Any]:
    """EditOrder: cancels the order and adds one with another id, without the caller's cl_ord_id."""
    check_deadline(ask)
    if "pair" not in ask.params:
        raise invalid("pair")
    pair, order = find_pair(ask.params["pair"]), one_order(ask)
    if pair is not order.pair or order.close:
        raise KrakenError("EOrder:Invalid order")
    wanted = edited(ask, order)
    check_mode(ask, wanted)
    answer = {"status": "ok", "originaltxid": order.txid, "volume": f"{wanted.volume:.8f}",
              "price": pair.price(wanted.price), "price2": pair.price(wanted.price2) if wanted.price2 else "0",
              "orders_cancelled": 1, "descr": {"order": sentence(wanted)}}
    if ask.is_true("validate"):
        return answer
    touch(ask, order, 1 + points_for(ask.now - order.touched, EDIT))
    swap(ask, order, wanted)
    return answer | {"txid": wanted.txid}


def edited(ask: Ask, order: Order) -> Order:
    """What is to stand in the place of `order`. Raises KrakenError for the first thing that is wrong."""
    wanted = replace(order, cl_ord_id="", misc="", opentm=ask.now, touched=ask.now, trades=[])
    if "volume" in ask.params:
        wanted.volume = wanted.asked = read_amount(ask.params, "volume")
    for field in ("price", "price2"):
        if ask.params.get(field):
            setattr(wanted, field, read_price(ask.params, field, order.pair, order.side))
    flags = ask.params.get("oflags", "")
    if flags not in ("", "post"):
        raise invalid("oflags")
    wanted.oflags = flags or order.oflags
    check_size(wanted)
    check_crossing(wanted)
    return wanted


def swap(ask: Ask, order: Order, wanted: Order) -> None:
    """Put `wanted` in the place of `order`, which stays as it is when the money does not reach."""
    check_funds(ask, wanted, fills_at(wanted), instead_of=order)
    close(ask, order)
    wanted.txid = ask.account.new_id("O")
    ask.account.orders[wanted.txid] = wanted
    if price := fills_at(wanted):
        ask.account.fill(wanted, price, ask.now)


def cancel_order(ask: Ask) -> dict[str, Any]:
    """CancelOrder by txid, userref or cl_ord_id; several orders may share a userref."""
    orders = named_orders(ask)
    for order in orders:
        touch(ask, order, points_for(ask.now - order.touched, CANCEL))
        close(ask, order)
    return {"count": len(orders)}


def cancel_all(ask: Ask) -> dict[str, Any]:
    orders = ask.account.open_orders(ask.now)
    for order in orders:
        close(ask, order)
    return {"count": len(orders)}


def one_order(ask: Ask) -> Order:
    orders = named_orders(ask)
    if len(orders) > 1:
        raise KrakenError("EOrder:Invalid order")
    return orders[0]


def named_orders(ask: Ask) -> list[Order]:
    """The open orders that `txid` (an id or a userref) or `cl_ord_id` names. Raises KrakenError for none."""
    name, cl_ord_id = ask.params.get("txid", ""), ask.params.get("cl_ord_id", "")
    if not name and not cl_ord_id:
        raise invalid("txid")
    is_open = ask.account.open_orders(ask.now)
    if cl_ord_id:
        found = [order for order in is_open if order.cl_ord_id == cl_ord_id]
    elif name.removeprefix("-").isdigit():
        found = [order for order in is_open if str(order.userref) == name]
    else:
        wanted = find_order(ask, name)
        found = [order for order in is_open if order is wanted]
    if not found:
        raise KrakenError("EOrder:Unknown order")
    return found


def touch(ask: Ask, order: Order, points: float) -> None:
    charge_engine(ask.account.engine[order.pair.key], ask.key.tier, points, ask.now)


def close(ask: Ask, order: Order) -> None:
    order.status, order.closetm, order.reason = "canceled", ask.now, "User requested"
