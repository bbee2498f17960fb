"""A key as it was pasted."""
import uuid

from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from .link import Link


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
    permissions = models.JSONField(null=True)                                   # None: the exchange does not tell
    denied = models.JSONField(default=list)                                     # those that a call of ours was refused for
    withdrawals_off = models.BooleanField(default=False)                        # the person's word where the exchange does not tell
    name_at_exchange = models.CharField(max_length=80, blank=True)
    ip_allowlist = models.JSONField(null=True)
    is_empty = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, db_index=True)
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
