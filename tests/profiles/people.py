"""What the tests of people share: two people who are in, and the codes of the mails."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import TestCase

from profiles.models import User

PASSWORD = "una frase larga y segura"
OTHER_PASSWORD = "otra frase larga y segura"


class PeopleTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.ana = person("ana@example.com", name="Ana", time_zone="America/Mexico_City")
        cls.bea = person("bea@example.com", language="en")

    def sign_up(self, email: str = "new@example.com", **more: str) -> Any:
        return self.client.post("/cuenta/signup/", {"email": email, "password1": PASSWORD, **more})

    def log_in(self, email: str = "ana@example.com", password: str = PASSWORD, **more: str) -> Any:
        return self.client.post("/cuenta/login/", {"login": email, "password": password, **more})

    def confirm(self, code: str) -> Any:
        return self.client.post("/cuenta/confirm-email/", {"code": code})


def person(email: str, **profile: str) -> User:
    """Somebody who signed up with PASSWORD and confirmed the address."""
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    for field, value in profile.items():
        setattr(user.profile, field, value)
    user.profile.save()
    return user


def sent_code() -> str:
    """The code in the last mail, e.g. "BCDF-GHJK"."""
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.outbox[-1].body, re.MULTILINE)[0]
