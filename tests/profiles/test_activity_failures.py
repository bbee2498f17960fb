"""Who fails to get in: the owner reads it, the one who tries learns nothing, and trying fills no table."""
from datetime import timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from profiles import activity
from profiles.models import Activity, User
from tests.profiles.people import PeopleTestCase
from tests.profiles.test_activity_log import request_from


class WrongPasswordTests(PeopleTestCase):
    def setUp(self):
        self.addCleanup(cache.clear)

    def guess(self, email: str = "ana@example.com", address: str = "192.0.2.7"):
        return self.client.post("/cuenta/login/", {"login": email, "password": "una que no es"}, REMOTE_ADDR=address)

    def test_it_is_told_to_the_owner(self):
        self.guess(" Ana@Example.com ")
        self.assertEqual(
            Activity.objects.values_list("user", "cause", "actor", "address").get(),
            (self.ana.pk, "login_failed", "unknown", "192.0.2.7"))

    def test_an_account_that_does_not_exist_leaves_nothing(self):
        self.guess("nobody@example.com")
        self.assertFalse(Activity.objects.exists())

    def test_who_tries_sees_and_costs_the_same_with_and_without_an_account(self):
        self.guess()
        self.guess("nobody@example.com")
        with CaptureQueriesContext(connection) as known:
            with_account = self.guess()
        with CaptureQueriesContext(connection) as unknown:
            without = self.guess("nobody@example.com")
        self.assertEqual(with_account.context["form"].errors, without.context["form"].errors)
        self.assertEqual(self.of_activity(known), self.of_activity(unknown))
        self.assertEqual(len(self.of_activity(known)), 1)

    def of_activity(self, queries) -> list[str]:
        return [query["sql"].split("WHERE")[0] for query in queries if "profiles_activity" in query["sql"]]

    def test_a_wrong_password_where_it_is_asked_again(self):
        self.client.force_login(self.ana)
        self.client.post("/cuenta/reauthenticate/", {"password": "una que no es"})
        self.assertEqual(Activity.objects.get().cause, "login_failed")


class FloodTests(PeopleTestCase):
    def fail(self, address: str, cause: str = "login_failed", user: User | None = None) -> int:
        """How many entries there are after another failure."""
        people = User.objects.filter(pk=(user or self.ana).pk)
        activity.note_failure(people, cause, request_from(address))
        return Activity.objects.count()

    def test_one_an_hour_for_each_account_cause_and_address(self):
        self.assertEqual([self.fail("192.0.2.7") for _ in range(3)], [1, 1, 1])
        self.assertEqual(self.fail("192.0.2.8"), 2)
        self.assertEqual(self.fail("192.0.2.7", "factor_failed"), 3)
        self.assertEqual(self.fail("192.0.2.7", user=self.bea), 4)

    def test_after_an_hour_it_is_told_again(self):
        Activity.objects.create(
            user=self.ana, actor="unknown", cause="login_failed", address="192.0.2.7", at=timezone.now() - timedelta(minutes=61))
        self.assertEqual(self.fail("192.0.2.7"), 2)

    def test_the_addresses_of_one_line_are_one(self):
        self.assertEqual([self.fail("2001:db8::1"), self.fail("2001:db8::ffff:2"), self.fail("2001:db8:0:1::1")], [1, 1, 2])

    def test_from_everywhere_at_once_it_ends_too(self):
        counts = [self.fail(f"192.0.2.{n}") for n in range(30)]
        self.assertEqual(counts[-1], 20)


class SecondStepTests(PeopleTestCase):
    def test_a_wrong_code_at_the_second_step(self):
        TOTP.activate(self.ana, generate_totp_secret())
        self.addCleanup(cache.clear)
        self.log_in()
        self.client.post("/cuenta/2fa/authenticate/", {"code": "000000"})
        self.assertEqual(list(Activity.objects.values_list("cause", "actor")), [("factor_failed", "unknown")])
