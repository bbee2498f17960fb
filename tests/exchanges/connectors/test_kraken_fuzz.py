"""Whatever comes back: a value of the right type, a refusal Kraken really spoke, or "ask later". Nothing else, and never a crash."""
import json
import re
from datetime import UTC, datetime

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.audit import audit
from exchanges.connectors.base import Answer, Credentials, Endpoint, KeyReport, Refused, Seen, Unavailable
from exchanges.connectors.kraken import connector, describe_key
from tests.exchanges.kraken_errors import ROWS

from .test_kraken import DOCUMENTED, SEEN, SIX
from .wire import KEY, SECRET

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FIELDS = (*SEEN, *DOCUMENTED)
NASTY = ["", " ", "0", "\ud800", "\x00", "\u202e", "with\u200bdraw-funds", "1e999", "NaN", "9" * 5000, "x" * 101, KEY, "EAPI:Invalid key"]
TEXTS = st.text(max_size=30) | st.text(st.characters(), max_size=9) | st.sampled_from(NASTY)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | TEXTS, inner, max_size=5), max_leaves=12)
# Written as they stand: what Python would not write, or not read back.
RAW = st.sampled_from(["9" * 5000, "-" + "9" * 5000, "1e999", "-0", "1E+2", "NaN", "-Infinity", "'x'", r'"\ud800"', "[,]", "{}{}"])
NESTED = st.tuples(st.integers(1, 1200), st.sampled_from([("[", "]"), ('{"a":[', "]}")])).map(
    lambda deep: deep[1][0] * deep[0] + deep[1][1] * deep[0])
DANGERS = ["withdraw-funds", "add-withdraw-address", "Withdraw_All", "future-transfer-funds", "wallet-send", "ｗithdraw"]
RIGHTS = st.lists(st.sampled_from([*SIX, *SIX, *DANGERS, "earn-funds", "create-ws-token", "new-right", "", " query-funds "]), max_size=9)
LISTS = RIGHTS | RIGHTS.map(lambda more: [*SIX, *more]) | st.lists(RIGHTS | TEXTS | LEAVES, max_size=6).map(lambda more: [*SIX, *more])
KNOWN = [row for row in ROWS if not row.said[0].startswith("W")]
ERRORS = st.sampled_from(ROWS).map(lambda row: row.said[0]) | TEXTS
BLAMED = {
    "bad_key": re.compile(r"\s*(EAPI\s*:\s*invalid\s+key|ESession\s*:\s*invalid\s+session)\b", re.IGNORECASE),
    "bad_secret": re.compile(r"\s*EAPI\s*:\s*invalid\s+signature\b", re.IGNORECASE),
}
STATUSES = st.just(200) | st.integers(100, 599)
fuzz = settings(max_examples=150, deadline=None, derandomize=True, database=None)


class AnyAnswer:
    """A session whose every call is answered alike."""

    credentials = Credentials(KEY, SECRET)

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.answer = Answer(status, {}, body)

    def call(self, endpoint: Endpoint, **_free: str):
        return connector.read_answer(endpoint, self.answer)


def outcome(ask, body: bytes, status: int = 200):
    try:
        return ask(AnyAnswer(body, status))
    except (Refused, Unavailable) as failure:
        return failure


def strings(found) -> list[str]:
    """Every text in what JSON made, however deep."""
    if isinstance(found, str):
        return [found]
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else []
    return [text for one in inner for text in strings(one)]


@st.composite
def changed_results(draw) -> dict:
    """A good description of the key with up to three of its fields, in either spelling, gone or made into something else."""
    result = dict(draw(st.sampled_from([SEEN, DOCUMENTED])))
    for name in draw(st.lists(st.sampled_from([*FIELDS, "permissions", "permissions"]), max_size=3)):
        result[name] = draw(LISTS if name == "permissions" else JSON | st.sampled_from(["1795400000", 1795400000, KEY]))
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=1)):
        result.pop(name, None)
    return result


class Fuzz(SimpleTestCase):
    def ask_all(self, body: bytes, status: int = 200) -> None:
        """All that a proof asks, each with the type of what it may say."""
        self.judge(outcome(describe_key, body, status), KeyReport)
        self.judge(outcome(connector.reads[0].call, body, status), Seen)
        for read in connector.reads[1:]:
            self.judge(outcome(read.call, body, status), type(None))
        self.judge(outcome(connector.dry_run.call, body, status), str)

    def judge(self, found, kind: type) -> None:
        self.assertIsInstance(found, (kind, Refused, Unavailable))
        if isinstance(found, (Refused, Unavailable)):
            self.assertTrue(re.fullmatch(r"[A-Za-z_:? ]{0,70}|HTTP \d{3}", found.code), found.code)
        if isinstance(found, Unavailable):
            self.assertTrue(found.retry_after_s is None or 0 <= found.retry_after_s <= 3600)


class ShapeTests(Fuzz):
    @fuzz
    @given(st.binary(max_size=200), STATUSES)
    def test_any_bytes(self, body, status):
        self.ask_all(body, status)

    @fuzz
    @given(JSON, STATUSES)
    def test_any_json(self, answer, status):
        self.ask_all(json.dumps(answer).encode(), status)

    @fuzz
    @given(JSON, st.lists(TEXTS | LEAVES, max_size=3))
    def test_any_result_in_a_good_envelope(self, result, errors):
        self.ask_all(json.dumps({"error": errors, "result": result}).encode())

    @fuzz
    @given(st.sampled_from(["open", "closed", "ledger", "ZEUR", *FIELDS]), RAW | NESTED, st.sampled_from([SEEN, DOCUMENTED, {}]))
    def test_what_python_would_not_write(self, name, raw, result):
        for answer in ({"error": [], "result": {**result, name: "@@"}}, {"error": [], "result": "@@"}, {"error": "@@", "result": result},
                       {"error": ["@@"]}):
            self.ask_all(json.dumps(answer).replace('"@@"', raw).encode())

    @fuzz
    @given(st.sampled_from(["error", "result", *FIELDS]), JSON)
    def test_a_thing_said_twice_is_never_believed(self, name, value):
        inner = json.dumps(SEEN | {name: SEEN.get(name)})
        again = f"{json.dumps(name)}: {json.dumps(value)}}}"
        for body in (f'{{"error": [], "result": {inner[:-1]}, {again}}}', f'{{"error": [], "result": {inner}, "error": [], {again}'):
            found = outcome(describe_key, body.encode())
            self.assertEqual((type(found), found.reason), (Unavailable, "unreadable_answer"))

    @fuzz
    @given(st.integers(100, 599).filter(lambda status: status != 200), st.sampled_from([SEEN, None]), st.sampled_from(ROWS))
    def test_no_other_status_judges(self, status, result, row):
        body = json.dumps({"error": row.said if result is None else [], "result": result}).encode()
        for ask in (describe_key, *(read.call for read in connector.reads)):
            found = outcome(ask, body, status)
            self.assertEqual((type(found), found.code), (Unavailable, f"HTTP {status}"))
        self.assertEqual(outcome(connector.dry_run.call, body, status), "skipped")


class VerdictTests(Fuzz):
    """What a description that went wrong may still lead to."""

    def verdicts(self, report: KeyReport) -> set[str]:
        return {audit(connector.permissions, report, proven=proven, now=NOW).status for proven in (False, True)}

    def assert_documented(self, result: dict) -> None:
        """What `result` must have been for a report of it to be made."""
        self.assertEqual({result.get(name) for name in ("api_key", "apiKey")} - {None}, {KEY})
        self.assertIsInstance(result["permissions"], list)
        for name in ("api_key_name", "apiKeyName", "iban"):
            self.assertIsInstance(result.get(name), (str, type(None)))
        for name in ("valid_until", "validUntil", "query_from", "queryFrom", "query_to", "queryTo", "modified_time", "modifiedTime"):
            self.assertTrue(re.fullmatch(r"[0-9]{0,11}|None", str(result.get(name))), name)
        for name in ("ip_allowlist", "ipAllowlist"):
            self.assertTrue(result.get(name) is None or all(isinstance(ip, str) for ip in result[name]))

    @fuzz
    @given(changed_results())
    def test_a_report_is_made_only_of_what_is_documented_and_ours(self, result):
        found = outcome(describe_key, json.dumps({"error": [], "result": result}).encode())
        self.judge(found, KeyReport)
        if isinstance(found, KeyReport):
            self.assert_documented(result)
            self.assertTrue(all(name.isprintable() and len(name) <= 100 for name in found.permissions))

    @fuzz
    @given(changed_results())
    def test_only_exactly_the_six_are_ready(self, result):
        found = outcome(describe_key, json.dumps({"error": [], "result": result}).encode())
        if isinstance(found, KeyReport) and "ready" in self.verdicts(found):
            self.assertEqual({name.strip() for name in result["permissions"]} - {""}, set(SIX))
            self.assertFalse(found.query_window)

    @fuzz
    @given(changed_results(), st.sampled_from(DANGERS), LISTS, st.integers(0, 9))
    def test_a_danger_is_never_ready(self, result, danger, permissions, place):
        for granted in (danger, [danger]):
            result["permissions"] = [*permissions[:place], granted, *permissions[place:]]
            found = outcome(describe_key, json.dumps({"error": [], "result": result}).encode())
            if isinstance(found, KeyReport):
                self.assertLessEqual(self.verdicts(found), {"refused", "suspended"})

    @fuzz
    @given(LISTS, st.sampled_from(DANGERS))
    def test_a_danger_among_garbage_is_told(self, permissions, danger):
        found = outcome(describe_key, json.dumps({"error": [], "result": SEEN | {"permissions": [*permissions, danger]}}).encode())
        self.assertEqual(self.verdicts(found), {"refused", "suspended"})

    def test_a_flood_of_names_is_cut_but_not_its_danger(self):
        names = [*(f"right-{number}" for number in range(5000)), "withdraw-funds"]
        found = outcome(describe_key, json.dumps({"error": [], "result": SEEN | {"permissions": names}}).encode())
        self.assertEqual((len(found.permissions), "withdraw-funds" in found.permissions), (200, True))
        found = outcome(describe_key, json.dumps({"error": [], "result": SEEN | {"permissions": names[:-1]}}).encode())
        self.assertEqual((type(found), found.reason), (Unavailable, "unreadable_answer"))


class ErrorTests(Fuzz):
    """Who may be blamed, whatever stands in the list of errors."""

    @fuzz
    @given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=4), st.sampled_from([str, str.upper, str.lower, "  {}\t".format]))
    def test_one_that_passes_spares_the_key(self, rows, dress):
        errors = [dress(error) for row in rows for error in row.said]
        meanings = [row.key_info for row in rows]
        found = outcome(describe_key, json.dumps({"error": errors, "result": SEEN}).encode())
        kinds = {kind for kind, _reason in meanings}
        self.assertIs(type(found), Unavailable if Unavailable in kinds else Refused)
        self.assertIn((type(found), found.reason), meanings)

    @fuzz
    @given(st.lists(ERRORS, min_size=1, max_size=3), st.sampled_from(connector.endpoints))
    def test_the_key_and_its_secret_are_blamed_by_their_own_words_alone(self, errors, endpoint):
        found = outcome(lambda session: session.call(endpoint), json.dumps({"error": errors, "result": SEEN}).encode())
        if getattr(found, "reason", "") in BLAMED:
            self.assertTrue(any(BLAMED[found.reason].match(error) for error in errors))

    @fuzz
    @given(TEXTS, st.sampled_from(ROWS), st.sampled_from([KEY, SECRET, "Ana Robles owes 5 EUR", "203.0.113.7"]))
    def test_what_kraken_adds_is_not_kept(self, noise, row, private):
        for errors in ([f"{row.said[-1]}:{private}{noise}"], [f"{private}:{noise}"], [noise + private]):
            found = outcome(describe_key, json.dumps({"error": errors, "result": SEEN}).encode())
            self.judge(found, KeyReport)
            self.assertNotIn(private, getattr(found, "code", ""))

    @fuzz
    @given(st.lists(ERRORS, max_size=3))
    def test_an_order_only_ever_denies_a_right(self, errors):
        found = outcome(connector.dry_run.call, json.dumps({"error": errors, "result": {}}).encode())
        self.assertIn(getattr(found, "reason", found), ("ok", "skipped", "missing_permissions", "nonce_conflict"))
