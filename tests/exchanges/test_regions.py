"""An exchange with several sites: one card, a question, the right host; and its clock, which each site has for itself."""
import time
from unittest import mock

from django.conf import settings
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.test import RequestFactory

from exchanges import actions, connectors
from exchanges.connectors import exchange_clock
from exchanges.connectors.base import Credentials
from exchanges.forms import KeyForm
from exchanges.models import Link
from tests.exchanges.made_up import KEY, SECRET, connector, with_regions
from tests.exchanges.test_untold import UntoldTestCase

PASTE = {"api_key": KEY, "secret": SECRET, "withdrawals_off": "on"}


def form_errors(_request, _template, context) -> JsonResponse:
    """In place of a guide, which this exchange has none of: the fields that were refused."""
    return JsonResponse(list(context["form"].errors), safe=False)


class RegionTests(UntoldTestCase):
    made_up = with_regions
    url = "/perfil/exchanges/vincular/madeup/"

    def test_the_form_asks_where_the_account_is(self):
        request = RequestFactory().get("/")
        request.user, request.session = self.ana, {}
        page = render_to_string("exchanges/_key_form.html", {"form": KeyForm(self.exchange, request), "connector": with_regions})
        for value in ("eu", "world"):
            self.assertIn(f'<input type="radio" name="region" value="{value}"', page)
        self.assertIn("Made in Spain", page)

    def test_without_an_answer_or_with_another_nothing_is_stored(self):
        for sent in (PASTE, PASTE | {"region": "moon"}):
            with mock.patch("exchanges.views.render", side_effect=form_errors):
                r = self.client.post(self.url, sent)
            self.assertEqual(r.json(), ["region"])
        self.assertFalse(Link.objects.exists())

    def test_it_is_signed_for_the_site_of_the_answer(self):
        self.client.post(self.url, PASTE | {"region": "eu"})
        link = self.look(Link.objects.get())
        self.assertEqual((link.region, link.status), ("eu", "ready"))
        self.assertEqual(self.wire.header(0, "X-Signed"), "https://api.eu.madeup.example/v1/me")

    def test_each_site_is_reached_where_the_environment_says(self):
        with mock.patch.dict(settings.API_URLS, {"madeup": "http://127.0.0.1:1", "madeup_eu": "http://127.0.0.1:2"}):
            self.assertEqual(connectors.api_url(with_regions, "eu"), "http://127.0.0.1:2")
            self.assertEqual(connectors.api_url(with_regions, "world"), "http://127.0.0.1:1")
        with mock.patch.dict(settings.API_URLS, clear=True):
            self.assertEqual(connectors.api_url(with_regions, "eu"), "https://api.eu.madeup.example")

    def test_a_wrong_answer_is_mended_with_another_paste(self):
        self.wire.answers["me"] = {"error": "down"}
        link = self.look(actions.add_link(self.ana, self.exchange, Credentials(KEY, SECRET), "", region="world"))
        self.client.post(f"/perfil/exchanges/{link.pk}/reemplazar/", PASTE | {"region": "eu"})
        self.assertEqual(Link.objects.get(pk=link.pk).region, "eu")

    def test_an_account_that_works_is_not_asked_for_its_site_again(self):
        link = self.paste(withdrawals_off=True, region="eu")
        page = self.client.get(f"/perfil/exchanges/{link.pk}/reemplazar/").content.decode()
        self.assertNotIn('name="region"', page)


class ClockTests(UntoldTestCase):
    made_up = connector

    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.dict(exchange_clock._ahead_s, clear=True))

    def test_a_clock_that_was_off_is_set_and_the_call_made_again(self):
        self.wire.answers |= {"me": {"error": "late"}, "time": {"now": time.time() + 500}}
        original = self.wire._answer

        def believe_the_second(connection):
            original(connection)
            if self.wire.asked()[-1] == "GET /v1/time":
                del self.wire.answers["me"]

        self.wire.play = believe_the_second
        link = self.paste(withdrawals_off=True)
        self.assertEqual(link.status, "ready")
        self.assertEqual(self.wire.asked()[:3], ["GET /v1/me", "GET /v1/time", "GET /v1/me"])
        self.assertNotIn("X-Key", self.wire.requests[1].decode())
        self.assertAlmostEqual(int(self.wire.header(2, "X-Now")) - int(self.wire.header(0, "X-Now")), 500, delta=2)

    def test_a_clock_that_was_right_is_no_excuse(self):
        self.wire.answers |= {"me": {"error": "late"}, "time": {"now": time.time()}}
        link = self.paste(withdrawals_off=True)
        self.assertEqual((link.status, link.reason), ("exchange_down", "clock_skew"))
        self.assertEqual(self.wire.asked(), ["GET /v1/me", "GET /v1/time"])

    def test_no_key_is_blamed_while_nobody_tells_the_time(self):
        self.wire.answers |= {"me": {"error": "wrong"}, "time": {"error": "down"}}
        link = self.paste(withdrawals_off=True)
        self.assertEqual((link.status, link.reason), ("exchange_down", "maintenance"))
        for time_told in ({"new": "format"}, {"now": time.time()}):
            self.wire.answers["time"] = time_told
            actions.ask(link)
            self.assertEqual(self.look(link).reason, "bad_key")

    def test_an_exchange_that_does_not_tell_the_time_leaves_it_as_it_is(self):
        self.wire.answers |= {"me": {"error": "late"}, "time": {"error": "down"}}
        self.assertEqual(self.paste(withdrawals_off=True).reason, "clock_skew")
