"""Every cause that is written has its sentence."""
import ast

from django.test import SimpleTestCase
from django.utils import translation

from profiles import activity_receivers, activity_words
from tests.environment import ROOT

# Which argument of each is the cause.
WRITERS = {"note": 1, "note_failure": 1, "_write": 2, "_make_due": 2}
# Put together where they are written.
COMPOSED = {
    "totp_added", "totp_removed", "passkey_added", "passkey_removed", "recovery_codes_made", "recovery_codes_removed", "secret_opened",
    "link", "unlink", "restore", "leave", "downloaded", "takeout"}


def noted() -> set[str]:
    """The causes that are written out in a call, anywhere in the code."""
    files = [path for folder in ("profiles", "exchanges") for path in (ROOT / folder).rglob("*.py")]
    calls = [node for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = [(call, ast.unparse(call.func).rpartition(".")[2]) for call in calls]
    causes = [call.args[WRITERS[name]] for call, name in names if name in WRITERS and len(call.args) > WRITERS[name]]
    texts = [node.value for cause in causes for node in ast.walk(cause) if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and text[:1].isalpha()}


class WordsTests(SimpleTestCase):
    def test_no_cause_is_without_words(self):
        causes = noted() | COMPOSED | set(activity_receivers.LOGINS.values())
        self.assertLessEqual({"logout", "downloaded", "frozen", "pause", "rename", "login_failed", "session_closed"}, causes)
        alone = {name.partition(".")[0] for name in activity_words.SENTENCE}
        self.assertEqual((causes - alone, alone - causes), (set(), set()))

    def test_what_is_alarming_has_words(self):
        self.assertEqual(activity_words.ALARMING - activity_words.SENTENCE.keys(), set())

    def test_the_purpose_or_the_actor_may_change_them(self):
        with translation.override("en"):
            self.assertEqual(
                activity_words.sentence("secret_opened", actor="worker", purpose="person", about="Kraken"),
                "We opened the key of Kraken to check it (you asked)")
            self.assertEqual(
                activity_words.sentence("secret_opened", actor="worker", purpose="new", about="Kraken"), "We opened the key of Kraken")
            self.assertEqual(activity_words.sentence("signup", actor="staff"), "Our team created your account")

    def test_a_name_with_a_percent_sign(self):
        with translation.override("en"):
            self.assertEqual(activity_words.sentence("pause", about="100 % (s)"), "You paused 100 % (s)")
