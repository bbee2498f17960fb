"""The demo account, and where exchanges are reached under `make run`."""

import os
from unittest import mock

from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.test import TestCase

from profiles.models import Profile, User
from smartrader import prepare


def account(**variables):
    with mock.patch.dict(os.environ, variables):
        return prepare.demo_account()


class DemoAccountTests(TestCase):
    def test_it_can_log_in_at_once(self):
        self.assertEqual(account(DEMO_PASSWORD="a long sentence"), ("demo@smartrader.local", "a long sentence"))
        self.assertTrue(self.client.login(email="demo@smartrader.local", password="a long sentence"))
        self.assertEqual(EmailAddress.objects.get().verified, True)
        self.assertEqual(Profile.objects.count(), 1)

    def test_it_is_nobody_special(self):
        account(DEMO_PASSWORD="a long sentence")
        self.assertEqual((User.objects.get().is_staff, User.objects.get().is_superuser), (False, False))

    def test_a_second_start_keeps_it_and_a_new_password_counts(self):
        account(DEMO_PASSWORD="a long sentence")
        account(DEMO_PASSWORD="another sentence")
        self.assertEqual(User.objects.count(), 1)
        self.assertTrue(User.objects.get().check_password("another sentence"))

    def test_its_address_can_be_chosen(self):
        self.assertEqual(account(DEMO_EMAIL="eva@example.com", DEMO_PASSWORD="a long sentence")[0], "eva@example.com")

    def test_an_address_that_is_none_names_itself(self):
        with self.assertRaisesRegex(ImproperlyConfigured, "^DEMO_EMAIL "):
            account(DEMO_EMAIL="demo", DEMO_PASSWORD="a long sentence")

    def test_without_a_password_there_is_none(self):
        self.assertIsNone(account(DEMO_PASSWORD=""))
        self.assertEqual(User.objects.count(), 0)


class PointExchangesAtTests(TestCase):
    def test_an_exchange_without_an_address_of_its_own_is_the_sandboxs(self):
        with mock.patch.dict(os.environ, {"KRAKEN_API_URL": ""}):
            self.assertEqual(prepare.point_exchanges_at("http://127.0.0.1:1")["KRAKEN_API_URL"], "http://127.0.0.1:1/kraken")

    def test_an_address_given_stays(self):
        with mock.patch.dict(os.environ, {"KRAKEN_API_URL": "https://api.kraken.com"}):
            self.assertNotIn("KRAKEN_API_URL", prepare.point_exchanges_at("http://127.0.0.1:1"))
