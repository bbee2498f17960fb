"""The Celery application. Rows are the queue of record; messages carry ids and only make things fast."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartrader.settings")

app = Celery("smartrader")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
