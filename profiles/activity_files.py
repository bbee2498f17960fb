"""The activity as files to keep: JSON and CSV, times in UTC. Made while they are sent, whatever their length."""
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC

from django.utils import translation

from profiles import activity
from profiles.models import Activity, ActivityQuerySet

COLUMNS = ("at", "actor", "cause", "purpose", "about", "what", "address", "device")
# A spreadsheet runs a cell that begins so: https://owasp.org/www-community/attacks/CSV_Injection (read 2026-11-22)
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def as_json(entries: ActivityQuerySet, language: str) -> Iterator[str]:
    """One array of objects, newest first."""
    start = "["
    for records in _records(entries, language):
        yield start + ",".join("\n" + json.dumps(record, ensure_ascii=False) for record in records)
        start = ","
    yield "\n]\n" if start == "," else "[]\n"


def as_csv(entries: ActivityQuerySet, language: str) -> Iterator[str]:
    """The same with a line of names above; no cell that a spreadsheet would take for a formula."""
    yield lines([COLUMNS])
    for records in _records(entries, language):
        yield lines(tuple(harmless(value or "") for value in record.values()) for record in records)


def harmless(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def lines(cells: Iterable[Iterable[str]]) -> str:
    """Of a CSV file: a line for each row of cells."""
    text = io.StringIO()
    csv.writer(text).writerows(cells)
    return text.getvalue()


def _records(entries: ActivityQuerySet, language: str) -> Iterator[list[dict[str, str | None]]]:
    """Batch by batch. `language` is said anew for each: a file is sent when the request's own language is over."""
    for batch in activity.batches(entries):
        with translation.override(language):
            records = [record(entry) for entry in batch]
        yield records


def record(entry: Activity) -> dict[str, str | None]:
    """The values of COLUMNS, by their names, in the language of the moment."""
    shown = activity.row(entry)
    device = entry.device if shown["device"] else ""
    at = entry.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    values = (at, entry.actor, entry.cause, entry.purpose, entry.about, shown["what"], shown["address"], device)
    return dict(zip(COLUMNS, values, strict=True))
