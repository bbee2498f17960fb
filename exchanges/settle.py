"""What a link becomes after its exchange was asked: pure, no row, no network; the clock and the dice are arguments.

`settle` is for the key in use, `settle_candidate` for a replacement on trial beside it.
"""
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exchanges.connectors.base import KeyReport
from exchanges.models import BUSY, Status

DAY = timedelta(hours=24)
# A first link waits with a person before the screen; a lockout is renewed by every further call, so it gets a long rest.
RETRIES_S = (5, 15, 30, 60, 120, 300, 600, 1800)
LONG_RESTS_S = {"lockout": 900, "rate_limited": 20, "internal": 60}
BAD_KEY_LOOKS = (timedelta(minutes=3), timedelta(minutes=12))
SECOND_OPINION_S = (75, 150)
DOWN_AFTER_FAILURES = 3
DOWN_AFTER = timedelta(minutes=5)
NEVER_AGAIN = ("bad_secret", "bad_passphrase", "already_linked")


@dataclass(frozen=True)
class Past:
    """How the link stood when it was claimed."""

    status: str
    reason: str
    notices: tuple[str, ...]
    proven: bool
    waited_for: bool
    failures: int
    failing_since: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What came of asking. `answered` is False when the exchange could not be asked or read; nothing is known then."""

    status: str
    reason: str = ""
    notices: tuple[str, ...] = ()
    answered: bool = True
    retry_after_s: float | None = None
    report: KeyReport | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settled:
    status: str
    reason: str
    notices: tuple[str, ...]
    next_in: timedelta | None
    failures: int = 0
    failing_since: datetime | None = None
    erase: bool = False


Dice = Callable[[float, float], float]


def settle(past: Past, outcome: Outcome, now: datetime, dice: Dice) -> Settled:
    """The state of a link after `outcome`. `dice(a, b)` gives a number between a and b."""
    if not outcome.answered:
        return _unanswered(past, outcome, now, dice)
    if outcome.reason == "bad_key":
        return _unknown_key(past, now, dice)
    settled = Settled(outcome.status, outcome.reason, outcome.notices, daily(dice))
    if outcome.status in (Status.REFUSED, Status.SUSPENDED) or outcome.reason == "already_linked":
        return replace(settled, next_in=None, erase=True)
    if outcome.status == Status.EXPIRED or outcome.reason in NEVER_AGAIN:
        return replace(settled, next_in=None)
    expires_at = outcome.report.expires_at if outcome.report else None
    if expires_at and expires_at - now < settled.next_in:
        return replace(settled, next_in=expires_at - now + timedelta(seconds=dice(5, 60)))
    return settled


def settle_candidate(outcome: Outcome, failures: int, dice: Dice) -> tuple[str, str, timedelta | None]:
    """State, reason and next try of a replacement: "proven", "failed", or "queued" while the exchange does not answer.

    A trial has an end: while it lasts nobody looks at the key in use.
    """
    if not outcome.answered and failures + 1 < len(RETRIES_S):
        return "queued", outcome.reason, _rest(outcome, failures + 1, dice)
    if outcome.status == Status.READY:
        return "proven", "", None
    return "failed", outcome.reason or outcome.status, None


def daily(dice: Dice) -> timedelta:
    """About a day, spread over four hours so that links never come as a herd."""
    return DAY + timedelta(seconds=dice(-7200, 7200))


def _unanswered(past: Past, outcome: Outcome, now: datetime, dice: Dice) -> Settled:
    since = past.failing_since if past.failures and past.failing_since else now
    failures = past.failures + 1
    rest = _rest(outcome, failures, dice)
    if past.waited_for or past.status in (*BUSY, Status.EXCHANGE_DOWN):
        return Settled(Status.EXCHANGE_DOWN, outcome.reason, (), rest, failures, since)
    if past.reason == "bad_key":
        # The count says how often the key was unknown: a silence must not add to it, so the rest grows with the time.
        rest = max(rest, (now - since) / 2)
        return Settled(past.status, past.reason, past.notices, rest, past.failures, since)
    if failures >= DOWN_AFTER_FAILURES and now - since >= DOWN_AFTER:
        return Settled(Status.EXCHANGE_DOWN, outcome.reason, (), rest, failures, since)
    return Settled(past.status, past.reason, past.notices, rest, failures, since)


def _unknown_key(past: Past, now: datetime, dice: Dice) -> Settled:
    """The exchange does not know the key: perhaps too new, past its end, deleted, or a passing fault on their side."""
    if past.expires_at and past.expires_at <= now:
        return Settled(Status.EXPIRED, "", (), None)
    if past.status == Status.REVOKED:
        return Settled(Status.REVOKED, "", (), None)
    again = past.reason == "bad_key" and past.failing_since is not None
    since = past.failing_since if again else now
    looks = past.failures + 1 if again else 1
    if past.proven:
        if again and now - since >= timedelta(seconds=60):
            return Settled(Status.REVOKED, "", (), None)
        wait = timedelta(seconds=dice(*SECOND_OPINION_S)) if not again else timedelta(seconds=75)
    else:
        wait = BAD_KEY_LOOKS[looks - 1] if looks <= len(BAD_KEY_LOOKS) else None
    return Settled(Status.ACTION_REQUIRED, "bad_key", (), wait, looks, since)


def _rest(outcome: Outcome, failures: int, dice: Dice) -> timedelta:
    least = max(LONG_RESTS_S.get(outcome.reason, 0), outcome.retry_after_s or 0)
    usual = RETRIES_S[min(failures, len(RETRIES_S)) - 1]
    return timedelta(seconds=max(least, usual) * dice(1.0, 1.3))
