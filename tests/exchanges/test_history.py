"""The past of a link on its page: who, when, what, and each thing once."""
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from exchanges import actions, history, history_words
from exchanges.models import ApiKey, Event, Link, Validation
from tests.base import SmartraderTestCase
from tests.exchanges.base import SIX, ValidationTestCase
from tests.exchanges.test_account_seal import told

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REASONS = (
    "missing_permissions", "extra_permissions", "unverifiable_permissions", "bad_key", "bad_secret", "bad_passphrase", "ip_blocked",
    "nonce_conflict", "otp_on_key", "query_window", "account_restricted", "already_linked", "different_account", "region_blocked",
    "dangerous_permissions", "clock_skew", "rate_limited", "lockout", "maintenance", "timeout", "network", "unreadable_answer",
    "internal", "by_staff", "incident", "expired")


def told_of(link: Link) -> list[tuple]:
    """Who, title, badge, before, after and sentences of each line, in English."""
    link = Link.objects.select_related("exchange").get(pk=link.pk)
    with translation.override("en"):
        return [(str(line["who"]), str(line["title"]), str(line["badge"].badge) if line["badge"] else "", str(line["before"]),
                 str(line["after"]), list(map(str, line["said"]))) for line in history.lines(link, history.moments(link))]


class WalkTests(ValidationTestCase):
    def setUp(self):
        super().setUp()
        self.link = self.give(self.keys.new(SIX, account="walk"))
        ApiKey.objects.update(modified_at=datetime(2026, 1, 2, tzinfo=UTC))
        self.look_later(self.link)
        Event.objects.all().delete()
        Validation.objects.all().delete()

    def edited(self, **changes):
        self.keys.change(self.link, **changes)
        self.look_later(self.link)
        return told_of(self.link)

    def replaced(self, credentials):
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, credentials)
        self.look(self.link)
        return told_of(self.link)

    def test_a_first_link(self):
        link = self.give(self.keys.new(SIX), self.bea)
        self.assertEqual(told_of(link), [
            ("You", "", "Ready to operate", "", "", []),
            ("You", "Linked", "", "", "", [])])

    def test_a_check_that_was_asked_for_is_one_line(self):
        self.ask(self.link)
        self.assertEqual(told_of(self.link), [("You", "", "Ready to operate", "", "", [])])

    def test_a_check_that_is_still_waited_for(self):
        with mock.patch("exchanges.actions.nudge"):
            actions.ask(self.link)
        self.assertEqual(told_of(self.link), [("You", "Check asked for", "", "", "", [])])

    def test_a_check_that_was_asked_for_and_found_a_change_is_one_line(self):
        self.keys.change(self.link, permissions=SIX[:5])
        self.ask(self.link)
        self.assertEqual(told_of(self.link), [
            ("Kraken", "The key has changed at Kraken", "Needs your attention", "Ready to operate", "",
             ["It lacks permissions", "It can no longer: “Query ledger entries”"])])

    def test_a_dangerous_permission(self):
        self.assertEqual(self.edited(permissions=[*SIX, "withdraw-funds"]), [
            ("Kraken", "The key has changed at Kraken", "Suspended", "Ready to operate", "",
             ["It can take money out", "Now it can also: “Funds permissions › Withdraw”"])])

    def test_addresses_of_a_key_that_stays_ready(self):
        self.assertEqual(self.edited(ip_allowlist=["127.0.0.0/8"])[0], (
            "Kraken", "The key has changed at Kraken", "", "", "", ["It only works from: 127.0.0.0/8"]))
        self.assertEqual(self.edited(ip_allowlist=[])[0][5], ["It works from any IP address"])

    def test_an_end(self):
        self.assertEqual(self.edited(valid_until=2000000000)[0][5], ["It expires on May 18, 2033"])
        self.assertEqual(self.edited(valid_until=0)[0][5], ["It no longer expires"])

    def test_an_edit_that_changed_nothing_we_see(self):
        ApiKey.objects.update(modified_at=datetime(2026, 1, 2, tzinfo=UTC))
        self.look_later(self.link)
        who, title, _badge, _before, _after, said = told_of(self.link)[0]
        self.assertEqual((who, title, len(said), said[0][:15]), ("Kraken", "The key has changed at Kraken", 1, "Edited there on"))

    def test_another_account(self):
        with told("AA77 N84G OTHR ONE1"):
            self.look_later(self.link)
        self.assertEqual(told_of(self.link)[0][5], ["It is of another account of Kraken"])

    def test_a_key_that_the_exchange_forgets(self):
        self.edited(disabled=True)
        self.look_later(self.link, failing_since=timezone.now() - timedelta(seconds=75))
        self.assertEqual(told_of(self.link), [
            ("Smartrader, by itself", "", "Revoked", "Needs your attention", "", []),
            ("Smartrader, by itself", "", "Needs your attention", "Ready to operate", "", ["Kraken did not find the key"])])

    def test_a_replacement_that_fails_and_one_that_works(self):
        self.assertEqual(self.replaced(self.keys.new(SIX[:5], account="walk")), [
            ("You", "The new key did not pass the check", "", "", "", ["It lacks permissions"]),
            ("You", "Another key pasted", "", "", "", [])])
        self.assertEqual(self.replaced(self.keys.new(SIX, account="walk"))[0], ("You", "The new key is in use", "", "", "", []))

    def test_pause_resume_and_unlink(self):
        actions.pause(self.link)
        with mock.patch("exchanges.actions.nudge"):
            actions.resume(self.link)
        self.look(self.link)
        actions.unlink(self.link)
        self.assertEqual(told_of(self.link), [
            ("You", "Unlinked, and the key erased", "", "Ready to operate", "Unlinked", []),
            ("You", "", "Ready to operate", "", "", []),
            ("You", "Resumed", "", "Paused", "Queued", []),
            ("You", "Paused", "", "Ready to operate", "Paused", [])])

    def test_our_team(self):
        actions.suspend(self.link, "by_staff")
        with mock.patch("exchanges.actions.nudge"):
            actions.lift(self.link)
        self.assertEqual(told_of(self.link), [
            ("Our team", "Suspension lifted", "", "Suspended", "Queued", []),
            ("Our team", "Suspended", "", "Ready to operate", "Suspended", ["Our team stopped it"])])


class PageTests(SmartraderTestCase):
    def setUp(self):
        Event.objects.all().delete()
        self.client.force_login(self.ana)
        self.url = f"/perfil/exchanges/{self.link.id}/"

    def happened(self, actor, cause, to="ready", reason="", at=NINE, **changes):
        Event.objects.create(link=self.link, at=at, actor=actor, cause=cause, from_status="ready", to_status=to, reason=reason,
                             changes=changes)

    def test_an_erased_key_says_so(self):
        self.happened("worker", "retention")
        self.assertEqual(told_of(self.link)[0][:2], ("Smartrader, by itself", "Key erased: it had not worked for days"))

    def test_each_reason_has_words_with_nothing_left_to_fill_in(self):
        self.assertEqual(sorted(history_words.WHY), sorted(REASONS))
        for reason in REASONS:
            self.happened("worker", "schedule", "action_required", reason)
        self.assertNotContains(self.client.get(f"{self.url}historial/"), "%(")

    def test_what_an_exchange_names_is_shown_as_text(self):
        self.happened("exchange", "drift", permissions={"added": ["<b>%(list)s"], "removed": []}, ip_allowlist=["%s<i>"])
        self.assertContains(self.client.get(self.url), "«&lt;b&gt;%(list)s»")
        self.assertContains(self.client.get(self.url), "%s&lt;i&gt;")

    def test_a_long_list_is_cut(self):
        self.happened("exchange", "drift", ip_allowlist=[f"203.0.113.{n}" for n in range(15)])
        self.assertTrue(told_of(self.link)[0][5][0].endswith("203.0.113.11, and 3 more"))

    def test_an_address_that_the_exchange_no_longer_tells(self):
        self.happened("exchange", "drift", ip_allowlist=None)
        self.assertEqual(told_of(self.link)[0][5], ["Kraken no longer tells from where it works"])

    def test_the_newest_on_the_page_and_all_in_pages(self):
        for day in range(35):
            self.happened("person", "pause", "paused", at=NINE + timedelta(days=day))
        page = self.client.get(self.url)
        self.assertEqual(len(page.context["history"]), 8)
        self.assertContains(page, f'href="{self.url}historial/"')
        self.assertEqual(len(self.client.get(f"{self.url}historial/").context["history"]), 30)
        self.assertEqual(self.client.get(f"{self.url}historial/?page=2").context["history"][-1]["at"], NINE)

    def test_the_newest_first_whatever_kind(self):
        self.happened("person", "pause", "paused", at=NINE + timedelta(hours=1))
        key = self.link.keys.get()
        Validation.objects.create(link=self.link, key=key, trigger="person", status="ready", started_at=NINE, finished_at=NINE)
        self.happened("person", "link", "queued", at=NINE - timedelta(hours=1))
        self.assertEqual([line[1:3] for line in told_of(self.link)], [
            ("Paused", ""), ("", "Ready to operate"), ("Linked", "")])

    def test_few_queries_however_long_the_history(self):
        for day in range(40):
            self.happened("exchange", "drift", at=NINE + timedelta(days=day), expires_at="2027-01-01T00:00:00+00:00")
        self.client.get(self.url)
        for url in (self.url, f"{self.url}estado/", f"{self.url}historial/?page=2"):
            with CaptureQueriesContext(connection) as queries:
                self.client.get(url)
            self.assertLessEqual(len(queries), 12, url)
