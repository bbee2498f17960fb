"""Forms of the account. Those of allauth keep their rules and get our words; see ACCOUNT_FORMS in the settings."""

import unicodedata
from typing import Any
from uuid import uuid4

from allauth.account import forms as allauth
from allauth.account.internal.flows.email_verification import get_address_for_login
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress, Login
from allauth.account.utils import has_verified_email, user_pk_to_url_str
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from profiles import activity, limits, outbox, zones
from profiles.models import Profile, User
from profiles.names import NoKeyForAName

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


class SendsCode:
    """A form that ends in a mail with a code to `email`, or in one that says why there is none: not too many of them."""

    def spend(self, email: str) -> None:
        limits.spend_code(context.request, email)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            try:
                self.spend(cleaned["email"])
            except ValidationError as too_many:
                self.add_error("email", too_many)
        return cleaned


class LoginForm(OurWords, allauth.LoginForm):
    pass


class SignupForm(SendsCode, OurWords, allauth.SignupForm):
    hints = {"email": _("We send a code there to confirm it. No advertising."), "password1": PASSWORD_HINT}
    # The browser fills it in (enhance.js); without scripts the person sets it in their profile.
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_time_zone(self) -> str:
        told = self.cleaned_data["time_zone"]
        return told if told in zones.known() else zones.DEFAULT

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:  # a double click: the other request has just made the account
                self.account_already_exists = True
        user = self.unfinished()
        if user:
            return user, None
        nobody = self.make_nobody(request)
        answer = super().try_save(request)
        wait_for(nobody, request)
        return answer

    def unfinished(self) -> User | None:
        """The account this person began before and never confirmed: trying again sends a new code, no dead end.

        Hashes a password as making an account does, so that the time does not tell who has one.
        """
        people = User.objects.filter(email=self.cleaned_data["email"], is_active=True)
        user = people.exclude(emailaddress__verified=True).first()
        return user if (user or User()).check_password(self.cleaned_data["password1"]) else None

    def make_nobody(self, request: HttpRequest) -> User:
        """The rest of the work of making an account, for the same reason: all rows of one, and none of them stays."""
        asked, self.account_already_exists = self.cleaned_data, False
        self.cleaned_data = {"email": f"{uuid4()}@example.invalid", "time_zone": asked["time_zone"]}
        with transaction.atomic():
            nobody = self.save(request)
            activity.note(nobody, "signup", request=request)
            has_verified_email(nobody)
            address = get_address_for_login(Login(user=nobody))
            EmailAddress.objects.get_for_user(address.user, address.email)
            transaction.set_rollback(True)
        self.cleaned_data, self.account_already_exists = asked, True
        return nobody


def wait_for(nobody: User, request: HttpRequest) -> None:
    """Let the pages that wait for a code nobody gets look for its person too. There is none: they stay as allauth made them."""
    login = request.session.get(LOGIN_SESSION_KEY)
    if login and login["user_pk"] is None:
        login["user_pk"] = user_pk_to_url_str(nobody)
    for key in (EMAIL_VERIFICATION_CODE_SESSION_KEY, PASSWORD_RESET_VERIFICATION_SESSION_KEY):
        if process := request.session.get(key):
            process.setdefault("user_id", user_id_to_str(nobody))
    request.session.modified = True


class AddEmailForm(SendsCode, OurWords, allauth.AddEmailForm):
    labels = {"email": _("New e-mail")}
    hints = {"email": _("We send a code there. Until you enter it, the present one stays.")}

    def spend(self, email: str) -> None:
        limits.spend("email", context.request)
        super().spend(email)


class ChangePasswordForm(OurWords, allauth.ChangePasswordForm):
    labels, hints = NEW_PASSWORD
    password2 = None


class SetPasswordForm(OurWords, allauth.SetPasswordForm):
    labels, hints = NEW_PASSWORD
    password2 = None


class ResetPasswordForm(SendsCode, OurWords, allauth.ResetPasswordForm):
    def spend(self, email: str) -> None:
        limits.spend_reset(context.request, email)

    def save(self, request: HttpRequest, **more: Any) -> str:
        email = super().save(request, **more)
        if not self.users:
            wait_for(User(), request)
        return email


class ResetPasswordKeyForm(OurWords, allauth.ResetPasswordKeyForm):
    labels, hints = NEW_PASSWORD
    password2 = None


class ReauthenticateForm(OurWords, allauth.ReauthenticateForm):
    pass


class ConfirmEmailVerificationCodeForm(OurWords, allauth.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmPasswordResetCodeForm(OurWords, allauth.ConfirmPasswordResetCodeForm):
    pass


class NoticesForm(forms.Form):
    """A box for each kind of mail that people may do without; ticked is wanted."""

    def __init__(self, profile: Profile, posted: QueryDict | None) -> None:
        super().__init__(posted)
        self.profile = profile
        for name, kind in outbox.kinds.items():
            if kind.label:
                self.fields[name] = forms.BooleanField(
                    label=kind.label, help_text=kind.hint, required=False, initial=name not in profile.mails_off)

    def save(self) -> None:
        """Kinds that this version does not know stay as they were."""
        unknown = [name for name in self.profile.mails_off if name not in self.fields]
        self.profile.mails_off = unknown + [name for name, is_wanted in self.cleaned_data.items() if not is_wanted]
        self.profile.save(update_fields=["mails_off"])


class ProfileForm(NoKeyForAName, forms.ModelForm):
    names = ("name",)
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

    def save(self, commit: bool = True) -> Profile:
        """Its own columns alone: a freeze, or a deletion asked for or undone, since this was read must not be lost."""
        self.instance.save(update_fields=self._meta.fields)
        return self.instance
