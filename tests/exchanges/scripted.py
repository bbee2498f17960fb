"""Kraken on a raw socket of this machine: answers well, but where a test says otherwise; and the portal's own flow before it."""
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest import mock

from django.conf import settings
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from exchanges import actions, validation
from exchanges.connectors.base import Credentials
from exchanges.models import Exchange, Link
from profiles.models import Profile
from tests.base import make_people
from tests.exchanges.connectors.test_kraken import SEEN
from tests.exchanges.connectors.wire import KEY, SECRET, Wire, answer
from tests.exchanges.kraken_sentences import Said

CALLS = ("GetApiKeyInfo", "Balance", "OpenOrders", "ClosedOrders", "Ledgers", "AddOrder")
KEY_INFO = SEEN | {"ip_allowlist": ["203.0.113.10"]}
GOOD = {
    "GetApiKeyInfo": KEY_INFO, "Balance": {"ZEUR": "1520.4310"}, "OpenOrders": {"open": {}}, "ClosedOrders": {"closed": {}},
    "Ledgers": {"ledger": {}}, "AddOrder": {"descr": {"order": "buy 0.00010000 XBTUSD @ limit 7500.0"}},
}
# What only Kraken and its edge say: each error begins with its category.
CATEGORIES = tuple(f"{category}:" for category in (
    "EAPI", "EGeneral", "EService", "EAuth", "EAccount", "ETrade", "EOrder", "EQuery", "ESession", "EDatabase", "EBM", "EFunding",
    "ENew", "WDatabase"))
EDGE = "Ray ID 8f2c"


def good(result: object) -> bytes:
    return answer(json.dumps({"error": [], "result": result}).encode())


def said(*errors: str) -> bytes:
    """What Kraken sends when it says `errors`: HTTP 200 all the same."""
    return answer(json.dumps({"error": errors}).encode())


def edge(status: int, *headers: str) -> bytes:
    """What stands before Kraken and speaks for it: a page."""
    return answer(f"<html><title>{status}</title>{EDGE}</html>".encode(), status, "Content-Type: text/html", *headers)


class ScriptedKraken(Wire):
    """`answers`: the name of a call → the bytes it is answered with, where they are not the good ones."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.answers: dict[str, bytes] = {}

    def _answer(self, connection) -> None:
        call = self.requests[-1].split(b" ", 2)[1].rpartition(b"/")[2].decode()
        connection.sendall(self.answers.get(call) or good(GOOD[call]))


class ScriptedTestCase(TestCase):
    """self.kraken answers, self.ana asks."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.kraken = cls.enterClassContext(ScriptedKraken())
        cls.enterClassContext(mock.patch.dict(settings.API_URLS, {"kraken": cls.kraken.url}))

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ana, _bea, _celia = make_people()
        Profile.objects.update_or_create(user=cls.ana, defaults={"time_zone": "UTC"})

    def setUp(self) -> None:
        self.client.force_login(self.ana)
        self.addCleanup(self.kraken.answers.clear)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens here leaves nothing behind."""
        with transaction.atomic():
            try:
                yield
            finally:
                self.kraken.answers.clear()
            transaction.set_rollback(True)

    @contextmanager
    def alone(self, **parameters: object) -> Iterator[None]:
        """A subtest that leaves nothing behind."""
        with self.subTest(**parameters), self.undone():
            yield

    def paste(self) -> Link:
        """Link a key and let a worker look at it once."""
        link = actions.add_link(self.ana, Exchange.objects.get(slug="kraken"), Credentials(KEY, SECRET), "")
        return self.look(link)

    def look_later(self, link: Link, **changes: object) -> Link:
        """Look again when it is due by itself."""
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now(), **changes)
        return self.look(link)

    def ask(self, link: Link) -> Link:
        actions.ask(link)
        return self.look(link)

    def look(self, link: Link) -> Link:
        """A worker's look. What is to be looked at again, is at 10:30."""
        validation.validate(str(link.pk))
        Link.objects.filter(pk=link.pk, next_check_at__isnull=False).update(next_check_at=datetime(2026, 11, 22, 10, 30, tzinfo=UTC))
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=link.pk)

    def page(self, link: Link, language: str) -> str:
        Profile.objects.filter(user=self.ana).update(language=language)
        return html.unescape(self.client.get(f"/perfil/exchanges/{link.pk}/").content.decode())

    def states(self, link: Link) -> list[str]:
        return [step["state"] for step in link.validations.first().steps]

    def assert_says(self, link: Link, reason: str, expected: Said, *raw: str) -> None:
        """State, reason, title and sentence on the page in both languages; nothing of the key, nothing in Kraken's `raw` words."""
        self.assertEqual((link.status, link.reason), (expected.status, reason))
        for language, words in (("es", expected.es), ("en", expected.en)):
            page = self.page(link, language)
            self.assertIn(f'data-status="{expected.status}" data-reason="{reason}"', page)
            self.assertIn(f">{words[0]}</h2>", page)
            self.assertIn(f"<p>{words[1].replace('REF', link.reference)}", page)
            for hidden in (KEY, SECRET, EDGE, *CATEGORIES, *raw):
                self.assertNotIn(hidden, page)
