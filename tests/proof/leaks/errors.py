"""Exceptions where a secret is at hand: what the database refuses at the last moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.portal import eventually
from tests.proof.leaks.commands import log_of
from tests.proof.leaks.pastes import fields
from tests.proof.leaks.run import Run
from tests.proof.leaks.watched import Watched
from tests.road.person import NEW


def execute(run: Run, statement: str) -> None:
    with closing(sqlite3.connect(run.database, timeout=20)) as connection, connection:
        connection.execute(statement)


@contextmanager
def refusing(run: Run, table: str) -> Iterator[None]:
    """Nothing can be added to `table` meanwhile."""
    execute(run, f"CREATE TRIGGER refusing BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END")
    try:
        yield
    finally:
        execute(run, "DROP TRIGGER refusing")


def in_the_web(run: Run, ana: Watched) -> int:
    """The key is sealed, and then there is no room for the event."""
    with refusing(run, "exchanges_event"):
        return ana.post(NEW, **fields(run.key("at an error of the web"))).status_code


def in_a_worker(run: Run, ana: Watched) -> bool:
    """The exchange has answered, and then there is no room for the call."""
    with refusing(run, "exchanges_call"):
        ana.link(run.key("at an error of a worker"))
        return eventually(lambda: '"error": "IntegrityError"' in log_of(run, "worker-now"), 15)
