"""What an exchange says of a key otherwise than before: pure comparison."""
from dataclasses import replace
from datetime import UTC, datetime
from unittest import TestCase

from exchanges.connectors.base import KeyReport
from exchanges.drift import compare
from exchanges.models import ApiKey

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
REPORT = KeyReport(
    permissions=frozenset({"query-funds", "modify-trades"}), expires_at=JUNE, ip_allowlist=("203.0.113.7", "203.0.113.8"),
    modified_at=MAY)


class CompareTests(TestCase):
    def drift(self, account="a", **said):
        key = ApiKey(
            permissions=["modify-trades", "query-funds"], expires_at=JUNE, ip_allowlist=["203.0.113.8", "203.0.113.7"],
            modified_at=MAY, account_hash="a")
        return compare(key, replace(REPORT, **said), account)

    def test_the_same_in_another_order_is_no_difference(self):
        self.assertEqual(self.drift(), {})

    def test_permissions_added_and_removed(self):
        self.assertEqual(
            self.drift(permissions=frozenset({"query-funds", "withdraw-funds", "earn-funds"})),
            {"permissions": {"added": ["earn-funds", "withdraw-funds"], "removed": ["modify-trades"]}})

    def test_where_it_works_from(self):
        self.assertEqual(self.drift(ip_allowlist=("203.0.113.9",)), {"ip_allowlist": ["203.0.113.9"]})
        self.assertEqual(self.drift(ip_allowlist=()), {"ip_allowlist": []})
        self.assertEqual(self.drift(ip_allowlist=None), {"ip_allowlist": None})

    def test_when_it_ends(self):
        self.assertEqual(self.drift(expires_at=MAY), {"expires_at": "2026-05-01T00:00:00+00:00"})
        self.assertEqual(self.drift(expires_at=None), {"expires_at": None})

    def test_that_it_was_edited(self):
        self.assertEqual(self.drift(modified_at=JUNE), {"modified_at": "2026-06-01T00:00:00+00:00"})

    def test_of_an_account_only_that_it_is_another(self):
        self.assertEqual(self.drift(account="b"), {"account": "changed"})

    def test_what_is_not_told_is_no_difference(self):
        self.assertEqual(self.drift(account=None, permissions=None, modified_at=None), {})
