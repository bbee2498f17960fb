"""The budget of calls of each exchange: kept in its row, so that all workers share it.

A leaky bucket (GCRA): `Exchange.spent_until` is when all calls granted so far are paid for at `Connector.calls_per_s`, and
may lie a burst ahead of the present. The schedule may use only a part of the burst: who waits always finds room.
"""
from datetime import datetime

from django.db.models import Case, F, FloatField, Q, Value, When
from django.db.models.functions import Greatest

from exchanges.models import Exchange

BURST_S, SCHEDULED_BURST_S = 5.0, 2.0
# Further ahead than any burst: written by a clock that was ahead. It is as if nothing were spent.
IMPOSSIBLE_S = 60.0


def has_room(exchange: Exchange, calls: int, waited_for: bool, now: datetime) -> bool:
    """Whether `spend` would grant so many calls, as far as this row knows: no lock is taken."""
    ahead_s = exchange.spent_until - now.timestamp()
    return ahead_s <= _most_ahead_s(exchange, calls, waited_for) or ahead_s > IMPOSSIBLE_S


def spend(exchange: Exchange, calls: int, waited_for: bool, now: datetime) -> bool:
    """Grant so many calls, or none of them. It holds the exchange's row: the last statement of a transaction."""
    present = now.timestamp()
    latest = present + _most_ahead_s(exchange, calls, waited_for)
    impossible = Q(spent_until__gt=present + IMPOSSIBLE_S)
    free = Exchange.objects.filter(Q(spent_until__lte=latest) | impossible, pk=exchange.pk)
    start = Case(
        When(impossible, then=Value(present)), default=Greatest(F("spent_until"), Value(present)), output_field=FloatField())
    return bool(free.update(spent_until=start + calls / exchange.connector.calls_per_s))


def _most_ahead_s(exchange: Exchange, calls: int, waited_for: bool) -> float:
    """How far ahead the spending may be for these calls to fit. More calls than a burst fit where nothing is spent."""
    burst_s = BURST_S if waited_for else SCHEDULED_BURST_S
    return max(0.0, burst_s - calls / exchange.connector.calls_per_s)
