"""The end of an account: asked for, undone, and after 30 days all of it gone."""
from datetime import UTC, datetime
from unittest import mock

import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.db.models import ProtectedError
from django.test import Client

from profiles import leaving, outbox
from profiles.models import Activity, Mail, Profile, User
from tests.base import grow_stale
from tests.profiles.people import PASSWORD, PeopleTestCase

PAGE, DELETE, KEEP = "/perfil/datos/", "/perfil/datos/borrar/", "/perfil/datos/conservar/"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MONDAY, A_MONTH_LATER = "2026-11-23T12:00:00+00:00", "2026-12-23T12:00:00+00:00"
END = datetime(2026, 12, 23, 12, tzinfo=UTC)


class LeavingTestCase(PeopleTestCase):
    def setUp(self):
        clock = time_machine.travel(MONDAY, tick=False)
        self.clock = clock.start()
        self.addCleanup(clock.stop)
        self.log_in("bea@example.com")

    def leave(self, **more: str):
        return self.client.post(DELETE, {"word": "DELETE", **more})

    def leaves_at(self) -> datetime | None:
        return Profile.objects.get(user=self.bea).leaves_at

    def causes(self) -> list[str]:
        return list(self.bea.activity.exclude(cause__startswith="login").values_list("cause", flat=True))

    def told(self) -> None:
        """As if every waiting mail had been sent."""
        Mail.objects.filter(ended_at=None).update(ended_at=END, outcome="sent")


class AskTests(LeavingTestCase):
    def test_it_says_what_will_happen_and_asks_for_a_word(self):
        r = self.client.get(DELETE)
        self.assertContains(r, "To go on, write DELETE")
        self.assertContains(r, "After 30 days")

    def test_it_ends_in_thirty_days(self):
        self.assertRedirects(self.leave(), PAGE)
        self.assertEqual(self.leaves_at(), END)
        self.assertEqual(self.causes(), ["leaving"])

    def test_without_the_word_nothing_happens(self):
        for word in ("", "yes", "delete my account"):
            r = self.client.post(DELETE, {"word": word})
            self.assertContains(r, 'data-error="word"')
        self.assertIsNone(self.leaves_at())

    def test_the_word_may_be_small(self):
        self.leave(word=" delete ")
        self.assertEqual(self.leaves_at(), END)

    def test_who_was_not_there_of_late_proves_it(self):
        grow_stale(self.client)
        self.assertRedirects(self.client.get(DELETE), f"/cuenta/reauthenticate/?next={DELETE}", fetch_redirect_response=False)
        self.assertContains(self.leave(), "confirm that it is you")
        self.assertIsNone(self.leaves_at())
        self.leave(password=PASSWORD)
        self.assertEqual(self.leaves_at(), END)

    def test_the_other_sessions_are_closed(self):
        other = Client()
        other.post("/cuenta/login/", {"login": "bea@example.com", "password": PASSWORD})
        self.leave()
        self.assertRedirects(other.get("/perfil/"), "/cuenta/login/?next=/perfil/", fetch_redirect_response=False)
        self.assertEqual(self.client.get("/perfil/").status_code, 200)

    def test_asked_twice_the_first_time_counts(self):
        self.leave()
        self.clock.shift(3600)
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        self.leave()
        self.assertEqual((self.leaves_at(), self.causes()), (END, ["leaving"]))

    def test_an_account_of_the_team_does_not_leave_here(self):
        User.objects.filter(pk=self.bea.pk).update(is_staff=True)
        self.assertContains(self.leave(), "closed by an administrator")
        self.assertIsNone(self.leaves_at())


class MeanwhileTests(LeavingTestCase):
    def setUp(self):
        super().setUp()
        self.leave()

    def test_every_page_says_when_and_offers_the_way_back(self):
        for page in ("/perfil/", "/perfil/seguridad/", "/perfil/exchanges/", PAGE):
            r = self.client.get(page)
            self.assertContains(r, "Your account will be deleted on Dec. 23, 2026.")
            self.assertContains(r, f'action="{KEEP}"')

    def test_one_can_log_in(self):
        self.client.logout()
        self.assertRedirects(self.log_in("bea@example.com"), "/perfil/")

    def test_it_can_be_kept(self):
        self.assertRedirects(self.client.post(KEEP), PAGE)
        self.assertIsNone(self.leaves_at())
        self.assertEqual(self.causes(), ["stayed", "leaving"])
        self.assertNotContains(self.client.get("/perfil/"), "data-leaving")

    def test_no_proof_is_asked_to_keep_it(self):
        grow_stale(self.client)
        self.client.post(KEEP)
        self.assertIsNone(self.leaves_at())

    def test_what_is_not_leaving_cannot_be_kept(self):
        self.client.post(KEEP)
        self.assertContains(self.client.post(KEEP, follow=True), "There is no deletion that could still be stopped")
        self.assertEqual(self.causes(), ["stayed", "leaving"])

    def test_when_the_time_is_over_it_is_too_late(self):
        self.clock.move_to(A_MONTH_LATER)
        self.log_in("bea@example.com")
        self.client.post(KEEP)
        self.assertEqual(self.leaves_at(), END)

    def test_staff_see_it(self):
        staff = Client()
        staff.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
        for page in ("/admin/profiles/user/?profile__leaves_at__isempty=0", f"/admin/profiles/user/{self.bea.pk}/change/"):
            r = staff.get(page)
            self.assertContains(r, "23 de diciembre de 2026")
            self.assertContains(r, "bea@example.com")


class MailTests(LeavingTestCase):
    def test_one_now_and_one_on_the_last_day(self):
        self.leave()
        self.assertEqual(list(Mail.objects.order_by("pk").values_list("kind", "due_at")), [
            ("leaving", datetime(2026, 11, 23, 12, tzinfo=UTC)), ("left", END)])

    def test_the_first_says_when_and_how_to_keep_it(self):
        self.leave()
        outbox.send_due(datetime(2026, 11, 23, 12, tzinfo=UTC))
        (told,) = mail.outbox
        page, _kind = told.alternatives[0]
        self.assertEqual((told.subject, told.to), ("Your account will be deleted on Dec. 23, 2026", ["bea@example.com"]))
        for said in (told.body, page):
            self.assertIn("All your secret keys are erased already.", " ".join(said.split()))
            self.assertIn("http://127.0.0.1:8000/perfil/datos/", said)
            self.assertIn("http://127.0.0.1:8000/cuenta/password/reset/", said)

    def test_the_day_is_that_of_their_clock(self):
        Profile.objects.update(time_zone="Pacific/Auckland")
        self.leave()
        outbox.send_due(datetime(2026, 11, 23, 12, tzinfo=UTC))
        self.assertEqual(mail.outbox[0].subject, "Your account will be deleted on Dec. 24, 2026")

    def test_the_last_one_goes_once_and_then_the_account(self):
        self.leave()
        outbox.send_due(END)
        self.assertEqual(mail.outbox[1].subject, "We are deleting your account")
        self.assertEqual(leaving.erase_due(END), 1)
        outbox.send_due(END)
        self.assertEqual(len(mail.outbox), 2)

    def test_who_keeps_the_account_gets_neither_of_them_later(self):
        self.leave()
        self.client.post(KEEP)
        self.assertEqual([outbox.kinds[row.kind].compose(row) for row in Mail.objects.all()], ["outdated", "outdated"])

    def test_who_asks_again_is_told_again(self):
        self.leave()
        self.client.post(KEEP)
        self.clock.shift(60)
        self.leave()
        composed = [outbox.kinds[row.kind].compose(row) for row in Mail.objects.order_by("pk")]
        self.assertEqual(composed[:2], ["outdated", "outdated"])
        self.assertEqual([letter.template for letter in composed[2:]], ["profiles/email/leaving", "profiles/email/left"])


class EndTests(LeavingTestCase):
    def test_not_before_its_time(self):
        self.leave()
        self.told()
        self.assertEqual(leaving.erase_due(datetime(2026, 12, 23, 11, 59, tzinfo=UTC)), 0)
        self.assertTrue(User.objects.filter(pk=self.bea.pk).exists())

    def test_then_nothing_is_left(self):
        TOTP.activate(self.bea, SEED)
        key = self.client.session.session_key
        self.leave()
        self.told()
        self.assertEqual(leaving.erase_due(END), 1)
        for rows in (User, Profile, EmailAddress, UserSession):
            self.assertEqual(rows.objects.filter(**{f"{'email' if rows is User else 'user__email'}": "bea@example.com"}).count(), 0)
        self.assertEqual(Activity.objects.filter(user_id=self.bea.pk).count() + Mail.objects.count(), 0)
        self.assertFalse(Session.objects.filter(session_key=key).exists())
        self.assertEqual(leaving.erase_due(END), 0)

    def test_everybody_else_stays(self):
        self.leave()
        self.told()
        leaving.erase_due(END)
        self.assertTrue(User.objects.filter(pk=self.ana.pk, is_active=True).exists())

    def test_the_last_mail_goes_first_but_not_for_ever(self):
        self.leave()
        self.assertEqual(leaving.erase_due(END), 0)
        self.assertEqual(leaving.erase_due(datetime(2026, 12, 26, 12, tzinfo=UTC)), 1)

    def test_who_kept_it_stays(self):
        self.leave()
        self.client.post(KEEP)
        self.assertEqual(leaving.erase_due(END), 0)
        self.assertTrue(User.objects.get(pk=self.bea.pk).is_active)

    def test_killed_halfway_the_next_run_ends_it(self):
        self.leave()
        self.told()
        with mock.patch.object(UserSession, "end", side_effect=SystemExit), self.assertRaises(SystemExit):
            leaving.erase_due(END)
        self.assertFalse(User.objects.get(pk=self.bea.pk).is_active)
        self.assertEqual(leaving.erase_due(END), 1)
        self.assertFalse(User.objects.filter(pk=self.bea.pk).exists())

    def test_what_is_written_meanwhile_stops_nobody_elses_end(self):
        self.leave()
        self.told()
        Profile.objects.filter(user=self.ana).update(leaves_at=END)

        def write_for_bea(user: User) -> None:
            leaving.prune(Activity.objects.filter(user=user), "at")
            if user == self.bea:
                raise ProtectedError("", set())

        with mock.patch.object(leaving, "erasers", [write_for_bea]):
            self.assertEqual(leaving.erase_due(END), 1)
        self.assertFalse(User.objects.filter(pk=self.ana.pk).exists())
        self.assertEqual(leaving.erase_due(END), 1)

    def test_the_address_is_free_again(self):
        self.leave()
        self.told()
        leaving.erase_due(END)
        self.client.logout()
        self.assertRedirects(self.sign_up("bea@example.com"), "/cuenta/confirm-email/", fetch_redirect_response=False)
        self.assertTrue(User.objects.filter(email="bea@example.com").exists())

    def test_what_staff_did_stays_on_record_without_a_name(self):
        root, left = User.objects.create_superuser("root@example.com", PASSWORD), str(self.bea.pk)
        users = ContentType.objects.get_for_model(User)
        LogEntry.objects.create(
            user=root, content_type=users, object_id=left, object_repr="bea@example.com", action_flag=CHANGE,
            change_message='[{"changed": {"name": "profile", "object": "Bea"}}]')
        leaving.erase(self.bea)
        entry = LogEntry.objects.get(user=root)
        self.assertEqual((entry.object_id, entry.object_repr, entry.change_message), (left, "", ""))


class ProtectedTests(LeavingTestCase):
    def test_who_has_a_history_is_not_deleted_by_the_way(self):
        self.assertRaises(ProtectedError, self.bea.delete)
        self.assertRaises(ProtectedError, User.objects.filter(pk=self.bea.pk).delete)

    def test_nor_by_staff(self):
        staff = Client()
        staff.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
        one = f"/admin/profiles/user/{self.bea.pk}/delete/"
        several = {"action": "delete_selected", "_selected_action": str(self.bea.pk), "post": "yes"}
        for r in (staff.get(one), staff.post(one, {"post": "yes"}), staff.post("/admin/profiles/user/", several)):
            self.assertEqual(r.status_code, 200)
        self.assertTrue(User.objects.filter(pk=self.bea.pk).exists())
