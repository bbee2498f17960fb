"""Who has this key, or this account, already."""
from exchanges import actions
from exchanges.models import ApiKey
from tests.exchanges.base import SIX, ValidationTestCase


class SameKeyTests(ValidationTestCase):
    def test_a_second_paste_of_a_ready_key_leads_to_the_same_link(self):
        key = self.keys.new(SIX)
        self.assertEqual(self.give(key).pk, self.give(key).pk)
        self.assertEqual(ApiKey.objects.count(), 1)

    def test_a_paste_with_the_right_secret_heals_the_same_link(self):
        key = self.keys.new(SIX)
        first = self.give(self.keys.with_wrong_secret(key))
        self.assertEqual(first.reason, "bad_secret")
        second = self.give(key)
        self.assertEqual((second.pk, second.status), (first.pk, "ready"))
        self.assertEqual(second.keys.filter(erased_at__isnull=True).count(), 1)

    def test_an_unlinked_key_makes_a_new_link(self):
        key = self.keys.new(SIX)
        first = self.give(key)
        actions.unlink(first)
        second = self.give(key)
        self.assertNotEqual(second.pk, first.pk)
        self.assertEqual(second.status, "ready")

    def test_an_unproven_key_of_another_blocks_nobody(self):
        key = self.keys.new(SIX)
        theirs = self.give(self.keys.with_wrong_secret(key), self.bea)
        self.assertEqual(theirs.reason, "bad_secret")
        self.assertEqual(self.give(key).status, "ready")

    def test_the_same_key_proven_by_another_in_the_meantime(self):
        key = self.keys.new(SIX)
        self.give(key, self.bea)
        link = self.give(key, self.ana)
        self.assertEqual((link.status, link.reason, link.has_secret), ("action_required", "already_linked", False))

    def test_another_key_of_the_same_account(self):
        first = self.give(self.keys.new(SIX, account="AA77 SAME SAME SAME"))
        second = self.give(self.keys.new(SIX, account="AA77 SAME SAME SAME"), self.bea)
        self.assertEqual(first.status, "ready")
        self.assertEqual((second.status, second.reason, second.has_secret), ("action_required", "already_linked", False))
