"""What every connector keeps to, whichever the exchange. A connector's test inherits it and supplies its own answers."""
import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise

from exchanges import connectors
from exchanges.audit import audit
from exchanges.connectors.base import Answer, Connector, Credentials, Endpoint, Mispasted, Refused, Unavailable
from exchanges.words import NOTICE, REASON

KINDS = {"needed", "bundled", "dangerous", "extra"}
FORBIDDEN = ("withdraw", "transfer", "deposit", "funding", "earn", "allocat", "cancel", "close", "edit", "amend")


NOW = datetime(2026, 11, 23, tzinfo=UTC)
ODD = (b"", b"null", b"[]", b"{}", b"7", b'"yes"', b"true", b"NaN", b"\xff\xfe", b"<html>", b"[" * 5000, b'{"a":1,"a":2}', b'{"a":1e999}',
       b'[{"a":[{"b":{}}]}]', b'{"error":null}', b'{"error":{}}', b'{"error":[[]]}', b'{"code":null,"msg":{}}', b'{"success":"true"}',
       b'{"success":true,"payload":null}', b'{"success":false,"error":{"code":{}}}', b'{"result":[]}', b'{"accounts":[7]}', b"\x00" * 50)


class AnsweringSession:
    """A session without a network: each endpoint has an answer, or one answers all. `asked` holds what was asked."""

    def __init__(self, connector: Connector, credentials: Credentials, answers: dict[Endpoint, Any] | Any) -> None:
        self.connector, self.credentials, self.answers = connector, credentials, answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    def call(self, endpoint: Endpoint, **free: str) -> Any:
        self.asked.append((endpoint.name, free))
        found = self.answers[endpoint] if isinstance(self.answers, dict) and endpoint in self.answers else self.answers
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        return self.connector.read_answer(endpoint, Answer(200, {}, body))


class ConnectorTests:
    """Mixed into a SimpleTestCase with `connector`, `credentials` and `good`: the body that describe_key likes."""

    connector: Connector
    credentials: Credentials
    good: dict[str, Any]

    def session(self, answers: Any) -> AnsweringSession:
        return AnsweringSession(self.connector, self.credentials, answers)

    def outcome(self, ask: Callable[[Any], Any], answers: Any) -> Any:
        """What `ask` returns, or (failure class, reason, code)."""
        try:
            return ask(self.session(answers))
        except (Refused, Unavailable) as failure:
            return type(failure), failure.reason, failure.code

    def test_it_is_found_by_its_slug(self):
        self.assertIs(connectors.get(self.connector.slug), self.connector)
        self.assertEqual(len(self.connector.monogram), 2)

    def test_its_addresses_are_https(self):
        for url in (self.connector.api_url, self.connector.keys_url, self.connector.status_url):
            self.assertTrue(url.startswith("https://"))
        self.assertEqual(self.connector.api_url.count("/"), 2)

    def test_its_permissions_are_complete(self):
        table = self.connector.permissions
        self.assertEqual(len({permission.name for permission in table}), len(table))
        for permission in table:
            self.assertIn(permission.kind, KINDS)
            self.assertTrue(permission.label)
            self.assertIsInstance(permission.title, Promise)
            self.assertIsInstance(permission.opens, Promise)
            self.assertEqual(bool(permission.classic_label), bool(permission.classic_group))

    def test_its_requests_move_nothing_and_say_what_they_are_for(self):
        needed = {permission.name for permission in self.connector.permissions if permission.kind in ("needed", "bundled")}
        for endpoint in self.connector.endpoints:
            self.assertFalse([word for word in FORBIDDEN if word in endpoint.path.lower().replace("closedorders", "")])
            if endpoint.method != "GET":    # what is sent stands in the list: nobody fills in an order or an amount
                self.assertLessEqual(set(endpoint.free), {"start"})
            self.assertTrue(str(endpoint.says))
            self.assertIn(endpoint.permission, {"", *needed})
        names = [endpoint.name for endpoint in self.connector.endpoints]
        self.assertEqual(len(set(names)), len(names))   # the diary of calls knows them by it

    def test_its_proofs_are_listed(self):
        proofs = [read.endpoint for read in self.connector.reads]
        proofs += [self.connector.dry_run.endpoint] if self.connector.dry_run else []
        for endpoint in proofs:
            self.assertIn(endpoint, self.connector.endpoints)
            self.assertTrue(endpoint.permission)
        self.assertEqual(self.connector.proof_calls, self.connector.describe_calls + len(proofs))
        self.assertLessEqual(self.connector.proof_calls, 6)

    def test_it_says_in_words_what_differs(self):
        said = [self.connector.proof, self.connector.ip_words, self.connector.expiry_words, self.connector.api_key_hint,
                self.connector.secret_hint]
        for title, sentence in self.connector.cures.values():
            said += [title, sentence] if title else [sentence]
        for words in said:
            self.assertIsInstance(words, Promise)
        self.assertLessEqual(set(self.connector.cures), {*REASON, *NOTICE, "expired", "revoked"})

    def test_a_wrong_clock_can_be_told(self):
        self.assertEqual(bool(self.connector.clock_codes), self.connector.server_time is not None)

    def test_its_regions_are_sites_of_their_own(self):
        for region in self.connector.regions:
            self.assertRegex(region.slug, "^[a-z]+$")
            self.assertTrue(region.api_url.startswith("https://"))
            self.assertEqual(self.connector.own_url(region.slug), region.api_url)

    def test_its_nonces_grow(self):
        self.assertLess(self.connector.nonce_now(), self.connector.nonce_now() + 64)
        self.assertLess(self.connector.nonce_now(), 2**63 - 10**9)

    def test_a_good_answer_describes_the_key(self):
        report = self.connector.describe_key(self.session(self.good))
        self.assertIsInstance(report.permissions, frozenset if self.connector.reports_permissions else type(None))
        for moment in (report.expires_at, report.modified_at):
            self.assertTrue(moment is None or moment.tzinfo is not None)

    def test_no_answer_is_too_odd_to_be_judged(self):
        """Neither crash nor verdict: what is not an answer of theirs is no answer, whatever the question."""
        asks = [self.connector.describe_key, *(read.call for read in self.connector.reads)]
        asks += [self.connector.dry_run.call] if self.connector.dry_run else []
        asks += [ask for ask in (self.connector.server_time, self.connector.system_status) if ask]
        for ask, odd in itertools.product(asks, ODD):
            found = self.outcome(ask, odd)
            if isinstance(found, tuple):
                self.assertIs(found[0], Unavailable, (ask, odd, found))
            elif ask == self.connector.describe_key:
                self.assertNotEqual(audit(self.connector.permissions, found, proven=False, now=NOW).status, "ready")

    def test_an_empty_form_is_told_at_both_fields(self):
        with self.assertRaises(Mispasted) as caught:
            self.connector.clean("", "", "")
        self.assertLessEqual({"api_key", "secret"}, set(caught.exception.errors))

    def test_clean_credentials_stay_as_they_are(self):
        kept = self.credentials
        self.assertEqual(self.connector.clean(kept.api_key, kept.secret, kept.passphrase), kept)

    def test_it_knows_a_secret_when_it_sees_one(self):
        self.assertTrue(self.connector.looks_like_secret(self.credentials.secret))
        if self.connector.key_shows:
            self.assertFalse(self.connector.looks_like_secret(self.credentials.api_key))
