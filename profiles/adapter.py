"""How allauth makes our accounts and speaks to our people (ACCOUNT_ADAPTER)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from profiles.models import Profile, User


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language and time of the person; somebody without an account gets the language of the page."""
        person = context.get("user") or User.objects.filter(email=User.objects.normalize_email(email)).first()
        profile = Profile.objects.of(person) if person else None
        language = profile.language if profile else translation.get_language()
        zone = profile.time_zone if profile else timezone.get_current_timezone()
        with translation.override(language), timezone.override(zone):
            super().send_mail(template_prefix, email, context | {"site_url": settings.SITE_URL, "profile": profile})

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """`email` may be an address that is no longer the person's, so say whose it was."""
        super().send_notification_mail(template_prefix, user, (context or {}) | {"user": user}, email)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("security")
