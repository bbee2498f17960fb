"""The time that leases and schedules go by: the database's, so that a machine whose own clock is wrong harms nobody.

Even that clock may have been ahead until somebody set it right: `mend` finds what it wrote.
"""
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When

from exchanges.breaker import SLOW_DOWN
from exchanges.models import BUSY, LONGEST_LEASE, Exchange, Link, Status, Trigger
from profiles.clock import now

__all__ = ["mend", "now"]

# What lies further ahead than this was written by a clock that was ahead: no two clocks that are right differ so much.
AHEAD = timedelta(minutes=1)
# The longest that a link rests that somebody waits for, and one that met silence: only "slow down" may name a longer time.
LONGEST_WAIT, LONGEST_REST = timedelta(minutes=15), timedelta(minutes=40)
OF_A_LINK = ("since", "checked_at", "failing_since")
OF_AN_EXCHANGE = ("weather_at", "broken_since", "tried_at", "mended_at")


def mend(present: datetime) -> None:
    """What was written by a clock that was ahead is brought back to the present; links that would wait for nothing are due."""
    for field in OF_AN_EXCHANGE:
        Exchange.objects.filter(**{f"{field}__gt": present + AHEAD}).update(**{field: present})
    wrong = Link.objects.filter(_written_ahead(present), next_check_at__gt=present).values_list("pk", flat=True)
    for link_id in list(wrong):
        # Each by itself, and only if it is still so: a person may be at it.
        still = Link.objects.filter(_written_ahead(present), pk=link_id, next_check_at__gt=present)
        still.update(next_check_at=present, **{field: _at_most(field, present) for field in OF_A_LINK})


def _written_ahead(present: datetime) -> Q:
    ahead = present + AHEAD
    busy = ~Q(trigger=Trigger.SCHEDULE) | Q(status__in=BUSY, candidate="")
    silent = Q(status=Status.EXCHANGE_DOWN) & ~Q(reason__in=SLOW_DOWN)
    on_trial = Q(candidate="queued") & ~Q(candidate_reason__in=SLOW_DOWN)
    told = Q(since__gt=ahead) | Q(checked_at__gt=ahead) | Q(failing_since__gt=ahead) | Q(lease_until__gt=present + LONGEST_LEASE)
    waits = busy & Q(next_check_at__gt=present + LONGEST_WAIT)
    return told | waits | ((silent | on_trial) & Q(next_check_at__gt=present + LONGEST_REST))


def _at_most(field: str, present: datetime) -> Case:
    return Case(When(**{f"{field}__gt": present}, then=Value(present)), default=F(field))
