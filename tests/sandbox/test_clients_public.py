"""The public calls, through Kraken's ordinary clients."""

from tests.sandbox.clients import ClientTestCase

BITCOIN = {"aclass": "currency", "altname": "XBT", "decimals": 10, "display_decimals": 5, "status": "enabled",
           "collateral_value": 1, "margin_rate": "0.01"}
PAIR = {
    "altname": "XBTEUR", "wsname": "XBT/EUR", "aclass_base": "currency", "base": "XXBT", "aclass_quote": "currency",
    "quote": "ZEUR", "lot": "unit", "cost_decimals": 5, "pair_decimals": 1, "lot_decimals": 8, "lot_multiplier": 1,
    "leverage_buy": [2, 3, 4, 5], "leverage_sell": [2, 3, 4, 5], "fees": [[0, 0.4], [10000, 0.35]],
    "fees_maker": [[0, 0.25], [10000, 0.2]], "fee_volume_currency": "ZUSD", "margin_call": 80, "margin_stop": 40,
    "ordermin": "0.00005", "costmin": "0.45", "tick_size": "0.1", "status": "online", "long_position_limit": 300,
    "short_position_limit": 240, "execution_venue": "international",
}
QUOTE = {
    "a": ["57928.80000", "2", "2.000"], "b": ["57928.70000", "4", "4.000"], "c": ["57928.70000", "0.00310000"],
    "v": ["402.73100000", "2611.90400000"], "p": ["57928.70000", "57928.70000"], "t": [21804, 73110],
    "l": ["56770.12600", "56770.12600"], "h": ["59087.27400", "59087.27400"], "o": "57928.70000",
}
CANDLES = [[1795294800, "57928.7", "57928.8", "57928.6", "57928.7", "57928.7", "12.48100000", 611],
           [1795298400, "57928.7", "57928.8", "57928.6", "57928.7", "57928.7", "12.48100000", 611]]


class PublicTests(ClientTestCase):
    def setUp(self):
        super().setUp()
        self.stop_the_clock()

    def test_it_tells_the_time(self):
        time = {"unixtime": 1795300000, "rfc1123": "Sat, 21 Nov 26 22:26:40 +0000"}
        self.assertEqual(self.krakenex(None, "Time"), {"error": [], "result": time})
        self.assertEqual(self.sdk(None, "market.request", "GET", "/0/public/Time", auth=False), time)
        self.assertEqual(self.ccxt(None, "fetch_time"), 1795300000000)

    def test_it_tells_its_status(self):
        status = {"status": "online", "timestamp": "2026-11-21T22:26:40Z"}
        self.assertEqual(self.krakenex(None, "SystemStatus"), {"error": [], "result": status})
        self.assertEqual(self.sdk(None, "market.get_system_status"), status)
        self.assertEqual(self.ccxt(None, "fetch_status")["status"], "ok")

    def test_it_lists_assets(self):
        self.assertEqual(self.krakenex(None, "Assets", {"asset": "XBT"}), {"error": [], "result": {"XXBT": BITCOIN}})
        self.assertEqual(list(self.sdk(None, "market.get_assets")), [
            "ZEUR", "ZUSD", "ZGBP", "XXBT", "XETH", "XXRP", "XXDG", "USDT", "USDC", "SOL", "ADA", "DOT"])
        self.assertEqual(self.sdk(None, "market.get_assets", assets="XXBT,ZEUR")["XXBT"], BITCOIN)
        bitcoin = self.ccxt(None, "fetch_currencies")["BTC"]
        self.assertEqual((bitcoin["id"], bitcoin["precision"], bitcoin["active"]), ("XXBT", 1e-10, True))

    def test_it_lists_pairs(self):
        self.assertEqual(self.krakenex(None, "AssetPairs", {"pair": "XBTEUR"}), {"error": [], "result": {"XXBTZEUR": PAIR}})
        self.assertEqual(self.sdk(None, "market.get_asset_pairs", pair=["XBTEUR"]), {"XXBTZEUR": PAIR})
        self.assertEqual(self.sdk(None, "market.get_asset_pairs", pair="BTC/EUR", info="margin"),
                         {"XXBTZEUR": {"margin_call": 80, "margin_stop": 40}})

    def test_it_gives_ccxt_its_markets(self):
        markets = {market["symbol"]: market for market in self.ccxt(None, "fetch_markets")}
        self.assertEqual(sorted(markets), [
            "ADA/EUR", "BTC/EUR", "BTC/USD", "BTC/USDC", "BTC/USDT", "DOGE/EUR", "ETH/BTC", "ETH/EUR", "ETH/USD",
            "EUR/USD", "SOL/EUR", "SOL/USD", "XRP/EUR"])
        bitcoin = markets["BTC/EUR"]
        self.assertEqual((bitcoin["id"], bitcoin["active"], bitcoin["taker"]), ("XXBTZEUR", True, 0.004))
        self.assertEqual(bitcoin["precision"], {"amount": 1e-08, "price": 0.1})
        self.assertEqual((bitcoin["limits"]["amount"]["min"], bitcoin["limits"]["cost"]["min"]), (0.00005, 0.45))

    def test_it_quotes(self):
        self.assertEqual(self.krakenex(None, "Ticker", {"pair": "XBTEUR"}), {"error": [], "result": {"XXBTZEUR": QUOTE}})
        self.assertEqual(self.sdk(None, "market.get_ticker", pair="XBTEUR,SOLEUR")["XXBTZEUR"], QUOTE)
        quote = self.ccxt(None, "fetch_ticker", "BTC/EUR")
        self.assertEqual((quote["bid"], quote["ask"], quote["last"], quote["baseVolume"]),
                         (57928.7, 57928.8, 57928.7, 2611.904))

    def test_it_draws_candles(self):
        since = 1795294799
        self.assertEqual(self.krakenex(None, "OHLC", {"pair": "XBTEUR", "interval": 60, "since": since}),
                         {"error": [], "result": {"XXBTZEUR": CANDLES, "last": 1795294800}})
        self.assertEqual(self.sdk(None, "market.get_ohlc", "XBTEUR", 60, since), {"XXBTZEUR": CANDLES, "last": 1795294800})
        # ccxt asks for one candle more than it wants.
        self.assertEqual(self.ccxt(None, "fetch_ohlcv", "BTC/EUR", "1h", 1795294800000), [
            [1795294800000, 57928.7, 57928.8, 57928.6, 57928.7, 12.481],
            [1795298400000, 57928.7, 57928.8, 57928.6, 57928.7, 12.481]])

    def test_it_does_not_know_everything(self):
        for call, fields, error in (
            ("Ticker", {"pair": "NOPE"}, "EQuery:Unknown asset pair"), ("Assets", {"asset": "NOPE"}, "EQuery:Unknown asset"),
            ("OHLC", {"pair": "XBTEUR", "interval": 2}, "EGeneral:Invalid arguments:interval"),
            ("Weather", {}, "EGeneral:Unknown method"),
        ):
            self.assertEqual(self.krakenex(None, call, fields), {"error": [error]})
        for call, argument, error in (
            ("market.get_ticker", "NOPE", "KrakenUnknownAssetError"), ("market.get_assets", "NOPE", "KrakenUnknownAssetError"),
        ):
            self.assertEqual(self.raised(self.sdk, None, call, argument), error)
        for call, fields, error in (
            ("public_get_ticker", {"pair": "NOPE"}, "ExchangeError"), ("public_get_assets", {"asset": "NOPE"}, "BadSymbol"),
        ):
            self.assertEqual(self.raised(self.ccxt, None, call, fields), error)
