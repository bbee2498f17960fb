"""How allauth makes our accounts and speaks to our people (ACCOUNT_ADAPTER)."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.conf import settings
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from profiles import devices, limits, presence, sessions
from profiles.models import Profile, User

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is switched off."),
        "duplicate_email": _("This is your e-mail already."),
        "email_password_mismatch": _("The e-mail or the password is not right. Look at them and try again."),
        "email_taken": _("We cannot use this e-mail. Choose another."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This is not the code. Look at the last e-mail we sent you."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("You are going too fast. Wait a moment and try again."),
        "same_as_current": _("This is your e-mail already."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again."),
    }

    def clean_email(self, email: str) -> str:
        """No longer than we can keep."""
        User._meta.get_field("email").run_validators(email)
        return email

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """A user with a profile, both or neither; the language is that of the page they signed up on."""
        with transaction.atomic():
            user = super().save_user(request, user, form)
            Profile.objects.create(
                user=user, language=translation.get_language(), time_zone=form.cleaned_data["time_zone"]
            )
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Ours in place of allauth's limit, which anybody could use up for somebody else and got round with another Host."""
        self._counted = limits.spend_login(request, credentials.get("email", ""))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user:  # only failures count
            limits.take_back(self._counted)
        return user

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        limits.forget_logins(request, credentials["email"])

    def login(self, request: HttpRequest, user: User) -> None:
        """A mail goes out where the device is new: that is news only to a person who did not use it."""
        is_new = sessions.is_new_device(request, user)
        super().login(request, user)
        if not is_new:
            return
        try:
            self.send_notification_mail("account/email/new_device", user)
        except OSError as failure:  # nobody is kept out because the mail does not work
            log.warning("no mail about a new device: %s", type(failure).__name__)

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """A login counts as a proof; allauth alone would ask again right after it."""
        return super().is_reauthentication_required(app=app, **more) and not presence.is_present(context.request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language and time of the person; somebody without an account gets the language of the page."""
        # With or without an account it takes one question, so that the time does not tell which.
        person = context.get("user") or User.objects.select_related("profile").filter(email=User.objects.normalize_email(email)).first()
        profile = Profile.objects.of(person) if person else None
        language = profile.language if profile else translation.get_language()
        zone = profile.time_zone if profile else timezone.get_current_timezone()
        with translation.override(language), timezone.override(zone):
            more = {"site_url": settings.SITE_URL, "profile": profile, "device": devices.said(devices.name(context.get("user_agent", "")))}
            super().send_mail(template_prefix, email, context | more)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """`email` may be an address that is no longer the person's, so say whose it was."""
        super().send_notification_mail(template_prefix, user, (context or {}) | {"user": user}, email)

    def is_safe_url(self, url: str) -> bool:
        """Only a page of this host, and not over http from https. allauth fails at some that are no addresses ("https://[x/")."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("security")
