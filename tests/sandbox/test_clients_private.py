"""The private reads, through Kraken's ordinary clients. A stopped clock and a named account foretell every value."""

from sandbox.dialects.kraken_keys import NEEDED
from tests.sandbox.clients import ClientTestCase

BALANCE = {"ZEUR": "1520.4310", "XXBT": "0.0184210000", "XETH": "0.4100000000", "USDT": "12.50000000",
           "SOL.F": "3.2000000000"}
HELD = {
    "ZEUR": {"balance": "1520.4310", "hold_trade": "250.0000"},
    "XXBT": {"balance": "0.0184210000", "hold_trade": "0.0000000000"},
    "XETH": {"balance": "0.4100000000", "hold_trade": "0.0000000000"},
    "USDT": {"balance": "12.50000000", "hold_trade": "0.00000000"},
    "SOL.F": {"balance": "3.2000000000", "hold_trade": "0.0000000000"},
}
WORTH = {"eb": "4532.2841", "tb": "4236.6091", "m": "0.0000", "n": "0.0000", "c": "0.0000", "v": "0.0000",
         "e": "4236.6091", "mf": "4236.6091", "uv": "295.6750"}
EITHER = {"refid": None, "userref": 0, "starttm": 0, "expiretm": 0, "stopprice": "0.00000", "limitprice": "0.00000",
          "misc": "", "oflags": "fciq"}
RESTING, BOUGHT, TRADE = "OEHNAM-QEQJL-ETRON6", "OSSXV5-TKYQ7-PVRN23", "TT3XWK-LM2TT-SPO3TD"
OPEN = {RESTING: {
    **EITHER, "status": "open", "opentm": 1795292800.5,
    "descr": {"pair": "XBTEUR", "type": "buy", "ordertype": "limit", "price": "25000.0", "price2": "0", "leverage": "none",
              "order": "buy 0.01000000 XBTEUR @ limit 25000.0", "close": ""},
    "vol": "0.01000000", "vol_exec": "0.00000000", "cost": "0.00000", "fee": "0.00000", "price": "0.00000",
}}
CLOSED = {BOUGHT: {
    **EITHER, "status": "closed", "opentm": 1795127200.5, "closetm": 1795127200.5, "reason": None,
    "descr": {"pair": "XBTEUR", "type": "buy", "ordertype": "market", "price": "0", "price2": "0", "leverage": "none",
              "order": "buy 0.00400000 XBTEUR @ market", "close": ""},
    "vol": "0.00400000", "vol_exec": "0.00400000", "cost": "231.71480", "fee": "0.92686", "price": "57928.7",
}}
TRADES = {TRADE: {
    "ordertxid": BOUGHT, "postxid": "TZM6BE-25RHG-NDQMFY", "pair": "XXBTZEUR", "time": 1795127200.5, "type": "buy",
    "ordertype": "market", "price": "57928.70000", "cost": "231.71480", "fee": "0.92686", "vol": "0.00400000",
    "margin": "0.00000", "leverage": "0", "misc": "", "trade_id": 61234500, "maker": False,
}}
ENTRY = {"subtype": "", "aclass": "currency"}
LEDGER = {
    "LWGOOL-WQ3EH-BG2BWI": {**ENTRY, "refid": TRADE, "time": 1795127200.5, "type": "trade", "asset": "ZEUR",
                            "amount": "-231.7148", "fee": "0.9269", "balance": "1520.4310"},
    "LQADWV-PCWA7-KVOLOL": {**ENTRY, "refid": TRADE, "time": 1795127200.5, "type": "trade", "asset": "XXBT",
                            "amount": "0.0040000000", "fee": "0.0000000000", "balance": "0.0184210000"},
    "LW3WCP-QUVGQ-KWZEUG": {**ENTRY, "refid": "RJ5Y7Y-ATKIL-JBKZAL", "time": 1795040800.5, "type": "deposit",
                            "asset": "ZEUR", "amount": "1001.0000", "fee": "0.0000", "balance": "1753.0727"},
}


class ReadTests(ClientTestCase):
    """One account, a key of its own for each client: their nonces do not go together."""

    def setUp(self):
        super().setUp()
        self.stop_the_clock()
        self.key = self.new_key(account="reader")

    def test_krakenex(self):
        for method, fields, result in (
            ("Balance", {}, BALANCE), ("BalanceEx", {}, HELD), ("TradeBalance", {}, WORTH), ("OpenOrders", {}, {"open": OPEN}),
            ("ClosedOrders", {"trades": False}, {"closed": CLOSED, "count": 1}),
            ("TradesHistory", {"type": "all"}, {"trades": TRADES, "count": 1}), ("QueryTrades", {"txid": TRADE}, TRADES),
            ("Ledgers", {}, {"ledger": LEDGER, "count": 3}),
            ("QueryLedgers", {"id": ",".join(LEDGER)}, LEDGER),
            ("QueryOrders", {"txid": f"{RESTING},{BOUGHT}"}, OPEN | CLOSED),
        ):
            self.assertEqual(self.krakenex(self.key, method, fields), {"error": [], "result": result}, method)

    def test_python_kraken_sdk(self):
        for call, arguments, result in (
            ("get_account_balance", [], BALANCE), ("get_balances", [], HELD), ("get_trade_balance", [], WORTH),
            ("get_balance", ["EUR"], {"currency": "ZEUR", "balance": 1520.431, "available_balance": 1270.431}),
            ("get_open_orders", [], {"open": OPEN}), ("get_closed_orders", [], {"closed": CLOSED, "count": 1}),
            ("get_trades_history", [], {"trades": TRADES, "count": 1}), ("get_trades_info", [TRADE], TRADES),
            ("get_ledgers_info", [], {"ledger": LEDGER, "count": 3}), ("get_ledgers", [",".join(LEDGER)], LEDGER),
            ("get_open_positions", [], {}),
        ):
            self.assertEqual(self.sdk(self.key, f"user.{call}", *arguments), result, call)
        self.assertEqual(self.sdk(self.key, "user.get_orders_info", txid=[RESTING, BOUGHT]), OPEN | CLOSED)

    def test_ccxt_balances(self):
        balance = self.ccxt(self.key, "fetch_balance")
        self.assertEqual(balance["free"], {"EUR": 1270.431, "BTC": 0.018421, "ETH": 0.41, "USDT": 12.5, "SOL.F": 3.2})
        self.assertEqual(balance["EUR"], {"free": 1270.431, "used": 250.0, "total": 1520.431})
        self.assertEqual(self.ccxt(self.key, "private_post_balance")["result"], BALANCE)
        self.assertEqual(self.ccxt(self.key, "private_post_tradebalance")["result"], WORTH)

    def test_ccxt_orders(self):
        order, = self.ccxt(self.key, "fetch_open_orders")
        self.assertEqual(
            [order[name] for name in "id symbol side type status price amount filled remaining timestamp".split()],
            [RESTING, "BTC/EUR", "buy", "limit", "open", 25000.0, 0.01, 0.0, 0.01, 1795292800500])
        order, = self.ccxt(self.key, "fetch_closed_orders", "BTC/EUR")
        self.assertEqual(
            [order[name] for name in "id type status average cost filled".split()],
            [BOUGHT, "market", "closed", 57928.7, 231.7148, 0.004])
        self.assertEqual(order["fee"], {"cost": "0.92686", "currency": "EUR", "rate": None})
        self.assertEqual(self.ccxt(self.key, "fetch_order", BOUGHT)["trades"][0]["id"], TRADE)

    def test_ccxt_history(self):
        trade, = self.ccxt(self.key, "fetch_my_trades", "BTC/EUR")
        self.assertEqual(
            [trade[name] for name in "id order symbol side price amount cost takerOrMaker timestamp".split()],
            [TRADE, BOUGHT, "BTC/EUR", "buy", 57928.7, 0.004, 231.7148, "taker", 1795127200500])
        entries = self.ccxt(self.key, "fetch_ledger")
        self.assertEqual([(entry["type"], entry["direction"], entry["currency"], entry["amount"]) for entry in entries], [
            ("transaction", "in", "EUR", 1001.0), ("trade", "out", "EUR", 231.7148), ("trade", "in", "BTC", 0.004)])
        self.assertEqual(len(self.ccxt(self.key, "fetch_ledger", "EUR", 1795100000000)), 1)


class KeyInfoTests(ClientTestCase):
    def setUp(self):
        super().setUp()
        self.stop_the_clock()

    def expected(self, key, nonce):
        return {
            "api_key_name": "mine", "api_key": key["api_key"], "nonce": nonce, "nonce_window": "0",
            "permissions": list(NEEDED), "iban": "AAS6 ZTOE XKXX 4K7P", "valid_until": "0", "query_from": "0",
            "query_to": "0", "ip_allowlist": [""], "last_used": "1795300000",
        }

    def test_it_tells_each_client_all_about_its_key(self):
        for client, call, nonce in (
            (self.krakenex, ["GetApiKeyInfo"], "1795300000000"),
            (self.sdk, ["user.request", "POST", "/0/private/GetApiKeyInfo"], "179530000000000000"),
            (self.ccxt, ["private_post_getapikeyinfo"], "1795300000000"),
        ):
            key = self.new_key(account="reader", name="mine")
            answer = client(key, *call, nonce=int(nonce))
            told = answer.get("result", answer)
            made = {name: told[name] for name in ("created_time", "modified_time")}
            self.assertEqual(told, self.expected(key, nonce) | made)

    def test_it_speaks_the_documented_spelling_too(self):
        key = self.new_key(account="reader", name="mine", spelling="camel", nonce_window=15)
        info = self.sdk(key, "user.request", "POST", "/0/private/GetApiKeyInfo", nonce=1795300000000)
        self.assertEqual(sorted(info), [
            "apiKey", "apiKeyName", "createdTime", "iban", "ipAllowlist", "lastUsed", "modifiedTime", "nonce", "nonceWindow",
            "permissions", "queryFrom", "queryTo", "validUntil"])
        self.assertEqual((info["nonceWindow"], info["ipAllowlist"], info["nonce"]), (15, [], "1795300000000"))

    def test_it_asks_for_no_permission(self):
        key = self.new_key(permissions=[])
        self.assertEqual(self.krakenex(key, "GetApiKeyInfo")["result"]["permissions"], [])


class EmptyAccountTests(ClientTestCase):
    """An account that never held anything: no `result` at all."""

    def test_each_client_makes_of_it_what_it_can(self):
        for client, call, expected in (
            (self.krakenex, "Balance", {"error": []}), (self.sdk, "user.get_account_balance", {"error": []}),
            (self.ccxt, "private_post_balance", {"error": []}),
        ):
            self.assertEqual(client(self.new_key(empty=True), call), expected)
        balance = self.ccxt(self.new_key(empty=True), "fetch_balance")
        self.assertEqual((balance["total"], balance["info"]), ({}, {"error": []}))
        self.assertEqual(self.ccxt(self.new_key(empty=True), "fetch_open_orders"), [])
