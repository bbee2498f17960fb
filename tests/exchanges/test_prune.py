"""What the hourly task takes away, and what it leaves."""
from datetime import timedelta
from unittest import mock

from django.contrib.sessions.models import Session
from django.utils import timezone

from exchanges.models import Call, Event, Validation
from exchanges.tasks import prune
from profiles import pruning
from profiles.models import Activity
from tests.base import SmartraderTestCase


class PruneTests(SmartraderTestCase):
    def call(self, days: float) -> Call:
        return Call.objects.create(
            link=self.link, key=self.link.key, at=timezone.now() - timedelta(days=days), endpoint="Balance", purpose="schedule",
            outcome="ok", ms=80)

    def validation(self, days: float, finished: bool) -> Validation:
        at = timezone.now() - timedelta(days=days)
        return Validation.objects.create(
            link=self.link, key=self.link.key, trigger="person", started_at=at, finished_at=at if finished else None)

    def test_calls_are_kept_for_ninety_days(self):
        self.call(90.1)
        kept = [self.call(89.9), self.call(0)]
        prune()
        self.assertEqual(list(Call.objects.order_by("pk")), kept)

    def test_batch_by_batch(self):
        for days in (91, 91, 91, 95, 300):
            self.call(days)
        with mock.patch.object(pruning, "AT_ONCE", 2):
            prune()
        self.assertEqual(Call.objects.count(), 0)

    def test_a_validation_that_never_ended_is_dropped_and_one_that_did_is_history(self):
        self.validation(2, finished=False)
        kept = [self.validation(0.9, finished=False), self.validation(4000, finished=True)]
        prune()
        self.assertEqual(list(Validation.objects.order_by("pk")), kept)

    def test_history_and_the_account_s_activity_stay(self):
        Event.objects.update(at=timezone.now() - timedelta(days=4000))
        before = Event.objects.count(), Activity.objects.count()
        prune()
        self.assertEqual((Event.objects.count(), Activity.objects.count()), before)

    def test_sessions_that_are_over_go(self):
        for key, days in (("over", -1), ("open", 1)):
            Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
        prune()
        self.assertEqual(list(Session.objects.values_list("session_key", flat=True)), ["open"])

    def test_the_page_says_how_long_calls_are_kept(self):
        self.call(1)
        self.client.force_login(self.ana)
        r = self.client.get(f"/perfil/exchanges/{self.link.pk}/diario/")
        self.assertContains(r, "90 d")
