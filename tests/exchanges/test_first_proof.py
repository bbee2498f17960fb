"""A pasted key, one validation, the state it deserves."""
from datetime import timedelta

from django.utils import timezone

from exchanges.models import Call, Event
from tests.exchanges.base import SIX, SIX_CALLS, ValidationTestCase


class FirstProofTests(ValidationTestCase):
    def test_a_good_key_is_ready_after_six_calls(self):
        link = self.paste("ok")
        self.assertEqual((link.status, link.reason, link.notices), ("ready", "", ["ip_open"]))
        self.assertEqual(self.calls(link), SIX_CALLS)
        self.assertEqual(self.steps(link), ["ok"] * 5)
        self.assertEqual(sorted(link.key.permissions), sorted(SIX))
        self.assertIsNotNone(link.key.proven_at)
        self.assertIsNone(link.lease_token)
        self.assertGreater(link.next_check_at, timezone.now() + timedelta(hours=21))

    def test_the_documented_spelling_works_as_well(self):
        self.assertEqual(self.paste("ok-camel").status, "ready")

    def test_an_empty_account_is_a_success(self):
        link = self.paste("empty")
        self.assertEqual((link.status, link.notices), ("ready", ["ip_open", "empty_account"]))

    def test_a_key_that_ends_soon_says_so(self):
        link = self.paste("expiring")
        self.assertEqual((link.status, link.notices), ("ready", ["expires_soon", "ip_open"]))

    def test_a_withdraw_key_is_refused_after_one_call_and_erased(self):
        for name in ("withdraw", "address", "unknown-perm"):
            link = self.paste(name)
            self.assertEqual((name, link.status, link.reason), (name, "refused", "dangerous_permissions"))
            self.assertEqual(self.calls(link), ["GetApiKeyInfo"])
            self.assertIsNone(link.key.sealed)
            self.assertIsNotNone(link.key.erased_at)
            self.assertIsNone(link.next_check_at)
            self.assertEqual(self.steps(link), ["ok", "ok", "failed", "skipped", "skipped"])

    def test_what_the_person_must_change(self):
        expected = {
            "no-ledger": "missing_permissions", "no-open": "missing_permissions", "no-trade": "missing_permissions",
            "dates": "query_window", "ip": "ip_blocked", "otp": "ip_blocked", "burnt": "nonce_conflict",
            "expired": "bad_key", "late": "bad_key",
        }
        for name, reason in expected.items():
            link = self.paste(name)
            self.assertEqual((name, link.status, link.reason), (name, "action_required", reason))
            self.assertTrue(link.has_secret)

    def test_an_extra_permission_must_go(self):
        link = self.give(self.keys.new([*SIX, "earn-funds"]))
        self.assertEqual((link.status, link.reason), ("action_required", "extra_permissions"))
        self.assertEqual(self.calls(link), ["GetApiKeyInfo"])

    def test_what_is_nobodys_fault(self):
        expected = {"busy": "maintenance", "down": "maintenance", "html403": "unreadable_answer", "html520": "maintenance",
                    "no-method": "unreadable_answer", "locked": "lockout"}
        for name, reason in expected.items():
            link = self.paste(name)
            self.assertEqual((name, link.status, link.reason), (name, "exchange_down", reason))
            self.assertEqual(self.steps(link), ["ok", "failed", "pending", "pending", "pending"])
            self.assertIsNotNone(link.next_check_at)

    def test_a_wrong_secret_is_asked_about_once_and_never_again_by_itself(self):
        link = self.give(self.keys.wrong_secret())
        self.assertEqual((link.status, link.reason, link.next_check_at), ("action_required", "bad_secret", None))
        self.assertEqual(self.calls(link), ["GetApiKeyInfo"])

    def test_a_conflict_of_nonces_is_tried_three_times(self):
        link = self.paste("burnt")
        self.assertEqual(self.calls(link), ["GetApiKeyInfo"] * 3)

    def test_every_call_is_in_the_diary_without_content(self):
        link = self.paste("no-ledger")
        call = Call.objects.get(link=link)
        self.assertEqual((call.endpoint, call.purpose, call.outcome, call.code), ("GetApiKeyInfo", "link", "ok", ""))

    def test_the_change_has_a_cause_and_an_actor(self):
        link = self.paste("ok")
        events = list(Event.objects.filter(link=link).order_by("id").values_list("actor", "cause", "from_status", "to_status"))
        self.assertEqual(events, [("person", "link", "queued", "queued"), ("worker", "link", "queued", "ready")])
