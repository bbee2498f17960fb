"""Secrets hidden on purpose, one in each kind of place and under other layers each time: to be found, or the hunt is blind."""

import base64
import gzip
import json
import pickle
import sqlite3
import zlib
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import redis
from django.core import signing

from tests.proof.leaks.places import environment
from tests.proof.leaks.run import Run

# Where they are to be found.
PLACES = {
    "var/log/of-windows.log", "var/log/old.log.1.gz > zlib", "var/log/half.log", "var/mail/attached > base64",
    "rows of django_session.session_data > base64 > zlib", "rows of cache.value > base64 > zlib",
    "var/db.sqlite3-wal", "broker's decoy > base64", "tmp/core",
}


def hide(run: Run, secret: str) -> None:
    in_files(Path(run.stack.var_dir), secret)
    in_rows(run, secret)
    in_the_broker(run, secret)


def in_files(folder: Path, secret: str) -> None:
    (folder / "log" / "of-windows.log").write_text(f"key: {secret}", encoding="utf-16")
    (folder / "log" / "old.log.1.gz").write_bytes(gzip.compress(f"GET /?key={secret}".encode()))
    (folder / "log" / "half.log").write_text(f"…{secret[len(secret) // 2:]}")
    (folder.parent / "tmp" / "core").write_bytes(b"\0\x07" + base64.b64decode(secret) + b"\xff")
    mail = EmailMessage()
    mail.set_content("See the file.")
    mail.add_attachment(f"The key is {secret}.".encode(), "application", "octet-stream")
    (folder / "mail" / "attached").write_bytes(mail.as_bytes())


def in_rows(run: Run, secret: str) -> None:
    """A session and a cached value as Django writes them; and a row that is no more."""
    session = signing.dumps({"POST": f"secret={secret}", "more": "of it " * 20}, salt="django.contrib.sessions.SessionStore", compress=True)
    cached = base64.b64encode(pickle.dumps({"form": zlib.compress(secret.encode())})).decode()
    with closing(sqlite3.connect(run.database, timeout=20)) as database:
        with database:
            database.execute("INSERT INTO django_session VALUES ('decoy', ?, '2999-01-01')", [session])
            database.execute("INSERT INTO cache VALUES ('decoy', ?, '2999-01-01')", [cached])
            database.execute("CREATE TABLE decoy (secret)")
            database.execute("INSERT INTO decoy VALUES (?)", [secret])
        with database:
            database.execute("DROP TABLE decoy")


def in_the_broker(run: Run, secret: str) -> None:
    """As a message that waits."""
    body = base64.b64encode(json.dumps([[secret], {}, {}]).encode()).decode()
    socket = environment(run.stack.pids()["web"])["CELERY_BROKER_URL"].removeprefix("redis+socket://")
    with redis.Redis(unix_socket_path=socket) as valkey:
        valkey.lpush("decoy", json.dumps({"body": body, "headers": {"lang": "py"}}))
