"""The outbox: each mail once, to who wants it, in their language and at their hour; and what becomes of it when mail does not work."""
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.core import mail
from django.test import override_settings
from django.utils import timezone, translation

from profiles import outbox, tasks
from profiles.models import Mail, Profile, User
from profiles.outbox import Attachment, Kind, Letter
from tests.profiles.mail_server import MailServer
from tests.profiles.people import PeopleTestCase

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LETTER = Letter("profiles/email/leaving", {"leaves_at": datetime(2026, 12, 1, 3, tzinfo=UTC)})


def after(**more: float) -> datetime:
    return NOW + timedelta(**more)


class OutboxTestCase(PeopleTestCase):
    def setUp(self):
        self.compose = mock.Mock(return_value=LETTER)
        self.ended = mock.Mock()
        kinds = {"plain": Kind(self.compose, ended=self.ended), "news": Kind(self.compose, "News", "What is new", self.ended)}
        patched = mock.patch.dict(outbox.kinds, kinds)
        patched.start()
        self.addCleanup(patched.stop)

    def put(self, kind: str = "plain", cause: str = "cause", user: User | None = None, due_at: datetime = NOW) -> Mail:
        outbox.put(user or self.ana, kind, cause, due_at=due_at, link="7")
        return Mail.objects.get(cause=cause)

    def outcomes(self) -> list[str]:
        return list(Mail.objects.order_by("pk").values_list("outcome", flat=True))


class SendTests(OutboxTestCase):
    def test_it_sends_a_mail_once(self):
        self.put()
        self.assertEqual((outbox.send_due(NOW), outbox.send_due(after(days=9))), (1, 0))
        row = Mail.objects.get()
        self.assertEqual((row.outcome, row.ended_at, row.tries), ("sent", NOW, 1))
        self.assertEqual([message.to for message in mail.outbox], [["ana@example.com"]])

    def test_a_cause_is_told_once(self):
        self.put()
        outbox.send_due(NOW)
        self.put()
        self.assertEqual((Mail.objects.count(), outbox.send_due(after(days=1))), (1, 0))

    def test_it_waits_for_its_time(self):
        self.put(due_at=after(minutes=30))
        self.assertEqual((outbox.send_due(after(minutes=29)), outbox.send_due(after(minutes=30))), (0, 1))

    def test_without_a_time_it_is_due_at_once(self):
        outbox.put(self.ana, "plain", "cause")
        self.assertEqual(outbox.send_due(timezone.now()), 1)

    def test_it_is_written_in_the_language_and_the_zone_of_the_person(self):
        self.put(cause="1")
        self.put(cause="2", user=self.bea)
        with translation.override("en"):
            outbox.send_due(NOW)
        to_ana, to_bea = mail.outbox
        self.assertEqual(to_ana.subject, "Tu cuenta se borrará el 30 de noviembre de 2026")
        self.assertEqual(to_bea.subject, "Your account will be deleted on Dec. 1, 2026")
        self.assertIn("Hola, Ana:", to_ana.body)
        self.assertIn('<html lang="en">', to_bea.alternatives[0].content)

    def test_its_headers_say_what_it_is(self):
        self.put()
        outbox.send_due(NOW)
        headers = mail.outbox[0].message()
        self.assertEqual(headers["Message-ID"], "<6a7ef1ed9f15c2f59ab7bfaf50f5b51f@127.0.0.1>")
        self.assertEqual((headers["Auto-Submitted"], headers["X-Auto-Response-Suppress"]), ("auto-generated", "All"))
        self.assertEqual((headers["From"], headers.get_content_type()),
                         ("Smartrader <no-reply@127.0.0.1>", "multipart/alternative"))

    def test_a_file_arrives_as_it_was_made(self):
        self.compose.return_value = Letter(
            LETTER.template, LETTER.context, (Attachment("fecha.ics", "BEGIN:VCALENDAR\r\nSUMMARY:Día\r\n", "text/calendar"),))
        self.put()
        outbox.send_due(NOW)
        part = mail.outbox[0].message().get_payload()[1]
        self.assertEqual(part.get_payload(decode=True), "BEGIN:VCALENDAR\r\nSUMMARY:Día\r\n".encode())
        self.assertEqual(part["Content-Type"], 'text/calendar; charset="utf-8"')
        self.assertEqual(part["Content-Disposition"], 'attachment; filename="fecha.ics"')

    def test_the_text_is_no_html(self):
        Profile.objects.filter(user=self.ana).update(name="Ana & Eva")
        self.put()
        outbox.send_due(NOW)
        self.assertIn("Hola, Ana & Eva:", mail.outbox[0].body)
        self.assertIn("Hola, Ana &amp; Eva:", mail.outbox[0].alternatives[0].content)

    def test_who_may_choose_is_led_to_where(self):
        self.put("plain", "1")
        self.put("news", "2")
        outbox.send_due(NOW)
        always, chosen = mail.outbox
        self.assertNotIn("/perfil/avisos/", always.body + always.alternatives[0].content)
        self.assertIn("Elige qué avisos quieres: http://127.0.0.1:8000/perfil/avisos/", chosen.body)
        self.assertIn('href="http://127.0.0.1:8000/perfil/avisos/"', chosen.alternatives[0].content)


class NoMailTests(OutboxTestCase):
    def end(self, kind: str = "news") -> tuple[str, int, int]:
        self.put(kind)
        outbox.send_due(NOW)
        return Mail.objects.get().outcome, len(mail.outbox), self.ended.call_count

    def test_who_does_not_want_it_gets_none(self):
        Profile.objects.filter(user=self.ana).update(mails_off=["news"])
        self.assertEqual(self.end(), ("muted", 0, 1))

    def test_what_has_no_label_is_always_sent(self):
        Profile.objects.filter(user=self.ana).update(mails_off=["plain"])
        self.assertEqual(self.end("plain"), ("sent", 1, 1))

    def test_what_is_no_news_any_more_is_not_sent(self):
        self.compose.return_value = "seen"
        self.assertEqual(self.end(), ("seen", 0, 0))

    def test_nobody_is_written_to_who_cannot_log_in(self):
        User.objects.filter(pk=self.ana.pk).update(is_active=False)
        self.assertEqual(self.end(), ("outdated", 0, 0))

    def test_a_kind_of_a_newer_version_waits_for_it(self):
        outbox.put(self.ana, "unheard", "cause", due_at=NOW)
        self.assertEqual((outbox.send_due(NOW), self.outcomes()), (0, [""]))


class TurnTests(OutboxTestCase):
    def test_of_two_workers_one_sends_it(self):
        """The second looks while the first is at it."""
        self.compose.side_effect = lambda row: self.compose.reset_mock(side_effect=True) or outbox.send_due(NOW) or LETTER
        self.put()
        self.assertEqual((outbox.send_due(NOW), len(mail.outbox)), (1, 1))

    def test_a_mail_whose_worker_was_killed_goes_again_as_the_same_mail(self):
        self.put()
        with mock.patch.object(outbox, "_end", side_effect=SystemExit), self.assertRaises(SystemExit):
            outbox.send_due(NOW)
        self.assertEqual((outbox.send_due(after(seconds=119)), outbox.send_due(after(seconds=120))), (0, 1))
        first, again = (message.message()["Message-ID"] for message in mail.outbox)
        self.assertEqual(first, again)

    def test_one_that_cannot_be_composed_holds_up_no_other(self):
        self.put(cause="1")
        self.put(cause="2")
        self.compose.side_effect = [KeyError, LETTER]
        with self.assertRaises(KeyError):
            outbox.send_due(NOW)
        self.assertEqual((outbox.send_due(after(seconds=5)), self.outcomes()), (1, ["", "sent"]))

    def test_the_task_sends_what_is_due_and_gives_its_turn_back(self):
        outbox.put(self.ana, "plain", "1")
        tasks.send_mails()
        outbox.put(self.ana, "plain", "2")
        tasks.send_mails()
        self.assertEqual(self.outcomes(), ["sent", "sent"])

    def test_one_worker_mails_at_a_time(self):
        outbox.put(self.ana, "plain", "cause")
        self.compose.side_effect = lambda row: tasks.send_mails() or LETTER
        with mock.patch.object(tasks.outbox, "send_due", wraps=outbox.send_due) as send_due:
            tasks.send_mails()
        self.assertEqual((send_due.call_count, self.outcomes()), (1, ["sent"]))

    @override_settings(CACHES={"default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9"}})
    def test_it_mails_without_a_cache_too(self):
        outbox.put(self.ana, "plain", "cause")
        tasks.send_mails()
        self.assertEqual(self.outcomes(), ["sent"])


@override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1")
class MailServerTests(OutboxTestCase):
    def server(self, **ways) -> MailServer:
        server = MailServer(**ways)
        self.addCleanup(server.close)
        self.enterContext(override_settings(EMAIL_PORT=server.port))
        return server

    def tries(self) -> list[int]:
        return list(Mail.objects.order_by("pk").values_list("tries", flat=True))

    def test_it_takes_them_over_one_connection(self):
        server = self.server()
        self.put(cause="1")
        self.put(cause="2", user=self.bea)
        self.assertEqual(outbox.send_due(NOW), 2)
        self.assertEqual([message["To"] for message in server.mails], ["ana@example.com", "bea@example.com"])
        self.assertEqual(server.connections, 1)

    def test_nothing_to_send_calls_nobody(self):
        server = self.server()
        self.compose.return_value = "outdated"
        self.put()
        outbox.send_due(NOW)
        self.assertEqual((self.outcomes(), server.connections), (["outdated"], 0))

    def test_one_that_is_refused_holds_up_no_other_and_is_tried_again(self):
        server = self.server(refuses="ana@example.com")
        self.put(cause="1")
        self.put(cause="2", user=self.bea)
        with self.assertLogs("profiles.outbox") as logs:
            self.assertEqual(outbox.send_due(NOW), 1)
        self.assertEqual((self.outcomes(), self.tries()), (["", "sent"], [1, 1]))
        self.assertRegex(logs.output[0], r"^WARNING:profiles.outbox:mail \d+ did not go: SMTPRecipientsRefused$")
        server.refuses = ""
        self.assertEqual((outbox.send_due(after(seconds=119)), outbox.send_due(after(seconds=120))), (0, 1))

    @override_settings(EMAIL_TIMEOUT=0.2)
    def test_a_server_that_hangs_is_not_asked_for_the_next(self):
        self.server(hangs=True)
        self.put(cause="1")
        self.put(cause="2")
        with self.assertLogs("profiles.outbox") as logs:
            outbox.send_due(NOW)
        self.assertEqual((len(logs.output), self.tries()), (1, [1, 0]))

    def test_all_goes_when_a_dead_server_is_back(self):
        dead = MailServer()
        dead.close()
        self.put(cause="1")
        self.put(cause="2")
        with override_settings(EMAIL_PORT=dead.port), self.assertLogs("profiles.outbox"):
            self.assertEqual((outbox.send_due(NOW), self.tries()), (0, [1, 0]))
        server = self.server()
        self.assertEqual((outbox.send_due(after(minutes=2)), len(server.mails)), (2, 2))

    def test_what_was_taken_without_a_word_goes_again_as_the_same_mail(self):
        server = self.server(drops=True)
        self.put()
        with self.assertLogs("profiles.outbox"):
            outbox.send_due(NOW)
        server.drops = False
        outbox.send_due(after(minutes=2))
        first, again = (message["Message-ID"] for message in server.mails)
        self.assertEqual((first, self.outcomes()), (again, ["sent"]))

    def test_it_gives_up_after_not_quite_two_days(self):
        self.server(hangs=True)
        self.put()
        with mock.patch.object(outbox, "_send", side_effect=TimeoutError), self.assertLogs("profiles.outbox") as logs:
            for minutes in (0, 2, 7, 22, 82, 322, 1042, 1762):
                self.assertEqual((outbox.send_due(after(minutes=minutes)), self.outcomes()), (0, [""]))
            outbox.send_due(after(minutes=2482))
        self.assertEqual((self.outcomes(), self.tries(), len(logs.output)), (["failed"], [8], 9))
        self.ended.assert_not_called()


class PruneTests(OutboxTestCase):
    def test_what_ended_long_ago_goes(self):
        for cause, ended_at in (("old", after(days=-91)), ("young", after(days=-89)), ("waiting", None)):
            row = self.put(cause=cause, due_at=after(days=-99))
            Mail.objects.filter(pk=row.pk).update(ended_at=ended_at)
        self.assertEqual(outbox.prune(NOW), 1)
        self.assertEqual(list(Mail.objects.order_by("pk").values_list("cause", flat=True)), ["young", "waiting"])
