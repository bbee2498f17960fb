"""What happened: checks, calls and changes of state."""
from datetime import datetime

from django.db import models
from django.utils import timezone

from .key import ApiKey
from .link import DEAD_KEY_REASONS, Link, Trigger


class ValidationQuerySet(models.QuerySet):
    def bad_keys(self, user: models.Model, since: datetime) -> "ValidationQuerySet":
        """Checks that this person waited for and that found a wrong key."""
        asked = self.filter(link__user=user, started_at__gt=since, reason__in=DEAD_KEY_REASONS)
        return asked.exclude(trigger=Trigger.SCHEDULE)


class Validation(models.Model):
    """One check of a key that somebody waited for, or that changed something. `steps`: [{"step", "state", "ms"}]."""

    link = models.ForeignKey(Link, models.PROTECT, related_name="validations")
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="validations")
    trigger = models.CharField(max_length=8)
    steps = models.JSONField(default=list)
    status = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=32, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ValidationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]


class Call(models.Model):
    """One request made with a person's key: when, what, why, result. Never content."""

    link = models.ForeignKey(Link, models.PROTECT, related_name="calls")
    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="calls")
    at = models.DateTimeField(default=timezone.now)
    endpoint = models.CharField(max_length=80)
    purpose = models.CharField(max_length=8)
    outcome = models.CharField(max_length=32)
    code = models.CharField("the exchange's own code", max_length=120, blank=True)
    ms = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"])]


class Event(models.Model):
    """One change of a link: who caused it, why, from what to what. `changes`: what the exchange says otherwise than before."""

    link = models.ForeignKey(Link, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=8)
    cause = models.CharField(max_length=16)
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    reason = models.CharField(max_length=32, blank=True)
    changes = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
