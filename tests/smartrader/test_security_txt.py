"""/.well-known/security.txt (RFC 9116): whom to write to who found a hole, without a login."""

import time_machine
from django.conf import settings
from django.test import SimpleTestCase, override_settings

from smartrader import env
from tests.smartrader.test_env import ReaderTestCase, given

ADDRESS = "/.well-known/security.txt"


@override_settings(SECURITY_CONTACT="mailto:security@smartrader.example", SITE_URL="https://smartrader.example", PRODUCTION=True)
class SecurityTxtTests(SimpleTestCase):
    @time_machine.travel("2026-11-22T23:59:00Z", tick=False)
    def test_it_says_where_to_write_until_when_and_in_which_language(self):
        response = self.client.get(ADDRESS)
        self.assertEqual((response.status_code, response["Content-Type"]), (200, "text/plain; charset=utf-8"))
        self.assertEqual(response.text, (
            "Contact: mailto:security@smartrader.example\n"
            "Expires: 2027-05-21T00:00:00Z\n"
            "Preferred-Languages: es, en\n"
            "Canonical: https://smartrader.example/.well-known/security.txt\n"
        ))

    @override_settings(SITE_URL="http://127.0.0.1:8000", PRODUCTION=False)
    def test_on_this_machine_alone_no_address_is_the_true_one(self):
        self.assertNotContains(self.client.get(ADDRESS), "Canonical")

    def test_it_may_be_kept_for_a_day(self):
        self.assertEqual(self.client.get(ADDRESS)["Cache-Control"], "public, max-age=86400")

    def test_it_is_only_read(self):
        self.assertEqual((self.client.head(ADDRESS).status_code, self.client.post(ADDRESS).status_code), (200, 405))


class ContactTests(ReaderTestCase):
    def test_unset_it_is_the_sender_of_our_mails(self):
        self.assertEqual(settings.SECURITY_CONTACT, "mailto:no-reply@127.0.0.1")

    def test_it_is_a_mail_or_a_page(self):
        for value in ("mailto:security@smartrader.example", "https://smartrader.example/security"):
            with given(value):
                self.assertEqual(env.contact("NAME", "mailto:default@smartrader.example"), value)

    def test_anything_else_stops_the_start(self):
        wrong = ("security@smartrader.example", "http://smartrader.example", "https://", "mailto:security",
                 "mailto:a@smartrader.example\nContact: mailto:b@smartrader.example", "tel:+1-201-555-0123")
        self.assert_refused(env.contact, *wrong, default="mailto:default@smartrader.example")
