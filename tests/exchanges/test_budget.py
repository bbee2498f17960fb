"""The budget of calls per exchange: shared by all, room for those who wait, and never a reason to blame anybody."""
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone

from exchanges import actions, budget, connectors
from exchanges.models import Exchange, Link
from tests.exchanges.base import SIX, ValidationTestCase

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
S = timedelta(seconds=1)


class BudgetTests(TestCase):
    """Kraken's: 60 calls a second, 300 at once."""

    def spend(self, calls, after=0 * S, waited_for=True):
        kraken = Exchange.objects.get(pk="kraken")
        fits, spent = budget.has_room(kraken, calls, waited_for, NOW + after), budget.spend(kraken, calls, waited_for, NOW + after)
        self.assertEqual(fits, spent)
        return spent

    def test_so_many_at_once_and_then_so_many_a_second(self):
        self.assertEqual([self.spend(99) for _again in range(4)], [True, True, True, False])
        self.assertEqual([self.spend(6), self.spend(6, 0.1 * S), self.spend(6, 0.1 * S)], [False, True, False])
        self.assertTrue(self.spend(300, 6 * S))

    def test_what_was_not_used_is_not_saved_up(self):
        self.assertEqual([self.spend(300, timedelta(days=1)), self.spend(1, timedelta(days=1))], [True, False])

    def test_the_schedule_leaves_room_for_those_who_wait(self):
        self.assertEqual([self.spend(60, waited_for=False) for _again in range(3)], [True, True, False])
        self.assertEqual([self.spend(60) for _again in range(4)], [True, True, True, False])

    def test_who_waits_goes_before_the_schedule(self):
        self.assertTrue(self.spend(300))
        self.assertEqual([self.spend(1, 2.9 * S, waited_for=False), self.spend(1, 2.9 * S), self.spend(1, 3.1 * S, waited_for=False)],
                         [False, True, True])

    def test_more_than_a_burst_fits_where_nothing_is_spent(self):
        self.assertEqual([self.spend(1000), self.spend(1), self.spend(1000, 16.7 * S)], [True, False, True])

    def test_what_a_clock_that_was_ahead_spent_is_not_spent(self):
        self.assertTrue(self.spend(300, timedelta(hours=1)))
        self.assertEqual([self.spend(300), self.spend(1)], [True, False])


class ClaimTests(ValidationTestCase):
    def nothing_left(self):
        Exchange.objects.filter(pk="kraken").update(spent_until=timezone.now().timestamp() + 30)

    def spent_calls(self):
        return round((Exchange.objects.get(pk="kraken").spent_until - timezone.now().timestamp()) * 60)

    def test_a_first_proof_costs_six_and_a_check_one(self):
        self.assertEqual(connectors.get("kraken").proof_calls, 6)
        with mock.patch("exchanges.budget.spend", side_effect=budget.spend) as spend:
            link = self.give(self.keys.new(SIX))
            self.look_later(link)
        self.assertEqual([call.args[1:3] for call in spend.call_args_list], [(6, True), (1, False)])

    def test_without_room_a_link_stays_due_and_nothing_is_written(self):
        self.nothing_left()
        link = self.give(self.keys.new(SIX))
        self.assertEqual((link.status, link.lease_token, link.failures, self.calls(link)), ("queued", None, 0, []))
        self.assertEqual((list(Link.objects.due(timezone.now())), link.validations.count()), ([link], 0))

    def test_also_where_another_takes_the_rest_in_between(self):
        link = self.give(self.keys.new(SIX))
        version = link.version
        with mock.patch("exchanges.budget.spend", return_value=False):
            link = self.look_later(link)
        self.assertEqual((link.status, link.lease_token, link.version, len(self.calls(link))), ("ready", None, version, 6))

    def test_it_goes_on_when_there_is_room(self):
        self.nothing_left()
        link = self.give(self.keys.new(SIX))
        Exchange.objects.update(spent_until=0)
        self.assertEqual(self.look(link).status, "ready")

    def test_a_click_finds_room_where_the_schedule_finds_none(self):
        link = self.give(self.keys.new(SIX))
        Exchange.objects.filter(pk="kraken").update(spent_until=timezone.now().timestamp() + 3)
        self.assertEqual(len(self.calls(self.look_later(link))), 6)
        self.assertEqual(len(self.calls(self.ask(link))), 7)

    def test_a_link_that_is_held_by_the_breaker_spends_nothing(self):
        link = self.give(self.keys.new(SIX))
        now = timezone.now()
        Exchange.objects.filter(pk="kraken").update(broken_since=now, broken_reason="timeout", tried_at=now, spent_until=0)
        self.assertEqual(self.look_later(link).status, "exchange_down")
        self.assertEqual(Exchange.objects.get(pk="kraken").spent_until, 0)


class OnePersonTests(ValidationTestCase):
    def test_a_persons_lockout_never_stops_linking_for_others(self):
        for _number in range(3):
            self.assertEqual(self.give(self.keys.new(SIX, locked=True)).reason, "lockout")
        link = self.give(self.keys.new(SIX), self.bea)
        self.assertEqual((link.status, self.calls(link)[0]), ("ready", "GetApiKeyInfo"))

    def test_nor_does_one_more_lockout_while_others_link(self):
        links = [self.give(self.keys.new(SIX), self.bea)]
        for _number in range(6):
            self.give(self.keys.new(SIX, locked=True))
            links.append(self.give(self.keys.new(SIX), self.bea))
        self.assertEqual([link.status for link in links], ["ready"] * 7)
        self.assertIsNone(Exchange.objects.get(pk="kraken").broken_since)

    def test_who_is_locked_out_may_link_another_key(self):
        self.give(self.keys.new(SIX, locked=True))
        self.assertEqual(self.give(self.keys.new(SIX)).status, "ready")

    def test_and_asks_in_vain_without_a_call(self):
        link = self.give(self.keys.new(SIX, locked=True))
        with mock.patch("exchanges.actions.nudge") as nudge:
            actions.ask(link)
        nudge.assert_not_called()
