"""For 24 hours after somebody may have taken an account over, no key is linked or replaced in it; its owner is told by mail.

Those moments: a new password by mail, another e-mail, a second factor gone or got round with a recovery code. Who changes a
password knowing the old one took nothing over. What protects (pause, unlink) stays possible.
"""
import logging
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed, authenticator_used
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from profiles import leaving
from profiles.activity import note
from profiles.mfa import Kind
from profiles.models import Profile, User

log = logging.getLogger(__name__)
FROZEN_FOR = timedelta(hours=24)
# What happened, for the mail.
WORDS = {
    "password_reset": _("Somebody chose another password for your account, with a code sent to this e-mail."),
    "email_changed": _("The e-mail of your account was changed."),
    "factor_removed": _("A second factor of your account (the authenticator app or a passkey) was removed."),
    "recovery_code": _("Somebody logged in to your account with one of your recovery codes."),
    "staff_password": _("Our team set another password for your account."),
}


def until(user: User) -> datetime | None:
    """The end of the freeze, if there is one now."""
    end = Profile.objects.of(user).frozen_until
    return end if end and end > timezone.now() else None


def sentence(user: User) -> str:
    """Why no key is linked or replaced now, else "": the account leaves, or is frozen."""
    end = until(user)
    if leaving.sentence(user) or end is None:
        return leaving.sentence(user)
    when = date_format(timezone.localtime(end), "DATETIME_FORMAT")
    return _("For your security no keys can be linked or replaced until %(when)s.") % {"when": when}


def freeze(user: User, why: str, request: HttpRequest, former_email: str = "") -> None:
    """`why` is one of WORDS. The mail goes to the address of the account and, where that has changed, to the former one."""
    end = timezone.now() + FROZEN_FOR
    profile = Profile.objects.of(user)
    profile.frozen_until = end
    profile.save(update_fields=["frozen_until"])
    note(user, "frozen", request=request, purpose=why)
    for email in dict.fromkeys(filter(None, (former_email, user.email))):
        context = {"what": WORDS[why], "until": end, "is_former": email == former_email}
        _tell(user, email, context)


def _tell(user: User, email: str, context: dict[str, Any]) -> None:
    try:
        get_adapter().send_notification_mail("profiles/email/frozen", user, context, email=email)
    except OSError as failure:  # the freeze holds though the mail does not work
        log.warning("no mail about a freeze: %s", type(failure).__name__)


@receiver(password_reset, dispatch_uid="freeze")
def after_password_reset(request: HttpRequest, user: User, **_more: Any) -> None:
    freeze(user, "password_reset", request)


@receiver(email_changed, dispatch_uid="freeze")
def after_email_changed(
    request: HttpRequest, user: User, from_email_address: EmailAddress | None, **_more: Any
) -> None:
    """Who confirms the first address of an account, or mends one that was never confirmed, is still signing up."""
    if from_email_address is not None and from_email_address.verified:
        freeze(user, "email_changed", request, former_email=from_email_address.email)


@receiver(authenticator_removed, dispatch_uid="freeze")
def after_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    if authenticator.type != Kind.RECOVERY_CODES:
        freeze(user, "factor_removed", request)


@receiver(authenticator_used, dispatch_uid="freeze")
def after_recovery_code(
    request: HttpRequest, user: User, authenticator: Authenticator, reauthenticated: bool = False, **_more: Any
) -> None:
    if authenticator.type == Kind.RECOVERY_CODES and not reauthenticated:
        freeze(user, "recovery_code", request)
