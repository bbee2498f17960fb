"""With the hasher of production: an answer takes as long for an address with an account as for one without."""

import time
from collections.abc import Callable
from statistics import median
from unittest import mock

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.test import Client, TestCase, override_settings

from profiles.models import User
from tests.noise import WINDOWS
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, person

# Where a password is hashed, and where none is.
TIMES, QUICK_TIMES = 31, 151
# Of the median; what was to be seen before it was seen to: 0.5 for another code, 0.2 for its page, 1.0 for a login.
TOLERANCE = 0.15
Ask = Callable[[Client, str], object]


@pytest.mark.trials
@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
class TimingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            for number in range(QUICK_TIMES):
                person(f"known{number}@example.com")
        User.objects.update(password=Argon2PasswordHasher().encode(PASSWORD, "salt" * 4))

    def assert_even(self, times: int, ask: Ask, *before: Ask) -> None:
        """`ask` takes as long for the known as for the unknown, in one of three windows."""
        for window in range(WINDOWS):
            known, unknown = self.medians(f"unknown{window}of", times, ask, *before)
            if abs(known - unknown) <= TOLERANCE * unknown:
                break
        self.assertAlmostEqual(known, unknown, delta=TOLERANCE * unknown)

    def medians(self, stranger: str, times: int, ask: Ask, *before: Ask) -> list[float]:
        """For the known and for the unknown, in seconds: asked in turns, each after what has to go before."""
        seconds = {"known": [], stranger: []}
        for number in range(times):
            for name, taken in seconds.items():
                client, email = Client(), f"{name}{number}@example.com"
                for prepare in before:
                    prepare(client, email)
                cache.clear()
                began = time.perf_counter()
                ask(client, email)
                taken.append(time.perf_counter() - began)
        return [median(taken) for taken in seconds.values()]

    def test_a_login(self):
        self.assert_even(TIMES, lambda client, email: client.post("/cuenta/login/", {"login": email, "password": OTHER_PASSWORD}))

    def test_a_sign_up(self):
        self.assert_even(TIMES, sign_up)

    def test_a_reset(self):
        self.assert_even(QUICK_TIMES, lambda client, email: client.post("/cuenta/password/reset/", {"email": email}))

    @mock.patch("django.contrib.auth.hashers.Argon2PasswordHasher.encode", lambda *args: "argon2$argon2id$none")
    def test_the_page_of_the_code(self):
        self.assert_even(QUICK_TIMES, lambda client, email: client.get("/cuenta/confirm-email/"), sign_up)

    @mock.patch("django.contrib.auth.hashers.Argon2PasswordHasher.encode", lambda *args: "argon2$argon2id$none")
    def test_another_code(self):
        self.assert_even(QUICK_TIMES, lambda client, email: client.post("/cuenta/confirm-email/", {"action": "resend"}), sign_up)


def sign_up(client: Client, email: str) -> object:
    return client.post("/cuenta/signup/", {"email": email, "password1": OTHER_PASSWORD})
