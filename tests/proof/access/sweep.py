"""Everybody goes to every address with every method, once; then one looks at what was answered, shown and changed."""

import hashlib
from dataclasses import dataclass

from django.core import mail
from django.db import connection

from tests.proof.access.addresses import patterns
from tests.proof.access.people import LABEL, METHODS, PEOPLE, ProofTestCase, secrets_of
from tests.proof.access.table import TABLE, WORDS

LOGINS = ("/cuenta/login/", "/admin/login/")
SAFE = ("GET", "HEAD", "OPTIONS")
# Where a visit itself is written down: the session, and how often somebody came.
OF_VISITS = {"django_session", "cache"}
DOWNLOADS = (
    "perfil/seguridad/actividad.json", "perfil/seguridad/actividad.csv", "perfil/datos/todo.json", "perfil/datos/<slug:name>.csv",
)
HEADERS = {
    "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
    "manifest-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
}


@dataclass(frozen=True)
class Answer:
    """`said` is the status, or "login" where it leads to one. `changed`: tables, and the mails; of safe methods only."""

    said: str
    headers: dict[str, str]
    shows: frozenset[str]
    changed: frozenset[str]


class SweepTestCase(ProofTestCase):
    """self.answers[pattern, who, method], of those who are in `who`; and what must be true of all answers."""

    who: tuple[str, ...] = ()

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        owner = cls.users["owner"]
        sessions = {f"session of the {name}": key for name, key in cls.sessions.items()}
        cls.secrets = {**secrets_of(owner, cls.link), **sessions}
        cls.needles = {**cls.secrets, "recovery code": "9119 3544", "e-mail": owner.email, "label": LABEL}
        mail.outbox.clear()
        cls.before = stored()
        sweeper = cls()
        sweeper.setUp()
        cls.answers = {
            (pattern, who, method): sweeper.answer(pattern, who, method)
            for pattern in dict.fromkeys(patterns()) for who in cls.who for method in METHODS
        }

    def answer(self, pattern: str, who: str, method: str) -> Answer:
        changed: set[str] = set()
        mail.outbox.clear()

        def look() -> None:
            changed.update(name for name, content in stored().items() if content != self.before.get(name))

        response = self.visit(who, method, self.path(pattern), look=look if method in SAFE else None)
        said = "login" if response.headers.get("Location", "").startswith(LOGINS) else str(response.status_code)
        shows = frozenset(name for name, needle in self.needles.items() if needle in response.text_sent)
        return Answer(said, dict(response.headers), shows, frozenset(changed))

    def where(self, *needles: str) -> set[tuple[str, str]]:
        """Who was shown one of `needles`, and at which address."""
        return {(who, pattern) for (pattern, who, _method), answer in self.answers.items() if answer.shows.intersection(needles)}

    def test_each_answer_is_the_one_of_the_table(self):
        said = {
            (pattern, who): " ".join(self.answers[pattern, who, method].said for method in METHODS)
            for pattern in TABLE for who in self.who
        }
        written = {
            (pattern, who): WORDS[word]
            for pattern, row in TABLE.items() for who, word in zip(PEOPLE, row.split(), strict=True) if who in self.who
        }
        self.assertEqual({at: answers for at, answers in said.items() if answers != written[at]}, {})

    def test_no_answer_holds_a_secret(self):
        self.assertEqual(self.where(*self.secrets), set())

    def test_what_is_only_looked_at_changes_nothing(self):
        changed = {(pattern, name) for (pattern, _who, _method), answer in self.answers.items() for name in answer.changed}
        self.assertEqual(changed, {(pattern, "profiles_activity") for pattern in DOWNLOADS})  # it says that they were downloaded

    def test_every_answer_has_its_walls(self):
        bare = [at for at, answer in self.answers.items() if not HEADERS.items() <= answer.headers.items()]
        self.assertEqual(bare, [])
        policies = {answer.headers["Content-Security-Policy"] for answer in self.answers.values()}
        self.assertEqual([set(policy.split("; ")) for policy in policies], [POLICY])


def stored() -> dict[str, str]:
    """A checksum of each table, and of the mails."""
    sums = {"mails": str(len(mail.outbox))}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - OF_VISITS:
            cursor.execute(f'SELECT * FROM "{table}"')
            sums[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return sums
