"""«Comprobar ahora» and the other buttons of a link: who presses too often is told so on the link's page, and nothing happens."""

from dataclasses import replace
from datetime import timedelta
from unittest import mock

from django.test import override_settings
from django.utils import timezone
from time_machine import travel

from exchanges.models import Event, Link, Validation
from profiles import limits
from profiles.models import Profile
from tests.base import KEY, SECRET, SmartraderTestCase, make_ready_link

FEW = mock.patch.dict(limits.LIMITS, keys=replace(limits.LIMITS["keys"], rates="3/h/user"))
NEW = "/perfil/exchanges/vincular/kraken/"


@mock.patch("exchanges.actions.nudge", mock.Mock())
class ButtonLimitTests(SmartraderTestCase):
    def setUp(self):
        self.enter(self.ana)

    def enter(self, person) -> None:
        Profile.objects.filter(user=person).update(language="en")
        self.client.force_login(person)

    def press(self, verb: str, link: Link | None = None):
        """The button, when the check before it was answered."""
        Link.objects.update(trigger="schedule", next_check_at=timezone.now() + timedelta(days=1))
        return self.client.post(f"/perfil/exchanges/{(link or self.link).pk}/{verb}/")

    def times_asked(self) -> int:
        return Event.objects.filter(cause="validate").count()

    def test_the_thirty_first_check_of_a_link_within_a_minute_is_not_made(self):
        with travel("2026-11-22T12:00:00Z", tick=False):
            for _time in range(30):
                self.press("validar")
            asked, r = self.times_asked(), self.press("validar")
            self.assertRedirects(r, f"/perfil/exchanges/{self.link.pk}/", fetch_redirect_response=False)
            sentence = "You have asked for this check many times. The last answer holds. Try again in a minute."
            self.assertContains(self.client.get(r.url), sentence)
            self.assertEqual(self.times_asked(), asked)

    def test_a_minute_later_it_is(self):
        with travel("2026-11-22T12:00:00Z", tick=False) as clock:
            for _time in range(31):
                self.press("validar")
            asked = self.times_asked()
            clock.shift(61)
            self.press("validar")
            self.assertEqual(self.times_asked(), asked + 1)

    def test_another_link_is_checked_meanwhile(self):
        other = self.other_link()
        for _time in range(31):
            self.press("validar")
        asked = self.times_asked()
        self.press("validar", other)
        self.assertEqual(self.times_asked(), asked + 1)

    def test_an_hour_of_checks_is_enough_for_a_person_whatever_the_link(self):
        with travel("2026-11-22T12:00:00Z", tick=False) as clock:
            for _minute in range(10):
                for _time in range(30):
                    self.press("validar")
                clock.shift(61)
            r = self.press("validar", self.other_link())
            self.assertContains(self.client.get(r.url), "The last answer holds. Try again in 50 minutes.")

    def test_it_is_no_limit_for_others(self):
        for _time in range(31):
            self.press("validar")
        theirs = self.other_link(self.bea)
        self.enter(self.bea)
        asked = self.times_asked()
        self.press("validar", theirs)
        self.assertEqual(self.times_asked(), asked + 1)

    def test_who_does_not_own_the_link_uses_nothing_up(self):
        self.enter(self.bea)
        for _time in range(31):
            self.assertEqual(self.press("validar").status_code, 404)
        self.enter(self.ana)
        self.press("validar")
        self.assertEqual(self.times_asked(), 1)

    def test_to_resume_is_a_check_too(self):
        for _time in range(30):
            self.press("validar")
        Link.objects.filter(pk=self.link.pk).update(status="paused")
        self.press("reanudar")
        self.link.refresh_from_db()
        self.assertEqual(self.link.status, "paused")

    def test_a_pause_is_no_way_round_the_limit_of_wrong_keys(self):
        Validation.objects.bulk_create(
            Validation(link=self.link, key=self.link.key, trigger="person", status="action_required", reason="bad_key") for _ in range(10))
        self.press("pausar")
        r = self.press("reanudar")
        self.assertContains(self.client.get(r.url), "Too many keys that did not work within an hour.")
        self.link.refresh_from_db()
        self.assertEqual(self.link.status, "paused")

    @mock.patch("profiles.limits.LIMITS", {})
    def test_to_unlink_there_is_none(self):
        self.assertRedirects(self.press("desvincular"), "/perfil/exchanges/")

    def other_link(self, owner=None) -> Link:
        with mock.patch("tests.base.KEY", "B" * 56):
            return make_ready_link(owner or self.ana)


class KeyLimitTests(SmartraderTestCase):
    def setUp(self):
        Profile.objects.filter(user=self.bea).update(language="en")
        self.client.force_login(self.bea)

    def paste(self, key: str = "B" * 56):
        return self.client.post(NEW, {"api_key": key, "secret": SECRET})

    def test_sixty_keys_in_an_hour_are_fine(self):
        self.assertEqual([self.paste().status_code for _time in range(60)], [302] * 60)

    def test_wrong_keys_sent_all_at_once_are_not_all_looked_at(self):
        for letter in "ABCDEFGHIJKLMNOPQRS":
            self.assertEqual(self.paste(letter * 56).status_code, 302)
        first = Link.objects.filter(user=self.bea).first()
        self.assertEqual(self.paste("T" * 56).status_code, 302)
        Validation.objects.create(link=first, key=first.key, trigger="link", status="action_required", reason="bad_key")
        self.assertContains(self.paste("U" * 56), "Too many keys that did not work within an hour.")

    @FEW
    def test_after_many_in_an_hour_there_is_a_pause(self):
        with travel("2026-11-22T12:00:00Z", tick=False) as clock:
            self.client.force_login(self.bea)
            self.paste()
            clock.shift(600)
            self.paste()
            self.paste()
            self.assertContains(self.paste(), "You have sent very many keys in the last hour. Try again in 50 minutes.")

    @FEW
    def test_then_it_does_not_tell_either_who_has_a_key(self):
        for _time in range(3):
            self.paste()
        self.assertNotContains(self.paste(KEY), 'data-error="api_key"')

    @FEW
    def test_what_is_no_key_does_not_count(self):
        for _time in range(4):
            self.paste("x")
        self.assertEqual(self.paste().status_code, 302)

    @FEW
    @override_settings(BAD_KEYS_PER_HOUR=0)
    def test_where_the_limits_of_keys_are_off_so_is_this(self):
        self.assertEqual([self.paste().status_code for _time in range(5)], [302] * 5)
