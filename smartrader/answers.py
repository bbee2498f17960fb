"""Asks the parts of a running portal whether they answer, for the start of `make run`."""

import http.client
import json
from urllib.parse import urlsplit

from django.conf import settings
from kombu.exceptions import OperationalError

from smartrader.celery import app

PARTS = ("database", "broker", "workers")


def missing(port: int, sandbox_url: str) -> list[str]:
    """The parts that do not answer yet; an empty list means ready. Without workers, wakes one by a first sweep."""
    health = _json(port, "/health/ready")
    waiting_for = [part for part in PARTS if health.get(part) != "ok"] if health else ["pages"]
    if waiting_for == ["workers"]:
        _wake_workers()
    if sandbox_url and not _json(urlsplit(sandbox_url).port, "/_keys"):
        waiting_for.append("sandbox")
    return waiting_for


def _wake_workers() -> None:
    """The schedule's first sweep comes after its period; this one makes the workers' first sign of life come sooner."""
    try:
        app.send_task("exchanges.tasks.sweep", queue="now", expires=settings.SWEEP_S, retry=False)
    except OperationalError:
        return


def _json(port: int | None, path: str) -> dict[str, object]:
    """What a server on this machine says there; nothing if it says nothing readable."""
    connection = http.client.HTTPConnection("127.0.0.1", port or 80, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": settings.SITE_HOST})
        return dict(json.loads(connection.getresponse().read()))
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
