"""Links between people and exchanges, their keys, and the history of both.

Public names (states, reasons, notices) are those of docs/states.md. What is due is a query (`Link.objects.due`), so the
database is the queue of record; a Celery message only makes it fast.
"""
from .exchange import Exchange
from .history import Call, Event, Validation
from .key import ApiKey
from .link import BUSY, DEAD_KEY_REASONS, LEASE, LONGEST_LEASE, Link, LinkQuerySet, Status, Trigger

__all__ = [
    "BUSY", "DEAD_KEY_REASONS", "LEASE", "LONGEST_LEASE", "ApiKey", "Call", "Event", "Exchange", "Link", "LinkQuerySet", "Status",
    "Trigger", "Validation"]
