"""The breaker of each exchange: kept in its row, so that all workers share it.

It opens when several keys meet no answer within a short time. While it is open nobody asks in vain: the public
status call probes (`exchanges.weather`), then one key at a time. The first answer to a key closes it.
"""
from datetime import datetime, timedelta

from django.db.models import Q

from exchanges.models import Call, Exchange, Link, LinkQuerySet, Status

WINDOW = timedelta(minutes=2)
# A quarter of the latest calls: on a busy day five failures alone are nothing.
LATEST, FAILURES, KEYS = 20, 5, 3
LOCKOUT_WINDOW = timedelta(minutes=10)
LOCKED_OUT_PEOPLE = 2
COUNTED = ("maintenance", "timeout", "network", "unreadable_answer", "rate_limited")
SLOW_DOWN = ("lockout", "rate_limited")
OF_ONE_KEY = ("unreadable_answer", "rate_limited")
A_CLICK_EVERY = timedelta(seconds=10)
A_KEY_EVERY = timedelta(seconds=60)
# Whoever waits before the screen is told after this long; until then their key waits for its turn to try.
PATIENCE = timedelta(seconds=15)


def admits(exchange: Exchange, waited_for: bool, now: datetime) -> bool:
    """Whether a key may be asked about now. While the breaker is open a yes takes the turn, so that nobody else gets one."""
    if exchange.broken_since is None:
        return True
    every = A_CLICK_EVERY if waited_for else A_KEY_EVERY
    free = Q(broken_since__isnull=True) | Q(tried_at__isnull=True) | Q(tried_at__lte=now - every)
    return bool(Exchange.objects.filter(free, pk=exchange.pk).update(tried_at=now))


def note_status(exchange: Exchange, now: datetime) -> None:
    """The public status call found the exchange up: one key may try, the one that would be next.

    Not while the last may still be asking, and not after a lockout: that call says nothing of it, and each key renews it.
    """
    if exchange.broken_since is None:
        return
    if not _concerns_anybody(exchange, now):
        _close(exchange, now)
        return
    rested = Q(tried_at__isnull=True) | Q(tried_at__lte=now - A_CLICK_EVERY)
    broken = Exchange.objects.filter(rested, pk=exchange.pk, broken_since__isnull=False).exclude(broken_reason="lockout")
    if broken.update(tried_at=None):
        first = _waiting(exchange, now).order_by("next_check_at").values_list("pk", flat=True)[:1]
        _waiting(exchange, now).filter(pk__in=list(first)).update(next_check_at=now)  # unless it was paused in between


def note_answer(exchange: Exchange, now: datetime) -> None:
    """The exchange answered a key: it is there, and whoever waited for that is due. The sweep sends them bit by bit."""
    if exchange.broken_since is not None and _close(exchange, now):
        _waiting(exchange, now).update(next_check_at=now)


def _close(exchange: Exchange, now: datetime) -> bool:
    """Whether this closed it: of two at once only one."""
    broken = Exchange.objects.filter(pk=exchange.pk, broken_since__isnull=False)
    return bool(broken.update(broken_since=None, broken_reason="", tried_at=None, mended_at=now))


def _concerns_anybody(exchange: Exchange, now: datetime) -> bool:
    """Whether anybody is left who could close it soon: a link that waits, is due or is being asked about."""
    soon = Q(status=Status.EXCHANGE_DOWN) | Q(candidate="queued") | Q(next_check_at__lte=now) | Q(lease_token__isnull=False)
    return Link.objects.filter(soon, exchange=exchange, next_check_at__isnull=False).exists()


def _waiting(exchange: Exchange, now: datetime) -> LinkQuerySet:
    """Links that rest because there was no answer. One that was itself told to slow down rests on."""
    silent = Q(status=Status.EXCHANGE_DOWN) | Q(candidate="queued")
    told = Q(reason__in=SLOW_DOWN) | Q(candidate_reason__in=SLOW_DOWN)
    resting = Link.objects.filter(silent, exchange=exchange, lease_token__isnull=True, next_check_at__gt=now)
    return resting.exclude(told, failures__gt=0)


def note_silence(exchange: Exchange, now: datetime) -> bool:
    """The exchange did not answer a key, and its call is written down. Returns whether the breaker is open, perhaps by this."""
    row = Exchange.objects.get(pk=exchange.pk)
    if row.broken_since is not None:
        return True
    reason = _why_open(row, now)
    if reason:
        Exchange.objects.filter(pk=row.pk, broken_since__isnull=True).update(broken_since=now, broken_reason=reason, tried_at=now)
    return bool(reason)


def _why_open(exchange: Exchange, now: datetime) -> str:
    """The reason to open, "" where there is none. What happened before the last answer counts no more."""
    calls = Call.objects.filter(link__exchange=exchange)
    if exchange.mended_at is not None:
        calls = calls.filter(at__gt=exchange.mended_at)
    calls = calls.filter(at__lte=now)       # a clock that was ahead wrote the others
    latest = calls.filter(at__gt=now - WINDOW).order_by("-at").values_list("key", "outcome", "code")[:LATEST]
    failed = [(key, outcome) for key, outcome, code in latest if _counts(outcome, code)]
    if len(failed) >= FAILURES and len({key for key, _outcome in failed}) >= KEYS:
        return failed[0][1]
    locked_out = calls.filter(at__gt=now - LOCKOUT_WINDOW, outcome="lockout").values("link__user").distinct()
    return "lockout" if locked_out.count() >= LOCKED_OUT_PEOPLE else ""


def _counts(outcome: str, code: str) -> bool:
    """A limit or an error that the exchange tells in words of its own is about one key; no word, or an HTTP status, is about all."""
    return outcome in COUNTED and (outcome not in OF_ONE_KEY or code == "" or code.startswith("HTTP"))
