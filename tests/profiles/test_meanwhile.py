"""Two things at once to one account: neither undoes the other, neither stops the other for ever."""
from datetime import UTC, datetime
from unittest import mock

from django.db.models.deletion import Collector
from django.test import TransactionTestCase
from django.utils import timezone

from profiles import activity, leaving
from profiles.forms import ProfileForm
from profiles.models import Profile, User
from tests.base import make_people

CHOSEN = {"name": "Ana", "language": "en", "time_zone": "Europe/Madrid"}


class PreferencesTests(TransactionTestCase):
    def test_who_saves_their_name_undoes_no_freeze_and_no_deletion_of_that_moment(self):
        ana, _bea, _celia = make_people()
        form = ProfileForm(CHOSEN, instance=Profile.objects.get(user=ana))
        self.assertTrue(form.is_valid())
        moment = datetime(2026, 12, 23, 12, tzinfo=UTC)
        Profile.objects.update(leaves_at=moment, frozen_until=moment, mails_off=["ready"])
        form.save()
        self.assertEqual(
            Profile.objects.filter(user=ana).values_list("name", "language", "leaves_at", "frozen_until", "mails_off").get(),
            ("Ana", "en", moment, moment, ["ready"]))


class EndTests(TransactionTestCase):
    def test_what_is_written_while_an_account_goes_stops_nobody_elses_end(self):
        ana, bea, _celia = make_people()
        Profile.objects.filter(user__in=[ana, bea]).update(leaves_at=timezone.now())
        delete = Collector.delete

        def with_a_failed_login(collector: Collector):
            if ana in collector.data.get(User, ()):
                activity.note(ana, "login_failed")
            return delete(collector)

        with mock.patch.object(Collector, "delete", with_a_failed_login):
            self.assertEqual(leaving.erase_due(timezone.now()), 1)
        self.assertTrue(User.objects.filter(pk=ana.pk).exists())
        self.assertEqual(leaving.erase_due(timezone.now()), 1)
        self.assertFalse(User.objects.filter(pk__in=[ana.pk, bea.pk]).exists())
