"""/exchanges/: what anybody may read of what we ask, for all exchanges alike and to the letter for Kraken."""
import re
from dataclasses import replace
from unittest import mock

from django.conf import settings
from django.test import TestCase

from exchanges import connectors
from exchanges.models import Exchange
from tests.base import make_people
from tests.exchanges import made_up

ROW = re.compile(r'<tr data-permission="([^"]+)" data-verdict="([^"]+)">(.*?)</tr>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")
KRAKEN = [
    ("query-funds", "needed", "Funds permissions › Query", "We ask for it"),
    ("query-open-trades", "needed", "Orders and trades › Query open orders &amp; trades", "We ask for it"),
    ("query-closed-trades", "needed", "Orders and trades › Query closed orders &amp; trades", "We ask for it"),
    ("modify-trades", "needed", "Orders and trades › Create &amp; modify orders", "We ask for it"),
    ("close-trades", "needed", "Orders and trades › Cancel &amp; close orders", "We ask for it"),
    ("query-ledger", "needed", "Data › Query ledger entries", "We ask for it"),
    ("withdraw-funds", "dangerous", "Funds permissions › Withdraw", "We refuse it"),
    ("add-withdraw-address", "dangerous", "Funds permissions › Add withdrawal addresses", "We refuse it"),
    ("update-withdraw-address", "dangerous", "Funds permissions › Update withdrawal addresses", "We refuse it"),
    ("add-funds", "extra", "Funds permissions › Deposit", "Leave it off"),
    ("earn-funds", "extra", "Funds permissions › Earn", "Leave it off"),
    ("export-data", "extra", "Data › Export data", "Leave it off"),
    ("create-ws-token", "extra", "WebSocket interface › On", "Leave it off"),
]


class PublicTestCase(TestCase):
    def setUp(self):
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    def section(self, slug: str) -> str:
        page = self.client.get("/exchanges/").content.decode()
        return page.partition(f'<section class="card stack" id="{slug}"')[2].partition("</section>")[0]


class KrakenTests(PublicTestCase):
    def test_each_permission_is_there_as_on_its_screen(self):
        shown = [(name, verdict, re.search(r'<span lang="en" translate="no">(.*?)</span>', row)[1],
                  TAG.sub("", row[row.index('class="badge"'):]).partition(">")[2].strip())
                 for name, verdict, row in ROW.findall(self.section("kraken"))]
        self.assertEqual(shown, KRAKEN)

    def test_what_a_permission_opens(self):
        section = self.section("kraken")
        for words in ("Query funds", "See your balances. Only looking.", "Withdraw funds", "Lets money leave your account."):
            self.assertIn(words, section)

    def test_how_it_is_proven_and_limited_and_when_it_ends(self):
        section = self.section("kraken")
        for words in (
            "Yes, every permission", "Kraken itself tells us every permission of the key.",
            "Yes: one that the exchange checks and never places",
            "With our addresses in its list the key is of no use from anywhere else.", "Only on the date that you give it",
            'href="/perfil/exchanges/vincular/kraken/"',
        ):
            self.assertIn(words, section)


    def test_it_speaks_spanish_unless_asked_otherwise(self):
        del self.client.cookies[settings.LANGUAGE_COOKIE_NAME]
        for words in ("Qué permisos pedimos", "Consultar fondos", "Lo pedimos", "No lo aceptamos", "Déjalo sin marcar", "En Kraken:"):
            self.assertContains(self.client.get("/exchanges/"), words)


class AllTests(PublicTestCase):
    def test_every_permission_of_every_exchange_has_its_verdict(self):
        wanted = {"needed": "needed", "bundled": "needed", "dangerous": "dangerous", "extra": "extra"}
        for slug, connector in connectors.all().items():
            shown = sorted((name, verdict) for name, verdict, _row in ROW.findall(self.section(slug)))
            self.assertEqual((slug, shown), (slug, sorted((p.name, wanted[p.kind]) for p in connector.permissions)))

    def test_nothing_is_left_to_fill_in_in_either_language(self):
        for language in ("en", "es"):
            self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            self.assertNotContains(self.client.get("/exchanges/"), "%(")

    def test_it_says_where_permissions_are_not_told_and_no_order_is_tried(self):
        untold = replace(made_up.connector, dry_run=None)
        with mock.patch("exchanges.connectors.all", return_value={"madeup": untold}):
            Exchange.objects.create(slug="madeup", name="Made Up")
            section = self.section("madeup")
        self.assertIn("No. What we cannot try, you confirm", section)
        self.assertIn("Must be off", section)
        self.assertIn("No: this exchange has none that is sure to move no money", section)


class AddressTests(PublicTestCase):
    def test_anybody_may_read_it_and_only_read(self):
        self.assertEqual(self.client.get("/exchanges/").status_code, 200)
        self.assertEqual(self.client.post("/exchanges/").status_code, 405)

    def test_it_is_asked_for_anew_each_time(self):
        self.assertEqual(self.client.get("/exchanges/")["Cache-Control"], "private, no-cache")

    def test_who_is_in_keeps_no_copy(self):
        self.client.force_login(make_people()[0])
        self.assertIn("no-store", self.client.get("/exchanges/")["Cache-Control"])

    def test_it_tells_of_no_exchange_that_is_switched_off(self):
        Exchange.objects.filter(slug="kraken").update(is_open=False)
        self.assertNotContains(self.client.get("/exchanges/"), 'id="kraken"')
        Exchange.objects.update(is_open=False)
        self.assertContains(self.client.get("/exchanges/"), "No exchange can be linked at the moment.")

    def test_the_landing_page_and_the_picker_lead_to_it(self):
        self.assertContains(self.client.get("/"), 'href="/exchanges/#kraken"')
        self.client.force_login(make_people()[0])
        self.assertContains(self.client.get("/perfil/exchanges/vincular/"), 'href="/exchanges/"')
