"""The end of an account: its secrets are erased at once, all the rest after 30 days. Until then its owner can keep it.

Other apps add to `closers` and `erasers` in AppConfig.ready(); we know none of them. Each may be killed halfway and run again.
"""
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from profiles import activity, clock, outbox
from profiles.models import Activity, Mail, Profile, User
from profiles.pruning import prune

log = logging.getLogger(__name__)
LEAVES_IN = timedelta(days=30)
# So long the last mail may be on its way.
TOLD_WITHIN = timedelta(days=3)

# Each ends at once what may still act for the person, and erases its secrets.
closers: list[Callable[[User, HttpRequest | None], None]] = []
# Each deletes all it has of the person.
erasers: list[Callable[[User], None]] = []


def sentence(user: User) -> str:
    """Why nothing new begins in an account that leaves, else ""."""
    end = Profile.objects.of(user).leaves_at
    if end is None:
        return ""
    when = date_format(timezone.localtime(end), "DATE_FORMAT")
    return _("Your account will be deleted on %(when)s. Keep it if you want to link or replace a key.") % {"when": when}


def is_leaving(user: User) -> bool:
    """As the database says now."""
    return Profile.objects.filter(user=user, leaves_at__isnull=False).exists()


def leave(user: User, request: HttpRequest) -> None:
    """The account ends in 30 days. Asked twice, the first time counts."""
    close(user, request)
    with transaction.atomic():
        profile = _lock(user)
        if profile.leaves_at is None:
            profile.leaves_at = clock.now() + LEAVES_IN
            profile.save(update_fields=["leaves_at"])
            _put_mails(user, profile.leaves_at)
            activity.note(user, "leaving", request=request)
    close(user, request)  # what somebody began between the two


def stay(user: User, request: HttpRequest) -> bool:
    """The account is kept, without what was erased. False: it did not leave, or its time is over."""
    with transaction.atomic():
        profile = _lock(user)
        if profile.leaves_at is None or profile.leaves_at <= clock.now():
            return False
        profile.leaves_at = None
        profile.save(update_fields=["leaves_at"])
        activity.note(user, "stayed", request=request)
    return True


def _lock(user: User) -> Profile:
    """Their profile as it is now. Whoever starts something new for a person waits for the same row.

    Read by a question of its own: PostgreSQL would join it as it was before we waited.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return Profile.objects.get(user=user)


def close(user: User, request: HttpRequest | None = None) -> None:
    for closer in closers:
        closer(user, request)


def _put_mails(user: User, end: datetime) -> None:
    """One now, with the way back; one when the time is over, while there still is an address."""
    at = end.isoformat()
    outbox.put(user, "leaving", f"leaving:{user.pk}:{at}", leaves_at=at)
    outbox.put(user, "left", f"left:{user.pk}:{at}", due_at=end, leaves_at=at)


def compose_leaving(mail: Mail) -> outbox.Letter | str:
    return _compose(mail, "profiles/email/leaving")


def compose_left(mail: Mail) -> outbox.Letter | str:
    return _compose(mail, "profiles/email/left")


def _compose(mail: Mail, template: str) -> outbox.Letter | str:
    end = Profile.objects.of(mail.user).leaves_at
    if end is None or end.isoformat() != mail.facts["leaves_at"]:
        return "outdated"
    return outbox.Letter(template, {"leaves_at": end})


def erase_due(now: datetime) -> int:
    """Erase the accounts whose time is over; how many. Also erases the secrets of those that leave, should any have stayed."""
    leaving = list(Profile.objects.filter(leaves_at__isnull=False).select_related("user"))
    return sum(_erase_if_due(profile, now) for profile in leaving)


def _erase_if_due(profile: Profile, now: datetime) -> bool:
    user, end = profile.user, profile.leaves_at
    last_mail = Mail.objects.filter(user=user, kind="left", ended_at__isnull=True)
    if end > now or (last_mail.exists() and end > now - TOLD_WITHIN):
        close(user)
        return False
    try:
        erase(user)
    except IntegrityError:  # something was written meanwhile (ProtectedError is one too); the next run begins again
        log.warning("an account could not be deleted yet")
        return False
    return True


def erase(user: User) -> None:
    """Delete the account and all that is of it. First nobody can get in any more, last goes the account itself."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    for eraser in erasers:
        eraser(user)
    prune(Activity.objects.filter(user=user), "at")
    prune(Mail.objects.filter(user=user), "pk")
    for session in UserSession.objects.filter(user=user):
        session.end()
    forget_in_admin(User, [str(user.pk)])
    user.delete()


def forget_in_admin(model: type[Model], ids: list[str]) -> None:
    """What staff did stays on record; what it was called, an e-mail or a name, does not."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    entries.update(object_repr="", change_message="")
