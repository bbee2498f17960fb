"""The list of erased keys and of accounts that left: what a restored backup must not bring back. Ids and times, nothing else.

It is a file that only grows, VAR_DIR/erased.log, and the same words are a line of the log, for where each machine has a disk
of its own. `manage.py replay_erasures` reads either.
"""
import logging
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

log = logging.getLogger(__name__)
LINE = re.compile(r"\b(erased|unlinked|left) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")


def path() -> Path:
    return settings.VAR_DIR / "erased.log"


def remember(keys: Sequence[UUID], *, unlinked: bool) -> None:
    """Write down, after the commit, that these keys are erased; `unlinked`: with all that is known of them."""
    _write([f"{'unlinked' if unlinked else 'erased'} {key}" for key in keys])


def remember_account(user: UUID) -> None:
    """Write down that this person's account is being deleted: once it began it is not stopped."""
    _write([f"left {user}"])


def _write(events: list[str]) -> None:
    if not events:
        return
    now = timezone.now().isoformat(timespec="seconds")
    for event in events:
        log.info(event)
    try:
        _append("".join(f"{now} {event}\n" for event in events))
    except OSError as exc:
        log.error("the list of erased keys cannot be written", extra={"reason": exc.strerror})


def _append(lines: str) -> None:
    """In one piece, and on the disk when it returns: another process may be writing too."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, lines.encode())
        os.fsync(file)
    finally:
        os.close(file)


@dataclass
class Erased:
    """The keys that were erased, those among them that were unlinked, and the people whose account left."""

    keys: set[UUID] = field(default_factory=set)
    unlinked: set[UUID] = field(default_factory=set)
    people: set[UUID] = field(default_factory=set)


def read(files: Iterable[Path]) -> Erased:
    """What the list says. Lines about anything else do not count."""
    listed = Erased()
    places = {"erased": [listed.keys], "unlinked": [listed.keys, listed.unlinked], "left": [listed.people]}
    for file in files:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for word, known in (match for line in lines for match in LINE.findall(line)):
                for place in places[word]:
                    place.add(UUID(known))
    return listed
