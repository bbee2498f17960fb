from datetime import timedelta

import time_machine
from allauth.mfa.models import Authenticator

from tests.profiles.factors import add_app, recovery_codes
from tests.profiles.people import PeopleTestCase

CODES = "/cuenta/2fa/recovery-codes/"


class RecoveryCodesTests(PeopleTestCase):
    def setUp(self):
        add_app(self.bea)
        self.client.force_login(self.bea)

    def test_it_shows_ten(self):
        r = self.client.get(CODES)
        self.assertContains(r, "10 codes are left")
        self.assertContains(r, "<li><code>", count=10)
        first = recovery_codes(self.bea)[0]
        self.assertContains(r, f"<code>{first[:4]} {first[4:]}</code>", html=True)

    def test_nobody_keeps_a_copy_of_the_page(self):
        self.assertIn("no-store", self.client.get(CODES)["Cache-Control"])

    def test_they_come_as_a_file(self):
        r = self.client.get(f"{CODES}download/")
        self.assertEqual(r["Content-Disposition"], 'attachment; filename="recovery-codes.txt"')
        first = recovery_codes(self.bea)[0]
        self.assertIn(f"\n{first[:4]} {first[4:]}\n", r.content.decode())
        self.assertIn("bea@example.com", r.content.decode())

    def test_new_ones_make_the_old_worthless(self):
        before = recovery_codes(self.bea)
        self.assertRedirects(self.client.post(f"{CODES}generate/"), CODES)
        self.assertEqual(set(before) & set(recovery_codes(self.bea)), set())

    def test_all_of_it_wants_a_proof_of_presence(self):
        with time_machine.travel(timedelta(minutes=16)):
            for page in (CODES, f"{CODES}download/", f"{CODES}generate/"):
                self.assertIn("/cuenta/reauthenticate/", self.client.get(page).url)
            self.assertIn("/cuenta/reauthenticate/", self.client.post(f"{CODES}generate/").url)

    def test_there_are_none_without_a_factor(self):
        Authenticator.objects.all().delete()
        self.assertEqual(self.client.get(CODES).status_code, 404)
        r = self.client.post(f"{CODES}generate/")
        self.assertContains(r, "First add an app or a passkey")


class SecurityPageTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(self.bea)

    def look(self):
        return self.client.get("/perfil/seguridad/")

    def test_it_offers_both_factors_while_there_is_none(self):
        r = self.look()
        self.assertContains(r, 'href="/cuenta/2fa/totp/activate/"')
        self.assertContains(r, 'href="/cuenta/2fa/webauthn/add/"')
        self.assertContains(r, " Off</span>")
        self.assertContains(self.client.get("/perfil/"), "Two-factor authentication is off")

    def test_it_says_that_it_is_on(self):
        add_app(self.bea)
        self.assertContains(self.look(), 'href="/cuenta/2fa/totp/deactivate/"')
        self.assertContains(self.look(), " 10 left</span>")
        self.assertContains(self.client.get("/perfil/"), "Two-factor authentication is on")

    def test_it_warns_of_codes_that_nobody_looked_at(self):
        add_app(self.bea)
        self.client.post(f"{CODES}generate/")
        self.assertContains(self.look(), "You have not kept your recovery codes")
        self.assertContains(self.client.get("/perfil/"), "Your recovery codes are not kept yet")
        self.client.get(CODES)
        self.assertNotContains(self.look(), "You have not kept your recovery codes")

    def test_it_warns_when_they_run_out(self):
        add_app(self.bea)
        codes = Authenticator.objects.get(type="recovery_codes")
        codes.data["used_mask"] = 0b1111111
        codes.save()
        self.assertContains(self.look(), "You are running out of recovery codes")
        self.assertContains(self.look(), " 3 left</span>")

    def test_allauths_own_lists_lead_here(self):
        pages = {"/cuenta/2fa/": "", "/cuenta/2fa/webauthn/": "#llaves", "/cuenta/sessions/": "#sesiones"}
        for page, part in pages.items():
            self.assertRedirects(self.client.get(page), f"/perfil/seguridad/{part}")

    def test_what_we_do_not_use_is_not_there(self):
        for page in ("/cuenta/2fa/webauthn/signup/", "/cuenta/2fa/trust/", "/cuenta/signup/passkey/"):
            self.assertEqual(self.client.get(page).status_code, 404)
