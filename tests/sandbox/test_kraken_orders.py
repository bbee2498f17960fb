import time
from datetime import UTC, datetime

from tests.sandbox.base import SandboxTestCase

UNKNOWN = ["EOrder:Unknown order"]


class OrderTestCase(SandboxTestCase):
    """`self.key`: an account of its own with 1520 EUR, of which an old order holds 250."""

    def setUp(self):
        super().setUp()
        self.key = self.new_key()

    def order(self, **changes):
        return {"pair": "XBTEUR", "type": "buy", "ordertype": "limit", "price": "25000.0", "volume": "0.001", **changes}

    def add(self, **changes):
        return self.result(self.key, "AddOrder", **self.order(**changes))["txid"][0]

    def refusal(self, **changes):
        return self.error(self.key, "AddOrder", **self.order(**changes))[0]

    def state_of(self, txid):
        return self.result(self.key, "QueryOrders", txid=txid)[txid]["status"]


class AddTests(OrderTestCase):
    def test_it_only_checks_with_validate(self):
        for yes in ("true", "True"):
            answer = self.result(self.key, "AddOrder", **self.order(validate=yes))
            self.assertEqual(answer, {"descr": {"order": "buy 0.00100000 XBTEUR @ limit 25000.0"}})
        self.assertEqual(len(self.result(self.key, "OpenOrders")["open"]), 1)

    def test_it_rests_when_nobody_sells_so_low(self):
        txid = self.add(cl_ord_id="str-00000000000001", oflags="post")
        order = self.result(self.key, "OpenOrders", cl_ord_id="str-00000000000001")["open"][txid]
        self.assertEqual((order["status"], order["vol"], order["cl_ord_id"]),
                         ("open", "0.00100000", "str-00000000000001"))
        self.assertEqual(self.result(self.key, "BalanceEx")["ZEUR"]["hold_trade"], "275.0000")

    def test_it_fills_at_the_market(self):
        txid = self.add(ordertype="market")
        self.assertEqual(self.state_of(txid), "closed")
        self.assertEqual(self.result(self.key, "Balance")["XXBT"], "0.0194210000")
        self.assertEqual(self.result(self.key, "TradesHistory")["count"], 2)

    def test_it_expires(self):
        txid = self.add(timeinforce="GTD", expiretm="+30")
        self.assertEqual(self.state_of(txid), "open")
        self.later(31)
        self.assertEqual(self.state_of(txid), "expired")

    def test_it_goes_at_once_when_it_may_not_rest(self):
        self.assertEqual(self.state_of(self.add(timeinforce="IOC")), "canceled")

    def test_it_reads_relative_prices(self):
        answer = self.result(self.key, "AddOrder", **self.order(price="#50%", validate="true"))
        self.assertEqual(answer["descr"]["order"], "buy 0.00100000 XBTEUR @ limit 28964.3")

    def test_it_says_everything_about_an_order_in_words(self):
        answer = self.result(self.key, "AddOrder", **self.order(
            type="sell", ordertype="stop-loss-limit", price="50000", price2="49000", leverage="5", validate="true",
            **{"close[ordertype]": "limit", "close[price]": "40000"}))
        self.assertEqual(answer["descr"], {
            "order": "sell 0.00100000 XBTEUR @ stop loss 50000.0 -> limit 49000.0 with 5:1 leverage",
            "close": "close position @ limit 40000.0",
        })

    def test_it_remembers_what_an_order_was_asked_for(self):
        txid = self.add(type="sell", ordertype="stop-loss", price="50000", trigger="index", leverage="2",
                        **{"close[ordertype]": "limit", "close[price]": "40000"})
        order = self.result(self.key, "OpenOrders")["open"][txid]
        self.assertEqual((order["trigger"], order["descr"]["leverage"], order["descr"]["close"]),
                         ("index", "2:1", "close position @ limit 40000.0"))

    def test_it_names_the_volume_that_was_asked_for_in_the_other_currency(self):
        answer = self.result(self.key, "AddOrder", **self.order(ordertype="market", volume="100", oflags="viqc"))
        self.assertEqual(answer["descr"]["order"], "buy 100.00000000 XBTEUR @ market")
        order = self.result(self.key, "ClosedOrders", closetime="open")["closed"][answer["txid"][0]]
        self.assertEqual((order["vol_exec"], order["price"]), ("0.00172626", "57928.8"))

    def test_it_names_the_argument_that_is_wrong(self):
        for field, bad in (
            ("ordertype", "nope"), ("type", "hold"), ("volume", "much"), ("volume", "-1"), ("price", ""),
            ("oflags", "nope"), ("timeinforce", "NOW"), ("leverage", "99"), ("expiretm", " 30"), ("expiretm", "+2"),
            ("userref", "x"), ("cl_ord_id", "far too long to be one"), ("deadline", "tomorrow"), ("starttm", "+60"),
            ("trigger", "mood"), ("stptype", "cancel-all"), ("close[ordertype]", "market"),
        ):
            self.assertEqual(self.refusal(**{field: bad}), f"EGeneral:Invalid arguments:{field}", bad)

    def test_it_holds_orders_to_the_rules_of_the_pair(self):
        for changes, expected in (
            ({"pair": "NOPE"}, "EQuery:Unknown asset pair"),
            ({"volume": "0.00001"}, "EOrder:Order minimum not met"),
            ({"volume": "0.00005", "price": "100"}, "EOrder:Cost minimum not met"),
            ({"price": "25000.05"},
             "EOrder:Invalid price:XBTEUR price can only be specified up to 1 decimals."),
            ({"price": "60000", "oflags": "post"}, "EOrder:Post only order"),
            ({"volume": "1"}, "EOrder:Insufficient funds"),
        ):
            self.assertEqual(self.refusal(**changes), expected)

    def test_it_wants_each_reference_once_among_the_open_orders(self):
        self.add(cl_ord_id="mine")
        self.assertEqual(self.refusal(cl_ord_id="mine"), "EOrder:Invalid order")

    def test_it_minds_the_deadline(self):
        for ahead_s, expected in ((-1, ["EService:Deadline elapsed"]), (30, [])):
            deadline = datetime.fromtimestamp(time.time() + ahead_s, UTC).isoformat().replace("+00:00", "Z")
            self.assertEqual(self.error(self.key, "AddOrder", **self.order(deadline=deadline)), expected)

    def test_it_limits_the_open_orders_of_a_pair(self):
        self.key = self.new_key(tier="starter")
        for _ in range(59):
            self.add(volume="0.0001", price="5000")
        self.assertEqual(self.refusal(volume="0.0001", price="5000"), "EOrder:Orders limit exceeded")


class ChangeTests(OrderTestCase):
    def test_it_cancels_by_id_and_by_references(self):
        for name, value in (("cl_ord_id", "mine"), ("userref", "77")):
            txid = self.add(**{name: value})
            named = {"txid": value} if name == "userref" else {name: value}
            self.assertEqual(self.result(self.key, "CancelOrder", **named), {"count": 1})
            self.assertEqual(self.state_of(txid), "canceled")
        txid = self.add()
        self.assertEqual(self.result(self.key, "CancelOrder", txid=txid), {"count": 1})
        self.assertEqual(self.error(self.key, "CancelOrder", txid=txid), UNKNOWN)

    def test_it_cancels_all(self):
        self.add()
        self.assertEqual(self.result(self.key, "CancelAll"), {"count": 2})
        self.assertEqual(self.result(self.key, "OpenOrders"), {"open": {}})

    def test_it_amends_in_place(self):
        txid = self.add()
        self.assertRegex(self.result(self.key, "AmendOrder", txid=txid, limit_price="24000")["amend_id"], "^T")
        order = self.result(self.key, "QueryOrders", txid=txid)[txid]
        self.assertEqual((order["status"], order["descr"]["price"], order["misc"]), ("open", "24000.0", "amended"))

    def test_it_amends_no_further_than_the_money_reaches(self):
        txid = self.add()
        self.assertEqual(self.error(self.key, "AmendOrder", txid=txid, order_qty="0.06"), ["EOrder:Insufficient funds"])
        self.assertEqual(self.error(self.key, "AmendOrder", txid=txid, order_qty="0.05"), [])

    def test_it_amends_the_price_that_is_meant(self):
        txid = self.add(type="sell", ordertype="stop-loss-limit", price="50000", price2="49000")
        self.assertEqual(self.error(self.key, "AmendOrder", txid=txid, limit_price="48000", trigger_price="48500"), [])
        order = self.result(self.key, "QueryOrders", txid=txid)[txid]
        self.assertEqual((order["descr"]["price"], order["descr"]["price2"]), ("48500.0", "48000.0"))
        self.assertEqual(self.error(self.key, "AmendOrder", txid=self.add(), trigger_price="24000"),
                         ["EGeneral:Invalid arguments:trigger_price"])

    def test_it_edits_into_a_new_order(self):
        txid = self.add()
        edited = self.result(self.key, "EditOrder", txid=txid, pair="XBTEUR", volume="0.002")
        self.assertEqual((edited["originaltxid"], edited["volume"]), (txid, "0.00200000"))
        self.assertEqual(edited["descr"], {"order": "buy 0.00200000 XBTEUR @ limit 25000.0"})
        self.assertEqual((self.state_of(txid), self.state_of(edited["txid"])), ("canceled", "open"))

    def test_it_edits_the_second_price_and_the_flags_too(self):
        txid = self.add(type="sell", ordertype="stop-loss-limit", price="50000", price2="49000")
        edited = self.result(self.key, "EditOrder", txid=txid, pair="XBTEUR", price2="48000")
        self.assertEqual((edited["price"], edited["price2"]), ("50000.0", "48000.0"))
        for flags, expected in (("post", []), ("viqc", ["EGeneral:Invalid arguments:oflags"])):
            self.assertEqual(self.error(self.key, "EditOrder", txid=self.add(), pair="XBTEUR", oflags=flags), expected)

    def test_it_leaves_the_order_as_it_was_when_the_money_does_not_reach(self):
        txid = self.add()
        self.assertEqual(self.error(self.key, "EditOrder", txid=txid, pair="XBTEUR", volume="1"),
                         ["EOrder:Insufficient funds"])
        self.assertEqual(self.state_of(txid), "open")

    def test_it_says_what_it_cannot_find(self):
        self.assertEqual(self.error(self.key, "CancelOrder", txid="nonsense"), ["EOrder:Invalid order"])
        self.assertEqual(self.error(self.key, "AmendOrder", cl_ord_id="nobody"), UNKNOWN)
        self.assertEqual(self.error(self.key, "CancelOrder"), ["EGeneral:Invalid arguments:txid"])

    def test_it_slows_down_who_cancels_young_orders(self):
        self.key = self.new_key(tier="starter")
        ids = [self.add(volume="0.0001", price="5000") for _ in range(8)]
        outcomes = [self.error(self.key, "CancelOrder", txid=txid) for txid in ids]
        self.assertEqual(outcomes[0], [])
        self.assertEqual(outcomes[-1], ["EOrder:Rate limit exceeded"])
