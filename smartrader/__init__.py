"""The site: settings, addresses, Celery, health and the one-command run. Wiring only."""

from smartrader.celery import app as celery_app

__all__ = ["celery_app"]
