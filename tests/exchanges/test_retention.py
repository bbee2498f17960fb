"""Secrets of keys that work no more: told before, erased in time, and what is left of the link."""
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from django.test import override_settings
from django.utils import timezone

from exchanges import actions, retention, vault
from exchanges.models import ApiKey, Link
from profiles.models import Activity, Mail, Profile
from tests.exchanges.base import SIX, ValidationTestCase


class RetentionTestCase(ValidationTestCase):
    def bad_secret(self) -> Link:
        return self.give(self.keys.wrong_secret(), label="Principal")

    def revoked(self) -> Link:
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, disabled=True)
        self.look_later(link)
        return self.look_later(link, failing_since=timezone.now() - timedelta(seconds=75))

    def after(self, link: Link, days: float) -> datetime:
        return link.since + timedelta(days=days)

    def tell(self, link: Link, days: float) -> Mail:
        """The mail goes out so long after the key stopped working."""
        retention.erase_dead(self.after(link, days))
        mail = Mail.objects.get(cause__contains=str(link.key_id), ended_at=None)
        Mail.objects.filter(pk=mail.pk).update(ended_at=self.after(link, days), outcome="sent")
        return mail

    def now(self, link: Link) -> Link:
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=link.pk)


class WhenTests(RetentionTestCase):
    def test_a_wrong_secret_is_told_after_five_days_and_erased_after_seven(self):
        link = self.bad_secret()
        self.assertEqual(retention.erase_dead(self.after(link, 4.9)), 0)
        self.assertFalse(Mail.objects.filter(kind="erasing").exists())
        self.tell(link, 5)
        self.assertEqual(retention.erase_dead(self.after(link, 6.9)), 0)
        self.assertTrue(self.now(link).has_secret)
        self.assertEqual(retention.erase_dead(self.after(link, 7)), 1)
        self.assertFalse(self.now(link).has_secret)

    def test_a_revoked_one_is_told_after_twenty_three_days_and_erased_after_thirty(self):
        link = self.revoked()
        retention.erase_dead(self.after(link, 22.9))
        self.assertFalse(Mail.objects.filter(kind="erasing").exists())
        self.tell(link, 23)
        self.assertEqual([retention.erase_dead(self.after(link, days)) for days in (29.9, 30)], [0, 1])

    def test_an_expired_one_too(self):
        link = self.bad_secret()
        Link.objects.filter(pk=link.pk).update(status="expired", reason="")
        self.tell(link, 23)
        self.assertEqual([retention.erase_dead(self.after(link, days)) for days in (29.9, 30)], [0, 1])

    def test_it_is_told_once_however_often_it_runs(self):
        link = self.bad_secret()
        for days in (5, 5.1, 6, 7, 8):
            self.assertEqual(retention.erase_dead(self.after(link, days)), 0)
        self.assertEqual(Mail.objects.filter(kind="erasing").count(), 1)

    def test_late_news_put_the_erasing_off(self):
        link = self.bad_secret()
        self.tell(link, 10)
        self.assertEqual([retention.erase_dead(self.after(link, days)) for days in (11.9, 12, 12.1)], [0, 1, 0])

    def test_a_key_that_stops_working_again_is_told_again(self):
        link = self.bad_secret()
        self.tell(link, 5)
        Link.objects.filter(pk=link.pk).update(since=self.after(link, 6))
        again = self.now(link)
        self.assertEqual(retention.erase_dead(self.after(again, 6.9)), 0)
        self.assertEqual(Mail.objects.filter(kind="erasing").count(), 2)


class WhoseTests(RetentionTestCase):
    def test_a_key_that_works_or_may_heal_is_kept(self):
        links = [self.give(self.keys.new(SIX)), self.give(self.keys.new(SIX[:5]))]
        self.assertEqual([link.status for link in links], ["ready", "action_required"])
        self.assertEqual(retention.erase_dead(timezone.now() + timedelta(days=400)), 0)
        self.assertFalse(Mail.objects.filter(kind="erasing").exists())

    def test_a_pause_ends_nothing(self):
        link = self.bad_secret()
        self.tell(link, 5)
        actions.pause(link)
        self.assertEqual(retention.erase_dead(self.after(link, 400)), 0)
        self.assertTrue(self.now(link).has_secret)

    def test_a_key_that_is_being_looked_at_again_is_left_for_the_next_time(self):
        link = self.revoked()
        self.tell(link, 23)
        with mock.patch("exchanges.actions.nudge"):
            actions.ask(link)
        self.assertEqual(retention.erase_dead(self.after(link, 30)), 0)
        self.keys.change(link, disabled=False)
        self.assertEqual(self.look(link).status, "ready")
        self.assertEqual(retention.erase_dead(self.after(link, 30)), 0)

    def test_a_link_that_was_unlinked_meanwhile_is_left_alone(self):
        link = self.bad_secret()
        self.tell(link, 5)
        with mock.patch.object(retention, "_dying", return_value=Link.objects.filter(pk=link.pk)):
            actions.unlink(link)
            self.assertEqual(retention.erase_dead(self.after(link, 7)), 0)
        self.assertEqual(self.now(link).status, "unlinked")


class ErasedTests(RetentionTestCase):
    def setUp(self):
        super().setUp()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(override_settings(VAR_DIR=Path(folder)))
        self.list = Path(folder, "erased.log")
        self.link = self.bad_secret()
        self.tell(self.link, 5)
        retention.erase_dead(self.after(self.link, 7))
        self.client.force_login(self.ana)

    def test_nothing_is_left_to_open(self):
        key = ApiKey.objects.get(pk=self.link.key_id)
        self.assertEqual((key.sealed, key.erased_at is None), (None, False))
        self.assertIn(f" erased {key.pk}\n", self.list.read_text())
        with self.assertRaises(vault.Unreadable):
            vault.reveal(key)

    def test_the_state_stays_and_nobody_asks_again(self):
        link = self.now(self.link)
        self.assertEqual((link.state, link.since, link.next_check_at), ("action_required/bad_secret", self.link.since, None))
        self.assertEqual(link.version, self.link.version + 1)

    def test_it_is_in_the_history_and_in_the_activity(self):
        event = self.link.events.first()
        self.assertEqual(
            (event.actor, event.cause, event.from_status, event.to_status, event.reason),
            ("worker", "retention", "action_required", "action_required", "bad_secret"))
        entry = Activity.objects.get(cause="retention")
        self.assertEqual((entry.user, entry.actor, entry.about), (self.ana, "worker", "Kraken · Principal"))

    def test_the_page_says_so_and_offers_another_key_alone(self):
        Profile.objects.filter(user=self.ana).update(language="en")
        r = self.client.get(f"/perfil/exchanges/{self.link.pk}/")
        self.assertContains(r, "It had not worked for days, so we have erased it here. Paste another one when you like.")
        self.assertContains(r, 'id="reemplazar"')
        self.assertNotContains(r, 'id="comprobar"')
        self.assertNotContains(r, 'id="probar"')

    def test_another_key_brings_it_back(self):
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, self.keys.new(SIX))
        self.assertEqual(self.look(self.link).status, "ready")

    def test_a_pause_and_its_end_give_back_the_reason(self):
        actions.pause(self.link)
        actions.resume(self.link)
        self.assertEqual(self.now(self.link).state, "action_required/bad_secret")
