"""An exchange as staff see it, its breaker and its weather."""
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from exchanges import connectors
from exchanges.connectors.base import Connector


class ExchangeQuerySet(models.QuerySet):
    def open(self) -> "ExchangeQuerySet":
        return self.filter(is_open=True, slug__in=connectors.all())

    def status_due(self, now: datetime) -> "ExchangeQuerySet":
        """Whose public status should be asked: once a minute, with every sweep while the breaker is open."""
        late = Q(weather_at__isnull=True) | Q(weather_at__lte=now - timedelta(minutes=1))
        return self.open().filter(late | Q(broken_since__isnull=False, weather_at__lte=now - timedelta(seconds=4)))


class Exchange(models.Model):
    """One exchange as staff see it. Made after migrate for each connector; all other facts are the connector's."""

    slug = models.SlugField(primary_key=True, max_length=20)
    name = models.CharField(max_length=40)
    is_open = models.BooleanField(
        "open", default=True,
        help_text="Off: people cannot link it, and keys already linked keep their state and are not asked.")
    weather = models.CharField(max_length=12, blank=True, editable=False)      # its public status; "": it has not told us
    weather_at = models.DateTimeField(null=True, editable=False)
    broken_since = models.DateTimeField(null=True, editable=False)             # the breaker (exchanges.breaker) is open
    broken_reason = models.CharField(max_length=32, blank=True, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    mended_at = models.DateTimeField(null=True, editable=False)
    spent_until = models.FloatField(default=0, editable=False)                 # the budget of calls, in seconds since 1970

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def connector(self) -> Connector:
        return connectors.get(self.slug)

    @property
    def tile(self) -> int:
        """The colour of its tile: its place in the list, 1 to 5."""
        return list(connectors.all()).index(self.slug) % 5 + 1

    @property
    def weather_now(self) -> str:
        """How it is doing, as far as we know: "" | ok | slow | limited | maintenance | silent | paused."""
        fresh = self.weather_at is not None and timezone.now() - self.weather_at < timedelta(minutes=3)
        if self.broken_since is None or not self.is_open or (fresh and self.weather == "maintenance"):
            return self.weather if fresh else ""
        return "paused" if self.broken_reason in ("lockout", "rate_limited") else "silent"

    @property
    def practice_url(self) -> str:
        return connectors.practice_url(self.connector)

    @property
    def keys_url(self) -> str:
        """Where people make and delete keys: at the exchange, or at the stand-in that plays it."""
        return self.practice_url or self.connector.keys_url
