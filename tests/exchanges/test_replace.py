"""Another key on trial beside the one that works."""
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from exchanges import actions
from exchanges.models import ApiKey, Link
from tests.exchanges.base import SIX, ValidationTestCase


class ReplacementTests(ValidationTestCase):
    def setUp(self):
        super().setUp()
        self.account = "AA11 REPL ACEM ENT1"
        self.link = self.give(self.keys.new(SIX, account=self.account))

    def replace(self, credentials) -> Link:
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, credentials)
        return self.look(self.link)

    def test_a_good_one_takes_over_and_the_old_one_is_erased(self):
        old = self.link.key
        link = self.replace(self.keys.new(SIX, account=self.account))
        self.assertEqual((link.status, link.candidate, link.new_key), ("ready", "", None))
        self.assertNotEqual(link.key, old)
        self.assertIsNotNone(ApiKey.objects.get(pk=old.pk).erased_at)

    def test_its_page_says_to_delete_the_old_one_at_the_exchange(self):
        old = self.link.key
        self.client.force_login(self.ana)
        url = f"/perfil/exchanges/{self.link.pk}/"
        self.assertNotContains(self.client.get(url), "Borra ahora la antigua")
        self.replace(self.keys.new(SIX, account=self.account))
        self.assertContains(self.client.get(url), f'termina en <code translate="no">{old.hint}</code>')
        Link.objects.get(pk=self.link.pk).keys.filter(proven_at__isnull=False).update(proven_at=timezone.now() - timedelta(days=8))
        self.assertNotContains(self.client.get(url), "Borra ahora la antigua")

    def test_a_bad_one_is_erased_and_touches_nothing(self):
        old = self.link.key
        link = self.replace(self.keys.new([*SIX, "withdraw-funds"], account=self.account))
        self.assertEqual((link.status, link.key, link.candidate, link.candidate_reason),
                         ("ready", old, "failed", "dangerous_permissions"))
        self.assertEqual(link.keys.filter(erased_at__isnull=True).get(), old)

    def test_one_of_another_account_is_not_taken(self):
        link = self.replace(self.keys.new(SIX, account="AA99 OTHE RACC OUNT"))
        self.assertEqual((link.candidate, link.candidate_reason), ("failed", "different_account"))

    def test_the_key_in_use_pasted_again_now_dangerous_is_not_kept(self):
        key = self.keys.new(SIX)
        link = self.give(key)
        self.keys.change(link, permissions=[*SIX, "withdraw-funds"])
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, key)
        link = self.look(link)
        self.assertEqual((link.status, link.reason, link.has_secret), ("suspended", "dangerous_permissions", False))
        self.assertEqual(link.keys.filter(sealed__isnull=False).count(), 0)

    def test_a_trial_that_gets_no_answer_ends(self):
        new = self.keys.new(SIX, account=self.account)
        self.keys.fault("busy", api_key=new.api_key, count=20)
        link = self.replace(new)
        for _ in range(7):
            link = self.look_later(link)
        self.assertEqual((link.status, link.candidate, link.candidate_reason), ("ready", "failed", "maintenance"))
        self.assertEqual(link.events.filter(cause="schedule").count(), 1)

    def test_it_waits_while_the_exchange_does_not_answer(self):
        new = self.keys.new(SIX, account=self.account)
        self.keys.fault("busy", api_key=new.api_key)
        link = self.replace(new)
        self.assertEqual((link.status, link.candidate, link.candidate_reason), ("ready", "queued", "maintenance"))
        self.assertEqual(self.look_later(link).candidate, "")

    def test_a_paused_link_stays_paused_with_its_new_key(self):
        actions.pause(self.link)
        link = self.replace(self.keys.new(SIX, account=self.account))
        self.assertEqual((link.status, link.candidate, link.next_check_at), ("paused", "", None))
