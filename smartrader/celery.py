"""The Celery application. Rows are the queue of record; messages carry ids and only make things fast."""

import os
import sys

from celery import Celery
from celery.signals import celeryd_init
from django.core.exceptions import ImproperlyConfigured

from smartrader import role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartrader.settings")

app = Celery("smartrader")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def refuse_without_keys(**kwargs: object) -> None:
    """A worker starts, the scheduler does not come here. Celery swallows exceptions of receivers, not an exit."""
    try:
        role.require_workers_keys()
    except ImproperlyConfigured as exc:
        sys.exit(f"This worker cannot start: {exc}")
