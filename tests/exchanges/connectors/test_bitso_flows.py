"""Bitso in use: other people's client against the sandbox and against our signature, and a person's road through the portal."""
import html
from datetime import timedelta
from unittest import mock

from django.test import SimpleTestCase
from django.utils import timezone
from requests import Request

from exchanges import actions
from exchanges.connectors.base import Credentials
from exchanges.connectors.bitso import BitsoAuth, connector
from exchanges.connectors.bitso_answers import ACCOUNT_STATUS, BALANCE, DRY_ORDER, OPEN_ORDERS, USER_TRADES
from exchanges.models import Link
from profiles.models import Profile
from tests.exchanges.base import ValidationTestCase
from tests.exchanges.keys import SandboxKeys
from tests.sandbox.clients import ClientTestCase, Raised

NONCE = 1795300000000001
PAIR = {"api_key": "tR7kQ2mZx9", "secret": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}
THREE = ["view_account", "view_balances", "place_orders"]
PROOF = ["account_status", "balance", "open_orders", "user_trades", "orders"]


def signed(method, path, key=PAIR, **where):
    """Our request, ready to be sent."""
    auth = BitsoAuth(Credentials(key["api_key"], key["secret"]), lambda: NONCE, lambda: 0.0)
    return Request(method, "https://bitso.com" + path, auth=auth, **where).prepare()


class CcxtTests(ClientTestCase):
    """ccxt counts its nonces in milliseconds, the old form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {key["name"]: key for key in cls.http.get(f"{cls.url}/_keys").json()["bitso"]}

    def bitso(self, key, call, *args, **how):
        return self.ask("ccxt_client.py", key, call, args, {}, {"exchange": "bitso", **how}, prefix="/bitso/api")

    def refused(self, key, call, *args):
        """The code in what ccxt raises."""
        with self.assertRaises(Raised) as caught:
            self.bitso(key, call, *args)
        return caught.exception.text.partition('"code":"')[2].partition('"')[0]

    def test_it_signs_each_of_our_requests_as_we_do(self):
        for endpoint in (ACCOUNT_STATUS, BALANCE, OPEN_ORDERS, USER_TRADES):
            fixed = dict(endpoint.fixed)
            theirs = self.bitso(PAIR, "sign", endpoint.name, ["private"], "GET", fixed, nonce=NONCE)
            ours = signed("GET", endpoint.path, params=fixed)
            self.assertEqual(theirs["headers"]["Authorization"], ours.headers["Authorization"])
            self.assertTrue(theirs["url"].endswith(ours.path_url))

    def test_it_signs_our_order_as_we_do(self):
        theirs = self.bitso(PAIR, "sign", "orders", ["private"], "POST", dict(DRY_ORDER.fixed), nonce=NONCE)
        self.assertEqual(theirs["body"], '{"book":"zzz_zzz","side":"buy","type":"limit","major":"1","price":"1"}')
        self.assertEqual(theirs["headers"]["Authorization"],
                         signed("POST", "/api/v3/orders", data=theirs["body"]).headers["Authorization"])

    def test_it_reads_balances_orders_and_trades(self):
        balance = self.bitso(self.keys["ok"], "fetch_balance")
        self.assertEqual((balance["MXN"], balance["BTC"]["total"]), ({"free": 14400.0, "used": 600.0, "total": 15000.0}, 0.02))
        [order] = self.bitso(self.keys["ok"], "fetch_open_orders", "BTC/MXN")
        self.assertEqual((order["side"], order["price"], order["amount"], order["status"]), ("buy", 1200000.0, 0.0005, "open"))
        [trade] = self.bitso(self.keys["ok"], "fetch_my_trades", "BTC/MXN")
        self.assertEqual((trade["side"], trade["amount"], trade["cost"]), ("buy", 0.004, 6609.64))

    def test_it_places_finds_and_cancels_an_order(self):
        wish = {"exchange": "bitso", "permissions": THREE}
        key = self.post("/_keys", wish).json()
        placed = self.bitso(key, "create_order", "ETH/MXN", "limit", "sell", 0.1, 60000)["id"]
        found = self.bitso(key, "fetch_order", placed)
        self.assertEqual((found["symbol"], found["side"], found["remaining"]), ("ETH/MXN", "sell", 0.1))
        self.assertEqual(self.bitso(key, "fetch_balance")["ETH"], {"free": 0.4, "used": 0.1, "total": 0.5})
        self.assertEqual(self.bitso(key, "cancel_order", placed)["id"], placed)
        self.assertEqual(self.bitso(key, "fetch_open_orders", "ETH/MXN"), [])
        self.assertEqual(self.refused(key, "cancel_order", placed), "0312")

    def test_an_order_that_cannot_be_is_told_why(self):
        for change, code in (({"book": "zzz_zzz"}, "0301"), ({"side": "hold"}, "0306"), ({"type": "stop"}, "0307"),
                             ({"minor": "1"}, "0308"), ({"major": "0"}, "0408"), ({"price": "cheap"}, "0407"),
                             ({"major": "0.000001"}, "0403"), ({"major": "9"}, "0379")):
            order = {"book": "btc_mxn", "side": "buy", "type": "limit", "major": "0.001", "price": "1000000"} | change
            self.assertEqual(self.refused(self.keys["disabled-later"], "private_post_orders", order), code)

    def test_it_is_told_what_is_wrong_with_a_key(self):
        for name, code in (("no-balances", "0202"), ("ip", "0213"), ("wrong-secret", "0215"), ("inactive", "0326"), ("terms", "0346"),
                           ("strict-nonce", "0207"), ("limited", "0801"), ("down", "1000")):
            self.assertEqual((name, self.refused(self.keys[name], "private_get_balance")), (name, code))
        self.assertEqual(self.refused({"api_key": "nobody", "secret": "x"}, "private_get_balance"), "0201")

    def test_nothing_leaves_even_with_the_right_to_withdraw(self):
        for name, status, code in (("ok", 401, "0202"), ("withdraw", 400, "0303")):
            request = signed("POST", "/api/v3/withdrawals", self.keys[name], data='{"currency":"btc","amount":"0.01"}')
            request.url = f"{self.url}/bitso{request.path_url}"
            answer = self.http.send(request)
            self.assertEqual((answer.status_code, answer.json()["error"]["code"]), (status, code))

    def test_a_nonce_is_taken_once(self):
        key = self.post("/_keys", {"exchange": "bitso", "permissions": THREE}).json()
        self.bitso(key, "private_get_balance", nonce=2)                 # the old form has to rise
        self.bitso(key, "private_get_balance", nonce=NONCE)
        self.bitso(key, "private_get_balance", nonce=NONCE - 1)         # in any order
        for nonce, code in ((NONCE, "0207"), (10**19, "0207"), (1, "104")):
            with self.assertRaises(Raised) as caught:
                self.bitso(key, "private_get_balance", nonce=nonce)
            self.assertIn(f'"code":"{code}"', caught.exception.text)

    def test_300_calls_a_minute_are_enough(self):
        key = self.post("/_keys", {"exchange": "bitso", "permissions": THREE}).json()
        self.bitso(key, "private_get_balance")
        account = self.server.state.account("bitso", key["api_key"], dict)
        account.calls = [self.server.state.clock()] * 300
        self.assertEqual([self.refused(key, "private_get_balance") for _ in range(2)], ["0801", "0801"])
        self.later(61)
        self.bitso(key, "private_get_balance")


class RoadTests(ValidationTestCase):
    """What a person meets, from the paste on."""

    def setUp(self):
        super().setUp()
        self.keys = SandboxKeys(self.sandbox_url, "bitso")
        self.exchange = self.keys.exchange()
        Profile.objects.update_or_create(user=self.ana, defaults={"time_zone": "UTC", "language": "en"})
        self.client.force_login(self.ana)

    def link(self, name, *, withdrawals_off=True) -> Link:
        with mock.patch("exchanges.actions.nudge"):
            link = actions.add_link(self.ana, self.exchange, self.keys.ready_made(name), "", withdrawals_off=withdrawals_off)
        return self.look(link)

    def page(self, link):
        return html.unescape(self.client.get(f"/perfil/exchanges/{link.pk}/").content.decode())

    def test_with_the_tick_a_good_key_is_ready(self):
        link = self.link("ok")
        self.assertEqual((link.status, link.reason, link.notices), ("ready", "", ["unverifiable_permissions"]))
        self.assertEqual(self.calls(link), PROOF)
        self.assertEqual(self.steps(link), ["ok"] * 5)
        page = self.page(link)
        for name in (*THREE, "withdrawals"):
            self.assertIn(f'data-permission="{name}" data-verdict="unknown"', page)
        self.assertNotIn("Robles", page)

    def test_a_proven_key_is_looked_at_with_three_calls(self):
        link = self.look_later(self.link("ok"))
        self.assertEqual((link.status, self.calls(link)[len(PROOF):]), ("ready", PROOF[:3]))

    def test_a_right_that_is_taken_away_later_is_missed(self):
        link = self.link("disabled-later")
        self.keys.change(link, permissions=["view_account", "view_balances"])
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason, link.key.denied), ("action_required", "missing_permissions", ["place_orders"]))
        self.keys.change(link, permissions=THREE)
        self.assertEqual(self.ask(link).status, "ready")

    def test_a_key_that_is_switched_off_later_is_given_up_at_the_second_look(self):
        link = self.link("disabled-later")
        self.keys.change(link, disabled=True)
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("action_required", "bad_key"))
        self.assertEqual(self.look_later(link, failing_since=timezone.now() - timedelta(seconds=75)).status, "revoked")

    def test_one_account_is_linked_once(self):
        keys = [self.keys.new(THREE, account="ana") for _ in range(2)]
        with mock.patch("exchanges.actions.nudge"):
            links = [actions.add_link(self.ana, self.exchange, key, "", withdrawals_off=True) for key in keys]
        self.assertEqual([(link.status, link.reason) for link in map(self.look, links)],
                         [("ready", ""), ("action_required", "already_linked")])

    def test_without_the_tick_it_waits_for_the_word_of_its_owner(self):
        link = self.link("ok", withdrawals_off=False)
        self.assertEqual((link.status, link.reason), ("action_required", "unverifiable_permissions"))
        self.assertEqual(self.calls(link), PROOF[:3])
        with mock.patch("exchanges.actions.nudge"):
            self.client.post(f"/perfil/exchanges/{link.pk}/validar/", {"withdrawals_off": "on"})
        self.assertEqual(self.look(link).status, "ready")

    def test_an_empty_account_is_a_success(self):
        link = self.link("empty")
        self.assertEqual((link.status, link.notices), ("ready", ["unverifiable_permissions", "empty_account"]))

    def test_a_missing_right_is_named(self):
        for name, missing, label in (("read-only", "place_orders", "Place orders"), ("no-balances", "view_balances", "View balances"),
                                     ("no-account", "view_account", "View account information")):
            link = self.link(name)
            self.assertEqual((link.status, link.reason), ("action_required", "missing_permissions"))
            page = self.page(link)
            self.assertIn(f'data-permission="{missing}" data-verdict="missing"', page)
            self.assertIn(f"This is missing: “{label}”. Tick it at Bitso and check again here.", page)

    def test_each_trouble_has_its_cure(self):
        for name, reason, said in (
            ("wrong-secret", "bad_secret", "Bitso shows the secret only once: if you no longer have it, create another key."),
            ("inactive", "bad_key", "Bitso cannot find this key, or it is switched off there."),
            ("ip", "ip_blocked", "Add ours to its list at Bitso (203.0.113.10, 203.0.113.11); up to five fit."),
            ("terms", "account_restricted", "it may ask you to accept its new terms"),
            ("region", "region_blocked", "Bitso does not allow this in the region of your account."),
        ):
            link = self.link(name)
            self.assertEqual((link.status, link.reason), ("action_required", reason))
            self.assertIn(said, self.page(link))

    def test_maintenance_blames_nobody(self):
        self.assertEqual([(link.status, link.reason) for link in (self.link("down"), self.link("limited"))],
                         [("exchange_down", "maintenance"), ("exchange_down", "rate_limited")])

    def test_the_guide_has_the_boxes_of_the_table_and_the_form_its_tick(self):
        for language, words in (("en", "this key cannot withdraw"), ("es", "esta clave no puede retirar")):
            Profile.objects.filter(user=self.ana).update(language=language)
            page = html.unescape(self.client.get("/perfil/exchanges/vincular/bitso/").content.decode())
            for permission in connector.permissions:
                shown = "s" if permission.kind == "dangerous" else "span"
                self.assertIn(f">{permission.label}</{shown}>", page)
            self.assertIn('name="withdrawals_off"', page)
            self.assertIn("203.0.113.11", page)
            self.assertIn(words, page)


class NamesTests(SimpleTestCase):
    def test_its_permissions_are_these(self):
        self.assertEqual([(one.kind, one.name, one.label) for one in connector.permissions], [
            ("needed", "view_account", "View account information"), ("needed", "view_balances", "View balances"),
            ("needed", "place_orders", "Place orders"), ("dangerous", "withdrawals", "Withdrawals")])
