"""Every error met by a key that worked: what passes leaves it ready, what was judged is told, and nothing is final too soon."""
from datetime import timedelta

from django.utils import timezone

from exchanges.connectors.base import Refused
from exchanges.models import Link
from tests.exchanges.kraken_errors import HTTP_ROWS, PASSING_ROWS, ROWS
from tests.exchanges.kraken_sentences import SAID
from tests.exchanges.scripted import ScriptedTestCase, edge, said

JUDGED = tuple(row for row in ROWS if row.key_info[0] is Refused)
SILENT = tuple(row for row in ROWS if row.key_info[0] is not Refused)
OF_A_PROVEN_KEY = {**SAID, "bad_key": SAID["bad_key of a proven key"]}


class ProvenKeyTests(ScriptedTestCase):
    def setUp(self):
        super().setUp()
        self.link = self.paste()

    def recheck(self, answer: bytes, **changes: object) -> Link:
        self.kraken.answers["GetApiKeyInfo"] = answer
        return self.look_later(self.link, **changes)

    def test_what_passes_leaves_it_ready(self):
        for row in SILENT:
            with self.alone(said=row.said):
                link = self.recheck(said(*row.said))
                self.assertEqual((link.status, link.reason, link.failures), ("ready", "", 1))

    def test_no_status_of_the_edge_takes_it_away(self):
        for status, headers, _meaning, _wait_s in HTTP_ROWS:
            with self.alone(status=status, headers=headers):
                link = self.recheck(edge(status, *headers))
                self.assertEqual((link.status, link.reason, link.failures), ("ready", "", 1))

    def test_what_lasts_is_told(self):
        for row in PASSING_ROWS:
            with self.alone(said=row.said):
                link = self.recheck(said(*row.said), failures=2, failing_since=timezone.now() - timedelta(minutes=6))
                self.assertEqual((link.status, link.reason), ("exchange_down", row.key_info[1]))

    def test_whoever_asks_is_told_at_once(self):
        for row in PASSING_ROWS:
            with self.alone(said=row.said):
                self.kraken.answers["GetApiKeyInfo"] = said(*row.said)
                self.assert_says(self.ask(self.link), row.key_info[1], SAID[row.key_info[1]])

    def test_what_was_judged_is_told_and_the_key_is_kept(self):
        for row in JUDGED:
            with self.alone(said=row.said):
                link = self.recheck(said(*row.said))
                self.assert_says(link, row.key_info[1], OF_A_PROVEN_KEY[row.key_info[1]])
                self.assertTrue(link.is_proven)

    def test_a_key_that_is_gone_is_revoked_by_the_second_look(self):
        for error in ("EAPI:Invalid key", "ESession:Invalid session"):
            with self.alone(error=error):
                link = self.recheck(said(error))
                self.assertEqual((link.status, link.reason), ("action_required", "bad_key"))
                link = self.recheck(said(error), failing_since=timezone.now() - timedelta(seconds=75))
                self.assert_says(link, "", SAID["revoked"])

    def test_a_silence_between_the_two_looks_does_not_revoke_it(self):
        self.recheck(said("EAPI:Invalid key"))
        for _one in range(5):
            link = self.recheck(said("EService:Busy"), failing_since=timezone.now() - timedelta(minutes=10))
            self.assertEqual((link.status, link.reason), ("action_required", "bad_key"))

    def test_a_key_lost_for_a_moment_is_ready_again(self):
        for row in JUDGED:
            with self.alone(said=row.said):
                self.recheck(said(*row.said))
                self.kraken.answers.clear()
                self.assertEqual(self.look_later(self.link).status, "ready")
