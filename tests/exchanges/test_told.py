"""Which news about a link becomes a mail, and when. What people read or did themselves needs none."""
from datetime import timedelta
from unittest import mock

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as NoRedis

from exchanges import actions
from exchanges.models import Link
from profiles.models import Profile
from tests.exchanges.base import SIX
from tests.exchanges.told import MINUTE, ToldTestCase


class NewsTests(ToldTestCase):
    def test_who_linked_a_key_and_left_is_told_the_result(self):
        self.give(self.keys.new(SIX), label="Principal")
        self.assertEqual(self.waiting(), [("ready", 20)])
        self.assertEqual(self.send(), ["Kraken · Principal: lista para operar"])
        self.assertEqual(self.send(), [])

    def test_who_reads_it_on_the_page_gets_no_mail(self):
        link = self.give(self.keys.new(SIX))
        self.client.force_login(self.ana)
        self.client.get(f"/perfil/exchanges/{link.pk}/estado/?v=1")
        self.assertEqual((self.send(), self.ended()), ([], [("ready", "seen")]))

    def test_what_changes_before_the_mail_leaves_is_not_told(self):
        link = self.give(self.keys.new(SIX))
        with mock.patch("exchanges.actions.nudge"):
            actions.pause(link)
        self.assertEqual((self.send(), self.ended()), ([], [("ready", "outdated")]))

    def test_a_check_that_finds_what_is_known_is_no_news(self):
        self.look_later(self.known())
        self.assertEqual(self.waiting(), [])

    def test_what_people_do_themselves_they_know(self):
        link = self.known()
        actions.pause(link)
        with mock.patch("exchanges.actions.nudge"):
            actions.resume(link)
        actions.unlink(link)
        self.assertEqual(self.waiting(), [])

    def test_who_resumes_and_leaves_is_told_that_it_is_ready(self):
        link = self.known()
        actions.pause(link)
        with mock.patch("exchanges.actions.nudge"):
            actions.resume(link)
        self.look(link)
        self.assertEqual(self.waiting(), [("ready", 20)])

    def test_a_click_whose_result_is_the_same_trouble_is_told_again(self):
        link = self.give(self.keys.new(SIX[:5]))
        self.send()
        self.ask(link)
        self.assertEqual(self.send(), ["Kraken: necesita tu atención"])

    def test_a_permission_lost(self):
        link = self.known()
        self.keys.change(link, permissions=SIX[:5])
        self.look_later(link)
        self.assertEqual(self.waiting(), [("attention", 0)])

    def test_a_permission_to_withdraw_is_told_at_once(self):
        link = self.known()
        self.keys.change(link, permissions=[*SIX, "withdraw-funds"])
        self.look_later(link)
        self.assertEqual(self.waiting(), [("safety", 0)])
        self.assertEqual(self.send(), ["Kraken: suspendida"])

    def test_a_key_that_was_never_kept(self):
        self.give(self.keys.new([*SIX, "withdraw-funds"]))
        self.assertEqual(self.send(), ["Kraken: rechazada"])

    def test_staff_stop_it_and_let_it_go_on(self):
        link = self.known()
        actions.suspend(link, "by_staff")
        self.assertEqual(self.send(), ["Kraken: suspendida"])
        with mock.patch("exchanges.actions.nudge"):
            actions.lift(link)
        self.look(link)
        self.assertEqual(self.send(), ["Kraken: lista para operar"])

    def test_without_a_cache_the_mail_goes_at_once(self):
        link = self.known()
        self.keys.change(link, permissions=SIX[:5])
        with mock.patch.object(cache, "get", side_effect=NoRedis):
            self.look_later(link)
        self.assertEqual(self.waiting(), [("attention", 0)])

    def test_a_page_works_without_a_cache(self):
        link = self.known()
        with mock.patch("exchanges.watched.cache") as dead:
            dead.get.side_effect = dead.set.side_effect = NoRedis
            self.assertEqual(self.client.get(f"/perfil/exchanges/{link.pk}/estado/?v=1").status_code, 200)

    def test_a_page_that_goes_on_asking_has_twenty_seconds(self):
        key = self.keys.new(SIX[:5])
        self.keys.fault("busy", api_key=key.api_key)
        link = self.give(key)
        self.left(link)
        self.client.force_login(self.ana)
        self.client.get(f"/perfil/exchanges/{link.pk}/")
        self.look_later(link)
        self.assertEqual(self.waiting(), [("down", 1800), ("attention", 20)])

    def test_a_page_that_asks_no_more_has_nobody_before_it(self):
        link = self.known()
        self.client.get(f"/perfil/exchanges/{link.pk}/")
        self.keys.change(link, permissions=SIX[:5])
        self.look_later(link)
        self.assertEqual(self.waiting(), [("attention", 0)])


class WhileItLeavesTests(ToldTestCase):
    def test_what_heals_while_its_mail_leaves_is_told_too(self):
        link = self.known()
        self.keys.change(link, permissions=SIX[:5])
        self.look_later(link)
        self.keys.change(link, permissions=SIX)
        with mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_: self.look_later(link)):
            self.send()
        self.assertEqual((self.ended(), self.waiting()), ([("attention", "sent")], [("ready", 0)]))

    def test_who_does_not_want_mails_is_not_told_of_what_they_skipped(self):
        link = self.known()
        Profile.objects.filter(user=self.ana).update(mails_off=["attention"])
        self.keys.change(link, permissions=SIX[:5])
        self.look_later(link)
        self.assertEqual(self.send(), [])
        self.keys.change(link, permissions=SIX)
        self.look_later(link)
        self.assertEqual(self.send(), ["Kraken: lista para operar"])
        self.assertEqual(self.ended(), [("attention", "muted"), ("ready", "sent")])


class UnknownKeyTests(ToldTestCase):
    def test_it_waits_for_the_second_look(self):
        link = self.known()
        self.keys.change(link, disabled=True)
        self.look_later(link)
        self.assertEqual(self.waiting(), [("attention", 300)])
        self.look_later(link, failing_since=timezone.now() - timedelta(seconds=75))
        self.assertEqual(self.send(10 * MINUTE), ["Kraken: revocada"])
        self.assertEqual(self.ended(), [("attention", "outdated"), ("attention", "sent")])

    def test_one_that_was_a_mistake_of_theirs_is_never_told(self):
        link = self.known()
        self.keys.change(link, disabled=True)
        self.look_later(link)
        self.keys.change(link, disabled=False)
        self.look_later(link)
        self.assertEqual((self.send(10 * MINUTE), self.ended()), ([], [("attention", "outdated")]))


class ReplacementTests(ToldTestCase):
    ACCOUNT = "AA11 REPL ACEM ENT1"

    def replace(self, link: Link, permissions: list[str]) -> None:
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.keys.new(permissions, account=self.ACCOUNT))
        self.look(link)

    def test_one_that_passes(self):
        self.replace(self.known(account=self.ACCOUNT), SIX)
        self.assertEqual(self.waiting(), [("ready", 20)])
        self.assertEqual(self.send(), ["Tu nueva clave de Kraken ya está en uso"])

    def test_one_that_fails(self):
        self.replace(self.known(account=self.ACCOUNT), SIX[:5])
        self.assertEqual(self.waiting(), [("attention", 20)])
        self.assertEqual(self.send(), ["Kraken: la clave nueva no pasó la comprobación"])

    def test_one_that_passes_during_a_pause(self):
        link = self.known(account=self.ACCOUNT)
        actions.pause(link)
        self.replace(link, SIX)
        self.assertEqual(self.send(), ["Tu nueva clave de Kraken ya está en uso"])

    def test_a_result_that_was_read(self):
        link = self.known(account=self.ACCOUNT)
        self.replace(link, SIX[:5])
        self.client.get(f"/perfil/exchanges/{link.pk}/")
        self.assertEqual((self.send(), self.ended()), ([], [("attention", "seen")]))
