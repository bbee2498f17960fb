"""One worker's hold on one link: the lease, the nonces and the record of calls.

A lease is one conditional UPDATE. It is looked at again before every call, so that after an unlink or a pause nothing more
is sent, and a worker that lost its lease writes nothing.
"""
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Exists, F, Q, When

from exchanges import breaker, budget, clock
from exchanges.asking import Steps
from exchanges.connectors.base import Endpoint, Unavailable
from exchanges.models import LEASE, ApiKey, Call, Exchange, Link, Status, Trigger, Validation
from exchanges.settle import Past
from profiles import activity

# The lease outlives it by more than one call.
VALIDATION_S = 40
NONCES = 64
# Workers that died with this link in their hands, one after another, before we leave it alone for a while.
POISON_AFTER = 3


class Lost(Exception):
    """The link is no longer ours: unlinked, paused, given another key, or taken over by another worker."""


class Claim:
    """A link held for one validation. Made by `take`; lost by anything that clears or replaces the token."""

    def __init__(self, link: Link, token: uuid.UUID, past: Past, taken: float) -> None:
        self.link, self.token, self.past = link, token, past
        self.key: ApiKey = link.new_key or link.key
        self.key.link = link
        self.on_trial = link.new_key is not None
        self.connector = link.exchange.connector
        self.held = False                   # by the breaker: no call may be made
        self.poisoned = link.deaths >= POISON_AFTER
        self.steps = Steps()
        self.validation: Validation | None = None
        self._calls = 0
        self._taken = taken
        self._call_at: datetime | None = None
        self._nonces: Iterator[int] = iter(())

    @classmethod
    def take(cls, link_id: str) -> "Claim | None":
        """Claim the link if it is due and free and its exchange's budget has room: None if not, which is no error."""
        now, taken = clock.now(), time.monotonic()  # before the wait for the database: the lease runs from here
        token = uuid.uuid4()
        due = Link.objects.due(now).filter(pk=link_id)
        # Most who come in vain leave here, before they wait for the right to write.
        link = due.select_related("exchange", "key", "new_key").first()
        if link is None or not cls(link, token, _past(link, now), taken)._fits(budget.has_room, now):
            return None
        with transaction.atomic():
            deaths = Case(When(lease_token__isnull=False, then=F("deaths") + 1), default=0)
            if not due.update(lease_token=token, lease_until=now + LEASE, version=F("version") + 1, deaths=deaths):
                return None
            link = Link.objects.select_related("exchange", "key", "new_key").get(pk=link_id)
            claim = cls(link, token, _past(link, now), taken)
            if claim._is_asked_elsewhere(now) or claim._waits_for_its_turn(now) or not claim._begins(now):
                transaction.set_rollback(True)  # still due: the sweep comes back to it
                return None
        return claim

    def _fits(self, asked: Callable[[Exchange, int, bool, datetime], bool], now: datetime) -> bool:
        """Whether the budget has room (`budget.has_room`), or grants it (`budget.spend`), for the calls of this validation."""
        if self.held or self.poisoned:
            return True                     # no call is made
        calls = self.connector.describe_calls if self.past.proven else self.connector.proof_calls
        return asked(self.link.exchange, calls, self.past.waited_for, now)

    def _waits_for_its_turn(self, now: datetime) -> bool:
        """The breaker lets nobody through now. Whoever is before the screen is kept waiting a little, then told."""
        self.held = not breaker.admits(self.link.exchange, self.past.waited_for, now)
        return self.held and self.past.waited_for and now - self.link.next_check_at < breaker.PATIENCE

    def _is_asked_elsewhere(self, now: datetime) -> bool:
        """Whether another link, perhaps another person's, holds the same key right now: one call of a key at a time."""
        rows = ApiKey.objects.filter(fingerprint=self.key.fingerprint)
        same = list(rows.select_for_update().order_by("pk"))  # two claims of one key wait here for each other
        # By their own ids, or it would look through everybody's links.
        others = Link.objects.filter(pk__in={key.link_id for key in same} - {self.link.pk})
        return others.held(now).filter(Q(key__in=same) | Q(new_key__in=same)).exists()

    def _begins(self, now: datetime) -> bool:
        """Write down what begins. False: somebody else took the rest of the budget."""
        if not self.held and not self.poisoned:
            # In the transaction that claims: no worker opens a secret without its entry.
            activity.note_opened([(self.link.user_id, self.link.name)], self.link.trigger)
        if self.on_trial:
            Link.objects.filter(pk=self.link.pk).update(candidate="checking")
        elif self.link.status == Status.QUEUED:
            Link.objects.filter(pk=self.link.pk).update(status=Status.CHECKING)
        self.reserve()
        if self.past.waited_for or not self.past.proven:
            self.validation = Validation.objects.create(
                link=self.link, key=self.key, trigger=self.link.trigger, steps=self.steps.rows, started_at=now)
        return self._fits(budget.spend, now)

    @transaction.atomic(savepoint=False)
    def reserve(self) -> None:
        """Reserve a fresh block of nonces."""
        self._nonces = iter(self.key.reserve_nonces(self.connector.nonce_now(), NONCES))

    def nonce(self) -> int:
        return next(self._nonces)

    def before_call(self, endpoint: Endpoint) -> None:
        """Raises Unavailable when the time or the calls of a validation are used up."""
        spent = time.monotonic() - self._taken
        if spent > VALIDATION_S:
            raise Unavailable("timeout")
        if self._calls >= self.connector.max_calls:
            raise Unavailable("internal")
        self._calls += 1

    def before_send(self) -> None:
        """Is the link still ours? Asked at the last moment: finding the exchange may have taken seconds. Raises Lost."""
        self._call_at = clock.now()
        with transaction.atomic():
            has_key = Exists(ApiKey.objects.filter(pk=self.key.pk, erased_at__isnull=True))
            ours = Link.objects.filter(has_key, pk=self.link.pk, lease_token=self.token)
            if not ours.update(version=F("version") + 1, call_at=self._call_at):
                raise Lost
            if self.validation is not None:
                Validation.objects.filter(pk=self.validation.pk).update(steps=self.steps.rows)

    def after_call(self, endpoint: Endpoint, outcome: str, code: str, ms: int) -> None:
        with transaction.atomic():
            Link.objects.filter(pk=self.link.pk, call_at=self._call_at).update(call_at=None)
            Call.objects.create(
                link=self.link, key=self.key, at=clock.now(), endpoint=endpoint.name, purpose=self.link.trigger,
                outcome=outcome, code=code, ms=ms)


def _past(link: Link, now: datetime) -> Past:
    return Past(
        status=link.status, reason=link.reason, notices=tuple(link.notices), proven=link.is_proven and link.new_key is None,
        waited_for=link.trigger != Trigger.SCHEDULE, failures=link.failures, failing_since=link.failing_since,
        expires_at=link.key.expires_at if link.key else None, lasting=now - link.since)
