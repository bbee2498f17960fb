"""Where values sealed by the at-rest ring are kept, and the walk that seals them anew while the site runs.

Other apps add their places in AppConfig.ready(); we know none of them. A walk may be stopped at any moment: what it has not
reached opens as before, and the next one goes on there.
"""
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection, transaction

from profiles.keyring import Unreadable, ring

BATCH = 100
SCRUB_WAIT_MS = 50


@dataclass(frozen=True)
class Value:
    """A sealed value as it was read. `version` is whatever `Place.write` needs to see that nobody wrote meanwhile."""

    pk: Any
    sealed: bytes = field(repr=False)
    context: str
    version: Any = None


@dataclass(frozen=True)
class Place:
    """A column of sealed values.

    counts: how many values there are under each key id. stale: so many values that are not under the key of this id, by
    rising pk, after this one (None: from the start). write: put new bytes where the row still is what was read; False if it is not.
    """

    name: str
    counts: Callable[[], dict[str, int]]
    stale: Callable[[str, Any, int], list[Value]]
    write: Callable[[Value, bytes], bool]


@dataclass
class Tally:
    written: int = 0
    changed_meanwhile: int = 0
    unreadable: int = 0


# What lies under the ring of CREDENTIALS_KEYS.
places: list[Place] = []


def rewrap(value: Value) -> bytes:
    """The same value under the newest key of the ring. Raises Unreadable."""
    return ring().seal(ring().open(value.sealed, value.context), value.context)


class Stopped(Exception):
    """Somebody wants a rotation to end here. What is done is done."""


def rotate(
    place: Place, newest: str, reseal: Callable[[Value], bytes], stopping: Callable[[], bool] = lambda: False,
) -> Tally:
    """Seal anew what `place` holds under other keys than `newest`, each row by itself: nobody waits for more than one.

    Raises Stopped between two rows once `stopping()` is true.
    """
    tally, last = Tally(), None
    while values := place.stale(newest, last, BATCH):
        last, began = values[-1].pk, time.monotonic()
        for value in values:
            if stopping():
                raise Stopped
            _rotate(place, value, reseal, tally)
        scrub()
        time.sleep(time.monotonic() - began)  # half of the time is the site's
    return tally


def _rotate(place: Place, value: Value, reseal: Callable[[Value], bytes], tally: Tally) -> None:
    try:
        sealed = reseal(value)
    except Unreadable:
        tally.unreadable += 1
        return
    with transaction.atomic():
        written = place.write(value, sealed)
    tally.written += written
    tally.changed_meanwhile += not written


def left(place: Place, newest: str) -> int:
    """How many values are not under the key `newest`."""
    return sum(count for name, count in place.counts().items() if name != newest)


def scrub() -> None:
    """Take overwritten bytes out of SQLite's write-ahead log. Another database needs none of this."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        timeout_ms = cursor.fetchone()[0]
        try:
            cursor.execute(f"PRAGMA busy_timeout = {SCRUB_WAIT_MS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except OperationalError:
            return  # somebody is reading; the next sweep does it
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(timeout_ms)}")
