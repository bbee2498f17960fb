"""The lease: one worker at a time, nothing after an unlink, nothing lost with a worker."""
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from exchanges import actions, claim
from exchanges.models import ApiKey, Link, Validation
from tests.exchanges.base import SIX, ValidationTestCase


class LeaseTests(ValidationTestCase):
    def test_a_link_that_is_not_due_is_left_alone(self):
        link = self.give(self.keys.new(SIX))
        self.assertEqual(len(self.calls(self.look(link))), 6)

    def test_nothing_is_asked_after_an_unlink_in_mid_validation(self):
        seen = []

        def unlink_after_two(self_, endpoint):
            if len(seen) == 2:
                actions.unlink(self_.link)
            seen.append(endpoint.name)
            return before_call(self_, endpoint)

        before_call = claim.Claim.before_call
        with mock.patch.object(claim.Claim, "before_call", unlink_after_two):
            link = self.give(self.keys.new(SIX))
        self.assertEqual(self.calls(link), ["GetApiKeyInfo", "Balance"])
        self.assertEqual((link.status, link.key.sealed, link.key.fingerprint), ("unlinked", None, None))

    def test_a_worker_that_died_is_followed_by_another_when_the_lease_ends(self):
        with mock.patch("exchanges.validation._ask", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.give(self.keys.new(SIX))
        link = Link.objects.get()
        self.assertEqual((link.status, link.checking), ("checking", True))
        self.assertLessEqual(link.lease_until, timezone.now() + timedelta(seconds=60))
        self.assertEqual(self.look(link).status, "checking")
        self.assertEqual(self.look_later(link, lease_until=timezone.now() - timedelta(seconds=1)).status, "ready")

    def test_a_link_that_kills_its_workers_is_left_alone_for_a_while(self):
        with mock.patch("exchanges.validation._ask", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.give(self.keys.new(SIX))
        link = Link.objects.get()
        link = self.look_later(link, lease_until=timezone.now() - timedelta(seconds=1), deaths=2)
        self.assertEqual((link.status, link.reason), ("exchange_down", "internal"))

    def test_a_death_in_a_time_of_silences_is_no_poison(self):
        key = self.keys.new(SIX)
        self.keys.fault("busy", api_key=key.api_key)
        link = self.give(key)
        with mock.patch("exchanges.validation._ask", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.look_later(link, failures=5)
        self.assertEqual(self.look_later(link, lease_until=timezone.now() - timedelta(seconds=1)).status, "ready")

    def test_after_a_pause_nobody_asks_while_a_call_may_still_hang(self):
        link = self.give(self.keys.new(SIX))
        Link.objects.update(call_at=timezone.now())
        with mock.patch("exchanges.actions.nudge") as nudge:
            actions.pause(link)
            actions.resume(link)
        nudge.assert_not_called()
        self.assertEqual(len(self.calls(self.look(link))), 6)
        self.assertGreater(Link.objects.get().next_check_at, timezone.now() + timedelta(seconds=8))

    def test_a_key_that_another_link_is_asking_with_waits_for_its_turn(self):
        key = self.keys.new(SIX)
        theirs = self.give(self.keys.with_wrong_secret(key), self.bea)
        Link.objects.filter(pk=theirs.pk).update(
            lease_token=theirs.pk, lease_until=timezone.now() + timedelta(seconds=30))
        link = self.give(key)
        self.assertEqual((link.status, self.calls(link)), ("queued", []))
        Link.objects.filter(pk=theirs.pk).update(lease_until=timezone.now())
        self.assertEqual(self.look(link).status, "ready")

    def test_nonces_go_on_where_another_row_of_the_same_key_stopped(self):
        key = self.keys.new(SIX)
        theirs = self.give(self.keys.with_wrong_secret(key), self.bea)
        ApiKey.objects.filter(pk=theirs.key_id).update(nonce=2**62)
        link = self.give(key)
        self.assertGreater(link.key.nonce, 2**62)

    def test_nonces_are_never_used_twice(self):
        link = self.give(self.keys.new(SIX))
        blocks = [link.key.reserve_nonces(10, 64) for _ in range(3)]
        numbers = [n for block in blocks for n in block]
        self.assertEqual(len(set(numbers)), 192)
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual(link.key.reserve_nonces(numbers[-1] + 1000, 1)[0], numbers[-1] + 1001)

    def test_a_switched_off_exchange_is_not_asked(self):
        link = self.give(self.keys.new(SIX))
        self.exchange.is_open = False
        self.exchange.save()
        link = self.look_later(link)
        self.assertEqual((link.status, len(self.calls(link))), ("ready", 6))

    def test_a_secret_that_does_not_open_is_our_fault(self):
        link = self.paste("down")
        ApiKey.objects.update(sealed=b"garbage")
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("exchange_down", "internal"))
        self.assertEqual(Validation.objects.filter(link=link).count(), 2)
