"""Everywhere a running portal keeps bytes, or shows them to other programs of the machine: (place, content)."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import redis

Place = tuple[str, bytes]
BETWEEN = b"\n\0\n"


def files(folder: Path) -> Iterator[Place]:
    """Every file: the database with its log, the broker's, logs, mails, keys, static files."""
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()
        except FileNotFoundError:
            continue                        # it was there for a moment only


def rows(database: Path, *tables: str) -> Iterator[Place]:
    """Every column of these tables, or of all: in the file a long value is in pieces."""
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        known = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables or known:
            found = connection.execute(f'SELECT * FROM "{table}"')
            for (column, *_), values in zip(found.description, zip(*found.fetchall(), strict=True), strict=False):
                yield f"rows of {table}.{column}", BETWEEN.join(map(_as_bytes, values))


def _as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


READERS = {
    "none": lambda valkey, key: [],         # it was there for a moment only
    "string": lambda valkey, key: [valkey.get(key) or b""],
    "list": lambda valkey, key: valkey.lrange(key, 0, -1),
    "set": lambda valkey, key: valkey.smembers(key),
    "zset": lambda valkey, key: valkey.zrange(key, 0, -1),
    "hash": lambda valkey, key: [part for pair in valkey.hgetall(key).items() for part in pair],
}


def broker(web: int) -> Iterator[Place]:
    """What the broker of this web process has in memory: every key, and the slow commands it remembers."""
    with redis.Redis(unix_socket_path=environment(web)["CELERY_BROKER_URL"].removeprefix("redis+socket://")) as valkey:
        for key in valkey.scan_iter():
            values = READERS[valkey.type(key).decode()](valkey, key)
            yield f"broker's {key.decode()}", BETWEEN.join([key, *values, valkey.dump(key) or b""])
        yield "broker's slow commands", repr(valkey.slowlog_get(1000)).encode()


def environment(pid: int) -> dict[str, str]:
    """The environment of a process, as it was when it began."""
    variables = Path(f"/proc/{pid}/environ").read_text().rstrip("\0").split("\0")
    return dict(variable.split("=", 1) for variable in variables if "=" in variable)


def family(pid: int) -> Iterator[int]:
    """A process and all that came from it."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from family(int(child))


def processes(pids: Iterable[int]) -> Iterator[Place]:
    """What others on the machine read of these processes: the command, and with the same user the environment."""
    for pid in pids:
        for name in ("cmdline", "environ"):
            yield f"{name} of {pid}", Path(f"/proc/{pid}/{name}").read_bytes()
