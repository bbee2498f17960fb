"""The audit, over every subset that matters: each of the 64 subsets of the needed six, alone and beside each other right."""
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations

from django.test import SimpleTestCase

from exchanges.audit import Verdict, audit, rows
from exchanges.connectors import get
from exchanges.connectors.base import KeyReport, bundled, extra, needed

TABLE = get("kraken").permissions
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIX = ("query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger")
DANGEROUS = ("withdraw-funds", "add-withdraw-address", "update-withdraw-address")
EXTRA = ("add-funds", "earn-funds", "export-data", "create-ws-token")
UNKNOWN_DANGEROUS = (
    "future-transfer-funds", "WITHDRAW-all", "x.Send.y", "whitelist-Address", "transfer", "Sender", "readdress", "Withdraw-Funds",
)
UNKNOWN_EXTRA = ("future-right", "Query-Funds", "query funds", "stake", "trade-margin", "wire", "ünïcode")
SUBSETS = [frozenset(chosen) for chosen in chain.from_iterable(combinations(SIX, size) for size in range(7))]


def judge(granted, proven=False, withdrawals_off=False, **facts) -> Verdict:
    report = KeyReport(permissions=granted, **{"ip_allowlist": ("203.0.113.10",), **facts})
    return audit(TABLE, report, proven=proven, now=NOW, withdrawals_off=withdrawals_off)


def outcome(*arguments, **facts) -> tuple[str, str]:
    verdict = judge(*arguments, **facts)
    return verdict.status, verdict.reason


class StateTests(SimpleTestCase):
    def test_there_are_64_subsets(self):
        self.assertEqual(len(set(SUBSETS)), 64)

    def test_only_all_six_alone_are_ready(self):
        for granted in SUBSETS:
            expected = ("ready", "") if granted == set(SIX) else ("action_required", "missing_permissions")
            self.assertEqual(outcome(granted), expected)
            self.assertEqual(outcome(granted, proven=True), expected)

    def test_an_extra_one_counts_after_what_is_missing(self):
        for granted in SUBSETS:
            reason = "extra_permissions" if granted == set(SIX) else "missing_permissions"
            for name in EXTRA + UNKNOWN_EXTRA:
                self.assertEqual(outcome(granted | {name}), ("action_required", reason), name)

    def test_a_dangerous_one_counts_before_all(self):
        past, soon = NOW - timedelta(days=1), NOW + timedelta(days=1)
        for granted in SUBSETS:
            for name in DANGEROUS + UNKNOWN_DANGEROUS:
                for facts in ({}, {"query_window": True}, {"expires_at": past}, {"expires_at": soon}):
                    self.assertEqual(outcome(granted | {name}, **facts), ("refused", "dangerous_permissions"), name)
                    self.assertEqual(outcome(granted | {name}, proven=True, **facts), ("suspended", "dangerous_permissions"), name)
                self.assertEqual(outcome(granted | {name, *EXTRA})[0], "refused")

    def test_dates_on_the_key_count_last(self):
        for granted in SUBSETS:
            reason = "query_window" if granted == set(SIX) else "missing_permissions"
            self.assertEqual(outcome(granted, query_window=True), ("action_required", reason))
            self.assertEqual(outcome(granted | {"add-funds"}, query_window=True)[1].replace("extra", "missing"), "missing_permissions")

    def test_a_key_past_its_end_is_expired_whatever_it_lacks(self):
        for granted in SUBSETS:
            for facts in ({}, {"query_window": True}):
                self.assertEqual(outcome(granted, expires_at=NOW, **facts), ("expired", ""))
                self.assertEqual(outcome(granted | {"add-funds"}, expires_at=NOW - timedelta(days=400), **facts), ("expired", ""))

    def test_no_permission_at_all_is_missing_all(self):
        self.assertEqual(outcome(frozenset()), ("action_required", "missing_permissions"))


class NoticeTests(SimpleTestCase):
    def notices(self, granted=frozenset(SIX), **facts):
        return judge(granted, **facts).notices

    def test_nothing_to_say_of_a_bounded_key(self):
        self.assertEqual(self.notices(), ())

    def test_an_end_within_fourteen_days_is_told(self):
        self.assertEqual(self.notices(expires_at=NOW + timedelta(seconds=1)), ("expires_soon",))
        self.assertEqual(self.notices(expires_at=NOW + timedelta(days=14)), ("expires_soon",))
        self.assertEqual(self.notices(expires_at=NOW + timedelta(days=14, seconds=1)), ())

    def test_an_open_address_list_is_told_and_an_unknown_one_is_not(self):
        self.assertEqual(self.notices(ip_allowlist=()), ("ip_open",))
        self.assertEqual(self.notices(ip_allowlist=None), ())

    def test_both_together(self):
        self.assertEqual(self.notices(ip_allowlist=(), expires_at=NOW + timedelta(days=3)), ("expires_soon", "ip_open"))

    def test_only_a_ready_key_has_notices(self):
        for granted in (frozenset(), frozenset(SIX) | {"add-funds"}, frozenset(SIX) | {"withdraw-funds"}):
            self.assertEqual(self.notices(granted, ip_allowlist=(), expires_at=NOW + timedelta(days=3)), ())
        self.assertEqual(self.notices(ip_allowlist=(), query_window=True), ())


class CannotTellTests(SimpleTestCase):
    """An exchange that has no way to tell what a key may do."""

    def test_it_waits_for_the_persons_word(self):
        self.assertEqual(outcome(None), ("action_required", "unverifiable_permissions"))
        self.assertEqual(outcome(None, query_window=True), ("action_required", "unverifiable_permissions"))

    def test_it_is_ready_with_a_notice_after_it(self):
        verdict = judge(None, withdrawals_off=True, ip_allowlist=None)
        self.assertEqual((verdict.status, verdict.reason, verdict.notices), ("ready", "", ("unverifiable_permissions",)))

    def test_dates_and_its_end_still_count(self):
        self.assertEqual(outcome(None, withdrawals_off=True, query_window=True), ("action_required", "query_window"))
        self.assertEqual(outcome(None, withdrawals_off=True, expires_at=NOW), ("expired", ""))

    def test_every_row_is_unknown(self):
        found = judge(None, withdrawals_off=True).rows
        self.assertEqual([row.name for row in found], [permission.name for permission in TABLE])
        self.assertEqual({row.verdict for row in found}, {"unknown"})

    def test_the_persons_word_changes_nothing_where_the_exchange_tells(self):
        self.assertEqual(outcome(frozenset(SIX) | {"withdraw-funds"}, withdrawals_off=True), ("refused", "dangerous_permissions"))
        self.assertEqual(outcome(frozenset(SIX[:5]), withdrawals_off=True), ("action_required", "missing_permissions"))


class RowTests(SimpleTestCase):
    def shown(self, *granted):
        return [(row.name, row.verdict) for row in rows(TABLE, frozenset(granted))]

    def test_the_six_in_the_order_of_the_screen(self):
        self.assertEqual(self.shown(*reversed(SIX)), [(name, "needed") for name in SIX])

    def test_a_missing_one_keeps_its_place(self):
        self.assertEqual(self.shown(*SIX[1:]), [("query-funds", "missing"), *((name, "needed") for name in SIX[1:])])
        self.assertEqual(self.shown(), [(name, "missing") for name in SIX])

    def test_dangers_come_first_and_extras_last(self):
        self.assertEqual(self.shown(*SIX, "earn-funds", "zzz", "aaa", "transfer-all", "withdraw-funds"), [
            ("withdraw-funds", "dangerous"), ("transfer-all", "dangerous"), *((name, "needed") for name in SIX),
            ("earn-funds", "extra"), ("aaa", "extra"), ("zzz", "extra")])

    def test_each_brings_its_entry_of_the_table(self):
        known, unknown = rows(TABLE, frozenset({*SIX, "zzz"}))[-2:]
        self.assertEqual((known.permission.label, known.permission.group), ("Query ledger entries", "Data"))
        self.assertIsNone(unknown.permission)

    def test_they_are_the_rows_of_the_verdict(self):
        for granted in SUBSETS:
            self.assertEqual(judge(granted).rows, rows(TABLE, granted))


class BundledTests(SimpleTestCase):
    """Where a needed box brings another right along, that one is no extra; and a table's word goes before the name's."""

    table = (
        needed("trade", title="Trade", opens="", label="Trade"),
        bundled("read", title="Read", opens="", label="Read"),
        extra("transfer-inside", title="Transfer inside", opens="", label="Transfer"),
    )

    def outcome(self, *granted):
        report = KeyReport(permissions=frozenset(granted))
        verdict = audit(self.table, report, proven=False, now=NOW)
        return verdict.status, verdict.reason, [row.verdict for row in verdict.rows]

    def test_it_may_come_or_not(self):
        self.assertEqual(self.outcome("trade", "read"), ("ready", "", ["needed", "needed"]))
        self.assertEqual(self.outcome("trade"), ("ready", "", ["needed"]))
        self.assertEqual(self.outcome("read"), ("action_required", "missing_permissions", ["missing", "needed"]))

    def test_a_known_name_is_judged_by_the_table(self):
        self.assertEqual(self.outcome("trade", "transfer-inside"), ("action_required", "extra_permissions", ["needed", "extra"]))
