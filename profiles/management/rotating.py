"""What the rotations of keys have in common as commands: they run while the site runs, can be stopped, and tell what is left."""
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from profiles.sealed_places import Place, Stopped, Tally, left, rotate

STOPPED = 130


class RotatingCommand(BaseCommand):
    """A child says what it walks, `newest`, which keys are at hand (`known`, newest first), and what an id of none means."""

    requires_system_checks = ()
    keys_of = ""
    without_id = "unknown"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", action="store_true", help="change nothing, tell what is left; exit status 1 while something is")

    def handle(self, *args: str, report: bool, **options: Any) -> None:
        places = list(self.places())
        if not report:
            self._rotate(places)
        for line in self.lines(places):
            self.stdout.write(line)
        if any(left(place, self.newest()) for place in places):
            sys.exit(1)

    def _rotate(self, places: list[Place]) -> None:
        """Ctrl-C is heard between two rows: in the middle of a transaction the database would answer with an error of its own."""
        stop = threading.Event()
        before = signal.signal(signal.SIGINT, lambda number, frame: stop.set())
        try:
            for place in places:
                self.stdout.write(_told(place, rotate(place, self.newest(), self.reseal, stop.is_set)))
        except Stopped:
            raise CommandError("Stopped half-way. Everything opens as before; run it again to go on.", returncode=STOPPED) from None
        finally:
            signal.signal(signal.SIGINT, before)

    def lines(self, places: list[Place]) -> Iterator[str]:
        total: dict[str, int] = dict.fromkeys(self.known(), 0)
        for place in places:
            counts = place.counts()
            yield place.name
            for key_id, count in sorted(counts.items(), key=lambda item: item[0] != self.newest()):
                yield f"  {count:>8}  {key_id or self.without_id}{self._note(key_id)}"
            if not counts:
                yield "  nothing"
            total = {name: total.get(name, 0) + counts.get(name, 0) for name in {**total, **counts}}
        for key_id in self.known():
            if not total[key_id] and key_id != self.newest():
                yield f"Nothing is under {key_id}. {self.free(key_id)}"

    def _note(self, key_id: str) -> str:
        if key_id == self.newest():
            return "  newest"
        return "" if not key_id or key_id in self.known() else f"  not among the {self.keys_of} of this process"

    def places(self) -> Iterable[Place]:
        raise NotImplementedError

    def newest(self) -> str:
        raise NotImplementedError

    def known(self) -> Iterable[str]:
        raise NotImplementedError

    def reseal(self, value: Any) -> bytes:
        raise NotImplementedError

    def free(self, key_id: str) -> str:
        raise NotImplementedError


def _told(place: Place, tally: Tally) -> str:
    return f"{place.name}: {tally.written} sealed anew, {tally.changed_meanwhile} changed meanwhile, {tally.unreadable} do not open"
