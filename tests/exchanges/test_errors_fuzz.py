"""Answers gone wrong in any way, through the whole portal: a state, a page in both languages, and ready only when it is true."""
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchanges.base import SIX
from tests.exchanges.connectors.test_kraken_fuzz import JSON, NESTED, RAW, TEXTS, changed_results
from tests.exchanges.connectors.wire import answer
from tests.exchanges.scripted import CALLS, ScriptedTestCase

SILENT = {"rate_limited", "lockout", "maintenance", "timeout", "unreadable_answer", "internal"}
# What a description may lead to, besides a silence.
DESCRIBED = {
    ("ready", ""), ("expired", ""), ("refused", "dangerous_permissions"), ("action_required", "missing_permissions"),
    ("action_required", "extra_permissions"), ("action_required", "query_window"), *(("exchange_down", reason) for reason in SILENT),
}
fuzz = settings(max_examples=15, deadline=None, derandomize=True, database=None)


class PortalTests(ScriptedTestCase):
    def meet(self, call: str, body: bytes, status: int = 200) -> tuple[str, str]:
        """Link a key; `call` is answered with `body`. Status and reason, after a look at the pages."""
        with self.undone():
            self.kraken.answers[call] = answer(body, status)
            link = self.paste()
            for language in ("es", "en"):
                self.assertIn(f'data-status="{link.status}" data-reason="{link.reason}"', self.page(link, language))
            self.assertEqual(self.client.get(f"/perfil/exchanges/{link.pk}/diario/").status_code, 200)
        return link.status, link.reason

    def test_a_description_gone_wrong(self):
        @fuzz
        @given(changed_results())
        def met(result):
            found = self.meet("GetApiKeyInfo", json.dumps({"error": [], "result": result}).encode())
            self.assertIn(found, DESCRIBED)
            if found == ("ready", ""):
                self.assertEqual({name.strip() for name in result["permissions"]} - {""}, set(SIX))

        met()

    def test_what_is_no_answer_of_kraken(self):
        @fuzz
        @given(st.sampled_from(CALLS[:5]), st.binary(max_size=60) | (RAW | NESTED).map(str.encode), st.sampled_from([200, 201, 403, 500]))
        def met(call, body, status):
            found = self.meet(call, body, status)
            self.assertIn(found, {("exchange_down", "unreadable_answer"), ("exchange_down", "maintenance")})

        met()

    def test_another_result_in_a_good_envelope(self):
        @fuzz
        @given(st.sampled_from(CALLS), JSON, st.lists(TEXTS, max_size=2))
        def met(call, result, errors):
            status, reason = self.meet(call, json.dumps({"error": errors, "result": result}).encode())
            self.assertIn(reason, {"", "bad_key", *SILENT})
            self.assertFalse(call == "GetApiKeyInfo" and status == "ready")

        met()
