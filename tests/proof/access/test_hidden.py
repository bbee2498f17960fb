"""What belongs to another person is, at every address and method, exactly what is not there at all."""

import re
from urllib.parse import quote
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import KEY
from tests.profiles.people import PASSWORD
from tests.proof.access.addresses import patterns
from tests.proof.access.people import METHODS, ProofTestCase

MADE_UP = {"link_id": UUID("7d1f0c1e-4a52-4f0e-9a36-2b8c5e1d9f04"), "pk": 987654}
OF_SOMEBODY = tuple(pattern for pattern in patterns() if "<uuid:link_id>" in pattern or "<int:pk>" in pattern)
# Differ from one answer to the next.
OF_ITSELF = ("Expires", "Content-Length")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


class HiddenTests(ProofTestCase):
    def told(self, who: str, method: str, path: str, **extra: object) -> tuple[int, dict[str, str], str, list[str]]:
        """Status, headers, page and what was asked of the database; the address itself left out."""
        with CaptureQueriesContext(connection) as asked:
            response = self.visit(who, method, path, **extra)
        headers = {name: value.replace(path, "…") for name, value in response.headers.items() if name not in OF_ITSELF}
        page = TOKEN.sub("", response.text_sent.replace(path, "…"))
        questions = [query["sql"].partition(" WHERE ")[0] for query in asked if "SAVEPOINT" not in query["sql"]]
        return response.status_code, headers, page, questions

    def assert_same(self, who: str, method: str, pattern: str, query: str = "", **extra: object) -> None:
        theirs, made_up = (self.told(who, method, self.path(pattern, **others) + query, **extra) for others in ({}, MADE_UP))
        self.assertEqual((pattern, who, method, theirs), (pattern, who, method, made_up))

    def test_nobody_can_tell_it_apart(self):
        for pattern in OF_SOMEBODY:
            for method in METHODS:
                self.assert_same("stranger", method, pattern)
            for who in ("anonymous", "support", "superuser"):
                self.assert_same(who, "GET", pattern)
                self.assert_same(who, "POST", pattern)

    def test_nor_by_a_poll(self):
        poll = {"HX-Request": "true", "HX-Current-URL": "http://testserver/perfil/exchanges/"}
        for who in ("anonymous", "stranger"):
            self.assert_same(who, "GET", "perfil/exchanges/<uuid:link_id>/estado/", "?v=1", headers=poll)

    def test_nor_by_a_form_that_would_be_good(self):
        for pattern in OF_SOMEBODY:
            self.assert_same("stranger", "POST", pattern, body=f"label=Mine&name=Mine&api_key={KEY}&secret=x&password={quote(PASSWORD)}")
