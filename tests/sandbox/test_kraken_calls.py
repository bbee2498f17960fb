import time

from sandbox.dialects.kraken_keys import NEEDED
from tests.sandbox.base import SandboxTestCase

DENIED, INVALID_KEY = ["EGeneral:Permission denied"], ["EAPI:Invalid key"]


class KeyInfoTests(SandboxTestCase):
    def test_it_tells_everything_in_snake_case(self):
        info = self.result(self.keys["ok"], "GetApiKeyInfo", nonce=1795300000000000001)
        self.assertEqual(sorted(info), [
            "api_key", "api_key_name", "created_time", "iban", "ip_allowlist", "last_used", "modified_time", "nonce",
            "nonce_window", "permissions", "query_from", "query_to", "valid_until",
        ])
        self.assertEqual(info["api_key"], self.keys["ok"]["api_key"])
        self.assertEqual(info["permissions"], list(NEEDED))
        self.assertEqual(info["nonce"], "1795300000000000001")
        self.assertEqual(info["ip_allowlist"], [""])
        self.assertEqual((info["nonce_window"], info["valid_until"], info["query_from"]), ("0", "0", "0"))
        self.assertRegex(info["iban"], r"^AA\w\w \w{4} \w{4} \w{4}$")

    def test_it_tells_it_in_the_documented_spelling_too(self):
        info = self.result(self.keys["ok-camel"], "GetApiKeyInfo")
        self.assertEqual(info["apiKeyName"], "ok-camel")
        self.assertEqual((info["nonceWindow"], info["ipAllowlist"], info["validUntil"]), (0, [], "0"))

    def test_it_gives_each_key_an_account_of_its_own_unless_told_otherwise(self):
        twin = self.new_key(account="shared"), self.new_key(account="shared")
        ibans = [self.result(key, "GetApiKeyInfo")["iban"] for key in (*twin, self.new_key(), self.keys["empty"])]
        self.assertEqual(ibans[0], ibans[1])
        self.assertEqual(len(set(ibans)), 3)

    def test_it_shows_the_end_of_an_expiring_key(self):
        until = int(self.result(self.keys["expiring"], "GetApiKeyInfo")["valid_until"])
        self.assertAlmostEqual(until, time.time() + 7 * 86_400, delta=60)

    def test_it_does_not_offer_the_method_to_every_key(self):
        self.assertEqual(self.error(self.keys["no-method"], "GetApiKeyInfo"), ["EGeneral:Unknown method"])
        self.assertEqual(self.error(self.keys["no-method"], "Balance"), [])


class PermissionTests(SandboxTestCase):
    def test_it_denies_what_the_key_was_not_given(self):
        order = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "25000", "volume": "0.0002"}
        for missing, method, params in (
            ("query-funds", "Balance", {}), ("query-funds", "BalanceEx", {}),
            ("query-open-trades", "OpenOrders", {}), ("query-closed-trades", "ClosedOrders", {}),
            ("query-closed-trades", "TradesHistory", {}), ("query-ledger", "Ledgers", {}),
            ("modify-trades", "AddOrder", {**order, "validate": "true"}), ("modify-trades", "EditOrder", {}),
            ("close-trades", "EditOrder", {}), ("create-ws-token", "GetWebSocketsToken", {}),
        ):
            key = self.new_key(permissions=[name for name in NEEDED if name != missing])
            self.assertEqual(self.error(key, method, **params), DENIED, (missing, method))

    def test_it_takes_either_permission_where_one_is_enough(self):
        for name in ("modify-trades", "close-trades"):
            key = self.new_key(permissions=[name])
            self.assertEqual(self.error(key, "CancelOrder", txid="OAAAAA-AAAAA-AAAAAA"), ["EOrder:Unknown order"])
        for name in ("query-funds", "query-open-trades"):
            self.assertEqual(self.error(self.new_key(permissions=[name]), "TradeBalance"), [])

    def test_it_asks_orders_for_the_permission_of_their_state(self):
        key = self.new_key()
        open_id = next(iter(self.result(key, "OpenOrders")["open"]))
        closed_id = next(iter(self.result(key, "ClosedOrders")["closed"]))
        self.post("/_keys", {"exchange": "kraken", "api_key": key["api_key"], "permissions": ["query-open-trades"]})
        self.assertEqual(self.error(key, "QueryOrders", txid=open_id), [])
        self.assertEqual(self.error(key, "QueryOrders", txid=closed_id), DENIED)

    def test_it_gives_a_websockets_token(self):
        key = self.new_key(permissions=["create-ws-token"])
        self.assertEqual(self.result(key, "GetWebSocketsToken")["expires"], 900)

    def test_it_knows_no_way_to_move_money(self):
        for method in ("Withdraw", "WalletTransfer", "DepositAddresses"):
            self.assertEqual(self.error(self.keys["withdraw"], method), ["EGeneral:Unknown method"])


class ReadyMadeTests(SandboxTestCase):
    def test_it_has_one_key_for_each_behaviour(self):
        self.assertEqual(sorted(self.keys), sorted(
            "ok ok-camel empty no-ledger no-open no-trade withdraw address unknown-perm expiring expired dates ip otp "
            "window burnt late locked busy down html403 html520 slow no-method disabled-later".split()))

    def test_it_lacks_one_permission_or_has_one_too_many(self):
        needed = set(NEEDED)
        for name, difference in (
            ("no-ledger", {"query-ledger"}), ("no-open", {"query-open-trades"}), ("no-trade", {"modify-trades"}),
            ("withdraw", {"withdraw-funds"}), ("unknown-perm", {"future-transfer-funds"}),
            ("address", {"add-withdraw-address", "update-withdraw-address"}),
        ):
            granted = set(self.result(self.keys[name], "GetApiKeyInfo")["permissions"])
            self.assertEqual(granted ^ needed, difference)

    def test_it_leaves_the_result_out_for_an_account_that_never_held_anything(self):
        for method in ("Balance", "BalanceEx"):
            self.assertEqual(self.call(self.keys["empty"], method).content, b'{"error":[]}')
        self.assertEqual(self.result(self.keys["empty"], "OpenOrders"), {"open": {}})
        self.assertEqual(self.result(self.keys["empty"], "Ledgers"), {"ledger": {}, "count": 0})

    def test_it_does_not_know_expired_keys(self):
        self.assertEqual(self.error(self.keys["expired"], "GetApiKeyInfo"), INVALID_KEY)

    def test_it_keeps_history_calls_inside_the_dates_of_the_key(self):
        key = self.keys["dates"]
        self.assertNotEqual(self.result(key, "GetApiKeyInfo")["query_from"], "0")
        for method in ("Ledgers", "ClosedOrders", "TradesHistory"):
            self.assertEqual(self.error(key, method), ["EGeneral:Invalid arguments"])
        self.assertEqual(self.error(key, "Ledgers", start=int(time.time()) - 86_400), [])
        self.assertEqual(self.error(key, "Balance"), [])

    def test_it_learns_of_a_late_key_some_seconds_after_its_first_call(self):
        self.assertEqual(self.error(self.keys["late"], "GetApiKeyInfo"), INVALID_KEY)
        self.later(25)
        self.assertEqual(self.error(self.keys["late"], "GetApiKeyInfo"), INVALID_KEY)
        self.later(31)
        self.assertEqual(self.error(self.keys["late"], "GetApiKeyInfo"), [])

    def test_it_forgets_a_key_when_it_is_disabled(self):
        key = self.keys["disabled-later"]
        self.assertEqual(self.error(key, "GetApiKeyInfo"), [])
        self.post("/_keys", {"exchange": "kraken", "api_key": key["api_key"], "disabled": True})
        self.assertEqual(self.error(key, "GetApiKeyInfo"), INVALID_KEY)

    def test_it_says_busy_and_down_in_krakens_words(self):
        self.assertEqual(self.error(self.keys["busy"], "Balance"), ["EService:Busy"])
        self.assertEqual(self.error(self.keys["down"], "Balance"), ["EService:Unavailable"])

    def test_it_sends_pages_instead_of_answers(self):
        self.assertEqual(self.call(self.keys["html403"], "Balance").status_code, 403)
        self.assertEqual(self.call(self.keys["html520"], "Balance").status_code, 520)

    def test_it_answers_slowly(self):
        started = time.monotonic()
        self.assertEqual(self.error(self.keys["slow"], "Balance"), [])
        self.assertGreater(time.monotonic() - started, 0.29)


class LimitTests(SandboxTestCase):
    def last_of(self, key, method, count):
        return [self.error(key, method) for _ in range(count)][-1]

    def test_it_counts_the_calls_of_a_key_by_tier(self):
        for tier, most in (("starter", 15), ("intermediate", 20), ("pro", 20)):
            key = self.new_key(tier=tier)
            self.assertEqual(self.last_of(key, "Balance", most), [])
            self.assertEqual(self.last_of(key, "Balance", 2), ["EAPI:Rate limit exceeded"])

    def test_it_counts_history_twice_and_orders_not_at_all(self):
        key = self.new_key()
        self.assertEqual(self.last_of(key, "Ledgers", 10), [])
        self.assertEqual(self.error(key, "CancelOrder", txid="OAAAAA-AAAAA-AAAAAA"), ["EOrder:Unknown order"])
        self.assertEqual(self.last_of(key, "Ledgers", 1), ["EAPI:Rate limit exceeded"])

    def test_it_forgets_with_time(self):
        key = self.new_key()
        self.assertEqual(self.last_of(key, "Balance", 21), ["EAPI:Rate limit exceeded"])
        self.later(10)
        self.assertEqual(self.error(key, "Balance"), [])


class ReadTests(SandboxTestCase):
    def test_it_shows_the_balances_in_three_forms(self):
        self.assertEqual(self.result(self.keys["ok"], "Balance"), {
            "ZEUR": "1520.4310", "XXBT": "0.0184210000", "XETH": "0.4100000000", "USDT": "12.50000000",
            "SOL.F": "3.2000000000",
        })
        extended = self.result(self.keys["ok"], "BalanceEx")
        self.assertEqual(extended["ZEUR"], {"balance": "1520.4310", "hold_trade": "250.0000"})
        worth = self.result(self.keys["ok"], "TradeBalance", asset="ZEUR")
        self.assertEqual((worth["uv"], worth["m"]), ("250.0000", "0.0000"))

    def test_it_shows_orders_trades_and_ledger_that_fit_together(self):
        key = self.keys["ok-camel"]
        (txid, order), = self.result(key, "ClosedOrders", trades="True")["closed"].items()
        (trade_id, trade), = self.result(key, "TradesHistory")["trades"].items()
        self.assertEqual((order["trades"], trade["ordertxid"]), ([trade_id], txid))
        self.assertEqual((order["status"], order["descr"]["order"]), ("closed", "buy 0.00400000 XBTEUR @ market"))
        entries = self.result(key, "Ledgers", asset="ZEUR", type="trade")["ledger"]
        self.assertEqual([(entry["refid"], entry["amount"]) for entry in entries.values()], [(trade_id, "-231.7148")])
        self.assertEqual(self.result(key, "QueryTrades", txid=trade_id), {trade_id: trade})
        self.assertEqual(self.result(key, "QueryLedgers", id=next(iter(entries))), entries)

    def test_it_writes_ids_as_kraken_does(self):
        txid = next(iter(self.result(self.keys["ok"], "OpenOrders")["open"]))
        self.assertRegex(txid, r"^O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$")

    def test_it_pages_between_two_moments(self):
        key, day_ago = self.keys["ok"], int(time.time()) - 86_400
        self.assertEqual(self.result(key, "Ledgers")["count"], 3)
        self.assertEqual(self.result(key, "Ledgers", start=day_ago), {"ledger": {}, "count": 0})
        self.assertEqual(len(self.result(key, "Ledgers", ofs=2, without_count="true")["ledger"]), 1)
        self.assertEqual(self.error(key, "Ledgers", ofs="x"), ["EGeneral:Invalid arguments:ofs"])

    def test_it_limits_the_trades_and_names_their_ledger_entries(self):
        key = self.new_key()
        trade, = self.result(key, "TradesHistory", ledgers="True", limit=1)["trades"].values()
        entries = self.result(key, "Ledgers", type="trade")["ledger"]
        self.assertEqual(sorted(trade["ledgers"]), sorted(entries))
        for limit in (0, 101, "x"):
            self.assertEqual(self.error(key, "TradesHistory", limit=limit), ["EGeneral:Invalid arguments:limit"])

    def test_it_finds_orders_by_id_and_reference_together(self):
        key = self.new_key()
        txid = next(iter(self.result(key, "OpenOrders")["open"]))
        self.assertEqual(self.result(key, "QueryOrders", txid=txid, userref=7), {})

    def test_it_names_what_is_missing(self):
        self.assertEqual(self.error(self.keys["ok"], "QueryOrders"), ["EGeneral:Invalid arguments:txid"])


class PublicTests(SandboxTestCase):
    def get(self, method, **params):
        return self.http.get(f"{self.url}/kraken/0/public/{method}", params=params).json()

    def test_it_tells_the_time_and_its_state(self):
        self.assertAlmostEqual(self.get("Time")["result"]["unixtime"], time.time(), delta=2)
        self.assertEqual(self.get("SystemStatus")["result"]["status"], "online")

    def test_it_lists_assets_and_pairs(self):
        self.assertEqual(self.get("Assets", asset="XBT")["result"]["XXBT"]["decimals"], 10)
        pair = self.get("AssetPairs", pair="XBT/USD")["result"]["XXBTZUSD"]
        self.assertEqual((pair["altname"], pair["ordermin"], pair["tick_size"]), ("XBTUSD", "0.00005", "0.1"))
        self.assertEqual(self.get("AssetPairs", pair="BTCUSD"), self.get("AssetPairs", pair="XBTUSD"))

    def test_it_quotes(self):
        quote = self.get("Ticker", pair="XBTUSD,XETHZEUR")["result"]
        self.assertEqual(quote["XXBTZUSD"]["a"], ["68512.60000", "2", "2.000"])
        self.assertEqual(quote["XETHZEUR"]["b"][0], "2038.400000")

    def test_it_tells_of_a_pair_what_is_asked(self):
        self.assertEqual(self.get("AssetPairs", pair="XBTEUR", info="margin")["result"],
                         {"XXBTZEUR": {"margin_call": 80, "margin_stop": 40}})
        self.assertEqual(self.get("AssetPairs", info="weather")["error"], ["EGeneral:Invalid arguments:info"])

    def test_it_draws_candles(self):
        self.server.state.clock = lambda: 1795300000.5
        answer = self.get("OHLC", pair="XBTUSD", interval=60)["result"]
        self.assertEqual((len(answer["XXBTZUSD"]), answer["last"]), (720, 1795294800))
        self.assertEqual(answer["XXBTZUSD"][-1],
                         [1795298400, "68512.5", "68512.6", "68512.4", "68512.5", "68512.5", "12.48100000", 611])
        answer = self.get("OHLC", pair="XBTUSD", interval=60, since=1795294800)["result"]
        self.assertEqual([candle[0] for candle in answer["XXBTZUSD"]], [1795298400])

    def test_it_names_what_is_wrong_with_a_wish_for_candles(self):
        for params, expected in (
            ({}, "EGeneral:Invalid arguments:pair"), ({"pair": "NOPE"}, "EQuery:Unknown asset pair"),
            ({"pair": "XBTUSD", "interval": 2}, "EGeneral:Invalid arguments:interval"),
            ({"pair": "XBTUSD", "since": "-1"}, "EGeneral:Invalid arguments:since"),
        ):
            self.assertEqual(self.get("OHLC", **params)["error"], [expected])

    def test_it_takes_post_too(self):
        answer = self.http.post(f"{self.url}/0/public/Ticker", data={"pair": "SOLEUR"})
        self.assertEqual(list(answer.json()["result"]), ["SOLEUR"])

    def test_it_says_what_it_does_not_know(self):
        self.assertEqual(self.get("Ticker", pair="NOPE")["error"], ["EQuery:Unknown asset pair"])
        self.assertEqual(self.get("Assets", asset="NOPE")["error"], ["EQuery:Unknown asset"])
        self.assertEqual(self.get("Nope")["error"], ["EGeneral:Unknown method"])
        self.assertEqual(self.http.get(f"{self.url}/kraken/nope").status_code, 404)
