"""`manage.py links`: how the links and the queue stand, in numbers. No person, no key, no hint; references where one must look."""
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from exchanges.models import Link, Trigger

OVERDUE_S = 120
REFERENCES_SHOWN = 10
WAITED_FOR = ~Q(trigger=Trigger.SCHEDULE)
# The worker before the present one, or before the next: an unlinked or paused link keeps the number and asks no more.
DIED = Q(deaths__gte=1, next_check_at__isnull=False)


class Command(BaseCommand):
    help = (
        "Shows links by exchange and state, what is due and for how long, leases, and what goes wrong. "
        "Exit status: 0, or 1 when a link has been due for longer than --overdue-s.")
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--overdue-s", type=int, default=OVERDUE_S, help=f"seconds a link may be due before this fails (default: {OVERDUE_S})")

    def handle(self, *args: str, overdue_s: int, **options: Any) -> None:
        now = timezone.now()
        due, held = _due(now), _held(now)
        for line in _lines(now, due, held):
            self.stdout.write(line)
        oldest = [row[name] for row in due for name in ("waited_since", "scheduled_since") if row[name]]
        if oldest and now - min(oldest) > timedelta(seconds=overdue_s):
            sys.exit(1)


def _states() -> QuerySet:
    return Link.objects.order_by("exchange_id", "status", "reason").values_list("exchange_id", "status", "reason").annotate(Count("pk"))


def _due(now: datetime) -> list[dict[str, Any]]:
    """By exchange, what the sweep sends to `now`, since somebody waits for it, and to `later`."""
    scheduled = Q(trigger=Trigger.SCHEDULE)
    return list(Link.objects.due(now).order_by("exchange_id").values("exchange_id").annotate(
        waited=Count("pk", filter=WAITED_FOR), waited_since=Min("next_check_at", filter=WAITED_FOR),
        scheduled=Count("pk", filter=scheduled), scheduled_since=Min("next_check_at", filter=scheduled)))


def _held(now: datetime) -> list[dict[str, Any]]:
    """By exchange, leases and failures."""
    return list(Link.objects.order_by("exchange_id").values("exchange_id").annotate(
        held=Count("pk", filter=Q(lease_token__isnull=False, lease_until__gte=now)), stuck=Count("pk", filter=_stuck(now)),
        died=Count("pk", filter=DIED), failing=Count("pk", filter=Q(failing_since__isnull=False)),
        failing_since=Min("failing_since")))


def _stuck(now: datetime) -> Q:
    """Leases that ended without a result: the worker died."""
    return Q(lease_token__isnull=False, lease_until__lt=now)


def _lines(now: datetime, due: list[dict[str, Any]], held: list[dict[str, Any]]) -> Iterator[str]:
    yield from _table("Links", ("exchange", "status", "reason", "links"), _states())
    yield from _table("Due", ("exchange", "now", "oldest", "later", "oldest"), (
        (row["exchange_id"], row["waited"], _ago(now, row["waited_since"]), row["scheduled"], _ago(now, row["scheduled_since"]))
        for row in due))
    yield from _table("Leases and failures", ("exchange", "held", "stuck", "worker died", "failing", "oldest"), (
        (row["exchange_id"], row["held"], row["stuck"], row["died"], row["failing"], _ago(now, row["failing_since"]))
        for row in held))
    look_at = Link.objects.filter(_stuck(now) | DIED).order_by("lease_until", "pk").only("pk", "deaths", "lease_until")
    yield from _table(f"Stuck, or left by a worker that died (at most {REFERENCES_SHOWN})", ("reference", "deaths", "lease ended"), (
        (link.reference, link.deaths, _ago(now, link.lease_until)) for link in look_at[:REFERENCES_SHOWN]))


def _ago(now: datetime, moment: datetime | None) -> str:
    return f"{(now - moment).total_seconds():.0f} s" if moment else "-"


def _table(title: str, head: tuple[str, ...], cells: Iterable[tuple[object, ...]]) -> Iterator[str]:
    written = [head, *(tuple(str(cell) if cell != "" else "-" for cell in row) for row in cells)]
    widths = [max(map(len, column)) for column in zip(*written, strict=True)]
    yield title
    for row in written if len(written) > 1 else [("none",)]:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
    yield ""
