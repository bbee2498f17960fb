"""The background: an id in, one call, nothing out. What is due is in the database; a message only makes it fast."""
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from exchanges import clock, reminders, retention, validation, vault, weather
from exchanges.models import Exchange, Link, Trigger
from profiles import activity, leaving, outbox, sessions, turns

log = logging.getLogger(__name__)
NOW_MOST = 500
LATER_MOST = 60
HEARTBEAT = "heartbeat"
CLOCKS_S = 60
BROKER_WAIT_S = 0.1
BROKER_REST_S = 5.0


@shared_task
def validate_link(link_id: str) -> None:
    validation.validate(link_id)


@shared_task
def look_at_weather(slug: str) -> None:
    weather.look(slug)


@shared_task
def sweep() -> None:
    """Send what is due: those somebody waits for to `now`, the rest to `later`. Also the workers' sign of life."""
    now = clock.now()
    _note_life(now.timestamp())
    if not turns.take("sweep", settings.SWEEP_S - 1):
        return                              # another scheduler's was just before
    if turns.take("clocks", CLOCKS_S):
        clock.mend(now)
    due = Link.objects.due(now).order_by("next_check_at").values_list("pk", flat=True)
    for link_id in due.exclude(trigger=Trigger.SCHEDULE)[:NOW_MOST]:
        validate_link.apply_async((str(link_id),), queue="now", expires=settings.SWEEP_S)
    # Spread over the time to the next sweep: a herd of re-checks would stand before those who wait.
    for turn, link_id in enumerate(due.filter(trigger=Trigger.SCHEDULE)[:LATER_MOST]):
        wait_s = turn * settings.SWEEP_S / LATER_MOST
        validate_link.apply_async((str(link_id),), queue="later", countdown=wait_s, expires=settings.SWEEP_S + wait_s)
    for exchange in Exchange.objects.status_due(now):
        if exchange.connector.system_status is not None:
            look_at_weather.apply_async((exchange.pk,), queue="now", expires=settings.SWEEP_S)
    vault.scrub()  # what a reader held up when it was erased


def _note_life(now: float) -> None:
    try:
        cache.set(HEARTBEAT, now, timeout=120)
    except (OSError, RedisError) as failure:
        log.warning("no cache: %s", type(failure).__name__)


@shared_task
def remind() -> None:
    reminders.remind(clock.now())


@shared_task
def prune() -> None:
    """Every hour, so that one that is missed matters little: what is told to people as kept for a time is kept no longer."""
    now = clock.now()
    leaving.erase_due(now)
    retention.erase_dead(now)
    for prune_some in (sessions.prune, outbox.prune, retention.prune, activity.prune):
        prune_some(now)


def nudge(link_id: UUID) -> None:
    """Tell a worker, once this transaction is committed, that a link is due. Never raises, waits 0.1 s for a broker at most."""
    transaction.on_commit(partial(_post.send, str(link_id)))


class _Post:
    """One thread that talks to the broker, so that a dead or stopped one holds up nobody: after a failure we stay silent."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nudge")
        self._silent_until = 0.0

    def send(self, link_id: str) -> None:
        if time.monotonic() < self._silent_until:
            return
        sending = self._thread.submit(validate_link.apply_async, (link_id,), queue="now", retry=False)
        try:
            sending.result(BROKER_WAIT_S)
        except (TimeoutError, OperationalError):
            # The sweep finds the link. A broker that was only slow ends the silence by its answer.
            self._silent_until = time.monotonic() + BROKER_REST_S
            sending.add_done_callback(self._heard)

    def _heard(self, sending: Future) -> None:
        if sending.exception() is None:
            self._silent_until = 0.0


_post = _Post()
