"""Whether this process is alive and what it can reach, as JSON. `ready` is 503 only without the database."""

import threading
import time
from concurrent.futures import Future

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from redis.exceptions import RedisError

from exchanges import clock
from exchanges.tasks import HEARTBEAT

HEARTBEAT_S = 15
BROKER_WAIT_S = 0.3
BROKER_KEPT_S = 2.0


@require_safe
@never_cache
@login_not_required
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse(report())


@require_safe
@never_cache
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    found = report()
    return JsonResponse(found, status=200 if found["database"] == "ok" else 503)


def report() -> dict[str, str]:
    """`ok` or `down` for each part; `status` is `ok`, `degraded` (pages work) or `down` (they do not)."""
    database = _database()
    parts = {"database": database, "broker": broker.ok(), "workers": database and _workers()}
    status = "ok" if all(parts.values()) else "degraded" if database else "down"
    return {"status": status, **{part: "ok" if fine else "down" for part, fine in parts.items()}}


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _workers() -> bool:
    """Whether a worker did the sweep within the last 15 s: it writes the time down."""
    try:
        return clock.now().timestamp() - cache.get(HEARTBEAT, 0.0) <= HEARTBEAT_S
    except (Error, OSError, RedisError):
        return False


class BrokerProbe:
    """Asks the broker in a thread of its own: a stopped one accepts the connection and never answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Future[bool] | None = None
        self._asked_at = 0.0

    def ok(self) -> bool:
        """Waits 0.3 s at most; an answer is good for 2 s. A question still open means no."""
        with self._lock:
            old = time.monotonic() - self._asked_at > BROKER_KEPT_S
            if self._asked is None or (self._asked.done() and old):
                self._asked, self._asked_at = Future(), time.monotonic()
                threading.Thread(target=_ask, args=(self._asked,), daemon=True).start()
            asked = self._asked
        try:
            return asked.result(BROKER_WAIT_S)
        except TimeoutError:
            return False


def _ask(answer: Future[bool]) -> None:
    options = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {})
    broker_connection = Connection(settings.CELERY_BROKER_URL, connect_timeout=2, transport_options=options)
    fine = False
    try:
        broker_connection.connect()
        fine = True
    except broker_connection.connection_errors:
        pass
    finally:
        answer.set_result(fine)
        broker_connection.release()


broker = BrokerProbe()
