"""The log itself: it is added to, and pruned when it is old; nothing else."""
from datetime import timedelta
from unittest import mock

from django.db.models import ProtectedError
from django.test import RequestFactory
from django.utils import timezone

from profiles import activity, pruning
from profiles.models import Activity
from tests.profiles.people import PeopleTestCase

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


def request_from(address: str, agent: str = CHROME):
    return RequestFactory(headers={"user-agent": agent}).get("/", REMOTE_ADDR=address)


class NoteTests(PeopleTestCase):
    def test_it_tells_who_what_when_and_from_where(self):
        before = timezone.now()
        activity.note(self.ana, "pause", request=request_from("192.0.2.7"), about="Kraken · Principal")
        entry = Activity.objects.get()
        self.assertEqual((entry.user, entry.actor, entry.cause, entry.about), (self.ana, "person", "pause", "Kraken · Principal"))
        self.assertEqual((entry.address, entry.device), ("192.0.2.7", "Chrome · Windows"))
        self.assertLess(entry.at - before, timedelta(seconds=10))

    def test_without_a_request_a_worker_did_it(self):
        entry = activity.note(self.ana, "frozen")
        self.assertEqual((entry.actor, entry.address, entry.device), ("worker", None, ""))

    def test_who_acts_for_another_is_staff(self):
        request = request_from("192.0.2.7")
        request.user = self.bea
        self.assertEqual(activity.note(self.ana, "account_changed", request=request).actor, "staff")
        self.assertEqual(activity.note(self.bea, "logout", request=request).actor, "person")

    def test_an_address_is_kept_as_the_database_takes_it(self):
        for told, kept in (("::ffff:192.0.2.7", "192.0.2.7"), ("fe80::1%eth0", "fe80::1"), ("2001:DB8::0:1", "2001:db8::1"),
                           ("", None), ("unix:", None)):
            entry = activity.note(self.ana, "login", request=request_from(told))
            self.assertEqual((told, Activity.objects.get(pk=entry.pk).address), (told, kept))

    def test_a_long_name_is_cut(self):
        self.assertEqual(activity.note(self.ana, "rename", about="x" * 200).about, "x" * 80)

    def test_many_openings_are_one_insert(self):
        with self.assertNumQueries(1):
            activity.note_opened([(self.ana.pk, "Kraken"), (self.bea.pk, "Kraken · Ahorro")], "rotation")
        entries = Activity.objects.order_by("about").values_list("user", "actor", "cause", "purpose", "about")
        self.assertEqual(list(entries), [
            (self.ana.pk, "worker", "secret_opened", "rotation", "Kraken"),
            (self.bea.pk, "worker", "secret_opened", "rotation", "Kraken · Ahorro")])


class AppendOnlyTests(PeopleTestCase):
    def setUp(self):
        self.entry = activity.note(self.ana, "login")

    def test_a_row_is_not_changed(self):
        self.entry.cause = "logout"
        with self.assertRaises(TypeError):
            self.entry.save()
        with self.assertRaises(TypeError):
            Activity(pk=self.entry.pk, user=self.ana, actor="person", cause="logout").save()
        self.assertEqual(Activity.objects.get().cause, "login")

    def test_rows_are_not_changed(self):
        for change in (
            lambda: Activity.objects.update(cause="x"),
            lambda: self.ana.activity.update(cause="x"),
            lambda: Activity.objects.filter(pk=self.entry.pk).update(cause="x"),
            lambda: Activity.objects.bulk_update([self.entry], ["cause"]),
            lambda: Activity.objects.update_or_create(pk=self.entry.pk, defaults={"cause": "x"}),
            lambda: Activity.objects.bulk_create(
                [self.entry], update_conflicts=True, update_fields=["cause"], unique_fields=["pk"]),
        ):
            self.assertRaises(TypeError, change)
        self.assertEqual(Activity.objects.get().cause, "login")

    def test_nothing_is_deleted_by_hand(self):
        for deletion in (self.entry.delete, Activity.objects.all().delete, self.ana.activity.filter(cause="login").delete):
            self.assertRaises(TypeError, deletion)
        self.assertEqual(Activity.objects.count(), 1)

    def test_an_account_with_activity_is_not_deleted(self):
        with self.assertRaises(ProtectedError):
            self.ana.delete()
        self.assertEqual(Activity.objects.count(), 1)


class PruneTests(PeopleTestCase):
    def old(self, days: float, cause: str = "login", purpose: str = "", actor: str = "person") -> Activity:
        return Activity.objects.create(
            user=self.ana, actor=actor, cause=cause, purpose=purpose, at=timezone.now() - timedelta(days=days))

    def test_two_years_for_what_people_and_staff_do(self):
        self.old(731)
        kept = [self.old(729), self.old(0)]
        self.assertEqual(activity.prune(timezone.now()), 1)
        self.assertEqual(list(Activity.objects.order_by("pk")), kept)

    def test_ninety_days_for_the_checks_of_every_day(self):
        self.old(91, "secret_opened", "schedule", "worker")
        kept = [self.old(89, "secret_opened", "schedule", "worker"), self.old(91, "secret_opened", "person", "worker"),
                self.old(91, "secret_opened", "rotation", "worker")]
        self.assertEqual(activity.prune(timezone.now()), 1)
        self.assertEqual(list(Activity.objects.order_by("pk")), kept)

    def test_batch_by_batch_past_what_stays(self):
        kept = [self.old(days, "secret_opened", "person", "worker") for days in (100, 200, 300)]
        for days in (95, 150, 150, 150, 250, 350, 360):
            self.old(days, "secret_opened", "schedule", "worker")
        with mock.patch.object(pruning, "AT_ONCE", 2):
            self.assertEqual(Activity.objects.daily().prune(timezone.now() - timedelta(days=90)), 7)
        self.assertEqual(list(Activity.objects.order_by("pk")), kept)
