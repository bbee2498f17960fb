"""Clocks that are wrong: nobody's lease is stolen, and nothing is stuck when they are set right."""
from datetime import UTC, datetime, timedelta
from unittest import mock

import time_machine
from django.db import connection
from django.utils import timezone

from exchanges import actions, breaker, clock
from exchanges.models import ApiKey, Call, Exchange, Link
from tests.exchanges.base import SIX, ValidationTestCase

HOUR = timedelta(hours=1)
S = timedelta(seconds=1)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class NowTests(ValidationTestCase):
    def test_it_is_this_machines_where_the_database_has_none(self):
        with mock.patch.object(connection, "vendor", "sqlite"), time_machine.travel(NOON, tick=False):
            self.assertEqual(clock.now(), NOON)

    def test_it_is_the_databases_where_that_has_one(self):
        cursor = mock.MagicMock()
        cursor.return_value.__enter__.return_value.fetchone.return_value = (NOON,)
        with mock.patch.object(connection, "vendor", "postgresql"), mock.patch.object(connection, "cursor", cursor):
            self.assertEqual(clock.now(), NOON)


class AheadTests(ValidationTestCase):
    """Something happens while the clock is an hour ahead; then it is set right."""

    def mended(self, link: Link) -> Link:
        clock.mend(timezone.now())
        link.refresh_from_db()
        return link

    def is_due(self, link: Link) -> bool:
        return Link.objects.due(timezone.now()).filter(pk=link.pk).exists()

    def ahead(self):
        return time_machine.travel(timezone.now() + HOUR)

    def test_a_link_that_was_made_is_due(self):
        with self.ahead(), mock.patch("exchanges.actions.nudge"):
            link = actions.add_link(self.ana, self.exchange, self.keys.new(SIX), "")
        self.assertFalse(self.is_due(link))
        self.assertEqual(self.look(self.mended(link)).status, "ready")

    def test_a_click_is_due(self):
        link = self.give(self.keys.new(SIX))
        with self.ahead(), mock.patch("exchanges.actions.nudge"):
            actions.ask(link)
        self.assertEqual(len(self.calls(self.look(self.mended(link)))), 7)

    def test_a_worker_that_died_is_followed_by_another(self):
        link = self.give(self.keys.new(SIX))
        Link.objects.update(next_check_at=timezone.now())
        with self.ahead(), mock.patch("exchanges.validation._ask", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.look(link)
        self.assertIsNotNone(Link.objects.get().lease_token)
        self.assertEqual(len(self.calls(self.look(link))), 7)

    def test_and_its_key_is_not_thought_in_use_by_another_link(self):
        key = self.keys.new(SIX)
        theirs = self.give(self.keys.with_wrong_secret(key), self.bea)
        Link.objects.filter(pk=theirs.pk).update(lease_token=theirs.pk, lease_until=timezone.now() + HOUR)
        self.assertEqual(self.give(key).status, "ready")

    def test_a_first_try_that_met_silence_is_made_again(self):
        key = self.keys.new(SIX)
        self.keys.fault("busy", api_key=key.api_key)
        with self.ahead():
            link = self.give(key)
        self.assertEqual(link.status, "exchange_down")
        link = self.mended(link)
        self.assertLessEqual(link.failing_since, timezone.now())
        self.assertEqual(self.look(link).status, "ready")

    def test_a_later_try_too(self):
        key = self.keys.new(SIX)
        self.keys.fault("busy", api_key=key.api_key, count=2)
        link = self.give(key)
        Link.objects.update(next_check_at=timezone.now())
        with self.ahead():
            self.look(link)
        self.assertEqual(self.look(self.mended(link)).status, "ready")

    def test_a_second_opinion_comes(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, disabled=True)
        Link.objects.update(next_check_at=timezone.now())
        with self.ahead():
            self.assertEqual(self.look(link).reason, "bad_key")
        self.assertTrue(self.is_due(self.mended(link)))

    def test_what_is_not_due_and_right_is_left_alone(self):
        links = [self.give(self.keys.new(SIX)), self.give(self.keys.new(SIX, locked=True)), self.give(self.keys.new(SIX[1:]))]
        slow = self.give(self.keys.new(SIX))
        Link.objects.filter(pk=slow.pk).update(
            status="exchange_down", reason="rate_limited", failures=1, next_check_at=timezone.now() + HOUR)
        clock.mend(timezone.now())
        self.assertEqual([self.is_due(link) for link in (*links, slow)], [False] * 4)

    def test_a_trial_that_rests_keeps_its_rest(self):
        link = self.give(self.keys.new(SIX))
        in_half_an_hour = timezone.now() + timedelta(minutes=30)
        Link.objects.update(status="queued", candidate="queued", trigger="schedule", next_check_at=in_half_an_hour)
        self.assertEqual(self.mended(link).next_check_at, in_half_an_hour)

    def test_what_is_due_once_is_not_due_for_ever(self):
        with self.ahead():
            link = self.give(self.keys.new(SIX))
        self.look(self.mended(link))
        self.assertFalse(self.is_due(self.mended(link)))

    def test_nonces_go_on_rising(self):
        with self.ahead():
            link = self.give(self.keys.new(SIX))
        before = link.key.nonce
        link = self.look_later(link)
        self.assertEqual(link.status, "ready")
        self.assertGreater(ApiKey.objects.get(pk=link.key_id).nonce, before)

    def test_the_breaker_gives_turns_again(self):
        Exchange.objects.update(**dict.fromkeys(("broken_since", "tried_at", "weather_at"), timezone.now() + HOUR), broken_reason="timeout")
        clock.mend(timezone.now())
        self.assertTrue(breaker.admits(Exchange.objects.get(slug="kraken"), True, timezone.now() + 11 * S))
        self.assertTrue(Exchange.objects.status_due(timezone.now() + 5 * S).exists())

    def test_a_call_of_that_hour_opens_no_breaker_now(self):
        self.give(self.keys.new(SIX, locked=True))
        self.give(self.keys.new(SIX, locked=True), self.bea)
        Exchange.objects.update(broken_since=None)
        self.assertEqual(breaker._why_open(Exchange.objects.get(slug="kraken"), timezone.now()), "lockout")
        Call.objects.update(at=timezone.now() + HOUR)
        self.assertEqual(breaker._why_open(Exchange.objects.get(slug="kraken"), timezone.now()), "")


class BehindTests(ValidationTestCase):
    def test_who_is_an_hour_behind_is_early_and_takes_no_lease(self):
        link = self.give(self.keys.new(SIX))
        Link.objects.update(next_check_at=timezone.now(), lease_token=link.pk, lease_until=timezone.now() + 60 * S)
        with time_machine.travel(timezone.now() - HOUR):
            self.assertEqual(len(self.calls(self.look(link))), 6)
        self.assertEqual(Link.objects.get().lease_token, link.pk)
