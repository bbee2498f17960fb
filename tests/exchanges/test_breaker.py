"""The breaker: when the exchange answers nobody, nobody asks in vain; one answer and all is as before."""
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from exchanges.models import Call, Exchange, Link
from tests.exchanges.base import SIX, ValidationTestCase

MINUTE = timedelta(minutes=1)


class BreakerTestCase(ValidationTestCase):
    def kraken(self) -> Exchange:
        return Exchange.objects.get(pk="kraken")

    def failing(self, fault: str, user=None) -> Link:
        """A new link whose first call meets `fault`."""
        key = self.keys.new(SIX)
        self.keys.fault(fault, api_key=key.api_key)
        return self.give(key, user)

    def break_it(self) -> list[Link]:
        """Three keys, five failures."""
        links = [self.failing("busy") for _number in range(3)]
        for link in links[:2]:
            self.keys.fault("busy", link)
            self.look_later(link)
        return links

    def broken(self, **changes) -> None:
        now = timezone.now()
        Exchange.objects.filter(pk="kraken").update(
            **{"broken_since": now, "broken_reason": "timeout", "tried_at": now, **changes})


class OpeningTests(BreakerTestCase):
    def test_five_failures_of_three_keys_open_it(self):
        self.break_it()
        self.assertEqual((self.kraken().broken_since is None, self.kraken().broken_reason), (False, "maintenance"))

    def test_four_failures_do_not(self):
        links = [self.failing("busy") for _number in range(3)]
        self.keys.fault("busy", links[0])
        self.look_later(links[0])
        self.assertIsNone(self.kraken().broken_since)

    def test_two_keys_do_not_however_often_they_fail(self):
        for link in [self.failing("busy"), self.failing("busy")]:
            self.keys.fault("busy", link, count=3)
            for _again in range(3):
                self.look_later(link)
        self.assertIsNone(self.kraken().broken_since)

    def test_failures_of_more_than_two_minutes_ago_do_not_count(self):
        links = [self.failing("busy") for _number in range(3)]
        Call.objects.update(at=timezone.now() - 2 * MINUTE)
        for link in links[:2]:
            self.keys.fault("busy", link)
            self.look_later(link)
        self.assertIsNone(self.kraken().broken_since)

    def test_among_many_answers_a_few_failures_are_nothing(self):
        links = [self.failing("busy") for _number in range(3)]
        for _number in range(3):
            self.give(self.keys.new(SIX))               # six calls each, all answered
        for link in links[:2]:
            self.keys.fault("busy", link)
            self.look_later(link)
        self.assertIsNone(self.kraken().broken_since)

    def test_a_judged_key_is_no_failure(self):
        for _number in range(5):
            self.give(self.keys.with_wrong_secret(self.keys.new(SIX)))
        self.assertIsNone(self.kraken().broken_since)

    def test_one_persons_lockouts_stop_nobody(self):
        for _number in range(3):
            self.give(self.keys.new(SIX, locked=True))
        self.assertIsNone(self.kraken().broken_since)

    def test_lockouts_of_two_people_open_it(self):
        self.give(self.keys.new(SIX, locked=True))
        self.give(self.keys.new(SIX, locked=True), self.bea)
        self.assertEqual(self.kraken().broken_reason, "lockout")


class OpenTests(BreakerTestCase):
    def test_a_re_check_makes_no_call_and_is_down(self):
        link = self.give(self.keys.new(SIX))
        self.broken()
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("exchange_down", "timeout"))
        self.assertEqual(link.calls.count(), 6)
        self.assertTrue(55 <= (link.next_check_at - timezone.now()).total_seconds() <= 120)

    def test_a_click_waits_for_its_turn(self):
        link = self.give(self.keys.new(SIX))
        self.broken()
        link = self.ask(link)
        self.assertEqual((link.status, link.checking, link.calls.count()), ("ready", True, 6))

    def test_a_click_that_waited_fifteen_seconds_is_told(self):
        link = self.give(self.keys.new(SIX))
        self.broken()
        self.ask(link)
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now() - timedelta(seconds=16))
        link = self.look(link)
        self.assertEqual((link.status, link.reason, link.calls.count()), ("exchange_down", "timeout", 6))
        self.assertTrue(5 <= (link.next_check_at - timezone.now()).total_seconds() <= 20)

    def test_a_click_may_try_ten_seconds_after_the_last_and_its_answer_closes_it(self):
        self.broken(tried_at=timezone.now() - timedelta(seconds=10))
        link = self.give(self.keys.new(SIX))
        self.assertEqual((link.status, self.kraken().broken_since), ("ready", None))

    def test_with_the_first_answer_all_who_waited_are_due(self):
        links = self.break_it()
        Exchange.objects.filter(pk="kraken").update(tried_at=None)
        self.give(self.keys.new(SIX))
        self.assertEqual([self.look(link).status for link in links], ["ready"] * 3)

    def test_only_one_key_gets_the_turn(self):
        links = [self.give(self.keys.new(SIX)), self.give(self.keys.new(SIX))]
        self.broken(tried_at=None)
        self.keys.fault("busy", links[0])
        self.assertEqual([self.look_later(link).calls.count() for link in links], [7, 6])

    def test_a_scheduled_key_may_try_after_a_minute(self):
        link = self.give(self.keys.new(SIX))
        self.broken(tried_at=timezone.now() - timedelta(seconds=59))
        self.assertEqual(self.look_later(link).status, "exchange_down")
        self.broken(tried_at=timezone.now() - timedelta(seconds=60))
        self.assertEqual(self.look_later(link).status, "ready")

    def test_what_happened_before_it_closed_does_not_open_it_again(self):
        links = self.break_it()
        Exchange.objects.filter(pk="kraken").update(tried_at=None)
        self.give(self.keys.new(SIX))
        self.keys.fault("busy", links[2])
        self.look_later(links[2])
        self.assertIsNone(self.kraken().broken_since)

    def test_a_key_that_is_locked_out_keeps_its_long_rest(self):
        self.give(self.keys.new(SIX, locked=True), self.bea)
        link = self.give(self.keys.new(SIX, locked=True))
        self.assertGreaterEqual((link.next_check_at - timezone.now()).total_seconds(), 880)

    def test_a_key_that_the_person_must_mend_keeps_its_sentence(self):
        key = self.keys.new(SIX)
        link = self.give(key)
        self.keys.change(link, disabled=True)
        link = self.look_later(link)
        self.broken()
        self.assertEqual(self.look_later(link).reason, "bad_key")


class TurnTests(BreakerTestCase):
    def test_the_turn_of_a_claim_that_came_to_nothing_is_given_back(self):
        key = self.keys.new(SIX)
        link = self.give(key)
        self.broken(tried_at=None)
        with mock.patch("exchanges.claim.Claim._is_asked_elsewhere", return_value=True):
            self.look_later(link)
        self.assertIsNone(self.kraken().tried_at)
