"""The people and the link that tests start from."""

import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.utils import timezone

from exchanges import actions, told
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Exchange, Link, Trigger
from profiles.models import User

# Of the right shape, known to no exchange. The secret is the one in Kraken's public example of a signature.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp"
SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="

SIX = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger"]


def make_people() -> tuple[User, User, User]:
    """Ana, Bea, and Celia who is staff: confirmed addresses, no usable password."""
    people = tuple(User.objects.create_user(f"{name}@example.com") for name in ("ana", "bea", "celia"))
    User.objects.filter(pk=people[2].pk).update(is_staff=True, is_superuser=True)
    for person in people:
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        person.refresh_from_db()
    return people


def make_ready_link(owner: User, label: str = "") -> Link:
    """A link to Kraken whose key was proven a minute ago and is looked at again tomorrow, as its owner knows."""
    link = actions.add_link(owner, Exchange.objects.get(slug="kraken"), Credentials(KEY, SECRET), label)
    now = timezone.now()
    ApiKey.objects.filter(link=link).update(proven_at=now - timedelta(minutes=1), permissions=SIX)
    Link.objects.filter(pk=link.pk).update(
        status="ready", trigger=Trigger.SCHEDULE, checked_at=now - timedelta(minutes=1), next_check_at=now + timedelta(days=1)
    )
    link = Link.objects.of(owner).get(pk=link.pk)
    Link.objects.filter(pk=link.pk).update(told=told.says(link))
    return link


def grow_stale(client: Client, seconds: int = 901) -> None:
    """As if the login of `client`, and every other proof of presence, were so much older; 15 minutes are too old."""
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= seconds
    session.save()


class CommittingTestCase(TransactionTestCase):
    """Django's empties each table after each test and makes some rows anew; here the whole database is copied back, in a moment."""

    first = sqlite3.connect(":memory:", check_same_thread=False)
    is_kept = False

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if not CommittingTestCase.is_kept:
            connection.ensure_connection()
            connection.connection.backup(cls.first)
            CommittingTestCase.is_kept = True

    def _fixture_teardown(self) -> None:
        connection.ensure_connection()
        self.first.backup(connection.connection)


class SmartraderTestCase(TestCase):
    """self.ana owns self.link, ready, with one sealed and proven key; self.bea is a stranger; self.celia is staff."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ana, cls.bea, cls.celia = make_people()
        cls.link = make_ready_link(cls.ana, "Principal")

    def own_var_dir(self) -> Path:
        """A VAR_DIR for this test alone."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(VAR_DIR=folder))
        return folder
