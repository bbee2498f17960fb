"""Logs: one JSON object a line. What went wrong is told by type and place, never by text, which could carry a secret."""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

DEEPEST = 12
HIDDEN = ("secret", "api_key", "passphrase", "password", "token", "cookie")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
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
    if not isinstance(record.args, Mapping) or "exc" not in record.args:
        return record.getMessage()
    return (str(record.msg) % {**record.args, "exc": "", "traceback": ""}).strip()


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What the caller gave as `extra`, without what is named like a secret."""
    own = {name: value for name, value in vars(record).items() if name not in STANDARD | UNWANTED}
    return {name: value for name, value in own.items() if not any(word in name.lower() for word in HIDDEN)}
