"""While the breaker is open: whose turn it is, who is woken when it closes, and who is left alone."""
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from exchanges import actions, weather
from exchanges.connectors.base import Refused
from exchanges.models import Call, Exchange, Link, LinkQuerySet
from tests.exchanges.base import SIX, ValidationTestCase

S = timedelta(seconds=1)


class BrokenTestCase(ValidationTestCase):
    def kraken(self):
        return Exchange.objects.get(pk="kraken")

    def row(self, **changes):
        Exchange.objects.filter(pk="kraken").update(**changes)

    def broken(self, **changes):
        now = timezone.now()
        self.row(**{"broken_since": now, "broken_reason": "timeout", "tried_at": now, "weather": "ok", "weather_at": now, **changes})

    def status_call(self):
        """The look of the next sweep, 5 s later."""
        self.row(weather_at=timezone.now() - 5 * S)
        weather.look("kraken")

    def failing(self, fault="busy", user=None):
        key = self.keys.new(SIX)
        self.keys.fault(fault, api_key=key.api_key, count=1000)
        return self.give(key, user)

    def break_it(self):
        links = [self.failing() for _number in range(3)]
        for link in links[:2]:
            self.look_later(link)
        return links


class TurnTests(BrokenTestCase):
    def test_clicks_probe_at_most_once_in_ten_seconds_though_the_public_call_answers(self):
        links = [self.give(self.keys.new(SIX)) for _number in range(3)]
        for link in links:
            self.keys.fault("busy", link, count=100)
        before = Call.objects.count()
        self.broken(tried_at=timezone.now() - 10 * S)
        for link in links:                      # within one second or so
            self.ask(link)
            self.status_call()
        self.assertEqual(Call.objects.count() - before, 1)

    def test_one_key_at_a_time_though_the_public_call_answers_while_it_is_in_flight(self):
        links = self.break_it()
        calls = Call.objects.count()
        self.row(tried_at=None)
        first = links[0]

        def in_flight(*args, **kwargs):
            raise SystemExit                    # the call hangs: its lease stands
        self.status_call()
        with mock.patch("exchanges.validation._ask", side_effect=in_flight), self.assertRaises(SystemExit):
            self.look_later(first)
        self.assertIsNotNone(Link.objects.get(pk=first.pk).lease_token)
        self.status_call()                      # the next sweep's
        for link in Link.objects.due(timezone.now()):
            self.look(link)
        self.assertEqual(Call.objects.count() - calls, 0)

    def test_a_lockout_of_our_address_is_not_renewed_by_every_key_we_have(self):
        with mock.patch("exchanges.actions.nudge"):
            ready = [actions.add_link(self.ana, self.exchange, self.keys.new(SIX, locked=True), "") for _number in range(4)]
        self.give(self.keys.new(SIX, locked=True))
        self.give(self.keys.new(SIX, locked=True), self.bea)
        self.assertEqual(self.kraken().broken_reason, "lockout")
        Link.objects.filter(pk__in=[link.pk for link in ready]).update(status="ready", trigger="schedule")
        before = Call.objects.count()
        for link in ready:                      # due by themselves, 5 s apart: 20 s in all
            self.status_call()
            self.look_later(link)
        self.assertLessEqual(Call.objects.count() - before, 1)

    def test_a_pause_that_comes_between_is_not_undone(self):
        link = self.break_it()[0]
        real = LinkQuerySet.update

        def pause_first(rows, **changes):
            if list(changes) == ["next_check_at"] and Link.objects.get(pk=link.pk).status != "paused":
                actions.pause(Link.objects.get(pk=link.pk))
            return real(rows, **changes)
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now() + 5 * S)
        self.row(tried_at=timezone.now() - 11 * S)
        with mock.patch.object(LinkQuerySet, "update", pause_first):
            self.status_call()
        link.refresh_from_db()
        self.assertEqual(link.status, "paused")
        calls = link.calls.count()
        self.keys._post("_faults", {"exchange": "kraken", "fault": "none", "count": 1})
        link = self.look(link)
        self.assertEqual((link.next_check_at, link.calls.count() - calls, link.status), (None, 0, "paused"))


class NeverClosesTests(BrokenTestCase):
    def test_it_closes_when_those_who_saw_silence_are_gone(self):
        ready = self.give(self.keys.new(SIX))
        for link in self.break_it():
            actions.unlink(link)
        self.row(broken_since=timezone.now() - timedelta(hours=5))
        for _number in range(5):
            self.status_call()
            for link in Link.objects.due(timezone.now()):
                self.look(link)
        self.assertEqual((self.kraken().broken_since, self.kraken().weather_now), (None, "ok"))
        self.assertEqual(Link.objects.get(pk=ready.pk).status, "ready")


class TrialTests(BrokenTestCase):
    def test_a_trial_that_nobody_was_asked_about_does_not_fail(self):
        link = self.give(self.keys.new(SIX))
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.keys.new(SIX))
        self.broken()
        for _again in range(9):
            link = self.look_later(link, trigger="schedule")
        self.assertEqual((link.candidate, link.keys.first().calls.count()), ("queued", 0))

    def test_a_trial_is_due_when_the_exchange_is_back(self):
        link = self.give(self.keys.new(SIX))
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.keys.new(SIX))
        self.broken()
        for _number in range(6):
            link = self.look_later(link, trigger="schedule")
        self.row(tried_at=None)
        self.give(self.keys.new(SIX))           # answered: closed
        self.assertIsNone(self.kraken().broken_since)
        link.refresh_from_db()
        self.assertEqual(list(Link.objects.due(timezone.now())), [link])


class LockoutLabelTests(BrokenTestCase):
    def test_who_was_never_locked_out_is_due_when_it_closes(self):
        link = self.give(self.keys.new(SIX))
        self.broken(broken_reason="lockout")
        self.look_later(link)
        self.row(tried_at=None)
        self.give(self.keys.new(SIX))
        self.assertIsNone(self.kraken().broken_since)
        self.assertEqual(list(Link.objects.due(timezone.now())), [link])

    def test_who_was_never_locked_out_may_click(self):
        link = self.give(self.keys.new(SIX))
        self.broken(broken_reason="lockout", tried_at=timezone.now() - timedelta(minutes=5))
        self.row(tried_at=timezone.now())
        self.look_later(link)
        self.row(broken_since=None, broken_reason="", tried_at=None)     # all is well again
        link = self.ask(Link.objects.get(pk=link.pk))
        self.assertEqual(link.status, "ready")


class WeatherTests(BrokenTestCase):
    def test_a_refusal_of_the_public_call_is_an_answer_too(self):
        self.broken()
        refused = Refused("missing_permissions", "EGeneral:Permission denied")
        with mock.patch("exchanges.connectors.session.ExchangeSession.call", side_effect=refused):
            self.status_call()
        self.assertEqual(self.kraken().weather, "")

    def test_a_failed_public_call_gives_nobody_the_turn(self):
        self.broken(weather="ok")
        with mock.patch.dict("django.conf.settings.API_URLS", {"kraken": "http://127.0.0.1:9"}):
            self.status_call()
        self.assertIsNotNone(self.kraken().tried_at)

    def test_an_exchange_that_staff_switched_off_is_said_to_be_silent_by_nobody(self):
        self.broken(is_open=False, broken_since=timezone.now() - timedelta(days=3))
        self.assertEqual(self.kraken().weather_now, "ok")


class OnePersonTests(BrokenTestCase):
    def test_one_persons_rate_limits_stop_nobody(self):
        links = [self.failing("rate_limit") for _number in range(3)]
        for link in links[:2]:
            self.look_later(link)
        self.assertIsNone(self.kraken().broken_since)
