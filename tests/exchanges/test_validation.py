"""The whole flow against the sandbox over real HTTP: a pasted key, one validation, the state it deserves."""
from datetime import timedelta
from unittest import mock

import pytest
from django.test import TransactionTestCase
from django.utils import timezone

from exchanges import actions, claim, validation
from exchanges.models import ApiKey, Call, Event, Link, Validation
from tests.base import make_people
from tests.exchanges.keys import SandboxKeys

SIX = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger"]
SIX_CALLS = ["GetApiKeyInfo", "Balance", "OpenOrders", "ClosedOrders", "Ledgers", "AddOrder"]


@pytest.mark.usefixtures("sandbox_of_class")
class ValidationTestCase(TransactionTestCase):
    sandbox_url: str

    def setUp(self):
        self.keys = SandboxKeys(self.sandbox_url)
        self.ana, self.bea, _celia = make_people()
        self.exchange = self.keys.exchange()

    def paste(self, name: str, user=None, label: str = "") -> Link:
        """Link the sandbox's ready-made key `name` and let a worker look at it once."""
        return self.give(self.keys.ready_made(name), user, label)

    def give(self, credentials, user=None, label: str = "") -> Link:
        with mock.patch("exchanges.tasks.nudge"), mock.patch("exchanges.actions.nudge"):
            link = actions.add_link(user or self.ana, self.exchange, credentials, label)
        return self.look(link)

    def look(self, link: Link) -> Link:
        validation.validate(str(link.pk))
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=link.pk)

    def look_later(self, link: Link, **changes) -> Link:
        """Look again when it is due by itself."""
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now(), **changes)
        return self.look(link)

    def ask(self, link: Link) -> Link:
        with mock.patch("exchanges.actions.nudge"):
            actions.ask(link)
        return self.look(link)

    def calls(self, link: Link) -> list[str]:
        return list(link.calls.order_by("id").values_list("endpoint", flat=True))

    def steps(self, link: Link) -> list[str]:
        return [step["state"] for step in link.validations.first().steps]


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


class RecheckTests(ValidationTestCase):
    def test_it_is_one_call_and_adds_no_validation(self):
        link = self.look_later(self.give(self.keys.new(SIX)))
        self.assertEqual(link.status, "ready")
        self.assertEqual(self.calls(link), [*SIX_CALLS, "GetApiKeyInfo"])
        self.assertEqual(link.validations.count(), 1)

    def test_it_keeps_the_state_through_one_failure(self):
        link = self.give(self.keys.new(SIX))
        self.keys.fault("busy", link)
        link = self.look_later(link)
        self.assertEqual((link.status, link.notices, link.failures), ("ready", ["ip_open"], 1))

    def test_a_click_that_cannot_be_answered_says_so_and_heals_by_itself(self):
        link = self.give(self.keys.new(SIX))
        self.keys.fault("unavailable", link)
        link = self.ask(link)
        self.assertEqual((link.status, link.reason), ("exchange_down", "maintenance"))
        self.assertEqual(self.look_later(link).status, "ready")

    def test_a_permission_lost(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, permissions=SIX[:5])
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("action_required", "missing_permissions"))
        self.assertEqual(link.validations.count(), 2)

    def test_a_dangerous_permission_that_appears_later_suspends_and_erases(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, permissions=[*SIX, "withdraw-funds"])
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason, link.has_secret), ("suspended", "dangerous_permissions", False))

    def test_a_key_that_the_exchange_forgets_is_revoked_by_the_second_look(self):
        link = self.give(self.keys.new(SIX))
        self.keys.change(link, disabled=True)
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("action_required", "bad_key"))
        link = self.look_later(link, failing_since=timezone.now() - timedelta(seconds=75))
        self.assertEqual((link.status, link.reason), ("revoked", ""))

    def test_a_bad_key_that_only_was_late_heals(self):
        link = self.give(self.keys.new(SIX, disabled=True))
        self.assertEqual(link.reason, "bad_key")
        self.keys.change(link, disabled=False)
        self.assertEqual(self.look_later(link).status, "ready")

    def test_a_try_of_ours_that_ended_like_the_last_adds_nothing_to_the_history(self):
        link = self.look_later(self.paste("down"))
        self.assertEqual(link.validations.count(), 1)
        self.assertEqual(link.failures, 2)


class SameKeyTests(ValidationTestCase):
    def test_a_second_paste_of_a_ready_key_leads_to_the_same_link(self):
        key = self.keys.new(SIX)
        self.assertEqual(self.give(key).pk, self.give(key).pk)
        self.assertEqual(ApiKey.objects.count(), 1)

    def test_a_paste_with_the_right_secret_heals_the_same_link(self):
        key = self.keys.new(SIX)
        first = self.give(self.keys.with_wrong_secret(key))
        self.assertEqual(first.reason, "bad_secret")
        second = self.give(key)
        self.assertEqual((second.pk, second.status), (first.pk, "ready"))
        self.assertEqual(second.keys.filter(erased_at__isnull=True).count(), 1)

    def test_an_unlinked_key_makes_a_new_link(self):
        key = self.keys.new(SIX)
        first = self.give(key)
        actions.unlink(first)
        second = self.give(key)
        self.assertNotEqual(second.pk, first.pk)
        self.assertEqual(second.status, "ready")

    def test_an_unproven_key_of_another_blocks_nobody(self):
        key = self.keys.new(SIX)
        theirs = self.give(self.keys.with_wrong_secret(key), self.bea)
        self.assertEqual(theirs.reason, "bad_secret")
        self.assertEqual(self.give(key).status, "ready")

    def test_the_same_key_proven_by_another_in_the_meantime(self):
        key = self.keys.new(SIX)
        self.give(key, self.bea)
        link = self.give(key, self.ana)
        self.assertEqual((link.status, link.reason, link.has_secret), ("action_required", "already_linked", False))

    def test_another_key_of_the_same_account(self):
        first = self.give(self.keys.new(SIX, account="AA77 SAME SAME SAME"))
        second = self.give(self.keys.new(SIX, account="AA77 SAME SAME SAME"), self.bea)
        self.assertEqual(first.status, "ready")
        self.assertEqual((second.status, second.reason, second.has_secret), ("action_required", "already_linked", False))


class ReplacementTests(ValidationTestCase):
    def setUp(self):
        super().setUp()
        self.account = "AA11 REPL ACEM ENT1"
        self.link = self.give(self.keys.new(SIX, account=self.account))

    def replace(self, credentials) -> Link:
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, credentials)
        return self.look(self.link)

    def test_a_good_one_takes_over_and_the_old_one_is_erased(self):
        old = self.link.key
        link = self.replace(self.keys.new(SIX, account=self.account))
        self.assertEqual((link.status, link.candidate, link.new_key), ("ready", "", None))
        self.assertNotEqual(link.key, old)
        self.assertIsNotNone(ApiKey.objects.get(pk=old.pk).erased_at)

    def test_a_bad_one_is_erased_and_touches_nothing(self):
        old = self.link.key
        link = self.replace(self.keys.new([*SIX, "withdraw-funds"], account=self.account))
        self.assertEqual((link.status, link.key, link.candidate, link.candidate_reason),
                         ("ready", old, "failed", "dangerous_permissions"))
        self.assertEqual(link.keys.filter(erased_at__isnull=True).get(), old)

    def test_one_of_another_account_is_not_taken(self):
        link = self.replace(self.keys.new(SIX, account="AA99 OTHE RACC OUNT"))
        self.assertEqual((link.candidate, link.candidate_reason), ("failed", "different_account"))

    def test_it_waits_while_the_exchange_does_not_answer(self):
        new = self.keys.new(SIX, account=self.account)
        self.keys.fault("busy", api_key=new.api_key)
        link = self.replace(new)
        self.assertEqual((link.status, link.candidate, link.candidate_reason), ("ready", "queued", "maintenance"))
        self.assertEqual(self.look_later(link).candidate, "")

    def test_a_paused_link_stays_paused_with_its_new_key(self):
        actions.pause(self.link)
        link = self.replace(self.keys.new(SIX, account=self.account))
        self.assertEqual((link.status, link.candidate, link.next_check_at), ("paused", "", None))


class LeaseTests(ValidationTestCase):
    def test_a_link_that_is_not_due_is_left_alone(self):
        link = self.give(self.keys.new(SIX))
        self.assertEqual(len(self.calls(self.look(link))), 6)

    def test_nothing_is_asked_after_an_unlink_in_mid_validation(self):
        seen = []

        def unlink_after_two(self_, endpoint):
            if len(seen) == 2:
                actions.unlink(self_.link)
            seen.append(endpoint.name)
            return before_call(self_, endpoint)

        before_call = claim.Claim.before_call
        with mock.patch.object(claim.Claim, "before_call", unlink_after_two):
            link = self.give(self.keys.new(SIX))
        self.assertEqual(self.calls(link), ["GetApiKeyInfo", "Balance"])
        self.assertEqual((link.status, link.key.sealed, link.key.fingerprint), ("unlinked", None, None))

    def test_a_worker_that_died_is_followed_by_another_when_the_lease_ends(self):
        with mock.patch("exchanges.validation._ask", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.give(self.keys.new(SIX))
        link = Link.objects.get()
        self.assertEqual((link.status, link.checking), ("checking", True))
        self.assertLessEqual(link.lease_until, timezone.now() + timedelta(seconds=60))
        self.assertEqual(self.look(link).status, "checking")
        self.assertEqual(self.look_later(link, lease_until=timezone.now() - timedelta(seconds=1)).status, "ready")

    def test_a_link_that_kills_its_workers_is_left_alone_for_a_while(self):
        with mock.patch("exchanges.validation._ask", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.give(self.keys.new(SIX))
        link = Link.objects.get()
        link = self.look_later(link, lease_until=timezone.now() - timedelta(seconds=1), failures=2)
        self.assertEqual((link.status, link.reason), ("exchange_down", "internal"))

    def test_nonces_are_never_used_twice(self):
        link = self.give(self.keys.new(SIX))
        blocks = [link.key.reserve_nonces(10, 64) for _ in range(3)]
        numbers = [n for block in blocks for n in block]
        self.assertEqual(len(set(numbers)), 192)
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual(link.key.reserve_nonces(numbers[-1] + 1000, 1)[0], numbers[-1] + 1001)

    def test_a_switched_off_exchange_is_not_asked(self):
        link = self.give(self.keys.new(SIX))
        self.exchange.is_open = False
        self.exchange.save()
        link = self.look_later(link)
        self.assertEqual((link.status, len(self.calls(link))), ("ready", 6))

    def test_a_secret_that_does_not_open_is_our_fault(self):
        link = self.paste("down")
        ApiKey.objects.update(sealed=b"garbage")
        link = self.look_later(link)
        self.assertEqual((link.status, link.reason), ("exchange_down", "internal"))
        self.assertEqual(Validation.objects.filter(link=link).count(), 2)
