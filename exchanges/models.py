"""Links between people and exchanges, their keys, and the history of both.

Public names (states, reasons, notices) are those of docs/states.md. What is due is a query (`Link.objects.due`), so the
database is the queue of record; a Celery message only makes it fast.
"""
import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from exchanges import connectors
from exchanges.connectors.base import Connector


class Status(models.TextChoices):
    QUEUED = "queued"
    CHECKING = "checking"
    READY = "ready"
    ACTION_REQUIRED = "action_required"
    REFUSED = "refused"
    EXCHANGE_DOWN = "exchange_down"
    EXPIRED = "expired"
    REVOKED = "revoked"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    UNLINKED = "unlinked"


class Trigger(models.TextChoices):
    """Who asked for the next check of a link. All but `schedule` have somebody waiting for the answer."""

    LINK = "link"
    PERSON = "person"
    REPLACE = "replace"
    STAFF = "staff"
    SCHEDULE = "schedule"


BUSY = (Status.QUEUED, Status.CHECKING)
# A key in one of these troubles does not work at the exchange: a new paste takes its place at once, with no trial beside it.
DEAD_KEY_REASONS = ("bad_key", "bad_secret", "bad_passphrase")


class ExchangeQuerySet(models.QuerySet):
    def open(self) -> "ExchangeQuerySet":
        return self.filter(is_open=True, slug__in=connectors.all())


class Exchange(models.Model):
    """One exchange as staff see it. Made after migrate for each connector; all other facts are the connector's."""

    slug = models.SlugField(primary_key=True, max_length=20)
    name = models.CharField(max_length=40)
    is_open = models.BooleanField(
        "open", default=True,
        help_text="Off: people cannot link it, and keys already linked keep their state and are not asked.")

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def connector(self) -> Connector:
        return connectors.get(self.slug)

    @property
    def practice_url(self) -> str:
        return connectors.practice_url(self.connector)

    @property
    def keys_url(self) -> str:
        """Where people make and delete keys: at the exchange, or at the stand-in that plays it."""
        return self.practice_url or self.connector.keys_url


class LinkQuerySet(models.QuerySet):
    def of(self, user: models.Model) -> "LinkQuerySet":
        return self.filter(user=user).select_related("exchange", "key", "new_key")

    def due(self, now: datetime) -> "LinkQuerySet":
        """Links whose key should be asked about now and that no worker holds."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        # No join: an UPDATE that had to wait for another worker's must look at the lease again, and only does so in its own table.
        return self.filter(free, next_check_at__lte=now, exchange__in=Exchange.objects.open())

    def with_key(self, fingerprint: str) -> "LinkQuerySet":
        """Links whose key, or whose replacement on trial, is this one."""
        return self.filter(Q(key__fingerprint=fingerprint) | Q(new_key__fingerprint=fingerprint))


class Link(models.Model):
    """One person's account at one exchange. `key` is the key in use, `new_key` a replacement on trial beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="links")
    exchange = models.ForeignKey(Exchange, models.PROTECT, related_name="links")
    region = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16, default=Status.QUEUED, db_index=True)
    reason = models.CharField(max_length=32, blank=True)
    notices = models.JSONField(default=list, blank=True)
    key = models.ForeignKey("ApiKey", models.PROTECT, null=True, related_name="+", editable=False)
    new_key = models.ForeignKey("ApiKey", models.PROTECT, null=True, related_name="+", editable=False)
    candidate = models.CharField(max_length=8, blank=True, editable=False)
    candidate_reason = models.CharField(max_length=32, blank=True, editable=False)
    trigger = models.CharField(max_length=8, default=Trigger.LINK, editable=False)
    next_check_at = models.DateTimeField(null=True, default=timezone.now, db_index=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    deaths = models.PositiveSmallIntegerField(default=0, editable=False)
    call_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["user", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.exchange.name} · {self.label}" if self.label else self.exchange.name

    @property
    def reference(self) -> str:
        """What a person tells support: enough to find the link, of no use to anybody else."""
        return f"ST-{str(self.id)[9:13]}-{str(self.id)[14:18]}".upper()

    @property
    def checking(self) -> bool:
        """A worker is asking, or somebody is waiting for one to start."""
        due = self.next_check_at is not None and self.next_check_at <= timezone.now()
        return self.lease_token is not None or (due and self.trigger != Trigger.SCHEDULE and self.exchange.is_open)

    @property
    def candidate_busy(self) -> bool:
        """A replacement is on trial."""
        return self.candidate in BUSY

    @property
    def has_secret(self) -> bool:
        return self.key is not None and self.key.erased_at is None

    @property
    def is_proven(self) -> bool:
        return self.has_secret and self.key.proven_at is not None

    @property
    def key_works(self) -> bool:
        """The key in use was proven and the exchange still knows it: a replacement is tried beside it."""
        gone = self.status in (Status.EXPIRED, Status.REVOKED) or self.reason in DEAD_KEY_REASONS
        return self.is_proven and not gone

    @property
    def can_validate(self) -> bool:
        return self.has_secret and self.status not in (Status.PAUSED, Status.SUSPENDED, Status.UNLINKED)

    @property
    def can_replace(self) -> bool:
        return self.status != Status.UNLINKED

    @property
    def can_pause(self) -> bool:
        return self.status in (Status.READY, Status.ACTION_REQUIRED, Status.EXCHANGE_DOWN)

    @property
    def can_resume(self) -> bool:
        return self.status == Status.PAUSED


class ApiKey(models.Model):
    """One key as pasted. Its credentials never change: a replacement is a new row. `exchanges.vault` alone seals and opens it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(Link, models.PROTECT, related_name="keys")
    sealed = models.BinaryField(null=True)
    seal_version = models.PositiveIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, null=True, db_index=True)
    account_hash = models.CharField(max_length=64, null=True, db_index=True)
    account_hint = models.CharField(max_length=20, blank=True)
    hint = models.CharField(max_length=4)
    nonce = models.BigIntegerField(default=0)
    permissions = models.JSONField(null=True)
    name_at_exchange = models.CharField(max_length=80, blank=True)
    ip_allowlist = models.JSONField(null=True)
    is_empty = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    proven_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], name="one_proven_key", condition=Q(proven_at__isnull=False, erased_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"

    def reserve_nonces(self, now: int, count: int) -> range:
        """Reserve `count` nonces that nobody else will use, later than `now` (in the connector's unit).

        The same key may stand in other rows too: an earlier paste, another person's.
        """
        mine = ApiKey.objects.filter(pk=self.pk)
        used = ApiKey.objects.filter(fingerprint=self.fingerprint).aggregate(most=Max("nonce"))["most"] or 0
        mine.update(nonce=Greatest(F("nonce"), max(now, used)) + count)
        last = mine.values_list("nonce", flat=True).get()
        return range(last - count + 1, last + 1)


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


class Event(models.Model):
    """One change of a link's state: who caused it, why, from what to what."""

    link = models.ForeignKey(Link, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=8)
    cause = models.CharField(max_length=16)
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    reason = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["-id"]
