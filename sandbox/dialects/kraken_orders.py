"""Kraken's orders: checking and adding them. Prices stand still, so an order either fills at once or rests.

https://docs.kraken.com/api/docs/rest-api/add-order (read 2026-11-22). Ours, where Kraken says nothing: `validate`
does not look at the balance, `starttm` takes no later moment, and the order of `close[…]` is told but never placed.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.dialects.kraken_account import FEE, ZERO, Ask, Order
from sandbox.dialects.kraken_errors import KrakenError, invalid
from sandbox.dialects.kraken_history import sentence, terms
from sandbox.dialects.kraken_keys import SLUG
from sandbox.dialects.kraken_limits import OPEN_ORDERS, charge_engine
from sandbox.dialects.kraken_market import LEVERAGES, Pair, find_pair

TRIGGERED = ("stop-loss", "take-profit", "stop-loss-limit", "take-profit-limit", "trailing-stop",
             "trailing-stop-limit")
PRICED = ("limit", "iceberg", *TRIGGERED)
TWICE_PRICED = ("stop-loss-limit", "take-profit-limit", "trailing-stop-limit")
ORDER_TYPES = ("market", *PRICED, "settle-position")
# What an option may be; the first is meant when it is not there.
OPTIONS = {
    "timeinforce": ("GTC", "", "IOC", "FOK", "GTD"), "leverage": ("none", "0", *(str(times) for times in LEVERAGES)),
    "trigger": ("last", "index"), "stptype": ("cancel-newest", "cancel-oldest", "cancel-both"), "starttm": ("0", ""),
}
FLAGS = ("post", "fcib", "fciq", "viqc", "nompp")
MONTH_S = 31 * 86_400
# A UUID with or without dashes, or free text of up to 18 characters.
CL_ORD_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[!-~]{1,18}")
USERREF = re.compile(r"-?\d{1,10}")


def add_order(ask: Ask) -> dict[str, Any]:
    """AddOrder: with `validate` the order is only checked and gets no txid."""
    order = read_order(ask)
    check_mode(ask, order)
    answer = {"descr": describe(order)}
    if ask.is_true("validate"):
        return answer
    charge_engine(ask.account.engine[order.pair.key], ask.key.tier, 1, ask.now)
    place(ask, order)
    return answer | {"txid": [order.txid]}


def describe(order: Order) -> dict[str, str]:
    return {"order": sentence(order), "close": order.close} if order.close else {"order": sentence(order)}


def check_mode(ask: Ask, order: Order) -> None:
    """Raises KrakenError for an order that the market does not take in its present mode."""
    mode = ask.state.condition(SLUG).status
    if mode == "cancel_only" or (mode == "post_only" and "post" not in order.oflags.split(",")):
        raise KrakenError(f"EService:Market in {mode} mode")


def read_order(ask: Ask) -> Order:
    """The order that the parameters describe, without an id. Raises KrakenError for the first thing that is wrong."""
    params = ask.params
    for field, choices in (("ordertype", ORDER_TYPES), ("type", ("buy", "sell"))):
        if params.get(field) not in choices:
            raise invalid(field)
    if "pair" not in params:
        raise invalid("pair")
    pair, ordertype, side = find_pair(params["pair"]), params["ordertype"], params["type"]
    order = Order("", pair, side, ordertype, read_amount(params, "volume"), opentm=ask.now, touched=ask.now)
    order.asked = order.volume
    read_prices(params, order)
    read_options(ask, order)
    read_close(params, order)
    check_size(order)
    check_crossing(order)
    return order


def read_prices(params: Mapping[str, str], order: Order, form: str = "{}") -> None:
    """The prices that the order's type has, into `order`; `form` is how their fields are called."""
    if order.ordertype in PRICED:
        order.price = read_price(params, form.format("price"), order.pair, order.side)
    if order.ordertype in TWICE_PRICED:
        order.price2 = read_price(params, form.format("price2"), order.pair, order.side)


def read_close(params: Mapping[str, str], order: Order) -> None:
    """The order that is to follow, from `close[ordertype]` and its prices."""
    ordertype = params.get("close[ordertype]")
    if ordertype is None:
        return
    if ordertype not in PRICED:
        raise invalid("close[ordertype]")
    following = replace(order, side="sell" if order.side == "buy" else "buy", ordertype=ordertype, price=ZERO, price2=ZERO)
    read_prices(params, following, "close[{}]")
    order.close = f"close position @ {terms(following)}"


def read_amount(params: Mapping[str, str], field: str) -> Decimal:
    try:
        amount = Decimal(params.get(field, ""))
    except InvalidOperation:
        raise invalid(field) from None
    if not amount.is_finite() or not 0 < amount < 10**12:
        raise invalid(field)
    return amount


def read_price(params: Mapping[str, str], field: str, pair: Pair, side: str) -> Decimal:
    """A price, absolute or (+ - # in front, % behind) relative to the last one. Raises KrakenError off the tick."""
    text = params.get(field, "")
    sign, bare = (text[0], text[1:]) if text[:1] in ("+", "-", "#") else ("", text)
    amount = read_amount({field: bare.removesuffix("%")}, field)
    if bare.endswith("%"):
        amount = (pair.last * amount / 100).quantize(pair.tick)
    if sign == "#":
        sign = "-" if side == "buy" else "+"
    price = {"": amount, "+": pair.last + amount, "-": pair.last - amount}[sign]
    if price != price.quantize(pair.tick):
        raise KrakenError(f"EOrder:Invalid price:{pair.altname} price can only be specified up to "
                          f"{pair.decimals} decimals.")
    if price <= 0:
        raise invalid(field)
    return price


def read_options(ask: Ask, order: Order) -> None:
    """The optional parameters, into `order`."""
    params = ask.params
    flags = [flag for flag in params.get("oflags", "").split(",") if flag]
    if not set(flags) <= set(FLAGS) or ("post" in flags and order.ordertype != "limit"):
        raise invalid("oflags")
    for field, choices in OPTIONS.items():
        if params.get(field, choices[0]) not in choices:
            raise invalid(field)
    order.oflags = ",".join(flags) or "fciq"
    times = params.get("leverage", "none")
    order.leverage = "none" if times in ("none", "0") else f"{times}:1"
    order.trigger = params.get("trigger", "last") if order.ordertype in TRIGGERED else ""
    order.expiretm = read_expiry(ask)
    read_reference(ask, order)
    check_deadline(ask)


def read_expiry(ask: Ask) -> float:
    """`expiretm` as unix seconds, 0 for none: a moment or "+seconds", 5 seconds to a month ahead."""
    text = ask.params.get("expiretm", "0")
    if text == "0" and ask.params.get("timeinforce") != "GTD":
        return 0
    relative = text.startswith("+")
    if not re.fullmatch(r"\d{1,12}", text.removeprefix("+")):
        raise invalid("expiretm")
    expires = float(text) + (ask.now if relative else 0)
    if not 4 <= expires - ask.now <= MONTH_S:               # a second is lost on the way
        raise invalid("expiretm")
    return expires


def read_reference(ask: Ask, order: Order) -> None:
    """`userref` or `cl_ord_id`, not both; the second is unique among the open orders."""
    userref, order.cl_ord_id = ask.params.get("userref", "0"), ask.params.get("cl_ord_id", "")
    if not USERREF.fullmatch(userref) or not -2**31 <= int(userref) < 2**31:
        raise invalid("userref")
    if order.cl_ord_id and (not CL_ORD_ID.fullmatch(order.cl_ord_id) or "userref" in ask.params):
        raise invalid("cl_ord_id")
    order.userref = int(userref)
    if order.cl_ord_id and any(order.cl_ord_id == other.cl_ord_id for other in ask.account.open_orders(ask.now)):
        raise KrakenError("EOrder:Invalid order")


def check_deadline(ask: Ask) -> None:
    """`deadline` lies 2 to 60 seconds ahead (RFC 3339)."""
    text = ask.params.get("deadline")
    if text is None:
        return
    try:
        deadline = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("deadline") from None
    ahead_s = deadline.timestamp() - ask.now
    if ahead_s < 0:
        raise KrakenError("EService:Deadline elapsed")
    if ahead_s > 60:
        raise invalid("deadline")


def check_size(order: Order) -> None:
    in_quote = "viqc" in order.oflags
    if in_quote and (order.ordertype, order.side) != ("market", "buy"):
        raise invalid("oflags")
    if in_quote:
        order.volume = (order.volume / order.pair.last).quantize(Decimal("1e-8"))
    if order.volume < Decimal(order.pair.ordermin):
        raise KrakenError("EOrder:Order minimum not met")
    if order.volume * (order.price or order.pair.last) < Decimal(order.pair.costmin):
        raise KrakenError("EOrder:Cost minimum not met")


def check_crossing(order: Order) -> None:
    if "post" in order.oflags.split(",") and fills_at(order):
        raise KrakenError("EOrder:Post only order")


def fills_at(order: Order) -> Decimal:
    """The price at which the order would trade now, 0 when it would rest."""
    if order.ordertype not in ("market", "limit", "iceberg"):
        return ZERO
    if order.side == "buy":
        ask = order.pair.last + order.pair.tick
        return ask if order.ordertype == "market" or order.price >= ask else ZERO
    bid = order.pair.last
    return bid if order.ordertype == "market" or order.price <= bid else ZERO


def place(ask: Ask, order: Order) -> None:
    """Take the order into the book: it fills, rests, or (IOC, FOK) goes at once. Raises KrakenError without funds."""
    account, price = ask.account, fills_at(order)
    resting = [other for other in account.open_orders(ask.now) if other.pair is order.pair]
    if len(resting) >= OPEN_ORDERS[ask.key.tier]:
        raise KrakenError("EOrder:Orders limit exceeded")
    check_funds(ask, order, price)
    order.txid = account.new_id("O")
    account.orders[order.txid] = order
    if price:
        account.fill(order, price, ask.now)
    elif ask.params.get("timeinforce") in ("IOC", "FOK"):
        order.status, order.closetm, order.reason = "canceled", ask.now, "User requested"


def check_funds(ask: Ask, order: Order, price: Decimal, instead_of: Order | None = None) -> None:
    """Whether the money reaches, counting what `instead_of` holds as free. Raises KrakenError."""
    held = ask.account.held(ask.now)
    if instead_of:
        asset, amount = instead_of.hold()
        held[asset] -= amount
    if order.side == "sell":
        asset, amount = order.pair.base, order.volume
    else:
        asset, amount = order.pair.quote, order.volume * (price or order.price) * (1 + FEE)
    if ask.account.balances.get(asset, ZERO) - held.get(asset, ZERO) < amount:
        raise KrakenError("EOrder:Insufficient funds")
