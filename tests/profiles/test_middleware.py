from unittest.mock import patch

from django.utils import timezone

from profiles import glance
from tests.base import grow_stale
from tests.profiles.people import PeopleTestCase


class LoginRequiredTests(PeopleTestCase):
    def test_htmx_is_told_to_open_the_login_page(self):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/perfil/seguridad/"}
        r = self.client.get("/perfil/", headers=headers)
        self.assertEqual((r.status_code, r.content), (204, b""))
        self.assertEqual(r.headers["HX-Redirect"], "/cuenta/login/?next=/perfil/seguridad/")

    def test_htmx_is_led_to_no_other_site(self):
        headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}
        r = self.client.get("/perfil/", headers=headers)
        self.assertEqual(r.headers["HX-Redirect"], "/cuenta/login/?next=/perfil/")


class PresenceTests(PeopleTestCase):
    def test_what_is_sent_without_a_proof_is_not_kept(self):
        self.client.force_login(self.ana)
        grow_stale(self.client)
        r = self.client.post("/cuenta/2fa/webauthn/add/?s3cret", {"credential": "s3cret"})
        self.assertRedirects(r, "/cuenta/reauthenticate/?next=%2Fcuenta%2F2fa%2Fwebauthn%2Fadd%2F%3Fs3cret", fetch_redirect_response=False)
        self.assertNotIn("s3cret", str(dict(self.client.session)))


class PreferencesTests(PeopleTestCase):
    def test_a_visitor_reads_spanish_whatever_the_browser_prefers(self):
        r = self.client.get("/cuenta/login/", headers={"Accept-Language": "en"})
        self.assertContains(r, '<html lang="es">')
        self.assertEqual(r.headers["Content-Language"], "es")

    def test_a_cookie_of_a_language_we_do_not_have_counts_for_nothing(self):
        self.client.cookies["django_language"] = "fr"
        self.assertContains(self.client.get("/cuenta/login/"), '<html lang="es">')

    def test_the_account_counts_more_than_the_cookie(self):
        self.client.cookies["django_language"] = "es"
        self.client.force_login(self.bea)
        self.assertContains(self.client.get("/perfil/"), '<html lang="en">')

    def test_times_are_those_of_the_person(self):
        def zone(user):
            return {"template": "_when.html", "lead": timezone.get_current_timezone_name()}

        self.client.force_login(self.ana)
        with patch.object(glance, "sections", [zone]):
            self.assertContains(self.client.get("/perfil/"), "America/Mexico_City")

    def test_nothing_stays_for_the_next_request(self):
        self.client.force_login(self.ana)
        self.client.get("/perfil/")
        self.assertEqual(timezone.get_current_timezone_name(), "UTC")
