"""The weather at an exchange: its public status call, and the line that people read."""
from datetime import timedelta
from unittest import mock

import requests
from django.conf import settings
from django.utils import timezone

from exchanges import weather
from exchanges.models import Exchange, Link
from profiles.models import Profile
from tests.base import SmartraderTestCase
from tests.exchanges.base import SIX, ValidationTestCase

HOUR = timedelta(hours=1)


class LookTests(ValidationTestCase):
    def look_at(self, **before) -> str:
        Exchange.objects.filter(pk="kraken").update(**{"weather_at": None, **before})
        weather.look("kraken")
        return Exchange.objects.get(pk="kraken").weather

    def kraken_says(self, status: str) -> None:
        requests.post(f"{self.sandbox_url}/_status", json={"exchange": "kraken", "status": status}, timeout=5).raise_for_status()

    def test_what_kraken_says_of_itself(self):
        for status, said in (("online", "ok"), ("maintenance", "maintenance"), ("cancel_only", "limited"), ("post_only", "limited")):
            self.kraken_says(status)
            self.assertEqual(self.look_at(), said)

    def test_it_asks_without_a_key(self):
        self.look_at()
        calls = requests.get(f"{self.sandbox_url}/_calls", params={"api_key": ""}, timeout=5).json()
        self.assertEqual([(call["method"], call["path"]) for call in calls], [("GET", "/0/public/SystemStatus")])

    def test_it_asks_once_a_minute(self):
        self.assertEqual(self.look_at(weather="silent", weather_at=timezone.now() - timedelta(seconds=59)), "silent")
        self.assertEqual(self.look_at(weather="silent", weather_at=timezone.now() - timedelta(seconds=60)), "ok")

    def test_while_it_is_broken_it_asks_with_every_sweep_and_lets_one_key_try(self):
        now = timezone.now()
        self.look_at(broken_since=now, tried_at=now, weather_at=now - timedelta(seconds=4))
        self.assertIsNone(Exchange.objects.get(pk="kraken").tried_at)

    def test_then_the_link_that_would_be_next_is_due(self):
        now = timezone.now()
        links = [self.give(self.keys.new(SIX)) for _number in range(2)]
        for link, minutes in zip(links, (2, 1), strict=True):
            Link.objects.filter(pk=link.pk).update(status="exchange_down", next_check_at=now + timedelta(minutes=minutes))
        self.look_at(broken_since=now, tried_at=now - timedelta(seconds=10))
        self.assertEqual(list(Link.objects.due(timezone.now())), [links[1]])

    def test_in_maintenance_no_key_tries(self):
        self.kraken_says("maintenance")
        self.look_at(broken_since=timezone.now(), tried_at=timezone.now())
        self.assertIsNotNone(Exchange.objects.get(pk="kraken").tried_at)

    def test_it_is_silent_when_nobody_is_there_twice(self):
        with mock.patch.dict(settings.API_URLS, {"kraken": "http://127.0.0.1:9"}):
            self.assertEqual(self.look_at(weather="ok", weather_at=timezone.now() - HOUR), "")
            self.assertEqual(self.look_at(weather="", weather_at=timezone.now() - HOUR), "silent")

    def test_an_exchange_without_such_a_call_is_not_silent(self):
        with mock.patch.dict(settings.API_URLS, {"kraken": f"{self.sandbox_url}/nowhere"}):
            self.assertEqual(self.look_at(weather="", weather_at=timezone.now() - HOUR), "")

    def test_a_slow_answer_is_said(self):
        with mock.patch("exchanges.weather.SLOW_S", 0.0):
            self.assertEqual(self.look_at(), "slow")

    def test_an_exchange_that_is_off_is_not_asked(self):
        self.assertEqual(self.look_at(is_open=False), "")


class LineTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.ana)

    def become(self, weather: str, **fields) -> None:
        Exchange.objects.filter(pk="kraken").update(weather=weather, **{"weather_at": timezone.now(), **fields})

    def page(self, path: str = "", language: str = "es") -> str:
        Profile.objects.filter(user=self.ana).update(language=language)
        return self.client.get(f"/perfil/exchanges/{path}").content.decode()

    def test_the_picker_has_a_word_for_it(self):
        for kind, spanish, english in (
            ("ok", "Funciona con normalidad", "Working normally"), ("slow", "Responde con demora", "Answers slowly"),
            ("limited", "Solo admite algunas órdenes", "Takes only some orders"),
            ("maintenance", "En mantenimiento", "Under maintenance"), ("silent", "No responde", "Not answering"),
        ):
            self.become(kind)
            for language, said in (("es", spanish), ("en", english)):
                with self.subTest(kind=kind, language=language):
                    page = self.page("vincular/", language)
                    self.assertIn(f'data-weather="{kind}"', page)
                    self.assertIn(said, page)

    def test_the_guide_says_that_one_can_go_on(self):
        self.become("maintenance")
        self.assertIn("Kraken está en mantenimiento. No tiene que ver con tu clave: la comprobamos en cuanto vuelva.",
                      self.page("vincular/kraken/"))

    def test_a_link_says_it_only_when_there_is_trouble(self):
        self.become("ok")
        self.assertNotIn("data-weather", self.page(f"{self.link.id}/"))
        self.become("silent")
        self.assertIn("Kraken no responde a nadie ahora mismo. No tiene que ver con tu clave", self.page(f"{self.link.id}/"))

    def test_the_breaker_says_it_before_kraken_does(self):
        self.become("ok", broken_since=timezone.now(), broken_reason="timeout")
        self.assertIn('data-weather="silent"', self.page("vincular/"))
        self.become("ok", broken_since=timezone.now(), broken_reason="lockout")
        self.assertIn("Kraken nos ha pedido una pausa a todos", self.page(f"{self.link.id}/"))

    def test_old_news_is_none(self):
        self.become("ok", weather_at=timezone.now() - timedelta(minutes=3))
        self.assertNotIn("data-weather", self.page("vincular/"))

    def test_the_live_fragment_is_sent_again_when_the_weather_turns(self):
        state = f"{self.link.id}/estado/?v={self.link.version}"
        for weather_, shown, status in (("ok", "", 204), ("silent", "", 200), ("silent", "silent", 204)):
            self.become(weather_)
            self.assertEqual(self.client.get(f"/perfil/exchanges/{state}&w={shown}").status_code, status)
