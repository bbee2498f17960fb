from datetime import timedelta
from unittest import TestCase
from unittest.mock import patch

import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection

from profiles import mfa
from tests.profiles.factors import SECRET, add_app, code_of, decoded, recovery_codes
from tests.profiles.people import PASSWORD, PeopleTestCase

ACTIVATE, DEACTIVATE = "/cuenta/2fa/totp/activate/", "/cuenta/2fa/totp/deactivate/"
WRONG = "This is not the code, or it has been used already."
USED = "Ese no es el código, o ya se usó."


class ActivateTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(self.bea)
        self.page = self.client.get(ACTIVATE)
        self.secret = self.page.context["form"].secret

    def activate(self, code):
        return self.client.post(ACTIVATE, {"code": code})

    def test_it_draws_the_key_and_writes_it_in_groups_of_four(self):
        self.assertContains(self.page, '<svg class="qr"')
        self.assertContains(self.page, 'role="img" aria-label="QR code with the same key as below"')
        self.assertContains(self.page, f">{self.secret[:4]} {self.secret[4:8]} ")
        self.assertContains(self.page, "otpauth://totp/bea%40example.com?")
        self.assertContains(self.page, "issuer=Smartrader")

    def test_it_holds_nothing_our_policy_refuses(self):
        for inline in ("data:", "style=", "onclick=", "<script>"):
            self.assertNotContains(self.page, inline)

    def test_the_right_code_switches_it_on_and_leads_to_the_recovery_codes(self):
        r = self.activate(code_of(self.secret))
        self.assertRedirects(r, "/cuenta/2fa/recovery-codes/")
        self.assertContains(self.client.get("/perfil/seguridad/"), "for a code of your authenticator app.")

    def test_a_second_click_leads_to_the_recovery_codes_too(self):
        for _click in range(2):
            self.assertRedirects(self.activate(code_of(self.secret)), "/cuenta/2fa/recovery-codes/", fetch_redirect_response=False)
        self.assertEqual(Authenticator.objects.filter(type="totp").count(), 1)

    def test_two_clicks_at_once_make_one(self):
        before, app = mfa.factors(self.bea), add_app(self.bea)
        seen = [before, mfa.factors(self.bea)]
        with patch.object(mfa.MFAAdapter, "is_mfa_enabled", return_value=False), patch.object(mfa, "factors", side_effect=seen):
            r = self.activate(code_of(self.secret))
        self.assertRedirects(r, "/perfil/seguridad/")
        self.assertEqual(Authenticator.objects.get(type="totp"), app)

    def test_a_wrong_one_does_not_and_says_so_at_its_field(self):
        r = self.activate("000000")
        self.assertContains(r, 'data-error="code"')
        self.assertContains(r, WRONG)
        self.assertContains(r, f">{self.secret[:4]} {self.secret[4:8]} ")
        self.assertFalse(Authenticator.objects.exists())

    def test_its_key_stands_nowhere_in_clear(self):
        pending = decoded(Session.objects.get().session_data)
        self.activate(code_of(self.secret))
        kept = str(list(Authenticator.objects.values_list("type", "data"))).encode()
        for place in (pending, decoded(Session.objects.get().session_data), kept):
            self.assertNotIn(self.secret.encode(), place)
        self.assertIn(b"mfa.totp.secret", pending)

    def test_it_wants_a_confirmed_address(self):
        self.bea.emailaddress_set.update(verified=False)
        r = self.client.get(ACTIVATE, follow=True)
        self.assertRedirects(r, "/perfil/seguridad/")
        self.assertContains(r, "First confirm your e-mail.")


class DrawnTests(TestCase):
    def test_it_draws_the_corners_a_reader_looks_for_inside_a_white_margin_of_four(self):
        size, path = mfa.drawn("OTPAUTH")
        self.assertEqual(size, 29)
        for box in ("M4 4h7v1h-7z", "M18 4h7v1h-7z", "M4 18h7v1h-7z", "M4 24h7v1h-7z"):
            self.assertIn(box, path)
        self.assertNotRegex(path, r"M[0-3] |M\d+ [0-3]h")


class RowTests(PeopleTestCase):
    def test_neither_secret_nor_seed_nor_code_stands_in_clear_in_the_database(self):
        add_app(self.bea)
        with connection.cursor() as cursor:
            cursor.execute("SELECT data FROM mfa_authenticator")
            rows = str(cursor.fetchall())
        for secret in (SECRET, "5eed5eed", recovery_codes(self.bea)[0]):
            self.assertNotIn(secret, rows)
        self.assertEqual(rows.count('"secret"') + rows.count('"seed"'), 2)


class LoginTests(PeopleTestCase):
    def setUp(self):
        add_app(self.bea)

    def enter(self, code):
        return self.client.post("/cuenta/2fa/authenticate/", {"code": code})

    def first_step(self):
        return self.log_in("bea@example.com")

    def test_the_password_alone_does_not_let_in(self):
        self.assertRedirects(self.first_step(), "/cuenta/2fa/authenticate/")
        self.assertEqual(self.client.get("/perfil/").status_code, 302)

    def test_the_code_does(self):
        self.first_step()
        self.assertRedirects(self.enter(code_of()), "/perfil/")

    @time_machine.travel("2026-11-22T10:00:00Z", tick=False)
    def test_the_codes_before_and_after_do_too(self):
        for periods in (-1, 1):
            self.first_step()
            self.assertRedirects(self.enter(code_of(periods_from_now=periods)), "/perfil/")
            self.client.logout()

    def test_a_code_lets_in_once_even_while_it_is_good(self):
        with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
            self.first_step()
            code = code_of(periods_from_now=1)
            self.enter(code)
            self.client.logout()
        with time_machine.travel("2026-11-22T10:00:55Z", tick=False):
            self.first_step()
            self.assertContains(self.enter(code), USED)

    def test_a_recovery_code_lets_in_once(self):
        code = recovery_codes(self.bea)[0]
        self.first_step()
        self.assertRedirects(self.enter(f"{code[:4]} {code[4:]}"), "/perfil/")
        self.client.logout()
        self.first_step()
        self.assertContains(self.enter(code), USED)
        self.assertNotIn(code, recovery_codes(self.bea))

    def test_whoever_guesses_waits(self):
        self.first_step()
        for _try in range(5):
            self.enter("000000")
        self.assertContains(self.enter(code_of()), "Demasiados intentos. Espera cinco minutos y prueba otra vez.")

    def test_it_goes_on_to_the_page_asked_for(self):
        self.log_in("bea@example.com", next="/perfil/seguridad/")
        self.assertRedirects(self.enter(code_of()), "/perfil/seguridad/")

    def test_there_is_no_second_step_without_the_first(self):
        self.assertRedirects(self.client.get("/cuenta/2fa/authenticate/"), "/cuenta/login/")


class DeactivateTests(PeopleTestCase):
    def setUp(self):
        add_app(self.bea)
        self.client.force_login(self.bea)

    def test_it_asks_first(self):
        self.assertContains(self.client.get(DEACTIVATE), "Yes, switch off")
        self.assertTrue(Authenticator.objects.exists())

    def test_it_takes_the_recovery_codes_with_it(self):
        r = self.client.post(DEACTIVATE, follow=True)
        self.assertRedirects(r, "/perfil/seguridad/")
        self.assertContains(r, "The authenticator app is off.")
        self.assertFalse(Authenticator.objects.exists())

    def test_a_second_click_ends_in_the_same_place(self):
        for _click in range(2):
            self.assertRedirects(self.client.post(DEACTIVATE, follow=True), "/perfil/seguridad/")

    def test_a_login_of_long_ago_is_no_proof(self):
        with time_machine.travel(timedelta(minutes=16)):
            for ask in (self.client.get, self.client.post):
                self.assertRedirects(ask(DEACTIVATE), f"/cuenta/reauthenticate/?next={DEACTIVATE.replace('/', '%2F')}")
        self.assertTrue(Authenticator.objects.exists())

    def test_a_login_a_little_ago_is(self):
        with time_machine.travel(timedelta(minutes=14)):
            self.assertContains(self.client.get(DEACTIVATE), "Yes, switch off")

    def test_password_or_code_prove_it_again(self):
        for number, (page, proof) in enumerate((("/cuenta/reauthenticate/", "password"), ("/cuenta/2fa/reauthenticate/", "code"))):
            with time_machine.travel(timedelta(minutes=16 * (number + 1))):
                given = {"password": PASSWORD, "code": code_of()}[proof]
                r = self.client.post(page, {proof: given, "next": DEACTIVATE})
                self.assertRedirects(r, DEACTIVATE)
