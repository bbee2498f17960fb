"""A process whose clock is wrong, beside a database whose clock is right: what is decided goes by the database's."""
from datetime import UTC, datetime, timedelta
from unittest import mock

import time_machine

from exchanges import actions, told
from profiles import leaving
from profiles.models import Mail, Profile
from tests.exchanges.base import SIX
from tests.exchanges.told import MINUTE, ToldTestCase

HOUR = timedelta(hours=1)


def right() -> datetime:
    return time_machine.escape_hatch.datetime.datetime.now(UTC)


def wrong_by(error: timedelta) -> time_machine.travel:
    return time_machine.travel(right() + error)


class WrongClockTests(ToldTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(time_machine.travel(datetime.now(UTC)))  # the way back to the right time is open only on a journey
        for clock in ("profiles.clock.now", "exchanges.clock.now"):
            self.enterContext(mock.patch(clock, right))

    def test_a_key_that_ends_in_half_an_hour_has_not_ended(self):
        key = self.keys.new(SIX, valid_until=(right() + 30 * MINUTE).timestamp())
        with mock.patch("django.utils.timezone.now", lambda: right() + HOUR):  # the exchange's clock is right too
            self.assertEqual(self.give(key).status, "ready")

    def test_wrong_keys_are_counted(self):
        with wrong_by(-2 * HOUR), self.settings(BAD_KEYS_PER_HOUR=1):
            self.give(self.keys.wrong_secret())
            self.assertTrue(actions.too_many_bad_keys(self.ana))

    def test_a_replacement_that_failed_is_told(self):
        link = self.known()
        with wrong_by(-HOUR), mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.keys.new(SIX[:2]))
        link = self.look(link)
        self.assertEqual((link.candidate, told.news(link)), ("failed", "trial"))

    def test_a_mail_was_put_when_it_was(self):
        with wrong_by(HOUR):
            self.give(self.keys.new(SIX))
        self.assertLess(Mail.objects.get().created_at, right())

    def test_when_the_time_is_over_an_account_cannot_be_kept(self):
        Profile.objects.filter(user=self.ana).update(leaves_at=right() - MINUTE)
        with wrong_by(-HOUR):
            self.assertFalse(leaving.stay(self.ana, mock.Mock(user=self.ana, META={}, headers={})))
