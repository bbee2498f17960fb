"""Orders, through Kraken's ordinary clients: checked, added, changed and cancelled, each in the client's own words."""

from tests.sandbox.clients import ClientTestCase

ID = r"^O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$"
AMEND_ID = r"^T[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$"
ORDER = {"pair": "XBTEUR", "type": "buy", "ordertype": "limit", "price": "25000.0", "volume": "0.001"}
SENTENCE = {"order": "buy 0.00100000 XBTEUR @ limit 25000.0"}
LIMIT = ("BTC/EUR", "limit", "buy", 0.001, 25000)
NOBODYS = "OAAAAA-AAAAA-AAAAAA"


class OrderTestCase(ClientTestCase):
    """`self.key`: an account of its own with 1520 EUR, of which an old order holds 250."""

    def setUp(self):
        super().setUp()
        self.stop_the_clock()
        self.key = self.new_key()


class KrakenexTests(OrderTestCase):
    def does(self, method, **fields):
        answer = self.krakenex(self.key, method, fields)
        self.assertEqual(answer["error"], [])
        return answer["result"]

    def test_it_only_checks(self):
        self.assertEqual(self.does("AddOrder", **ORDER, validate=True), {"descr": SENTENCE})
        self.assertEqual(len(self.does("OpenOrders")["open"]), 1)

    def test_it_lives_a_whole_life(self):
        added = self.does("AddOrder", **ORDER, cl_ord_id="mine")
        txid, = added["txid"]
        self.assertEqual((added["descr"], txid), (SENTENCE, self.matching(ID, txid)))
        order = self.does("QueryOrders", txid=txid)[txid]
        self.assertEqual((order["status"], order["opentm"], order["cl_ord_id"]), ("open", 1795300000.5, "mine"))
        self.matching(AMEND_ID, self.does("AmendOrder", cl_ord_id="mine", order_qty="0.002", limit_price="24000")["amend_id"])
        self.assertEqual(self.does("OpenOrders", cl_ord_id="mine")["open"][txid]["descr"]["order"],
                         "buy 0.00200000 XBTEUR @ limit 24000.0")
        edited = self.does("EditOrder", txid=txid, pair="XBTEUR", volume="0.003")
        self.assertEqual(edited, {
            "status": "ok", "txid": self.matching(ID, edited["txid"]), "originaltxid": txid, "volume": "0.00300000",
            "price": "24000.0", "price2": "0", "orders_cancelled": 1,
            "descr": {"order": "buy 0.00300000 XBTEUR @ limit 24000.0"}})
        self.assertEqual(self.does("CancelOrder", txid=edited["txid"]), {"count": 1})
        statuses = self.does("QueryOrders", txid=f"{txid},{edited['txid']}")
        self.assertEqual([order["status"] for order in statuses.values()], ["canceled", "canceled"])

    def test_it_buys_at_the_market(self):
        txid, = self.does("AddOrder", pair="XXBTZEUR", type="buy", ordertype="market", volume="0.001")["txid"]
        order = self.does("ClosedOrders", closetime="open", trades=True)["closed"][txid]
        self.assertEqual((order["status"], order["price"], order["cost"], order["fee"], order["reason"]),
                         ("closed", "57928.8", "57.92880", "0.23172", None))
        trade, = self.does("QueryTrades", txid=order["trades"][0]).values()
        self.assertEqual((trade["ordertxid"], trade["maker"], trade["vol"]), (txid, False, "0.00100000"))
        self.assertEqual(self.does("Balance")["ZEUR"], "1462.2705")

    def test_it_cancels_all(self):
        self.does("AddOrder", **ORDER)
        self.assertEqual(self.does("CancelAll"), {"count": 2})
        self.assertEqual(self.does("OpenOrders"), {"open": {}})

    def matching(self, pattern, text):
        self.assertRegex(text, pattern)
        return text


class SdkTests(OrderTestCase):
    def create(self, *, volume=0.001, price=25000, **more):
        return self.sdk(self.key, "trade.create_order", "limit", "buy", "XBT/EUR", volume, price=price, **more)

    def test_it_only_checks(self):
        self.assertEqual(self.create(validate=True), {"descr": SENTENCE})

    def test_it_lives_a_whole_life(self):
        added = self.create(userref=7, oflags=["post"])
        txid, = added["txid"]
        self.assertEqual(added["descr"], SENTENCE)
        order = self.sdk(self.key, "user.get_orders_info", txid=txid, trades=True)[txid]
        self.assertEqual((order["userref"], order["oflags"], order["trades"]), (7, "post", []))
        self.assertRegex(self.sdk(self.key, "trade.amend_order", txid=txid, limit_price=24000)["amend_id"], AMEND_ID)
        edited = self.sdk(self.key, "trade.edit_order", txid, "XBTEUR", volume=0.003, price=23000)
        self.assertEqual((edited["originaltxid"], edited["volume"], edited["price"]), (txid, "0.00300000", "23000.0"))
        self.assertEqual(self.sdk(self.key, "trade.cancel_order", edited["txid"]), {"count": 1})

    def test_it_says_everything_about_an_order(self):
        added = self.sdk(
            self.key, "trade.create_order", "stop-loss-limit", "sell", "XBTEUR", "0.001", price=50000, price2=49000,
            trigger="index", leverage=5, close_ordertype="limit", close_price=40000, timeinforce="GTD", expiretm="+60",
            deadline="2026-11-21T22:27:10Z", validate=True)
        self.assertEqual(added, {"descr": {
            "order": "sell 0.00100000 XBTEUR @ stop loss 50000.0 -> limit 49000.0 with 5:1 leverage",
            "close": "close position @ limit 40000.0"}})

    def test_it_adds_and_cancels_many(self):
        wishes = [{"ordertype": "limit", "type": "buy", "volume": "0.001", "price": price} for price in (24000, "23000.5")]
        checked = self.sdk(self.key, "trade.create_order_batch", wishes, "XBTEUR", validate=True)
        self.assertEqual([order["descr"]["order"] for order in checked["orders"]],
                         ["buy 0.00100000 XBTEUR @ limit 24000.0", "buy 0.00100000 XBTEUR @ limit 23000.5"])
        added = self.sdk(self.key, "trade.create_order_batch", wishes, "XBTEUR")
        ids = [order["txid"] for order in added["orders"]]
        self.assertEqual(self.sdk(self.key, "trade.cancel_order_batch", ids), {"count": 2})
        self.assertEqual(self.sdk(self.key, "trade.cancel_all_orders"), {"count": 1})


class CcxtTests(OrderTestCase):
    def test_it_only_checks(self):
        order = self.ccxt(self.key, "create_order", *LIMIT, {"validate": True})
        self.assertEqual((order["id"], order["info"]), (None, {"descr": SENTENCE}))

    def test_it_lives_a_whole_life(self):
        order = self.ccxt(self.key, "create_order", *LIMIT, {"clientOrderId": "mine"})
        self.assertRegex(order["id"], ID)
        self.assertEqual((order["symbol"], order["side"], order["price"], order["amount"]), ("BTC/EUR", "buy", 25000.0, 0.001))
        seen = self.ccxt(self.key, "fetch_order", order["id"])
        self.assertEqual((seen["status"], seen["clientOrderId"], seen["remaining"]), ("open", "mine", 0.001))
        self.assertRegex(self.ccxt(self.key, "edit_order", order["id"], *LIMIT[:4], 24000)["id"], AMEND_ID)
        edited = self.ccxt(self.key, "private_post_editorder", {"txid": order["id"], "pair": "XBTEUR", "volume": "0.002"})
        self.assertEqual(edited["result"]["descr"], {"order": "buy 0.00200000 XBTEUR @ limit 24000.0"})
        cancelled = self.ccxt(self.key, "cancel_order", edited["result"]["txid"])
        self.assertEqual(cancelled["info"], {"error": [], "result": {"count": 1}})
        self.assertEqual(self.ccxt(self.key, "fetch_order", order["id"])["status"], "canceled")

    def test_it_spends_an_amount_of_money(self):
        order = self.ccxt(self.key, "create_market_buy_order_with_cost", "BTC/EUR", 100)
        self.assertEqual(order["cost"], 100.0)
        bought = self.ccxt(self.key, "fetch_order", order["id"])
        self.assertEqual((bought["status"], bought["filled"], bought["average"]), ("closed", 0.00172626, 57928.8))

    def test_it_reads_stops_out_of_the_sentence(self):
        order = self.ccxt(self.key, "create_order", "BTC/EUR", "limit", "sell", 0.001, 49000, {"stopLossPrice": 50000})
        self.assertEqual((order["type"], order["price"], order["triggerPrice"]), ("limit", 49000.0, 50000.0))
        seen = self.ccxt(self.key, "fetch_order", order["id"])
        self.assertEqual((seen["price"], seen["stopLossPrice"]), (49000.0, 50000.0))

    def test_it_sends_json_where_a_form_will_not_do(self):
        order = self.ccxt(self.key, "private_post_addorder", {**ORDER, "price": "-50%"})
        self.assertEqual(order["result"]["descr"], {"order": "buy 0.00100000 XBTEUR @ limit 28964.3"})
        wishes = [{"symbol": "BTC/EUR", "type": "limit", "side": "buy", "amount": 0.001, "price": price,
                   "params": {"close": {"ordertype": "limit", "price": 60000}}} for price in (24000, 23000)]
        orders = self.ccxt(self.key, "create_orders", wishes)
        self.assertEqual([order["price"] for order in orders], [24000.0, 23000.0])
        answer, = self.ccxt(self.key, "cancel_orders", [order["id"] for order in orders])
        self.assertEqual(answer["info"]["result"], {"count": 2})

    def test_it_cancels_all(self):
        answer, = self.ccxt(self.key, "cancel_all_orders")
        self.assertEqual(answer["info"]["result"], {"count": 1})
        self.assertEqual(self.ccxt(self.key, "fetch_open_orders"), [])


class RefusalTests(OrderTestCase):
    def test_each_client_says_it_in_its_own_words(self):
        for method, fields, *expected in (
            ("AddOrder", {**ORDER, "volume": "0.00001"},
             "EOrder:Order minimum not met", "InvalidOrder", "KrakenOrderMinimumNotMetError"),
            ("AddOrder", {**ORDER, "volume": "0.00005", "price": "100"},
             "EOrder:Cost minimum not met", "ExchangeError", "KrakenCostMinimumNotMetError"),
            ("AddOrder", {**ORDER, "price": "25000.05"},
             "EOrder:Invalid price:XBTEUR price can only be specified up to 1 decimals.", "ExchangeError",
             "KrakenInvalidPriceError"),
            ("AddOrder", {**ORDER, "volume": "1"},
             "EOrder:Insufficient funds", "InsufficientFunds", "KrakenInsufficientFundsError"),
            ("AddOrder", {**ORDER, "pair": "NOPE"}, "EQuery:Unknown asset pair", "ExchangeError", "KrakenUnknownAssetError"),
            ("AddOrder", {**ORDER, "volume": "much"},
             "EGeneral:Invalid arguments:volume", "InvalidOrder", "KrakenInvalidArgumentsError"),
            ("AddOrder", {**ORDER, "price": ""},
             "EGeneral:Invalid arguments:price", "InvalidOrder", "KrakenInvalidArgumentsError"),
            ("AddOrder", {**ORDER, "deadline": "2026-11-21T22:26:39Z"},
             "EService:Deadline elapsed", "ExchangeError", "KrakenDeadlineElapsedError"),
            ("AddOrder", {**ORDER, "price": "60000", "oflags": "post"},
             "EOrder:Post only order", "ExchangeError", "EOrder:Post only order"),
            ("CancelOrder", {"txid": NOBODYS}, "EOrder:Unknown order", "InvalidOrder", "KrakenUnknownOrderError"),
            ("QueryOrders", {"txid": "nonsense"}, "EOrder:Invalid order", "InvalidOrder", "KrakenInvalidOrderError"),
            ("QueryOrders", {}, "EGeneral:Invalid arguments:txid", "ExchangeError", "KrakenInvalidArgumentsError"),
        ):
            self.assertEqual(self.each(method, fields), tuple(expected))

    def test_ccxt_looks_for_the_order_it_cannot_cancel(self):
        self.assertEqual(self.raised(self.ccxt, self.key, "cancel_order", NOBODYS), "OrderNotFound")
