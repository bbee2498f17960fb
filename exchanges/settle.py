"""What a link becomes after its exchange was asked: pure, no row, no network; the clock and the dice are arguments.

`settle` is for the key in use, `settle_candidate` for a replacement on trial beside it.
"""
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exchanges.connectors.base import KeyReport
from exchanges.models import BUSY, Status

DAY = timedelta(hours=24)
# What the person may mend at the exchange at any moment: soon at first, ever more rarely the longer it lasts.
SOON, SHARE_OF_THE_PAST = timedelta(minutes=15), 10
# A first link waits with a person before the screen; a lockout is renewed by every further call, so it gets a long rest.
RETRIES_S = (5, 15, 30, 60, 120, 300, 600, 1800)
LONG_RESTS_S = {"lockout": 900, "rate_limited": 20, "internal": 60}
BAD_KEY_LOOKS = (timedelta(minutes=3), timedelta(minutes=12))
SECOND_OPINION_S = (75, 150)
DOWN_AFTER_FAILURES = 3
DOWN_AFTER = timedelta(minutes=5)
# While the exchange answers nobody a rest costs no call: short, so that links heal soon after it is back.
BROKEN_REST_S, WATCHED_REST_S = (60, 120), (10, 20)
NEVER_AGAIN = ("bad_secret", "bad_passphrase")


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
    broken: bool = False                    # the exchange answers nobody: its breaker is open
    lasting: timedelta = timedelta(0)       # since status and reason became what they are


@dataclass(frozen=True)
class Outcome:
    """What came of asking. `answered` is False when the exchange could not be asked or read; nothing is known then."""

    status: str
    reason: str = ""
    notices: tuple[str, ...] = ()
    answered: bool = True
    asked: bool = True                      # False: nobody was asked, the exchange answers nobody
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
    if outcome.status == Status.ACTION_REQUIRED:
        settled = replace(settled, next_in=_until_mended(past, outcome, dice))
    expires_at = outcome.report.expires_at if outcome.report else None
    if expires_at and expires_at - now < settled.next_in:
        return replace(settled, next_in=expires_at - now + timedelta(seconds=dice(5, 60)))
    return settled


def settle_candidate(outcome: Outcome, failures: int, dice: Dice) -> tuple[str, str, timedelta | None]:
    """State, reason and next try of a replacement: "proven", "failed", or "queued" while the exchange does not answer.

    A trial has an end: while it lasts nobody looks at the key in use.
    """
    if not outcome.asked:
        return "queued", outcome.reason, timedelta(seconds=dice(*BROKEN_REST_S))
    if not outcome.answered and failures + 1 < len(RETRIES_S):
        return "queued", outcome.reason, timedelta(seconds=_usual_rest_s(outcome, failures + 1) * dice(1.0, 1.3))
    if outcome.status == Status.READY:
        return "proven", "", None
    return "failed", outcome.reason or outcome.status, None


def daily(dice: Dice) -> timedelta:
    """About a day, spread over four hours so that links never come as a herd."""
    return DAY + timedelta(seconds=dice(-7200, 7200))


def _until_mended(past: Past, outcome: Outcome, dice: Dice) -> timedelta:
    same = (past.status, past.reason) == (outcome.status, outcome.reason)
    rest = max(SOON, past.lasting / SHARE_OF_THE_PAST) if same else SOON
    return min(rest * dice(1.0, 1.3), daily(dice))


def _unanswered(past: Past, outcome: Outcome, now: datetime, dice: Dice) -> Settled:
    since = past.failing_since if past.failures and past.failing_since else now
    failures = past.failures + (1 if outcome.asked else 0)
    rest = _rest(past, outcome, failures, dice)
    down = Settled(Status.EXCHANGE_DOWN, outcome.reason, (), rest, failures, since)
    if past.waited_for or past.status in (*BUSY, Status.EXCHANGE_DOWN):
        return down
    kept = Settled(past.status, past.reason, past.notices, rest, failures, since)
    if past.reason == "bad_key":
        # The count says how often the key was unknown: a silence must not add to it, so the rest grows with the time.
        return replace(kept, next_in=max(rest, (now - since) / 2), failures=past.failures)
    return down if past.broken or (failures >= DOWN_AFTER_FAILURES and now - since >= DOWN_AFTER) else kept


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


def _rest(past: Past, outcome: Outcome, failures: int, dice: Dice) -> timedelta:
    if past.broken:
        rest_s = max(dice(*(WATCHED_REST_S if past.waited_for else BROKEN_REST_S)), _least_rest_s(outcome))
    elif not outcome.asked:
        rest_s = 0.0                        # it answered somebody else in the meantime
    else:
        rest_s = _usual_rest_s(outcome, failures) * dice(1.0, 1.3)
    return timedelta(seconds=rest_s)


def _usual_rest_s(outcome: Outcome, failures: int) -> float:
    return max(_least_rest_s(outcome), RETRIES_S[min(failures, len(RETRIES_S)) - 1])


def _least_rest_s(outcome: Outcome) -> float:
    return max(LONG_RESTS_S.get(outcome.reason, 0), outcome.retry_after_s or 0) if outcome.asked else 0
