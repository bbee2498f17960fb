"""The account and what the person chose for it.

An e-mail address is the only name of an account. It is kept in lower case, so that the database
itself refuses a second account that differs in capitals alone.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from profiles import pruning, zones


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with a profile, both or neither. Without `password` nobody can log in with one."""
        email = self.normalize_email(email)
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            Profile.objects.using(self._db).create(user=user)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **fields, is_staff=True, is_superuser=True)


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("There is already an account with this e-mail.")}
    )
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May enter the admin."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Off: cannot log in. Better than deleting."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)


class ProfileQuerySet(models.QuerySet["Profile"]):
    def of(self, user: User) -> "Profile":
        """The profile of `user`, made now if the account came by a road that makes none."""
        profile: Profile | None = getattr(user, "profile", None)
        return profile or self.get_or_create(user=user)[0]


class Profile(models.Model):
    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, default=settings.LANGUAGE_CODE)
    time_zone = models.CharField(_("time zone"), max_length=64, default=zones.DEFAULT, validators=[zones.validate_zone])
    # After a new password by mail, another e-mail or a factor lost: no key is linked or replaced until then.
    frozen_until = models.DateTimeField(_("frozen until"), null=True, blank=True, editable=False)
    mails_off = models.JSONField(default=list, blank=True, editable=False)      # the kinds of `Mail` they do not want
    leaves_at = models.DateTimeField(_("is deleted at"), null=True, blank=True, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return self.name or self.user.email

    def initials(self) -> str:
        """One or two capitals for the round picture: "AR" for Ana Robles, "A" for ana@example.com."""
        words = str(self).split()
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


DAILY = models.Q(actor="worker", cause="secret_opened", purpose="schedule")


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Rows are added, and pruned when they are old; nothing else."""

    def daily(self) -> "ActivityQuerySet":
        """What the workers do by themselves, day after day: far more rows than all the rest."""
        return self.filter(DAILY)

    def but_daily(self) -> "ActivityQuerySet":
        return self.exclude(DAILY)

    def prune(self, before: datetime) -> int:
        """Delete the rows older than `before`; how many. The only way a row goes."""
        return pruning.prune(self.filter(at__lt=before), "at")

    def update(self, **changes: Any) -> int:
        raise TypeError("Activity is never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Activity is never deleted by hand; old rows are pruned.")

    def bulk_create(self, rows: Iterable["Activity"], *args: Any, update_conflicts: bool = False, **options: Any) -> list["Activity"]:
        if update_conflicts:
            raise TypeError("Activity is never changed.")
        return super().bulk_create(rows, *args, **options)

    def bulk_update(self, rows: Iterable["Activity"], *args: Any, **options: Any) -> int:
        raise TypeError("Activity is never changed.")


class Activity(models.Model):
    """One thing that happened to an account: who did it, what, when, from where. Written by `profiles.activity.note`."""

    user = models.ForeignKey(User, models.PROTECT, related_name="activity", db_index=False, verbose_name=_("user"))
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=8)                  # person | unknown (nobody proved who) | worker | staff
    cause = models.CharField(max_length=32)
    about = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=16, blank=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=40, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the activity")
        verbose_name_plural = _("activity")
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"]), models.Index(fields=["user", "at"])]

    def __str__(self) -> str:
        return f"{self.cause} {self.about}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Activity is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Activity is never deleted by hand; old rows are pruned.")


class Mail(models.Model):
    """The outbox: one mail that is to be sent, or was. Written in the transaction of what it tells, sent after it (`profiles.outbox`).

    `cause` names what it tells and is unique: whatever runs twice tells it once. `facts` has ids and dates, from which the
    mail is composed when it is sent; never a secret, nor what a person typed.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="mails", verbose_name=_("user"))
    cause = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16)
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    taken_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)   # sent | seen | outdated | muted | failed; "" while it waits

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(ended_at__isnull=True), name="mails_waiting")]

    def __str__(self) -> str:
        return self.cause
