"""For 24 hours after an account may have changed hands, no key is linked or replaced in it; its owner hears of it by mail."""
from unittest import mock

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail

from exchanges.models import ApiKey
from profiles.models import Activity, Profile, User
from tests.base import SECRET, make_ready_link
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code

NEW = "/perfil/exchanges/vincular/kraken/"
OTHER_KEY = "A" * 55 + "B"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MONDAY, AN_HOUR_BEFORE_ITS_END, TUESDAY = "2026-11-23T12:00Z", "2026-11-24T11:00Z", "2026-11-24T12:00:01Z"
SUBJECT = "For 24 hours no keys can be linked to your account"


class FreezeTestCase(PeopleTestCase):
    def setUp(self):
        Profile.objects.update(language="en")
        nudge = mock.patch("exchanges.actions.nudge")
        nudge.start()
        self.addCleanup(nudge.stop)

    def is_frozen(self, user=None):
        return Profile.objects.get(user=user or self.ana).frozen_until is not None

    def mails(self):
        return [message for message in mail.outbox if message.subject == SUBJECT]

    def reset(self):
        self.client.post("/cuenta/password/reset/", {"email": "ana@example.com"})
        self.client.post("/cuenta/password/reset/confirm/", {"code": sent_code()})
        self.client.post("/cuenta/password/reset/complete/", {"password1": OTHER_PASSWORD})

    def change_email(self):
        self.client.force_login(self.ana)
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        self.client.post("/cuenta/email/", {"email": "ana.new@example.com", "action_add": ""})
        self.confirm(sent_code())


class CauseTests(FreezeTestCase):
    def test_a_new_password_by_mail_freezes(self):
        with time_machine.travel(MONDAY, tick=False):
            self.reset()
        self.assertEqual(Profile.objects.get(user=self.ana).frozen_until.isoformat(), "2026-11-24T12:00:00+00:00")
        entry = Activity.objects.get(user=self.ana, cause="frozen")
        self.assertEqual((entry.actor, entry.purpose, entry.address), ("person", "password_reset", "127.0.0.1"))

    def test_another_e_mail_freezes(self):
        self.change_email()
        self.assertTrue(self.is_frozen())

    def test_a_factor_turned_off_freezes(self):
        TOTP.activate(self.ana, SEED)
        self.client.force_login(self.ana)
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        self.client.post("/cuenta/2fa/totp/deactivate/")
        self.assertTrue(self.is_frozen())
        self.assertEqual(len(self.mails()), 1)

    def test_a_passkey_removed_freezes(self):
        passkey = Authenticator.objects.create(user=self.ana, type="webauthn", data={"name": "Phone", "credential": {}})
        self.client.force_login(self.ana)
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        self.client.post(f"/cuenta/2fa/webauthn/keys/{passkey.pk}/remove/")
        self.assertTrue(self.is_frozen())

    def test_a_login_with_a_recovery_code_freezes(self):
        TOTP.activate(self.ana, SEED)
        code = RecoveryCodes.activate(self.ana).get_unused_codes()[0]
        self.log_in()
        self.assertRedirects(self.client.post("/cuenta/2fa/authenticate/", {"code": code}), "/perfil/")
        self.assertTrue(self.is_frozen())

    def test_a_password_set_by_staff_freezes(self):
        self.client.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
        form = {"usable_password": "true", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
        self.client.post(f"/admin/profiles/user/{self.ana.pk}/password/", form)
        self.assertTrue(self.is_frozen())
        self.assertContains(self.client.get(f"/admin/profiles/user/{self.ana.pk}/change/"), "Congelado hasta")

    def test_neither_a_sign_up_nor_a_login_nor_a_known_password_changed_does(self):
        self.sign_up("eva@example.com")
        self.confirm(sent_code())
        self.client.logout()
        self.log_in()
        self.client.post("/cuenta/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD})
        self.assertFalse(self.is_frozen(User.objects.get(email="eva@example.com")))
        self.assertFalse(self.is_frozen())
        self.assertEqual(self.mails(), [])


class MailTests(FreezeTestCase):
    def test_it_says_what_and_until_when_by_the_persons_clock_and_what_to_do(self):
        with time_machine.travel(MONDAY, tick=False):
            self.reset()
        (told,) = self.mails()
        self.assertEqual(told.to, ["ana@example.com"])
        for words in ("chose another password for your account", "When: Nov. 23, 2026, 6 a.m. (CST)",
                      "until Nov. 24, 2026, 6 a.m. (CST)", "http://127.0.0.1:8000/cuenta/password/reset/"):
            self.assertIn(words, told.body)

    def test_its_page_says_the_same(self):
        self.reset()
        (page, kind) = self.mails()[0].alternatives[0]
        self.assertEqual(kind, "text/html")
        for words in ("Hello, Ana:", "chose another password for your account", 'href="http://127.0.0.1:8000/cuenta/password/reset/"'):
            self.assertIn(words, page)

    def test_another_e_mail_is_told_to_both(self):
        self.change_email()
        former, new = self.mails()
        self.assertEqual((former.to, new.to), (["ana@example.com"], ["ana.new@example.com"]))
        self.assertIn("Delete your keys at your exchange now", former.body)
        self.assertNotIn("/cuenta/password/reset/", former.body)
        self.assertIn("/cuenta/password/reset/", new.body)

    def test_it_holds_though_the_mail_does_not_work(self):
        TOTP.activate(self.ana, SEED)
        code = RecoveryCodes.activate(self.ana).get_unused_codes()[0]
        self.log_in()
        with self.settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=9):
            self.client.post("/cuenta/2fa/authenticate/", {"code": code})
        self.assertTrue(self.is_frozen())


class FrozenTests(FreezeTestCase):
    def setUp(self):
        super().setUp()
        self.link = make_ready_link(self.ana)
        self.url = f"/perfil/exchanges/{self.link.pk}/"
        Profile.objects.filter(user=self.ana).update(frozen_until="2026-11-24T12:00Z")

    def paste(self, url):
        return self.client.post(url, {"label": "", "api_key": OTHER_KEY, "secret": SECRET})

    def keys(self):
        return ApiKey.objects.filter(hint="AAAB").count()

    @time_machine.travel(AN_HOUR_BEFORE_ITS_END)
    def test_the_pages_say_until_when(self):
        self.client.force_login(self.ana)
        for url in (NEW, f"{self.url}reemplazar/"):
            r = self.client.get(url)
            self.assertContains(r, "no keys can be linked or replaced until Nov. 24, 2026, 6 a.m.")
            self.assertNotContains(r, 'name="secret"')

    @time_machine.travel(AN_HOUR_BEFORE_ITS_END)
    def test_what_is_sent_is_refused_and_not_kept(self):
        self.client.force_login(self.ana)
        for url in (NEW, f"{self.url}reemplazar/"):
            r = self.paste(url)
            self.assertContains(r, 'data-error="__all__"')
            self.assertNotContains(r, SECRET)
        self.assertEqual(self.keys(), 0)

    @time_machine.travel(AN_HOUR_BEFORE_ITS_END)
    def test_what_protects_stays_possible(self):
        self.client.force_login(self.ana)
        self.client.post(f"{self.url}pausar/")
        self.link.refresh_from_db()
        self.assertEqual(self.link.status, "paused")
        self.assertRedirects(self.client.post(f"{self.url}desvincular/"), "/perfil/exchanges/")

    @time_machine.travel(TUESDAY)
    def test_after_24_hours_all_is_as_before(self):
        self.client.force_login(self.ana)
        self.assertContains(self.client.get(NEW), 'name="secret"')
        self.assertEqual(self.paste(NEW).status_code, 302)
