"""Proof of presence, not older than 15 minutes: asked before a page that touches a key, and inside a form that was open too long."""
from unittest import mock

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from exchanges.models import ApiKey, Link
from profiles.models import Profile
from tests.base import SECRET, SmartraderTestCase, grow_stale
from tests.profiles.people import PASSWORD, sent_code

NEW = "/perfil/exchanges/vincular/kraken/"
OTHER_KEY = "A" * 55 + "B"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class PresenceTestCase(SmartraderTestCase):
    """self.ana logged in by her password more than 15 minutes ago."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        Profile.objects.update(language="en")
        cls.ana.set_password(PASSWORD)
        cls.ana.save()
        cls.url = f"/perfil/exchanges/{cls.link.pk}/"

    def setUp(self):
        nudge = mock.patch("exchanges.actions.nudge")
        nudge.start()
        self.addCleanup(nudge.stop)
        self.client.force_login(self.ana)
        grow_stale(self.client)

    def asked(self):
        return (NEW, *(f"{self.url}{verb}/" for verb in ("reemplazar", "desvincular", "diario")))


class AskedFirstTests(PresenceTestCase):
    def test_a_page_that_touches_a_key_asks_before_it_shows_anything(self):
        for url in self.asked():
            for look in (self.client.get, self.client.head):
                self.assertRedirects(look(url), f"/cuenta/reauthenticate/?next={url.replace('/', '%2F')}")

    def test_it_comes_back_to_where_one_was(self):
        r = self.client.get(f"{self.url}diario/?page=1")
        self.assertContains(self.client.get(r.url), f'value="{self.url}diario/?page=1"')
        r = self.client.post(r.url, {"password": PASSWORD, "next": f"{self.url}diario/?page=1"})
        self.assertRedirects(r, f"{self.url}diario/?page=1")

    def test_one_proof_is_enough_for_all_of_them_for_15_minutes(self):
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        grow_stale(self.client, 890)
        self.assertEqual([self.client.get(url).status_code for url in self.asked()], [200, 200, 200, 200])

    def test_a_login_counts(self):
        client = Client()
        client.post("/cuenta/login/", {"login": "ana@example.com", "password": PASSWORD})
        self.assertEqual([client.get(url).status_code for url in self.asked()], [200, 200, 200, 200])

    def test_a_sign_up_counts(self):
        client = Client()
        client.post("/cuenta/signup/", {"email": "eva@example.com", "password1": PASSWORD})
        client.post("/cuenta/confirm-email/", {"code": sent_code()})
        self.assertEqual(client.get(NEW).status_code, 200)

    def test_what_only_looks_or_protects_does_not_ask(self):
        for page in ("/perfil/exchanges/", self.url, f"{self.url}estado/", f"{self.url}renombrar/"):
            self.assertEqual((page, self.client.get(page).status_code), (page, 200))
        for verb in ("validar", "pausar", "reanudar", "renombrar"):
            self.assertRedirects(self.client.post(f"{self.url}{verb}/"), self.url, fetch_redirect_response=False)
        self.link.refresh_from_db()
        self.assertEqual(self.link.status, "queued")

    def test_whose_it_is_and_what_can_be_done_there_comes_first(self):
        self.assertEqual(self.client.post(f"{self.url}diario/").status_code, 405)
        self.assertEqual(self.client.get("/perfil/exchanges/vincular/mtgox/").status_code, 404)
        self.client.force_login(self.bea)
        grow_stale(self.client)
        self.assertEqual([self.client.get(url).status_code for url in self.asked()[1:]], [404, 404, 404])

    def test_who_has_nothing_to_prove_it_with_logs_in_again(self):
        self.client.force_login(self.bea)
        grow_stale(self.client)
        self.assertRedirects(self.client.get(NEW), f"/cuenta/login/?next={NEW}")


class FormOpenTooLongTests(PresenceTestCase):
    def paste(self, url=NEW, **fields):
        return self.client.post(url, {"label": "Savings", "api_key": OTHER_KEY, "secret": SECRET, **fields})

    def stored(self):
        return ApiKey.objects.filter(hint="AAAB").count()

    def test_it_asks_inside_the_form_and_keeps_what_was_typed_but_the_secret(self):
        r = self.paste()
        self.assertContains(r, "For your security, confirm that it is you")
        self.assertContains(r, '<input type="password" name="password" autocomplete="current-password"')
        self.assertContains(r, 'value="Savings"')
        self.assertContains(r, f'value="{OTHER_KEY}"')
        self.assertNotContains(r, SECRET)
        self.assertEqual(self.stored(), 0)

    def test_nothing_of_it_is_in_the_session(self):
        self.paste(password="a wrong password")
        kept = str(dict(self.client.session.items()))
        for typed in ("Savings", OTHER_KEY, SECRET, "a wrong password"):
            self.assertNotIn(typed, kept)

    def test_with_the_password_it_goes_through_in_one_step_and_counts_from_then_on(self):
        r = self.paste(password=PASSWORD)
        self.assertRedirects(r, f"/perfil/exchanges/{Link.objects.get(label='Savings').pk}/")
        self.assertEqual(self.client.get(NEW).status_code, 200)

    def test_a_wrong_password_is_told_at_its_field(self):
        r = self.paste(password="a wrong password")
        self.assertContains(r, 'data-error="password"')
        self.assertContains(r, "This is not your password.")
        self.assertNotContains(r, "a wrong password")
        self.assertNotContains(r, SECRET)
        self.assertEqual(self.stored(), 0)

    def test_a_right_password_counts_though_the_key_is_wrong(self):
        r = self.paste(password=PASSWORD, secret="x")
        self.assertContains(r, 'data-error="secret"')
        self.assertNotContains(r, 'name="password"')
        self.assertEqual(self.paste().status_code, 302)

    def test_after_five_wrong_passwords_the_right_one_waits_too(self):
        for _try in range(5):
            self.paste(password="a wrong password")
        self.assertContains(self.paste(password=PASSWORD), "Too many tries")
        self.assertEqual(self.stored(), 0)

    def test_so_it_is_for_another_key(self):
        self.assertContains(self.paste(f"{self.url}reemplazar/"), 'name="password"')
        self.assertEqual(self.stored(), 0)
        self.assertRedirects(self.paste(f"{self.url}reemplazar/", password=PASSWORD), self.url)
        self.assertEqual(self.stored(), 1)

    def test_so_it_is_for_unlinking(self):
        r = self.client.post(f"{self.url}desvincular/")
        self.assertContains(r, "For your security, confirm that it is you")
        self.assertContains(self.client.post(f"{self.url}desvincular/", {"password": "x"}), 'data-error="password"')
        self.link.refresh_from_db()
        self.assertEqual(self.link.status, "ready")
        r = self.client.post(f"{self.url}desvincular/", {"password": PASSWORD})
        self.assertRedirects(r, "/perfil/exchanges/")

    def test_pages_with_it_are_kept_by_no_cache(self):
        for url in (NEW, f"{self.url}reemplazar/", f"{self.url}desvincular/"):
            self.assertIn("no-store", self.client.post(url)["Cache-Control"])

    def test_who_has_nothing_to_prove_it_with_is_told_to_log_in_again(self):
        self.client.force_login(self.bea)
        grow_stale(self.client)
        self.assertContains(self.paste(), "log out and log in again")


class SecondFactorTests(PresenceTestCase):
    """The other proofs, inside the form."""

    def setUp(self):
        super().setUp()
        TOTP.activate(self.ana, SEED)
        self.codes = RecoveryCodes.activate(self.ana).get_unused_codes()

    def unlink(self, **proof):
        return self.client.post(f"{self.url}desvincular/", proof)

    def test_a_code_of_the_app(self):
        now = list(yield_hotp_counters_from_time())[1]
        r = self.unlink(code=format_hotp_value(hotp_value(SEED, now)))
        self.assertRedirects(r, "/perfil/exchanges/")

    def test_a_recovery_code_which_then_is_used_up(self):
        self.assertRedirects(self.unlink(code=self.codes[0]), "/perfil/exchanges/")
        self.assertEqual(len(RecoveryCodes(self.ana.authenticator_set.get(type="recovery_codes")).get_unused_codes()), 9)

    def test_a_wrong_code_is_told_at_its_field_and_not_shown_again(self):
        r = self.unlink(code="123456")
        self.assertContains(r, 'data-error="code"')
        self.assertNotContains(r, "123456")

    def test_who_has_no_password_is_not_asked_for_one(self):
        self.ana.set_unusable_password()
        self.ana.save()
        self.client.force_login(self.ana)
        grow_stale(self.client)
        r = self.unlink(password=PASSWORD)
        self.assertNotContains(r, 'name="password"')
        self.assertContains(r, 'name="code"')
