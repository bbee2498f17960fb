"""One worker's hold on one link: the lease, the nonces, the steps and the record of calls.

A lease is one conditional UPDATE. It is looked at again before every call, so that after an unlink or a pause nothing more
is sent, and a worker that lost its lease writes nothing.
"""
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Case, Exists, F, When
from django.utils import timezone

from exchanges.connectors.base import Endpoint, Refused, Unavailable
from exchanges.models import ApiKey, Call, Link, Status, Trigger, Validation
from exchanges.settle import Past

LEASE_S = 60
LEAST_LEASE_S = 12
VALIDATION_S = 40
NONCES = 64
NONCE_REPEATS = 2
STEPS = ("format", "reach", "permissions", "reads", "dry_run")

T = TypeVar("T")


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
        self.steps = [{"step": step, "state": "pending", "ms": 0} for step in STEPS]
        self.validation: Validation | None = None
        self._calls = 0
        self._repeats = NONCE_REPEATS
        self._taken = taken
        self._step_began = time.monotonic()
        self._call_at: datetime | None = None
        self._nonces: Iterator[int] = iter(())

    @classmethod
    def take(cls, link_id: str) -> "Claim | None":
        """Claim the link if it is due and free: None if not, which is no error."""
        now, taken = timezone.now(), time.monotonic()  # before the wait for the database: the lease runs from here
        token = uuid.uuid4()
        with transaction.atomic():
            deaths = Case(When(lease_token__isnull=False, then=F("deaths") + 1), default=0)
            if not Link.objects.due(now).filter(pk=link_id).update(
                    lease_token=token, lease_until=now + timedelta(seconds=LEASE_S), version=F("version") + 1, deaths=deaths):
                return None
            link = Link.objects.select_related("exchange", "key", "new_key").get(pk=link_id)
            claim = cls(link, token, _past(link), taken)
            if claim._is_asked_elsewhere():
                transaction.set_rollback(True)  # still due: the sweep comes back to it
                return None
            claim._begin()
        return claim

    def _is_asked_elsewhere(self) -> bool:
        """Whether another link, perhaps another person's, holds the same key right now: one call of a key at a time."""
        same = ApiKey.objects.filter(fingerprint=self.key.fingerprint)
        list(same.select_for_update().order_by("pk"))  # two claims of one key wait here for each other
        busy = Link.objects.exclude(pk=self.link.pk).with_key(self.key.fingerprint)
        return busy.filter(lease_until__gt=timezone.now()).exists()

    def _begin(self) -> None:
        if self.on_trial:
            Link.objects.filter(pk=self.link.pk).update(candidate="checking")
        elif self.link.status == Status.QUEUED:
            Link.objects.filter(pk=self.link.pk).update(status=Status.CHECKING)
        self.reserve()
        if self.past.waited_for or not self.past.proven:
            self.validation = Validation.objects.create(
                link=self.link, key=self.key, trigger=self.link.trigger, steps=self.steps)

    def reserve(self) -> None:
        """Reserve a fresh block of nonces, in a transaction of the caller's."""
        self._nonces = iter(self.key.reserve_nonces(self.connector.nonce_now(), NONCES))

    def nonce(self) -> int:
        return next(self._nonces)

    def insist(self, ask: Callable[[], T]) -> T:
        """`ask`, again with later nonces while the exchange finds them too low: at most twice in a validation."""
        while True:
            try:
                return ask()
            except Refused as refused:
                if refused.reason != "nonce_conflict" or not self._repeats:
                    raise
            self._repeats -= 1
            with transaction.atomic():
                self.reserve()

    def mark(self, step: str, state: str) -> None:
        """Note the state of a step; it is written with the next call or with the result."""
        now = time.monotonic()
        entry = self.steps[STEPS.index(step)]
        entry["ms"] = 0 if state == "running" else round((now - self._step_began) * 1000)
        entry["state"] = state
        self._step_began = now

    def before_call(self, endpoint: Endpoint) -> None:
        """Raises Unavailable when the time or the calls of a validation are used up."""
        spent = time.monotonic() - self._taken
        if spent > min(VALIDATION_S, LEASE_S - LEAST_LEASE_S):
            raise Unavailable("timeout")
        if self._calls >= self.connector.max_calls:
            raise Unavailable("internal")
        self._calls += 1

    def before_send(self) -> None:
        """Is the link still ours? Asked at the last moment: finding the exchange may have taken seconds. Raises Lost."""
        self._call_at = timezone.now()
        with transaction.atomic():
            has_key = Exists(ApiKey.objects.filter(pk=self.key.pk, erased_at__isnull=True))
            ours = Link.objects.filter(has_key, pk=self.link.pk, lease_token=self.token)
            if not ours.update(version=F("version") + 1, call_at=self._call_at):
                raise Lost
            if self.validation is not None:
                Validation.objects.filter(pk=self.validation.pk).update(steps=self.steps)

    def after_call(self, endpoint: Endpoint, outcome: str, code: str, ms: int) -> None:
        with transaction.atomic():
            Link.objects.filter(pk=self.link.pk, call_at=self._call_at).update(call_at=None)
            Call.objects.create(
                link=self.link, key=self.key, endpoint=endpoint.name, purpose=self.link.trigger, outcome=outcome, code=code, ms=ms)


def _past(link: Link) -> Past:
    return Past(
        status=link.status, reason=link.reason, notices=tuple(link.notices), proven=link.is_proven and link.new_key is None,
        waited_for=link.trigger != Trigger.SCHEDULE, failures=link.failures, failing_since=link.failing_since,
        expires_at=link.key.expires_at if link.key else None)
