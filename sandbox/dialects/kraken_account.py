"""Accounts at the practice Kraken: balances, orders, trades and ledger, and the calls that read balances
and the key itself.

https://docs.kraken.com/api/docs/rest-api/get-account-balance and its neighbours (read 2026-11-22)
"""

import base64
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.dialects.kraken_keys import SLUG, KrakenKey
from sandbox.dialects.kraken_limits import Counter
from sandbox.dialects.kraken_market import ASSETS, PAIRS, Pair, asset_of, find_asset
from sandbox.state import State

ZERO = Decimal(0)
FEE = Decimal("0.004")
HOUR_S = 3600
BALANCES = {"ZEUR": "1520.4310", "XXBT": "0.0184210000", "XETH": "0.4100000000", "USDT": "12.50000000",
            "SOL.F": "3.2000000000"}


@dataclass
class Order:
    """An order, open or not. Amounts are Decimal, times unix seconds (0: none)."""

    txid: str
    pair: Pair
    side: str                                               # buy, sell
    ordertype: str
    volume: Decimal
    price: Decimal = ZERO
    price2: Decimal = ZERO
    asked: Decimal = ZERO                                   # the volume as it was asked for, perhaps in the quote
    opentm: float = 0
    closetm: float = 0
    expiretm: float = 0
    userref: int = 0
    cl_ord_id: str = ""
    oflags: str = "fciq"
    leverage: str = "none"                                  # or "5:1"
    trigger: str = ""                                       # the price that sets it off: last, index
    close: str = ""                                         # the order that is to follow when it fills, in words
    misc: str = ""
    status: str = "open"
    reason: str | None = None
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    trades: list[str] = field(default_factory=list)
    touched: float = 0                                      # the engine asks how long ago it was changed

    def hold(self) -> tuple[str, Decimal]:
        """What the open order keeps from other use: (asset, amount)."""
        if self.side == "sell":
            return self.pair.base, self.volume - self.filled
        return self.pair.quote, (self.volume - self.filled) * self.price


@dataclass
class Account:
    """Everything of one account; several keys may belong to it."""

    name: str
    balances: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    trades: dict[str, dict[str, Any]] = field(default_factory=dict)
    ledger: dict[str, dict[str, Any]] = field(default_factory=dict)
    engine: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    ids_given: int = 0

    @property
    def iban(self) -> str:
        """Kraken's internal account number, the same for all keys of the account."""
        text = self.letters("iban")
        return f"AA{text[:2]} {text[2:6]} {text[6:10]} {text[10:14]}"

    def letters(self, purpose: str) -> str:
        return base64.b32encode(hashlib.sha256(f"{self.name}|{purpose}".encode()).digest()).decode()

    def new_id(self, kind: str) -> str:
        """An id as Kraken writes them: O for orders, T for trades, L for ledger entries."""
        self.ids_given += 1
        text = self.letters(str(self.ids_given))
        return f"{kind}{text[:5]}-{text[5:10]}-{text[10:16]}"

    def open_orders(self, now: float) -> list[Order]:
        """The open orders, after closing those whose time is up."""
        for order in self.orders.values():
            if order.status == "open" and 0 < order.expiretm <= now:
                order.status, order.closetm, order.reason = "expired", order.expiretm, "Expired"
        return [order for order in self.orders.values() if order.status == "open"]

    def held(self, now: float) -> dict[str, Decimal]:
        """What open orders hold, by asset."""
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for order in self.open_orders(now):
            asset, amount = order.hold()
            amounts[asset] += amount
        return amounts

    def fill(self, order: Order, price: Decimal, now: float) -> None:
        """Execute all of `order` at `price`: trade, balances, two ledger entries."""
        order.cost, order.filled = price * order.volume, order.volume
        order.fee = order.cost * FEE
        order.status, order.closetm = "closed", now
        trade = self.new_id("T")
        order.trades.append(trade)
        sign = 1 if order.side == "buy" else -1
        self.trades[trade] = {
            "ordertxid": order.txid, "postxid": self.new_id("T"), "pair": order.pair.key, "time": now,
            "type": order.side, "ordertype": order.ordertype, "price": f"{price:.5f}", "cost": f"{order.cost:.5f}",
            "fee": f"{order.fee:.5f}", "vol": f"{order.volume:.8f}", "margin": "0.00000", "leverage": "0", "misc": "",
            "trade_id": 61234500 + len(self.trades), "maker": False,
        }
        self.book(trade, "trade", order.pair.quote, -sign * order.cost, order.fee, now)
        self.book(trade, "trade", order.pair.base, sign * order.volume, ZERO, now)

    def book(self, refid: str, kind: str, asset: str, amount: Decimal, fee: Decimal, now: float) -> None:
        """Change a balance and write the ledger entry."""
        balance = self.balances.get(asset, ZERO) + amount - fee
        self.balances[asset] = balance
        text = ASSETS[asset].text
        self.ledger[self.new_id("L")] = {
            "refid": refid, "time": now, "type": kind, "subtype": "", "aclass": "currency", "asset": asset,
            "amount": text(amount), "fee": text(fee), "balance": text(balance),
        }


@dataclass(frozen=True)
class Ask:
    """One private call that passed the checks of its credentials."""

    state: State
    key: KrakenKey
    account: Account
    params: dict[str, str]
    now: float

    def is_true(self, field: str) -> bool:
        """Clients write booleans as `true` or, from Python, as `True`."""
        return self.params.get(field, "").lower() == "true"


def account_of(state: State, key: KrakenKey, now: float) -> Account:
    """The account `key` belongs to; a new one has the history of one deposit, one purchase and one open order."""
    def make() -> Account:
        return Account(key.account) if key.empty else furnished(key.account, now)
    account: Account = state.account(SLUG, key.account, make)
    return account


def furnished(name: str, now: float) -> Account:
    account = Account(name, {asset: Decimal(amount) for asset, amount in BALANCES.items()})
    pair = PAIRS["XXBTZEUR"]
    account.balances |= {"ZEUR": Decimal("752.0727"), "XXBT": Decimal("0.0144210000")}
    account.book(account.new_id("R"), "deposit", "ZEUR", Decimal(1001), ZERO, now - 72 * HOUR_S)
    bought = Order(account.new_id("O"), pair, "buy", "market", Decimal("0.004"), opentm=now - 48 * HOUR_S)
    account.fill(bought, pair.last, now - 48 * HOUR_S)
    resting = Order(account.new_id("O"), pair, "buy", "limit", Decimal("0.01"), Decimal(25000),
                    opentm=now - 2 * HOUR_S, touched=now - 2 * HOUR_S)
    account.orders = {order.txid: order for order in (bought, resting)}
    return account


def balance(ask: Ask) -> dict[str, str] | None:
    if not ask.account.balances:
        return None
    return {asset: asset_of(asset).text(amount) for asset, amount in ask.account.balances.items()}


def balance_ex(ask: Ask) -> dict[str, dict[str, str]] | None:
    if not ask.account.balances:
        return None
    held = ask.account.held(ask.now)
    return {asset: {"balance": asset_of(asset).text(amount), "hold_trade": asset_of(asset).text(held.get(asset, ZERO))}
            for asset, amount in ask.account.balances.items()}


def trade_balance(ask: Ask) -> dict[str, str]:
    """Worth of everything in euros or dollars, whichever was asked for."""
    quote = find_asset(ask.params.get("asset") or "ZUSD").code
    worth = sum((value_in(quote, asset, amount) for asset, amount in ask.account.balances.items()), ZERO)
    held = sum((value_in(quote, asset, amount) for asset, amount in ask.account.held(ask.now).items()), ZERO)
    free, unfilled, nothing = f"{worth - held:.4f}", f"{held:.4f}", "0.0000"
    return {"eb": f"{worth:.4f}", "tb": free, "m": nothing, "n": nothing, "c": nothing, "v": nothing, "e": free,
            "mf": free, "uv": unfilled}


def value_in(quote: str, balance_name: str, amount: Decimal) -> Decimal:
    """Worth at the last price; 0 where there is no market between the two."""
    asset = asset_of(balance_name).code
    if asset == quote:
        return amount
    prices = (pair.last for pair in PAIRS.values() if (pair.base, pair.quote) == (asset, quote))
    return amount * next(prices, ZERO)


def describe_key(ask: Ask) -> dict[str, Any]:
    """GetApiKeyInfo in the spelling seen live (snake_case, more strings) or in the documented one."""
    key = ask.key
    described = {
        "api_key_name": key.name, "api_key": key.api_key, "nonce": ask.params["nonce"],
        "nonce_window": str(key.nonce_window), "permissions": key.permissions, "iban": ask.account.iban,
        "valid_until": str(int(key.valid_until)), "query_from": str(key.query_from), "query_to": str(key.query_to),
        "created_time": str(int(key.created_time)), "modified_time": str(int(key.modified_time)),
        "ip_allowlist": key.ip_allowlist or [""], "last_used": str(int(key.last_used)),
    }
    if key.spelling == "snake":
        return described
    documented = described | {"nonce_window": key.nonce_window, "ip_allowlist": key.ip_allowlist}
    return {camel(name): value for name, value in documented.items()}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
