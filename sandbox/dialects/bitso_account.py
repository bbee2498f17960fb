"""Accounts at the practice Bitso: balances, orders and trades, the few books they are in, and the calls about them.

https://docs.bitso.com/bitso-api/docs/list-available-books and its neighbours (read 2026-11-23). Prices stand still, so an
order either fills whole or rests. Ours, where Bitso says nothing: no fee is taken.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

ZERO = Decimal(0)
HOUR_S = 3600
BALANCES = {"mxn": Decimal("15000.00"), "btc": Decimal("0.02000000"), "eth": Decimal("0.50000000")}
CURRENCIES = {"mxn": ("Mexican Peso", 2), "btc": ("Bitcoin", 8), "eth": ("Ethereum", 8), "usd": ("Digital Dollar", 2)}


class BitsoError(Exception):
    """One of Bitso's error codes, such as "0201"."""


@dataclass(frozen=True)
class Book:
    """A market of `major` for `minor`. `last` is the price of the last trade, to both sides."""

    name: str
    smallest: Decimal                                       # order, in the major
    tick: Decimal
    last: Decimal

    @property
    def major(self) -> str:
        return self.name.partition("_")[0]

    @property
    def minor(self) -> str:
        return self.name.partition("_")[2]


BOOKS = {book.name: book for book in (
    Book("btc_mxn", Decimal("0.00001000"), Decimal("10"), Decimal("1652410.00")),
    Book("eth_mxn", Decimal("0.00010000"), Decimal("1"), Decimal("54310.00")),
    Book("usd_mxn", Decimal("1.00000000"), Decimal("0.001"), Decimal("18.412")),
)}


@dataclass
class Order:
    oid: str
    book: Book
    side: str                                               # buy, sell
    type: str                                               # limit, market
    amount: Decimal                                         # of the major
    price: Decimal
    created: float

    def hold(self) -> tuple[str, Decimal]:
        """What it keeps from other use: (currency, amount)."""
        return (self.book.major, self.amount) if self.side == "sell" else (self.book.minor, self.amount * self.price)

    def entry(self) -> dict[str, Any]:
        return {
            "book": self.book.name, "oid": self.oid, "side": self.side, "type": self.type, "status": "open",
            "original_amount": f"{self.amount:.8f}", "unfilled_amount": f"{self.amount:.8f}", "price": f"{self.price:.2f}",
            "original_value": f"{self.amount * self.price:.2f}", "created_at": moment(self.created),
            "updated_at": moment(self.created), "time_in_force": "goodtillcancelled",
        }


@dataclass
class Account:
    """Everything of one account; several keys may belong to it."""

    name: str
    balances: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)              # the open ones
    trades: list[dict[str, Any]] = field(default_factory=list)          # newest first
    ids_given: int = 0
    calls: list[float] = field(default_factory=list)                    # when, within the last minute
    locked_until: float = 0

    @property
    def client_id(self) -> str:
        return str(int(hashlib.sha256(f"{self.name}|client".encode()).hexdigest(), 16) % 9_000_000 + 1_000_000)

    def new_id(self) -> str:
        self.ids_given += 1
        return hashlib.sha256(f"{self.name}|{self.ids_given}".encode()).hexdigest()[:16]

    def held(self) -> dict[str, Decimal]:
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for order in self.orders.values():
            currency, amount = order.hold()
            amounts[currency] += amount
        return amounts

    def fill(self, order: Order, now: float) -> None:
        sign, book, worth = 1 if order.side == "buy" else -1, order.book, order.amount * order.book.last
        for currency, amount in ((book.major, sign * order.amount), (book.minor, -sign * worth)):
            self.balances[currency] = self.balances.get(currency, ZERO) + amount
        self.trades.insert(0, {
            "book": book.name, "created_at": moment(now), "major": f"{sign * order.amount:.8f}", "minor": f"{-sign * worth:.8f}",
            "major_currency": book.major, "minor_currency": book.minor, "fees_amount": "0.00000000", "fees_currency": book.major,
            "oid": order.oid, "tid": str(51_000_000 + len(self.trades)), "price": f"{book.last:.2f}", "side": order.side,
            "maker_side": "sell" if order.side == "buy" else "buy",
        })


@dataclass(frozen=True)
class Ask:
    """One call that passed the checks. `name`: what stands behind the method in its path; `params`: of the query or the body."""

    account: Account
    name: str
    params: Mapping[str, Any]
    now: float

    def book(self) -> Book | None:
        """The book that is asked for, None for all of them."""
        if "book" not in self.params:
            return None
        if self.params["book"] not in tuple(BOOKS):
            raise BitsoError("0301")
        return BOOKS[self.params["book"]]


def made(name: str, is_empty: bool, now: float) -> Account:
    """A new account: empty, or with the history of one purchase and one open order."""
    if is_empty:
        return Account(name)
    account = Account(name)
    account.fill(Order(account.new_id(), BOOKS["btc_mxn"], "buy", "market", Decimal("0.004"), ZERO, 0), now - 48 * HOUR_S)
    account.balances = dict(BALANCES)
    resting = Order(account.new_id(), BOOKS["btc_mxn"], "buy", "limit", Decimal("0.0005"), Decimal("1200000"), now - 2 * HOUR_S)
    account.orders[resting.oid] = resting
    return account


def moment(unix_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime(unix_s))


def available_books(_: Ask) -> list[dict[str, Any]]:
    return [{
        "book": book.name, "minimum_price": "1", "maximum_price": "20000000", "minimum_amount": f"{book.smallest:.8f}",
        "maximum_amount": "500", "minimum_value": "10", "maximum_value": "10000000", "tick_size": str(book.tick),
        "default_chart": "candle", "margin_enabled": False,
        "fees": {"flat_rate": {"maker": "0.500", "taker": "0.650"},
                 "structure": [{"volume": "1500000", "maker": "0.00500", "taker": "0.00650"}]},
    } for book in BOOKS.values()]


def catalogues(_: Ask) -> dict[str, Any]:
    return {"currencies": {"metadata": [
        {"code": code, "full_name": name, "precision": digits, "type": "fiat" if code == "mxn" else "crypto",
         "marginAvailable": False} for code, (name, digits) in CURRENCIES.items()
    ]}}


def ticker(ask: Ask) -> Any:
    book = ask.book()
    return describe_ticker(book, ask.now) if book else [describe_ticker(book, ask.now) for book in BOOKS.values()]


def describe_ticker(book: Book, now: float) -> dict[str, Any]:
    last = f"{book.last:.2f}"
    return {
        "book": book.name, "created_at": moment(now), "last": last, "ask": f"{book.last + book.tick:.2f}", "bid": last,
        "high": last, "low": last, "vwap": last, "volume": "112.81964756", "change_24": "0.00",
        "rolling_average_change": {"6": "0.00"},
    }


def account_status(ask: Ask) -> dict[str, Any]:
    """Describes the person, not the key."""
    return {
        "client_id": ask.account.client_id, "first_name": "Ana", "last_name": "Robles", "status": "active",
        "daily_limit": "10000.00", "monthly_limit": "310000.00", "daily_remaining": "10000.00", "monthly_remaining": "310000.00",
        "cellphone_number": "verified", "cellphone_number_stored": "+525500000000", "email": "verified",
        "email_stored": "ana.robles@example.com", "official_id": "verified", "proof_of_residency": "verified",
        "signed_contract": "unsubmitted", "origin_of_funds": "unsubmitted", "verification_level": 2, "referral_code": "",
    }


def balance(ask: Ask) -> dict[str, Any]:
    held = ask.account.held()
    return {"balances": [{
        "currency": code, "total": f"{total:.{digits}f}", "available": f"{total - held.get(code, ZERO):.{digits}f}",
        "locked": f"{held.get(code, ZERO):.{digits}f}", "pending_deposit": f"{ZERO:.{digits}f}",
        "pending_withdrawal": f"{ZERO:.{digits}f}",
    } for code, (_, digits) in CURRENCIES.items() for total in [ask.account.balances.get(code, ZERO)]]}


def open_orders(ask: Ask) -> list[dict[str, Any]]:
    book = ask.book()
    found = [order.entry() for order in ask.account.orders.values() if book in (None, order.book)]
    return found[:how_many(ask)]


def user_trades(ask: Ask) -> list[dict[str, Any]]:
    book = ask.book()
    return [trade for trade in ask.account.trades if book in (None, BOOKS[trade["book"]])][:how_many(ask)]


def how_many(ask: Ask) -> int:
    text = str(ask.params.get("limit", "25"))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
        raise BitsoError("0320")
    return int(text)


def look_up(ask: Ask) -> list[dict[str, Any]]:
    return [order.entry() for order in named(ask)]


def cancel(ask: Ask) -> list[str]:
    orders = named(ask)
    for order in orders:
        del ask.account.orders[order.oid]
    return [order.oid for order in orders]


def named(ask: Ask) -> list[Order]:
    """The open orders that the path or `oids` names, or all. Raises BitsoError where one of them is not there."""
    if ask.name == "all":
        return list(ask.account.orders.values())
    oids = [ask.name] if ask.name else str(ask.params.get("oids", "")).split(",")
    if not set(oids) <= ask.account.orders.keys():
        raise BitsoError("0312")
    return [ask.account.orders[oid] for oid in dict.fromkeys(oids)]


def place(ask: Ask) -> dict[str, str]:
    order = read_order(ask)
    currency, amount = order.hold()
    if ask.account.balances.get(currency, ZERO) - ask.account.held().get(currency, ZERO) < amount:
        raise BitsoError("0379")
    order.oid = ask.account.new_id()
    crosses = order.price >= order.book.last if order.side == "buy" else order.price <= order.book.last
    if crosses:
        ask.account.fill(order, ask.now)
    else:
        ask.account.orders[order.oid] = order
    return {"oid": order.oid}


def read_order(ask: Ask) -> Order:
    """The order that the body describes, without an id. Raises BitsoError for the first thing that is wrong."""
    book, params = ask.book(), ask.params
    if book is None:
        raise BitsoError("0303")
    for name, choices, code in (("side", ("buy", "sell"), "0306"), ("type", ("limit", "market"), "0307")):
        if params.get(name) not in choices:
            raise BitsoError(code)
    if ("major" in params) == ("minor" in params):
        raise BitsoError("0308" if "major" in params else "0309")
    price = amount_of(params.get("price"), "0407") if params["type"] == "limit" else book.last
    amount = amount_of(params["major"], "0408") if "major" in params else amount_of(params["minor"], "0408") / price
    if amount < book.smallest:
        raise BitsoError("0403")
    return Order("", book, params["side"], params["type"], amount, price, ask.now)


def amount_of(text: Any, code: str) -> Decimal:
    try:
        amount = Decimal(str(text))
    except InvalidOperation:
        raise BitsoError(code) from None
    if not amount.is_finite() or not 0 < amount < 10**12:
        raise BitsoError(code)
    return amount
