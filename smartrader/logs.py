"""Logs: one JSON object a line. What went wrong is told by type and place, never by text, which could carry a secret.

So could an address, a host or a header: anybody may paste a key there. Of a request stand its status and its route.
"""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from django.http import HttpRequest

DEEPEST = 12
HIDDEN = ("secret", "api_key", "passphrase", "password", "token", "cookie")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Gunicorn quotes the part that is no HTTP.
NO_HTTP = re.compile(r"(Invalid request from ip=\S*):.*", re.DOTALL)
# Django puts the request into its records, Celery everything about the task.
UNWANTED = frozenset({"request", "response", "server_time", "data"})


class JsonFormatter(logging.Formatter):
    """Time, level, logger, event, the record's own fields, and for an error its type and its way through the code."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            steps = traceback.extract_tb(record.exc_info[2])[-DEEPEST:]
            line["where"] = [f"{step.filename}:{step.lineno} {step.name}" for step in steps]
        return json.dumps(line, default=str, ensure_ascii=False)


def _event(record: logging.LogRecord) -> str:
    """The message. Celery's failure messages quote the exception and its traceback: those are left out."""
    if _request(record) is not None:
        return _of_request(record)
    if not isinstance(record.args, Mapping) or "exc" not in record.args:
        return NO_HTTP.sub(r"\1", record.getMessage())
    return (str(record.msg) % {**record.args, "exc": "", "traceback": ""}).strip()


def _request(record: logging.LogRecord) -> HttpRequest | None:
    request = getattr(record, "request", None)
    return request if isinstance(request, HttpRequest) else None


def _of_request(record: logging.LogRecord) -> str:
    """What Django says of a request: "Not Found: /secret/" without the address, "Forbidden (Origin … - secret …)" without the origin.

    Without arguments it is the text of a SuspiciousOperation, which quotes what it suspects: its name is enough.
    """
    if not isinstance(record.args, tuple) or not record.args:
        return record.name.rpartition(".")[2]
    said = str(record.msg).rpartition(":")[0] % record.args[:-1]
    shown = said.partition(" - ")[0]
    return shown if shown == said else f"{shown})"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What the caller gave as `extra`, without what is named like a secret; of a request its route."""
    own = {name: value for name, value in vars(record).items() if name not in STANDARD | UNWANTED}
    match = getattr(_request(record), "resolver_match", None)
    if match is not None:
        own["route"] = match.route
    return {name: value for name, value in own.items() if not any(word in name.lower() for word in HIDDEN)}
