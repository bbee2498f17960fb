import json
import time

from sandbox.dialects.kraken_auth import sign
from tests.sandbox.test_kraken_orders import OrderTestCase


class BatchTestCase(OrderTestCase):
    def batch(self, method, **fields):
        """The answer to a call with a JSON body: a form cannot hold lists."""
        nonce, path = str(time.time_ns()), f"/0/private/{method}"
        body = json.dumps({"nonce": nonce, **fields}).encode()
        return self.http.post(f"{self.url}/kraken{path}", data=body, headers={
            "API-Key": self.key["api_key"], "API-Sign": sign(self.key["secret"], path, nonce, body),
            "Content-Type": "application/json",
        }).json()

    def limit(self, price, **changes):
        return {"ordertype": "limit", "type": "buy", "price": price, "volume": "0.001", **changes}


class AddBatchTests(BatchTestCase):
    def test_it_adds_them_in_their_order(self):
        answer = self.batch("AddOrderBatch", pair="XBTEUR", orders=[self.limit(24000), self.limit("23000.5", userref=7)])
        first, second = answer["result"]["orders"]
        self.assertEqual(first["descr"], {"order": "buy 0.00100000 XBTEUR @ limit 24000.0"})
        order = self.result(self.key, "QueryOrders", txid=second["txid"])[second["txid"]]
        self.assertEqual((order["descr"]["price"], order["userref"]), ("23000.5", 7))

    def test_it_only_checks_with_validate(self):
        answer = self.batch("AddOrderBatch", pair="XBTEUR", validate=True, orders=[self.limit(24000), self.limit(23000)])
        self.assertEqual(answer["result"]["orders"][1], {"descr": {"order": "buy 0.00100000 XBTEUR @ limit 23000.0"}})
        self.assertEqual(len(self.result(self.key, "OpenOrders")["open"]), 1)

    def test_it_turns_all_away_when_one_is_wrong(self):
        answer = self.batch("AddOrderBatch", pair="XBTEUR", orders=[self.limit(24000), self.limit(24000, volume="0.00001")])
        self.assertEqual(answer, {"error": ["EOrder:Order minimum not met"]})
        self.assertEqual(len(self.result(self.key, "OpenOrders")["open"]), 1)

    def test_it_turns_away_only_the_one_that_lacks_money(self):
        answer = self.batch("AddOrderBatch", pair="XBTEUR", orders=[self.limit(24000, volume="1"), self.limit(24000)])
        first, second = answer["result"]["orders"]
        self.assertEqual(first, {"descr": {"order": "buy 1.00000000 XBTEUR @ limit 24000.0"},
                                 "error": "EOrder:Insufficient funds"})
        self.assertEqual(self.state_of(second["txid"]), "open")

    def test_it_reads_the_order_that_is_to_follow(self):
        wish = self.limit(24000, close={"ordertype": "stop-loss-limit", "price": 22000, "price2": 21000})
        answer = self.batch("AddOrderBatch", pair="XBTEUR", validate=True, orders=[wish, self.limit(23000)])
        self.assertEqual(answer["result"]["orders"][0]["descr"]["close"],
                         "close position @ stop loss 22000.0 -> limit 21000.0")

    def test_it_takes_two_to_fifteen(self):
        for orders in ("[", {}, [self.limit(24000)], [self.limit(24000)] * 16, [1, 2]):
            answer = self.batch("AddOrderBatch", pair="XBTEUR", validate=True, orders=orders)
            self.assertEqual(answer["error"], ["EGeneral:Invalid arguments:orders"])
        answer = self.batch("AddOrderBatch", validate=True, orders=[self.limit(24000)] * 2)
        self.assertEqual(answer["error"], ["EGeneral:Invalid arguments:pair"])

    def test_it_wants_both_permissions(self):
        for missing in ("modify-trades", "close-trades"):
            self.key = self.new_key(permissions=sorted({"modify-trades", "close-trades"} - {missing}))
            answer = self.batch("AddOrderBatch", pair="XBTEUR", validate=True, orders=[self.limit(24000)] * 2)
            self.assertEqual(answer["error"], ["EGeneral:Permission denied"])


class CancelBatchTests(BatchTestCase):
    def test_it_cancels_by_all_names(self):
        txid, other = self.add(), self.add(userref="77")
        self.add(cl_ord_id="mine")
        answer = self.batch("CancelOrderBatch", orders=[txid, 77, "OAAAAA-AAAAA-AAAAAA"], cl_ord_ids=["mine"])
        self.assertEqual(answer["result"], {"count": 3})
        self.assertEqual((self.state_of(txid), self.state_of(other)), ("canceled", "canceled"))

    def test_it_says_when_it_finds_none(self):
        answer = self.batch("CancelOrderBatch", orders=["OAAAAA-AAAAA-AAAAAA"])
        self.assertEqual(answer["error"], ["EOrder:Unknown order"])

    def test_it_takes_one_to_fifty(self):
        for orders in ([], ["OAAAAA-AAAAA-AAAAAA"] * 51):
            self.assertEqual(self.batch("CancelOrderBatch", orders=orders)["error"], ["EGeneral:Invalid arguments:orders"])
