"""From the wire to the sentence: every error on what proves a key, the four reads and the order that is never placed."""
from exchanges.connectors.base import Refused
from tests.exchanges.kraken_errors import AFTER_ORDER_ROWS, HTTP_ROWS, READ_ROWS, SKIPPED
from tests.exchanges.kraken_sentences import SAID, missing
from tests.exchanges.scripted import CALLS, ScriptedTestCase, edge, said

JUDGED, SILENT = ["ok", "ok", "ok", "failed", "skipped"], ["ok", "ok", "ok", "failed", "pending"]


class ReadTests(ScriptedTestCase):
    def test_a_denied_right_is_named(self):
        for call, steps in (*((call, JUDGED) for call in CALLS[1:5]), ("AddOrder", ["ok", "ok", "ok", "ok", "failed"])):
            with self.alone(call=call):
                self.kraken.answers[call] = said("EGeneral:Permission denied")
                link = self.paste()
                self.assert_says(link, "missing_permissions", missing(call))
                self.assertEqual(self.states(link), steps)

    def test_dates_on_the_key_must_go(self):
        for call in ("ClosedOrders", "Ledgers"):
            with self.alone(call=call):
                self.kraken.answers[call] = said("EGeneral:Invalid arguments:start")
                self.assert_says(self.paste(), "query_window", SAID["query_window"])

    def test_each_error_on_a_read(self):
        for row in READ_ROWS:
            with self.alone(said=row.said):
                self.kraken.answers["Ledgers"] = said(*row.said)
                link, (kind, reason) = self.paste(), row.history
                status, steps = ("action_required", JUDGED) if kind is Refused else ("exchange_down", SILENT)
                self.assertEqual((link.status, link.reason, self.states(link)), (status, reason, steps))

    def test_a_key_that_was_just_known_is_not_blamed_by_a_read(self):
        for error in ("EAPI:Invalid key", "EAPI:Invalid signature"):
            with self.alone(error=error):
                self.kraken.answers["Balance"] = said(error)
                self.assert_says(self.paste(), "internal", SAID["internal"])

    def test_each_status_on_a_read(self):
        for status, headers, (_kind, reason), _wait_s in HTTP_ROWS:
            with self.alone(status=status, headers=headers):
                self.kraken.answers["Balance"] = edge(status, *headers)
                link = self.paste()
                self.assertEqual((link.status, link.reason, self.states(link)), ("exchange_down", reason, SILENT))


class OrderTests(ScriptedTestCase):
    def test_each_error_on_the_order_leaves_the_key_ready_but_a_denied_right(self):
        for row in AFTER_ORDER_ROWS:
            with self.alone(said=row.said):
                self.kraken.answers["AddOrder"] = said(*row.said)
                link = self.paste()
                self.assertEqual((link.status, link.reason, link.notices), ("ready", "", []))
                self.assertEqual(self.states(link)[4], row.dry_order if isinstance(row.dry_order, str) else SKIPPED)

    def test_an_order_that_was_not_tried_is_not_shown_as_passed(self):
        self.kraken.answers["AddOrder"] = said("EService:Unavailable")
        link = self.paste()
        self.assert_says(link, "", SAID[""])
        self.assertIn('data-step="dry_run" data-state="skipped"', self.page(link, "es"))
