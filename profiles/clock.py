"""The time that leases and schedules go by: the database's, so that a machine whose own clock is wrong harms nobody."""
from datetime import datetime

from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """SQLite has no time of its own: all who use it are on this machine."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
