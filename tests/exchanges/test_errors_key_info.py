"""From the wire to the sentence: every error on the very first call, as its owner reads it in both languages."""
from tests.exchanges.kraken_errors import HTTP_ROWS, ROWS
from tests.exchanges.kraken_sentences import SAID
from tests.exchanges.scripted import KEY_INFO, ScriptedTestCase, edge, good, said


class FirstCallTests(ScriptedTestCase):
    def test_each_error_has_its_sentence_and_a_code_for_our_staff_alone(self):
        for row in ROWS:
            with self.alone(said=row.said):
                self.kraken.answers["GetApiKeyInfo"] = said(*row.said)
                reason = row.key_info[1]
                link = self.paste()
                self.assert_says(link, reason, SAID[reason], *filter(None, row.said))
                self.assertEqual(set(link.calls.values_list("code", flat=True)), {row.code})

    def test_each_status_has_its_sentence(self):
        for status, headers, (_kind, reason), _wait_s in HTTP_ROWS:
            with self.alone(status=status, headers=headers):
                self.kraken.answers["GetApiKeyInfo"] = edge(status, *headers)
                self.assert_says(self.paste(), reason, SAID[reason])

    def test_a_good_key_is_ready(self):
        self.assert_says(self.paste(), "", SAID[""])

    def test_a_danger_among_garbage_is_told_without_the_garbage(self):
        permissions = ["\ud800", None, "\x00", "with\u200bdraw-funds"]
        self.kraken.answers["GetApiKeyInfo"] = good(KEY_INFO | {"permissions": permissions})
        link = self.paste()
        self.assertEqual((link.status, link.key.permissions, link.has_secret), ("refused", ["withdraw-funds"], False))
        self.assertIn('data-status="refused" data-reason="dangerous_permissions"', self.page(link, "es"))
