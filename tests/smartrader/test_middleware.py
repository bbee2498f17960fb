"""Headers of every answer, and whose word counts about who asks."""

from ipaddress import ip_network
from unittest import mock

from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, override_settings

from smartrader.middleware import TrustedProxyMiddleware
from tests.base import SmartraderTestCase

CSP = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
    "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
}


class HeaderTests(SmartraderTestCase):
    def test_the_content_policy_allows_ourselves_and_nobody_else(self):
        self.client.force_login(self.celia)
        for address in ("/", "/cuenta/login/", "/perfil/", "/admin/", "/no-such-page/", "/health/live"):
            policy = self.client.get(address)["Content-Security-Policy"]
            self.assertEqual((address, set(policy.split("; "))), (address, CSP))

    def test_the_other_walls(self):
        response = self.client.get("/cuenta/login/")
        for name, value in (
            ("X-Frame-Options", "DENY"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ):
            self.assertEqual((name, response[name]), (name, value))
        self.assertIn("camera=()", response["Permissions-Policy"])

    def test_what_a_signed_in_person_sees_is_not_kept(self):
        self.client.force_login(self.ana)
        for address in ("/perfil/", "/perfil/exchanges/", "/", "/no-such-page/"):
            self.assertIn("no-store", self.client.get(address)["Cache-Control"], address)

    def test_what_everybody_sees_may_be(self):
        self.assertNotIn("no-store", self.client.get("/").headers.get("Cache-Control", ""))

    def test_an_error_of_ours_carries_the_headers_and_nothing_that_was_sent(self):
        self.client.force_login(self.ana)
        self.client.raise_request_exception = False
        with mock.patch("profiles.views.Profile.objects.of", side_effect=[self.ana.profile, KeyError("s3cret")]):
            response = self.client.post("/perfil/", {"name": "s3cret"})
        self.assertEqual(response.status_code, 500)
        self.assertEqual(set(response["Content-Security-Policy"].split("; ")), CSP)
        self.assertNotContains(response, "s3cret", status_code=500)

    @override_settings(DEBUG=True)
    def test_the_page_of_an_error_under_debug_shows_nothing_that_was_sent_either(self):
        self.client.force_login(self.ana)
        self.client.raise_request_exception = False
        with mock.patch("profiles.views.ProfileForm.is_valid", side_effect=KeyError):
            response = self.client.post("/perfil/", {"name": "s3cret"})
        self.assertContains(response, "KeyError", status_code=500)
        self.assertNotContains(response, "s3cret", status_code=500)

    def test_a_form_without_its_token_is_403_and_shows_nothing_that_was_sent(self):
        client = self.client_class(enforce_csrf_checks=True)
        client.force_login(self.ana)
        response = client.post("/perfil/", {"name": "s3cret"})
        self.assertNotContains(response, "s3cret", status_code=403)


@override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")])
class TrustedProxyTests(SimpleTestCase):
    def seen(self, peer, forwarded="", proto=""):
        """Address and scheme that the site sees."""
        request = RequestFactory().get(
            "/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto}
        )
        TrustedProxyMiddleware(lambda request: HttpResponse())(request)
        return request.META["REMOTE_ADDR"], request.scheme

    def test_a_proxy_of_ours_is_believed(self):
        self.assertEqual(self.seen("10.1.2.3", "198.51.100.7", "https"), ("198.51.100.7", "https"))
        self.assertEqual(self.seen("2001:db8::9", "198.51.100.7", "https"), ("198.51.100.7", "https"))

    def test_anybody_else_is_not(self):
        self.assertEqual(self.seen("198.51.100.9", "198.51.100.7", "https"), ("198.51.100.9", "http"))

    def test_what_the_caller_wrote_in_front_does_not_count(self):
        self.assertEqual(self.seen("10.1.2.3", "192.0.2.1, 198.51.100.7, 10.9.9.9"), ("198.51.100.7", "http"))

    def test_an_address_has_one_spelling(self):
        self.assertEqual(self.seen("::ffff:198.51.100.9"), ("198.51.100.9", "http"))
        self.assertEqual(self.seen("fe80::1%eth0"), ("fe80::1", "http"))
        self.assertEqual(self.seen("::ffff:10.1.2.3", "2001:DB7:0::1", "https"), ("2001:db7::1", "https"))

    def test_nonsense_changes_nothing(self):
        self.assertEqual(self.seen("10.1.2.3", "unknown", "gopher"), ("10.1.2.3", "http"))
        self.assertEqual(self.seen("", "198.51.100.7", "https"), ("", "http"))
