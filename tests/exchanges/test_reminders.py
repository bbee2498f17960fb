"""The end of a key is told 14, 7 and 1 days before, counted where its owner lives."""
from datetime import UTC, datetime, timedelta

import time_machine
from django.core import mail

from exchanges import reminders
from exchanges.models import ApiKey, Link
from profiles import outbox
from profiles.models import Mail, Profile
from tests.base import SmartraderTestCase

DAY = timedelta(days=1)
# In Mexico the 29th of November, 18:30: in Madrid it is the 30th already.
END = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 1, 18, tzinfo=UTC)                    # midday in Mexico


class ReminderTestCase(SmartraderTestCase):
    def setUp(self):
        Profile.objects.filter(user=self.ana).update(time_zone="America/Mexico_City", name="Ana")
        self.ends(END)

    def ends(self, at: datetime, proven_at: datetime = NOON - 90 * DAY) -> None:
        ApiKey.objects.filter(link=self.link).update(expires_at=at, proven_at=proven_at)

    def put(self, now: datetime) -> list[int]:
        """Which reminders there are after a look at `now`."""
        reminders.remind(now)
        return list(Mail.objects.order_by("id").values_list("facts__days", flat=True))

    def sent(self, now: datetime) -> list[str]:
        before = len(mail.outbox)
        with time_machine.travel(now, tick=False):
            reminders.remind(now)
            outbox.send_due(now)
        return [message.subject for message in mail.outbox[before:]]


class DaysTests(ReminderTestCase):
    def test_they_are_days_of_the_persons_calendar(self):
        self.assertEqual(self.put(datetime(2026, 11, 15, 5, 59, tzinfo=UTC)), [])       # the 14th, a minute to midnight in Mexico
        self.assertEqual(self.put(datetime(2026, 11, 15, 6, 0, tzinfo=UTC)), [14])      # the 15th

    def test_elsewhere_they_are_other_days(self):
        Profile.objects.filter(user=self.ana).update(time_zone="Europe/Madrid")
        self.assertEqual(self.put(datetime(2026, 11, 15, 22, 59, tzinfo=UTC)), [])
        self.assertEqual(self.put(datetime(2026, 11, 15, 23, 0, tzinfo=UTC)), [14])

    def test_each_is_put_once_however_often_the_schedule_runs(self):
        for days in range(20):
            self.put(NOON + days * DAY)
        self.assertEqual(self.put(NOON + 20 * DAY), [14])
        self.assertEqual(self.put(NOON + 22 * DAY), [14, 7])
        self.assertEqual(self.put(NOON + 27 * DAY), [14, 7, 1])
        self.assertEqual(self.put(NOON + 28 * DAY), [14, 7, 1])

    def test_it_does_not_ring_at_midnight(self):
        self.put(datetime(2026, 11, 15, 6, 0, tzinfo=UTC))
        self.assertEqual(Mail.objects.get().due_at, datetime(2026, 11, 15, 15, 0, tzinfo=UTC))

    def test_a_key_linked_with_five_days_left_is_told_the_day_before_only(self):
        self.ends(END, proven_at=datetime(2026, 11, 24, 18, tzinfo=UTC))
        self.assertEqual(self.put(datetime(2026, 11, 24, 19, tzinfo=UTC)), [])
        self.assertEqual(self.put(datetime(2026, 11, 28, 19, tzinfo=UTC)), [1])

    def test_those_that_were_missed_are_not_sent_all_at_once(self):
        self.assertEqual(self.put(datetime(2026, 11, 27, 19, tzinfo=UTC)), [7])

    def test_an_end_that_moved_is_told_again(self):
        self.put(datetime(2026, 11, 22, 18, tzinfo=UTC))
        self.ends(END + 30 * DAY)
        self.assertEqual(self.put(datetime(2026, 12, 22, 18, tzinfo=UTC)), [7, 7])

    def test_only_links_that_work_have_one(self):
        for status in ("queued", "checking", "refused", "expired", "revoked", "paused", "suspended", "unlinked"):
            Link.objects.filter(pk=self.link.pk).update(status=status)
            self.assertEqual((status, self.put(NOON + 27 * DAY)), (status, []))
        Link.objects.filter(pk=self.link.pk).update(status="action_required", reason="bad_key")
        self.assertEqual(self.put(NOON + 27 * DAY), [])
        for status in ("exchange_down", "action_required", "ready"):
            Link.objects.filter(pk=self.link.pk).update(status=status, reason="")
        self.assertEqual(self.put(NOON + 27 * DAY), [1])

    def test_a_key_without_an_end_has_none(self):
        self.ends(None)
        self.assertEqual(self.put(NOON), [])


class SendingTests(ReminderTestCase):
    def test_the_mail_says_how_many_days_there_are_when_it_leaves(self):
        self.assertEqual(self.sent(datetime(2026, 11, 22, 18, tzinfo=UTC)), ["Tu clave de Kraken caduca en 7 días"])
        self.assertEqual(self.sent(datetime(2026, 11, 28, 18, tzinfo=UTC)), ["Tu clave de Kraken caduca mañana"])

    def test_one_that_waited_too_long_gives_way_to_the_next(self):
        self.put(datetime(2026, 11, 15, 18, tzinfo=UTC))
        self.assertEqual(self.sent(datetime(2026, 11, 22, 18, tzinfo=UTC)), ["Tu clave de Kraken caduca en 7 días"])
        self.assertEqual(list(Mail.objects.order_by("id").values_list("outcome", flat=True)), ["outdated", "sent"])

    def test_a_key_replaced_since_is_not_spoken_of(self):
        self.put(datetime(2026, 11, 22, 18, tzinfo=UTC))
        ApiKey.objects.filter(link=self.link).update(erased_at=NOON)
        self.assertEqual(self.sent(datetime(2026, 11, 22, 18, tzinfo=UTC)), [])

    def test_it_says_the_day_and_carries_it_for_the_calendar(self):
        self.sent(datetime(2026, 11, 22, 18, tzinfo=UTC))
        message = mail.outbox[-1]
        self.assertIn("deja de servir el domingo 29 de noviembre de 2026", " ".join(message.body.split()))
        self.assertIn("Te lo recordaremos una vez más, el día antes.", " ".join(message.body.split()))
        attached = message.attachments[0]
        self.assertEqual((attached.get_filename(), attached.get_content_type()), ("smartrader-kraken.ics", "text/calendar"))
        self.assertIn(b"DTSTART;VALUE=DATE:20261129\r\n", attached.get_payload(decode=True))
