"""The state of a link after its exchange was asked: CONTRACT's rules, row by row."""
from datetime import UTC, datetime, timedelta
from unittest import TestCase

from exchanges.connectors.base import KeyReport
from exchanges.settle import Outcome, Past, Settled, settle, settle_candidate

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIRST = Past("checking", "", (), proven=False, waited_for=True, failures=0, failing_since=None, expires_at=None)
READY = Past("ready", "", ("ip_open",), proven=True, waited_for=False, failures=0, failing_since=None, expires_at=None)


def low(a: float, b: float) -> float:
    return a


def past(base: Past, **changes) -> Past:
    return Past(**{**vars(base), **changes})


def after(base: Past, outcome: Outcome, **changes) -> Settled:
    return settle(past(base, **changes), outcome, NOW, low)


def silence(reason: str = "timeout", retry_after_s: float | None = None) -> Outcome:
    return Outcome("exchange_down", reason, answered=False, retry_after_s=retry_after_s)


BAD_KEY = Outcome("action_required", "bad_key")


class BreakerTests(TestCase):
    HELD = Outcome("exchange_down", "timeout", answered=False, asked=False)

    def test_while_it_is_open_a_link_is_down_at_once_and_rests_a_minute_or_two(self):
        settled = after(READY, silence("network"), broken=True)
        self.assertEqual((settled.status, settled.reason, settled.next_in), ("exchange_down", "network", MINUTE))

    def test_whoever_waits_rests_some_seconds(self):
        self.assertEqual(after(FIRST, self.HELD, broken=True).next_in, timedelta(seconds=10))

    def test_a_key_that_was_not_asked_has_not_failed(self):
        self.assertEqual(after(READY, self.HELD, broken=True, failures=2, failing_since=NOW).failures, 2)

    def test_a_key_that_was_held_while_it_closed_is_due(self):
        self.assertEqual(after(FIRST, self.HELD, failures=7, failing_since=NOW).next_in, timedelta(0))

    def test_a_lockout_keeps_its_long_rest(self):
        self.assertEqual(after(READY, silence("lockout"), broken=True).next_in, 15 * MINUTE)
        held = Outcome("exchange_down", "lockout", answered=False, asked=False)
        self.assertEqual(after(READY, held, broken=True).next_in, MINUTE)


class SilenceTests(TestCase):
    def test_a_first_link_is_down_with_its_first_failed_try_and_tried_again_in_seconds(self):
        self.assertEqual(after(FIRST, silence()), Settled("exchange_down", "timeout", (), timedelta(seconds=5), 1, NOW))

    def test_a_ready_link_stays_ready_through_one_failure(self):
        settled = after(READY, silence())
        self.assertEqual((settled.status, settled.notices, settled.failures), ("ready", ("ip_open",), 1))

    def test_three_failures_within_five_minutes_are_not_enough(self):
        settled = after(READY, silence(), failures=2, failing_since=NOW - 4 * MINUTE)
        self.assertEqual((settled.status, settled.failures), ("ready", 3))

    def test_the_third_failure_after_five_minutes_is_down(self):
        settled = after(READY, silence("network"), failures=2, failing_since=NOW - 5 * MINUTE)
        self.assertEqual((settled.status, settled.reason), ("exchange_down", "network"))

    def test_two_failures_over_an_hour_are_not_enough(self):
        self.assertEqual(after(READY, silence(), failures=1, failing_since=NOW - 60 * MINUTE).status, "ready")

    def test_a_check_that_the_person_asked_for_says_at_once_that_it_could_not_be_made(self):
        self.assertEqual(after(READY, silence("maintenance"), waited_for=True).status, "exchange_down")

    def test_a_link_that_is_down_stays_down_with_the_newest_reason(self):
        settled = after(READY, silence("timeout"), status="exchange_down", reason="network", failures=3, failing_since=NOW)
        self.assertEqual((settled.status, settled.reason), ("exchange_down", "timeout"))

    def test_it_never_blames_the_key(self):
        settled = after(READY, silence(), status="action_required", reason="missing_permissions", notices=())
        self.assertEqual((settled.status, settled.reason), ("action_required", "missing_permissions"))

    def test_tries_get_rarer(self):
        waits = [after(FIRST, silence(), failures=n, failing_since=NOW).next_in.total_seconds() for n in range(9)]
        self.assertEqual(waits, [5, 15, 30, 60, 120, 300, 600, 1800, 1800])

    def test_a_lockout_gets_a_quarter_of_an_hour(self):
        self.assertEqual(after(FIRST, silence("lockout")).next_in, timedelta(minutes=15))

    def test_a_time_named_by_the_exchange_is_kept(self):
        self.assertEqual(after(FIRST, silence("rate_limited", 90)).next_in, timedelta(seconds=90))


class UnknownKeyTests(TestCase):
    def test_a_new_key_is_bad_at_once_and_looked_at_after_3_minutes(self):
        self.assertEqual(
            after(FIRST, BAD_KEY), Settled("action_required", "bad_key", (), timedelta(minutes=3), 1, NOW))

    def test_then_15_minutes_after_the_first(self):
        settled = after(FIRST, BAD_KEY, status="action_required", reason="bad_key", failures=1, failing_since=NOW - 3 * MINUTE)
        self.assertEqual((settled.next_in, settled.failures), (timedelta(minutes=12), 2))

    def test_then_never_by_itself(self):
        settled = after(FIRST, BAD_KEY, status="action_required", reason="bad_key", failures=2, failing_since=NOW - 15 * MINUTE)
        self.assertIsNone(settled.next_in)

    def test_a_silence_in_between_does_not_count_as_a_look(self):
        settled = after(FIRST, silence(), status="action_required", reason="bad_key", waited_for=False, failures=1,
                        failing_since=NOW - 3 * MINUTE)
        self.assertEqual((settled.status, settled.reason, settled.failures), ("action_required", "bad_key", 1))

    def test_silence_after_a_bad_key_is_looked_at_ever_more_rarely(self):
        settled = after(READY, silence(), status="action_required", reason="bad_key", failures=1, failing_since=NOW - 60 * MINUTE)
        self.assertEqual((settled.reason, settled.failures, settled.next_in), ("bad_key", 1, timedelta(minutes=30)))

    def test_a_proven_key_gets_a_second_opinion_within_60_to_180_seconds(self):
        settled = after(READY, BAD_KEY)
        self.assertEqual((settled.status, settled.reason, settled.next_in), ("action_required", "bad_key", timedelta(seconds=75)))
        self.assertLessEqual(settle(READY, BAD_KEY, NOW, max).next_in, timedelta(seconds=180))

    def test_and_is_revoked_when_that_agrees(self):
        settled = after(READY, BAD_KEY, status="action_required", reason="bad_key", failures=1, failing_since=NOW - 1.3 * MINUTE)
        self.assertEqual((settled.status, settled.reason, settled.next_in), ("revoked", "", None))

    def test_an_impatient_click_is_no_second_opinion(self):
        settled = after(READY, BAD_KEY, status="action_required", reason="bad_key", failures=1, waited_for=True,
                        failing_since=NOW - timedelta(seconds=10))
        self.assertEqual((settled.status, settled.reason), ("action_required", "bad_key"))

    def test_a_key_past_its_known_end_has_expired(self):
        self.assertEqual(after(READY, BAD_KEY, expires_at=NOW - MINUTE).status, "expired")


class VerdictTests(TestCase):
    def test_ready_is_looked_at_again_in_about_a_day(self):
        self.assertEqual(after(FIRST, Outcome("ready", "", ("ip_open",))),
                         Settled("ready", "", ("ip_open",), timedelta(hours=22)))

    def test_and_right_after_the_end_of_the_key(self):
        report = KeyReport(frozenset(), expires_at=NOW + timedelta(hours=2))
        self.assertEqual(after(FIRST, Outcome("ready", report=report)).next_in, timedelta(hours=2, seconds=5))

    def test_a_refused_key_is_erased(self):
        self.assertEqual(after(FIRST, Outcome("refused", "dangerous_permissions")),
                         Settled("refused", "dangerous_permissions", (), None, erase=True))

    def test_a_key_that_became_dangerous_is_suspended_and_erased(self):
        settled = after(READY, Outcome("suspended", "dangerous_permissions"))
        self.assertEqual((settled.status, settled.erase, settled.next_in), ("suspended", True, None))

    def test_a_key_of_an_account_linked_elsewhere_is_erased(self):
        self.assertTrue(after(FIRST, Outcome("action_required", "already_linked")).erase)

    def test_a_wrong_secret_is_never_tried_again_by_itself(self):
        settled = after(FIRST, Outcome("action_required", "bad_secret"))
        self.assertEqual((settled.next_in, settled.erase), (None, False))


class MendedTests(TestCase):
    """What the person mends at the exchange is found without a click."""
    LACKING = past(READY, status="action_required", reason="missing_permissions", notices=())
    STILL = Outcome("action_required", "missing_permissions")

    def test_it_is_looked_at_after_a_quarter_of_an_hour(self):
        self.assertEqual(after(READY, self.STILL).next_in, 15 * MINUTE)
        self.assertEqual(settle(READY, self.STILL, NOW, max).next_in, timedelta(minutes=19, seconds=30))

    def test_and_ever_more_rarely_the_longer_it_lasts_a_day_apart_at_most(self):
        lasted = [timedelta(minutes=15), timedelta(hours=5), timedelta(days=2), timedelta(days=9), timedelta(days=60)]
        waits = [after(self.LACKING, self.STILL, lasting=lasting).next_in for lasting in lasted]
        self.assertEqual(waits, [15 * MINUTE, 30 * MINUTE, timedelta(hours=4, minutes=48), timedelta(hours=21, minutes=36),
                                 timedelta(hours=22)])

    def test_another_reason_begins_anew(self):
        settled = after(self.LACKING, Outcome("action_required", "ip_blocked"), lasting=timedelta(days=9))
        self.assertEqual(settled.next_in, 15 * MINUTE)

    def test_every_reason_that_may_heal(self):
        waits = {reason: after(READY, Outcome("action_required", reason)).next_in for reason in (
            "missing_permissions", "extra_permissions", "unverifiable_permissions", "query_window", "ip_blocked", "region_blocked",
            "account_restricted", "otp_on_key", "nonce_conflict", "different_account")}
        self.assertEqual(set(waits.values()), {15 * MINUTE})

    def test_a_ready_link_is_not_looked_at_more_often_for_its_age(self):
        self.assertEqual(after(READY, Outcome("ready"), lasting=timedelta(minutes=1)).next_in, timedelta(hours=22))

    def test_a_key_that_ends_sooner_is_looked_at_after_its_end(self):
        report = KeyReport(frozenset(), expires_at=NOW + timedelta(minutes=4))
        settled = after(READY, Outcome("action_required", "missing_permissions", report=report))
        self.assertEqual(settled.next_in, timedelta(minutes=4, seconds=5))


class CandidateTests(TestCase):
    def test_silence_keeps_it_waiting(self):
        self.assertEqual(settle_candidate(silence(), 0, low), ("queued", "timeout", timedelta(seconds=5)))

    def test_the_eighth_silence_ends_the_trial(self):
        self.assertEqual(settle_candidate(silence(), 6, low), ("queued", "timeout", timedelta(seconds=600)))
        self.assertEqual(settle_candidate(silence(), 7, low), ("failed", "timeout", None))

    def test_proven(self):
        self.assertEqual(settle_candidate(Outcome("ready"), 0, low), ("proven", "", None))

    def test_anything_else_failed(self):
        self.assertEqual(settle_candidate(Outcome("refused", "dangerous_permissions"), 0, low),
                         ("failed", "dangerous_permissions", None))
        self.assertEqual(settle_candidate(Outcome("expired"), 0, low), ("failed", "expired", None))
