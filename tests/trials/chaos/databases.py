"""The database of a portal under chaos: looked into from beside, and gone for a while."""

import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import DEVNULL, run

import psycopg
import pytest

from tests.portal import eventually, free_port
from tests.trials.chaos.servers import Server, as_whoever_may


class Sqlite:
    """The file that `make run` keeps."""

    variables: dict[str, str] = {}

    def __init__(self, var_dir: Path) -> None:
        self.file = var_dir / "db.sqlite3"

    def name_of(self, row: str) -> str:
        return row.replace("-", "")

    def ask(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as database:
            return database.execute(sql).fetchall()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody can write meanwhile."""
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as database:
            database.execute("BEGIN EXCLUSIVE")
            yield


class Postgres:
    """A server of our own on a free port; Debian's package brings the programs."""

    def __init__(self) -> None:
        programs = where_installed()
        self._line: psycopg.Connection | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="smartrader-postgres-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        data, port = self.folder / "data", free_port()
        make = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"]
        run(as_whoever_may(make), cwd=self.folder, check=True, stdout=DEVNULL)
        command = [programs / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", ""]
        self.server = Server(as_whoever_may(command), self.folder / "log", cwd=self.folder)
        self.url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        self.variables = {"DATABASE_URL": self.url}

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._line is not None:
            self._line.close()
        self.server.end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        self.server.start()
        if not eventually(self.answers, 30):
            raise RuntimeError(self.server.log.read_text())

    def answers(self) -> bool:
        try:
            return self.ask("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def name_of(self, row: str) -> str:
        return row

    def ask(self, sql: str) -> list[tuple]:
        if self._line is None or self._line.broken:
            self._line = psycopg.connect(self.url, autocommit=True)
        answer = self._line.execute(sql)
        return answer.fetchall() if answer.description else []

    @contextmanager
    def gone(self) -> Iterator[None]:
        """It crashes, as if the machine had, and comes back."""
        self.server.end(signal.SIGQUIT)
        try:
            yield
        finally:
            self.start()


def where_installed() -> Path:
    """The folder of PostgreSQL's programs, which Debian keeps out of the PATH."""
    folders = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    program = shutil.which("initdb", path=os.pathsep.join([*folders, os.environ["PATH"]]))
    if program is None:
        pytest.skip("PostgreSQL is not installed")
    return Path(program).parent


def gone_for(database: Sqlite | Postgres, seconds: float) -> None:
    with database.gone():
        time.sleep(seconds)
