"""A proven key that changes at the exchange: what becomes of the link, and the one line that its history gets."""
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.utils import timezone

from exchanges import actions, vault
from exchanges.models import ApiKey, Event, Link
from tests.exchanges.base import SIX, ValidationTestCase
from tests.exchanges.test_account_seal import told

DAY_S = 86400
OTHER = "AA77 N84G OTHR ONE1"


class DriftTestCase(ValidationTestCase):
    def setUp(self):
        super().setUp()
        self.link = self.give(self.keys.new(SIX))
        # Seconds are all that the exchange tells: an edit within the first one would not show.
        ApiKey.objects.update(modified_at=datetime(2026, 1, 2, tzinfo=UTC))
        self.keys.change(self.link, permissions=SIX)
        self.link = self.look_later(self.link)
        Event.objects.all().delete()

    def edited(self, **changes) -> Link:
        """The person edits the key at the exchange; it is looked at when it is due by itself."""
        self.keys.change(self.link, **changes)
        return self.look_later(self.link)

    def state(self, link):
        return link.status, link.reason, link.notices, link.has_secret

    def line(self):
        """The only line: who, why, from, to, the reason, and what changed but for the moment of the edit."""
        event = Event.objects.get()
        changes = {name: value for name, value in event.changes.items() if name != "modified_at"}
        return event.actor, event.cause, event.from_status, event.to_status, event.reason, changes


class PermissionTests(DriftTestCase):
    def test_one_that_can_take_money_out_suspends_and_erases_at_once(self):
        link = self.edited(permissions=[*SIX, "withdraw-funds"])
        self.assertEqual(self.state(link), ("suspended", "dangerous_permissions", [], False))
        self.assertEqual(self.line(), ("exchange", "drift", "ready", "suspended", "dangerous_permissions",
                                       {"permissions": {"added": ["withdraw-funds"], "removed": []}}))

    def test_state_secret_and_line_are_written_together_or_not_at_all(self):
        self.keys.change(self.link, permissions=[*SIX, "withdraw-funds"])
        with mock.patch("exchanges.told.tell", side_effect=ZeroDivisionError), self.assertRaises(ZeroDivisionError):
            self.look_later(self.link)
        link = Link.objects.select_related("key").get(pk=self.link.pk)
        self.assertEqual((link.status, link.has_secret, Event.objects.count()), ("ready", True, 0))

    def test_one_lost(self):
        link = self.edited(permissions=SIX[:5])
        self.assertEqual(self.state(link), ("action_required", "missing_permissions", [], True))
        self.assertEqual(self.line(), ("exchange", "drift", "ready", "action_required", "missing_permissions",
                                       {"permissions": {"added": [], "removed": ["query-ledger"]}}))

    def test_one_too_many(self):
        link = self.edited(permissions=[*SIX, "earn-funds"])
        self.assertEqual(self.state(link), ("action_required", "extra_permissions", [], True))
        self.assertEqual(self.line()[5], {"permissions": {"added": ["earn-funds"], "removed": []}})

    def test_another_one_lost_is_a_line_though_the_state_stays(self):
        self.edited(permissions=SIX[:5])
        Event.objects.all().delete()
        self.edited(permissions=SIX[:4])
        self.assertEqual(self.line(), ("exchange", "drift", "action_required", "action_required", "missing_permissions",
                                       {"permissions": {"added": [], "removed": ["close-trades"]}}))

    def test_given_back_it_is_ready_again(self):
        self.edited(permissions=SIX[:5])
        Event.objects.all().delete()
        link = self.edited(permissions=SIX)
        self.assertEqual(link.status, "ready")
        self.assertEqual(self.line()[:5], ("exchange", "drift", "action_required", "ready", ""))

    def test_the_key_in_use_pasted_again_now_dangerous_is_named_too(self):
        self.keys.change(self.link, permissions=[*SIX, "withdraw-funds"])
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, vault.reveal(self.link.key))
        Event.objects.all().delete()
        self.assertEqual(self.look(self.link).status, "suspended")
        self.assertEqual(self.line(), ("exchange", "drift", "ready", "suspended", "dangerous_permissions", {
            "permissions": {"added": ["withdraw-funds"], "removed": []}, "candidate": "failed"}))


class OtherTests(DriftTestCase):
    def test_nothing_new_is_no_line(self):
        self.look_later(self.link)
        self.assertEqual(Event.objects.count(), 0)

    def test_the_limit_of_addresses_taken_away(self):
        self.edited(ip_allowlist=["127.0.0.0/8"])
        self.assertEqual(self.line(), ("exchange", "drift", "ready", "ready", "", {"ip_allowlist": ["127.0.0.0/8"]}))
        Event.objects.all().delete()
        link = self.edited(ip_allowlist=[])
        self.assertEqual(self.state(link), ("ready", "", ["ip_open"], True))
        self.assertEqual(self.line(), ("exchange", "drift", "ready", "ready", "", {"ip_allowlist": []}))

    def test_an_end_added(self):
        end = int(timezone.now().timestamp()) + 7200
        link = self.edited(valid_until=end)
        self.assertEqual(link.notices, ["expires_soon", "ip_open"])
        self.assertEqual(self.line(), ("exchange", "drift", "ready", "ready", "", {
            "expires_at": datetime.fromtimestamp(end, UTC).isoformat()}))
        # Looked at right after the end.
        after = link.next_check_at - datetime.fromtimestamp(end, UTC)
        self.assertTrue(timedelta(seconds=5) <= after <= timedelta(seconds=61), after)

    def test_an_end_put_off_and_taken_away(self):
        end = int(timezone.now().timestamp()) + 20 * DAY_S
        self.edited(valid_until=end)
        Event.objects.all().delete()
        link = self.edited(valid_until=0)
        self.assertEqual(link.notices, ["ip_open"])
        self.assertEqual(self.line()[5], {"expires_at": None})

    def test_an_edit_that_changed_nothing_we_see(self):
        ApiKey.objects.update(modified_at=datetime(2026, 1, 2, tzinfo=UTC))
        link = self.look_later(self.link)
        event = Event.objects.get()
        self.assertEqual((event.actor, event.cause, event.to_status), ("exchange", "drift", "ready"))
        self.assertEqual(event.changes, {"modified_at": link.key.modified_at.isoformat()})

    def test_a_key_forgotten_there_is_our_finding(self):
        self.edited(disabled=True)
        self.assertEqual(self.line(), ("worker", "schedule", "ready", "action_required", "bad_key", {}))
        Event.objects.all().delete()
        link = self.look_later(self.link, failing_since=timezone.now() - timedelta(seconds=75))
        self.assertEqual(link.status, "revoked")
        self.assertEqual(self.line(), ("worker", "schedule", "action_required", "revoked", "", {}))

    def test_a_key_never_proven_has_nothing_to_differ_from(self):
        link = self.give(self.keys.new(SIX[:5]), self.bea)
        Event.objects.all().delete()
        self.keys.change(link, permissions=SIX)
        self.assertEqual(self.look_later(link).status, "ready")
        self.assertEqual(self.line(), ("worker", "schedule", "action_required", "ready", "", {}))

    def test_a_check_that_somebody_asked_for_is_told_once(self):
        self.keys.change(self.link, permissions=SIX[:5])
        self.ask(self.link)
        self.assertEqual(list(Event.objects.values_list("actor", "cause")), [("exchange", "drift"), ("person", "validate")])
        self.assertEqual(Event.objects.first().at, self.link.validations.first().finished_at)


class AccountTests(DriftTestCase):
    def otherwise(self, account=OTHER):
        with told(account):
            return self.look_later(self.link)

    def test_another_account_under_the_same_key_is_not_operated_with(self):
        link = self.otherwise()
        self.assertEqual(self.state(link), ("action_required", "different_account", [], True))
        self.assertEqual(self.line(), (
            "exchange", "drift", "ready", "action_required", "different_account", {"account": "changed"}))

    def test_the_account_that_was_linked_is_the_one_that_counts(self):
        before = self.link.key.account_hash
        self.otherwise()
        Event.objects.all().delete()
        link = self.otherwise()
        self.assertEqual((link.status, link.reason, link.key.account_hash), ("action_required", "different_account", before))
        self.assertEqual(Event.objects.count(), 0)

    def test_it_heals_when_it_is_the_same_again(self):
        self.otherwise()
        Event.objects.all().delete()
        self.assertEqual(self.look_later(self.link).status, "ready")
        self.assertEqual(self.line(), ("worker", "schedule", "action_required", "ready", "", {}))

    def test_it_matters_more_than_what_is_missing_and_less_than_danger(self):
        self.keys.change(self.link, permissions=SIX[:5])
        self.assertEqual(self.otherwise().reason, "different_account")
        self.keys.change(self.link, permissions=[*SIX, "withdraw-funds"])
        link = self.otherwise()
        self.assertEqual((link.reason, link.has_secret), ("dangerous_permissions", False))

    def test_another_key_of_the_account_that_was_linked_ends_it(self):
        link = self.give(self.keys.new(SIX, account="mine"), self.bea)
        with told(OTHER):
            link = self.look_later(link)
        self.assertEqual(link.reason, "different_account")
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.keys.new(SIX, account="mine"))
        self.assertEqual(self.state(self.look(link)), ("ready", "", ["ip_open"], True))

    def test_an_account_that_is_not_told_is_no_other(self):
        self.assertEqual(self.otherwise("").status, "ready")
        self.assertEqual(Event.objects.count(), 0)
