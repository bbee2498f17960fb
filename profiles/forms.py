"""Forms of the account. Those of allauth keep their rules and get our words; see ACCOUNT_FORMS in the settings."""

import unicodedata
from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from profiles import zones
from profiles.models import Profile, User

LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "password1": _("Password"),
    "oldpassword": _("Current password"),
    "remember": _("Remember me on this device"),
    "code": _("Code"),
}
ATTRS = {
    "login": {"autocomplete": "username"},
    "code": {"autocapitalize": "characters", "spellcheck": "false"},
}
PASSWORD_HINT = _(
    "At least 12 characters. A long sentence is safer and easier to remember. Do not use the one of your exchange."
)
NEW_PASSWORD = {"password1": _("New password")}, {"password1": PASSWORD_HINT}


class OurWords:
    """Labels of ours, hints only where `hints` has one, and no placeholders."""

    labels: dict[str, Any] = {}
    hints: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name) or LABELS.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs |= ATTRS.get(name, {})


class LoginForm(OurWords, allauth.LoginForm):
    pass


class SignupForm(OurWords, allauth.SignupForm):
    hints = {"email": _("We send a code there to confirm it. No advertising."), "password1": PASSWORD_HINT}
    # The browser fills it in (enhance.js); without scripts the person sets it in their profile.
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_time_zone(self) -> str:
        told = self.cleaned_data["time_zone"]
        return told if told in zones.known() else zones.DEFAULT

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if not self.account_already_exists:
            try:
                return super().try_save(request)
            except IntegrityError:  # a double click: the other request has just made the account
                self.account_already_exists = True
        user = self.unfinished()
        return (user, None) if user else super().try_save(request)

    def unfinished(self) -> User | None:
        """The account this person began before and never confirmed: trying again sends a new code, no dead end.

        Takes as long as making an account, so that the time does not tell who has one.
        """
        people = User.objects.filter(email=self.cleaned_data["email"], is_active=True)
        user = people.exclude(emailaddress__verified=True).first()
        return user if (user or User()).check_password(self.cleaned_data["password1"]) else None


class AddEmailForm(OurWords, allauth.AddEmailForm):
    labels = {"email": _("New e-mail")}
    hints = {"email": _("We send a code there. Until you enter it, the present one stays.")}


class ChangePasswordForm(OurWords, allauth.ChangePasswordForm):
    labels, hints = NEW_PASSWORD
    password2 = None


class SetPasswordForm(OurWords, allauth.SetPasswordForm):
    labels, hints = NEW_PASSWORD
    password2 = None


class ResetPasswordForm(OurWords, allauth.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OurWords, allauth.ResetPasswordKeyForm):
    labels, hints = NEW_PASSWORD
    password2 = None


class ReauthenticateForm(OurWords, allauth.ReauthenticateForm):
    pass


class ConfirmEmailVerificationCodeForm(OurWords, allauth.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmPasswordResetCodeForm(OurWords, allauth.ConfirmPasswordResetCodeForm):
    pass


class ProfileForm(forms.ModelForm):
    # Each language is called by its own name, so that who chose wrongly finds the way back.
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES],
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Profile
        fields = ("name", "language", "time_zone")
        labels = {"name": _("Name")}
        help_texts = {"name": _("We use it only to greet you.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "given-name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zones.choices(get_language(), timezone.now(), self.instance.time_zone)

    def clean_name(self) -> str:
        """Without what cannot be seen: control characters and those that turn the direction of text."""
        name = unicodedata.normalize("NFC", self.cleaned_data["name"])
        return "".join(letter for letter in name if letter.isprintable()).strip()
