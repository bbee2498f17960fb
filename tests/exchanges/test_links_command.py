"""`manage.py links`: numbers for operators, an exit status for their alarms, nothing about a person."""
import io
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchanges.models import ApiKey, Link
from tests.base import SmartraderTestCase


def run_it(**options) -> tuple[int, str]:
    """Exit status and what was printed."""
    shown = io.StringIO()
    try:
        call_command("links", stdout=shown, **options)
    except SystemExit as exit_:
        return exit_.code, shown.getvalue()
    return 0, shown.getvalue()


class NoLinkTests(TestCase):
    def test_it_says_none(self):
        self.assertEqual(run_it(), (0, "Links\n  none\n\nDue\n  none\n\nLeases and failures\n  none\n\n"
                                       "Stuck, or left by a worker that died (at most 10)\n  none\n\n"))


class LinksCommandTests(SmartraderTestCase):
    def become(self, **fields) -> None:
        Link.objects.filter(pk=self.link.pk).update(**fields)

    def overdue(self, seconds: int, **fields) -> None:
        self.become(next_check_at=timezone.now() - timedelta(seconds=seconds), **fields)

    def test_all_is_well(self):
        status, shown = run_it()
        self.assertEqual(status, 0)
        self.assertRegex(shown, r"\n  kraken +ready +- +1\n")
        self.assertRegex(shown, r"Due\n  none\n")
        self.assertRegex(shown, r"\n  kraken +0 +0 +0 +0 +-\n")
        self.assertRegex(shown, r"died \(at most 10\)\n  none\n")

    def test_links_are_counted_by_state_and_reason(self):
        Link.objects.bulk_create(
            Link(user=self.bea, exchange=self.link.exchange, status="action_required", reason="bad_key", next_check_at=None)
            for _ in range(3))
        self.assertRegex(run_it()[1], r"\n  kraken +action_required +bad_key +3\n  kraken +ready +- +1\n")

    def test_what_is_due_is_told_with_its_age_and_its_queue(self):
        self.overdue(90)
        self.assertRegex(run_it()[1], r"\n  exchange +now +oldest +later +oldest\n  kraken +0 +- +1 +90 s\n")
        self.overdue(30, trigger="person")
        self.assertRegex(run_it()[1], r"\n  kraken +1 +30 s +0 +-\n")

    def test_it_fails_when_something_is_due_for_too_long(self):
        self.overdue(119)
        self.assertEqual(run_it()[0], 0)
        self.overdue(121)
        self.assertEqual(run_it()[0], 1)
        self.assertEqual(run_it(overdue_s=600)[0], 0)

    def test_an_exchange_that_is_off_is_not_due(self):
        self.overdue(500)
        self.link.exchange.is_open = False
        self.link.exchange.save()
        self.assertEqual(run_it()[0], 0)

    def test_a_lease_that_a_worker_holds(self):
        self.overdue(500, lease_token=self.link.pk, lease_until=timezone.now() + timedelta(seconds=40))
        status, shown = run_it()
        self.assertEqual(status, 0)
        self.assertRegex(shown, r"\n  kraken +1 +0 +0 +0 +-\n")

    def test_a_stuck_lease_is_named_by_its_reference(self):
        self.overdue(60, lease_token=self.link.pk, lease_until=timezone.now() - timedelta(seconds=50), deaths=2)
        shown = run_it()[1]
        self.assertRegex(shown, r"\n  kraken +0 +1 +1 +0 +-\n")
        self.assertRegex(shown, rf"\n  {self.link.reference} +2 +50 s\n")

    def test_at_most_ten_are_named(self):
        ended = timezone.now() - timedelta(seconds=50)
        Link.objects.bulk_create(
            Link(user=self.bea, exchange=self.link.exchange, lease_token=self.link.pk, lease_until=ended) for _ in range(30))
        shown = run_it()[1]
        self.assertRegex(shown, r"\n  kraken +0 +30 +0 +0 +-\n")
        self.assertEqual(shown.count("\n  ST-"), 10)

    def test_a_worker_that_died_before_an_unlink_is_no_news(self):
        self.become(status="unlinked", next_check_at=None, deaths=1)
        self.assertNotIn("ST-", run_it()[1])

    def test_failures_are_told_with_their_age(self):
        self.become(failures=4, failing_since=timezone.now() - timedelta(seconds=300))
        self.assertRegex(run_it()[1], r"\n  kraken +0 +0 +0 +1 +300 s\n")

    def test_it_says_nothing_of_a_person_or_a_key(self):
        ApiKey.objects.update(account_hint="AA11 ···· WXYZ", name_at_exchange="my bot")
        self.overdue(60, lease_token=self.link.pk, lease_until=timezone.now() - timedelta(seconds=50), deaths=2)
        shown = run_it()[1]
        for private in ("ana", "example.com", "Principal", self.link.key.hint, "AA11", "WXYZ", "my bot", str(self.link.pk)):
            self.assertNotIn(private, shown)

    def test_the_queries_do_not_grow_with_the_links(self):
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                run_it()
            counts.append(len(queries))
            Link.objects.bulk_create(
                Link(user=self.bea, exchange=self.link.exchange, status=f"status{n}", lease_token=self.link.pk,
                     lease_until=timezone.now() - timedelta(seconds=50), deaths=1) for n in range(40))
        self.assertEqual(counts, [4, 4])
