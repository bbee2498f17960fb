"""No worker opens a secret without an entry that its owner can read, with what for."""
from unittest import mock

from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchanges import vault
from exchanges.models import Exchange, Link
from profiles import activity
from profiles.models import Activity
from tests.exchanges.base import SIX, ValidationTestCase


class OpenedTests(ValidationTestCase):
    def opened(self) -> list[tuple[str, str]]:
        entries = Activity.objects.filter(user=self.ana, cause="secret_opened", actor="worker").order_by("pk")
        return list(entries.values_list("purpose", "about"))

    def test_each_purpose(self):
        link = self.give(self.keys.new(SIX), label="Ahorro")
        self.look_later(link)
        self.ask(link)
        self.assertEqual(
            self.opened(), [("link", "Kraken · Ahorro"), ("schedule", "Kraken · Ahorro"), ("person", "Kraken · Ahorro")])

    def test_it_is_committed_before_the_secret_is_opened(self):
        seen = []

        def reveal(key):
            seen.append((connection.in_atomic_block, self.opened()))
            return opened(key)

        opened = vault.reveal
        with mock.patch("exchanges.vault.reveal", reveal):
            self.give(self.keys.new(SIX))
        self.assertEqual(seen, [(False, [("link", "Kraken")])])

    def test_nothing_is_opened_where_it_cannot_be_written(self):
        with mock.patch("exchanges.vault.reveal") as reveal, \
                mock.patch("profiles.activity.note_opened", side_effect=DatabaseError), self.assertRaises(DatabaseError):
            self.give(self.keys.new(SIX))
        reveal.assert_not_called()
        self.assertIsNone(Link.objects.get().lease_token)

    def test_as_many_entries_as_openings(self):
        with mock.patch("exchanges.vault.reveal", side_effect=vault.reveal) as reveal:
            link = self.give(self.keys.new(SIX))
            self.look(link)
            self.look_later(link)
        self.assertEqual((reveal.call_count, len(self.opened())), (2, 2))

    def test_where_the_exchange_answers_nobody_nothing_is_opened(self):
        link = self.give(self.keys.new(SIX))
        now = timezone.now()
        Exchange.objects.update(broken_since=now, broken_reason="network", tried_at=now)
        self.look_later(link)
        self.assertEqual(len(self.opened()), 1)

    def test_a_link_that_kills_its_workers_is_not_opened(self):
        link = self.give(self.keys.new(SIX))
        with mock.patch("exchanges.vault.reveal") as reveal:
            self.look_later(link, lease_token=link.pk, lease_until=timezone.now(), deaths=2)
        reveal.assert_not_called()
        self.assertEqual(len(self.opened()), 1)

    def test_it_costs_one_insert_and_no_transaction(self):
        link = self.give(self.keys.new(SIX))
        Link.objects.update(next_check_at=timezone.now())
        with CaptureQueriesContext(connection) as with_it:
            self.look(link)
        Link.objects.update(next_check_at=timezone.now())
        with mock.patch.object(activity, "note_opened"), CaptureQueriesContext(connection) as without:
            self.look(link)
        self.assertEqual(len(with_it) - len(without), 1)
