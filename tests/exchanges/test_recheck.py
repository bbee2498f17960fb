"""A proven key, looked at again."""
from datetime import timedelta

from django.utils import timezone

from tests.exchanges.base import SIX, SIX_CALLS, ValidationTestCase


class RecheckTests(ValidationTestCase):
    def test_it_is_one_call_and_adds_no_validation(self):
        link = self.look_later(self.give(self.keys.new(SIX)))
        self.assertEqual(link.status, "ready")
        self.assertEqual(self.calls(link), [*SIX_CALLS, "GetApiKeyInfo"])
        self.assertEqual(link.validations.count(), 1)

    def test_it_keeps_the_state_through_one_failure(self):
        link = self.give(self.keys.new(SIX))
        self.keys.fault("busy", link)
        link = self.look_later(link)
        self.assertEqual((link.status, link.notices, link.failures), ("ready", ["ip_open"], 1))

    def test_a_click_that_cannot_be_answered_says_so_and_heals_by_itself(self):
        link = self.give(self.keys.new(SIX))
        self.keys.fault("unavailable", link)
        link = self.ask(link)
        self.assertEqual((link.status, link.reason), ("exchange_down", "maintenance"))
        self.assertEqual(self.look_later(link).status, "ready")

    def test_a_permission_lost(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, permissions=SIX[:5])
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("action_required", "missing_permissions"))
        self.assertEqual(link.validations.count(), 2)

    def test_a_dangerous_permission_that_appears_later_suspends_and_erases(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, permissions=[*SIX, "withdraw-funds"])
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason, link.has_secret), ("suspended", "dangerous_permissions", False))

    def test_a_key_that_the_exchange_forgets_is_revoked_by_the_second_look(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, disabled=True)
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("action_required", "bad_key"))
        link = self.look_later(link, failing_since=timezone.now() - timedelta(seconds=75))
        self.assertEqual((link.status, link.reason), ("revoked", ""))

    def test_a_bad_key_that_only_was_late_heals(self):
        link = self.give(self.keys.new(SIX, disabled=True))
        self.assertEqual(link.reason, "bad_key")
        self.keys.change(link, disabled=False)
        self.assertEqual(self.look_later(link).status, "ready")

    def test_a_try_of_ours_that_ended_like_the_last_adds_nothing_to_the_history(self):
        link = self.look_later(self.paste("down"))
        self.assertEqual(link.validations.count(), 1)
        self.assertEqual(link.failures, 2)
