"""One person's account at one exchange: its states and their rules."""
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .exchange import Exchange


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
LEASE = timedelta(seconds=60)
# A lease that ends later than this was written by a clock that was ahead: nobody holds it.
LONGEST_LEASE = 2 * LEASE
# A key in one of these troubles does not work at the exchange: a new paste takes its place at once, with no trial beside it.
DEAD_KEY_REASONS = ("bad_key", "bad_secret", "bad_passphrase")
HELD_REASONS = ("by_staff", "incident")


class LinkQuerySet(models.QuerySet):
    def of(self, user: models.Model) -> "LinkQuerySet":
        return self.filter(user=user).select_related("exchange", "key", "new_key")

    def due(self, now: datetime) -> "LinkQuerySet":
        """Links whose key should be asked about now and that no worker holds."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now) | Q(lease_until__gt=now + LONGEST_LEASE)
        # No join: an UPDATE that had to wait for another worker's must look at the lease again, and only does so in its own table.
        return self.filter(free, next_check_at__lte=now, exchange__in=Exchange.objects.open())

    def held(self, now: datetime) -> "LinkQuerySet":
        """Links that a worker holds."""
        return self.filter(lease_until__gte=now, lease_until__lte=now + LONGEST_LEASE)

    def locked(self, link_id: uuid.UUID | str) -> "Link":
        """The link as it is now, held until the transaction ends.

        Two questions: PostgreSQL joins what there was before it waited, such as a key that is another one or erased by now.
        """
        self.select_for_update().get(pk=link_id)
        return self.select_related("user", "exchange", "key", "new_key").get(pk=link_id)

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
    since = models.DateTimeField(default=timezone.now, editable=False)          # when status and reason became what they are
    told = models.CharField(max_length=50, blank=True, editable=False)          # the state its owner last read, see `state`
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
    def state(self) -> str:
        """Status and reason in one: "ready", "action_required/bad_key"."""
        return f"{self.status}/{self.reason}" if self.reason else self.status

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
    def under_way(self) -> bool:
        """Being checked, or about to be."""
        return self.checking or self.status in BUSY

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
        return self.is_proven and not self.key_is_dead

    @property
    def key_is_dead(self) -> bool:
        """The exchange does not take the key in use, or no longer does."""
        return self.status in (Status.EXPIRED, Status.REVOKED) or self.reason in DEAD_KEY_REASONS

    @property
    def needs_another_key(self) -> bool:
        """Nothing that the person changes at the exchange would mend this one."""
        return not self.has_secret or self.reason in (*DEAD_KEY_REASONS, "nonce_conflict", "otp_on_key", "different_account")

    @property
    def held_by_staff(self) -> bool:
        """Stopped by our team: only our team ends it, no other key does."""
        return self.status == Status.SUSPENDED and self.reason in HELD_REASONS

    # What asks the exchange waits where it is switched off.

    @property
    def can_validate(self) -> bool:
        stopped = self.status in (Status.PAUSED, Status.SUSPENDED, Status.UNLINKED)
        return self.has_secret and not stopped and self.exchange.is_open

    @property
    def can_confirm(self) -> bool:
        """The exchange does not tell what the key may do, and its owner has not said that it cannot withdraw."""
        return self.can_validate and self.reason == "unverifiable_permissions" and not self.key.withdrawals_off

    @property
    def can_replace(self) -> bool:
        return self.status != Status.UNLINKED and self.exchange.is_open

    @property
    def can_pause(self) -> bool:
        return self.status in (Status.READY, Status.ACTION_REQUIRED, Status.EXCHANGE_DOWN)

    @property
    def can_resume(self) -> bool:
        return self.status == Status.PAUSED and self.exchange.is_open

    @property
    def can_suspend(self) -> bool:
        """By staff: whatever could be used or asked about, a paused key too, since its owner may resume it."""
        return self.has_secret and self.reason != "by_staff"
