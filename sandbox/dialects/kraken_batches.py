"""Kraken's calls for many orders at once: adding two to fifteen for one pair, cancelling up to fifty.

https://docs.kraken.com/api-reference/trading/add-order-batch.md and
https://docs.kraken.com/api-reference/trading/cancel-order-batch.md (read 2026-11-22). Ours, where Kraken says nothing:
cancelling passes over what is not open, unless nothing is.
"""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sandbox.dialects.kraken_account import Ask, Order
from sandbox.dialects.kraken_auth import as_form
from sandbox.dialects.kraken_changes import close, named_orders, touch
from sandbox.dialects.kraken_errors import KrakenError, invalid
from sandbox.dialects.kraken_limits import CANCEL, charge_engine, points_for
from sandbox.dialects.kraken_orders import check_mode, describe, place, read_order

SHARED = ("pair", "deadline")
FEWEST, MOST = 2, 15
MOST_CANCELLED = 50


def add_orders(ask: Ask) -> dict[str, Any]:
    """AddOrderBatch: one order that is wrong turns all away; one without money only itself."""
    wishes = [read_wish(ask, wish) for wish in listed(ask, "orders", range(FEWEST, MOST + 1))]
    orders = [read_order(wish) for wish in wishes]
    for order in orders:
        check_mode(ask, order)
    if ask.is_true("validate"):
        return {"orders": [{"descr": describe(order)} for order in orders]}
    charge_engine(ask.account.engine[orders[0].pair.key], ask.key.tier, len(orders) / 2, ask.now)
    return {"orders": [outcome(wish, order) for wish, order in zip(wishes, orders, strict=True)]}


def read_wish(ask: Ask, wish: Any) -> Ask:
    """One order of the batch as a call of its own."""
    if not isinstance(wish, dict):
        raise invalid("orders")
    shared = {name: ask.params[name] for name in SHARED if name in ask.params}
    return replace(ask, params=as_form(wish) | shared)


def outcome(wish: Ask, order: Order) -> dict[str, Any]:
    try:
        place(wish, order)
    except KrakenError as exc:
        return {"descr": describe(order), "error": str(exc)}
    return {"descr": describe(order), "txid": order.txid}


def cancel_orders(ask: Ask) -> dict[str, Any]:
    """CancelOrderBatch: `orders` holds txids and userrefs, `cl_ord_ids` the caller's own."""
    some = range(MOST_CANCELLED + 1)
    names = [("txid", str(name)) for name in listed(ask, "orders", some)]
    names += [("cl_ord_id", str(name)) for name in listed(ask, "cl_ord_ids", some)]
    if not 0 < len(names) <= MOST_CANCELLED:
        raise invalid("orders")
    cancelled = sum(cancel(replace(ask, params={field: name})) for field, name in names)
    if not cancelled:
        raise KrakenError("EOrder:Unknown order")
    return {"count": cancelled}


def cancel(ask: Ask) -> int:
    """How many open orders had the name and are cancelled now."""
    try:
        orders = named_orders(ask)
    except KrakenError:
        return 0
    for order in orders:
        touch(ask, order, points_for(ask.now - order.touched, CANCEL))
        close(ask, order)
    return len(orders)


def listed(ask: Ask, field: str, sizes: Collection[int]) -> list[Any]:
    """The JSON list that `field` holds. Raises KrakenError for anything else, and for another size."""
    try:
        values = json.loads(ask.params.get(field, "[]"))
    except (ValueError, RecursionError):
        raise invalid(field) from None
    if not isinstance(values, list) or len(values) not in sizes:
        raise invalid(field)
    return values
