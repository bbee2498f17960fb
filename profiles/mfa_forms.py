"""Forms of the second step (MFA_FORMS): allauth's rules, our words, and a few things it leaves open.

A code is good once, for as long as it is good at all: allauth forgets used ones after 30 s, and we take three periods. The
secret of an app that is being set up waits in the session, sealed as it will be in its row. An answer of a passkey that is
no answer at all is refused like a wrong one.
"""

from hashlib import sha256
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from profiles.forms import OurWords
from profiles.models import User

NAME_LENGTH = 40
# An answer of a security key carries its maker's certificates; a longer one is no answer.
LONGEST_ANSWER = 20_000
# What the library raises at what is not shaped like an answer.
NO_ANSWER = (AttributeError, KeyError, TypeError, ValueError, RecursionError)
CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "inputmode": "numeric", "spellcheck": "false", "required": True}


class CodeInput(forms.TextInput):
    def format_value(self, value: Any) -> None:
        """No code is shown again."""


class CodeOnce(OurWords):
    """Refuses a code that was taken before, for this person."""

    user: User
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = CodeInput(attrs=CODE)

    def clean_code(self) -> str:
        used = f"mfa-used:{self.user.pk}:{sha256(normalize_user_code(self.cleaned_data['code']).encode()).hexdigest()}"
        if cache.get(used):
            raise get_adapter().validation_error("incorrect_code")
        code = super().clean_code()
        cache.set(used, True, timeout=(2 * app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD)
        return code


class AuthenticateForm(CodeOnce, base.AuthenticateForm):
    hints = {"code": _("The six digits your app shows now, or one of your recovery codes.")}


class ReauthenticateForm(CodeOnce, base.ReauthenticateForm):
    hints = AuthenticateForm.hints


class ActivateTOTPForm(CodeOnce, totp.ActivateTOTPForm):
    hints = {"code": _("The six digits your app shows now.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        waiting = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if self.is_bound and waiting:
            self.secret = get_adapter().decrypt(waiting)
        session[SECRET_SESSION_KEY] = get_adapter().encrypt(self.secret)

    @property
    def secret_in_groups(self) -> str:
        """To copy by eye: "JBSW Y3DP …"."""
        return " ".join(self.secret[start:start + 4] for start in range(0, len(self.secret), 4))


class AnswerField(forms.JSONField):
    """What the browser says for a passkey. Whatever is wrong with it, the person can only try again."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            if len(value or "") <= LONGEST_ANSWER and "\\u0000" not in (value or ""):
                return super().to_python(value)
        except (RecursionError, ValidationError, ValueError):  # the last of a number with very many digits
            pass
        raise get_adapter().validation_error("passkey_failed")

    def validate(self, value: Any) -> None:
        if not value:
            raise get_adapter().validation_error("passkey_failed")

    def bound_data(self, data: Any, initial: Any) -> str:
        """An answer is good once: the page that comes back has none."""
        return ""

    def prepare_value(self, value: Any) -> str:
        return ""


class PasskeyAnswer:
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = AnswerField()


class PasskeyProof(PasskeyAnswer):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except ValidationError as refused:
            raise _said_of_passkey(refused) from None
        except NO_ANSWER:
            raise get_adapter().validation_error("passkey_failed") from None


class AuthenticatePasskeyForm(PasskeyProof, webauthn.AuthenticateWebAuthnForm):
    pass


class LoginPasskeyForm(PasskeyProof, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(PasskeyProof, webauthn.ReauthenticateWebAuthnForm):
    pass


def _said_of_passkey(refused: ValidationError) -> ValidationError:
    return get_adapter().validation_error("passkey_failed") if refused.code == "incorrect_code" else refused


class AddPasskeyForm(PasskeyAnswer, webauthn.AddWebAuthnForm):
    """Always one that is enough to log in with: it knows its person by finger, face or PIN."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, required=False,
                           help_text=_("So that you recognise it in your list."))
    passwordless = forms.BooleanField(initial=True, widget=forms.CheckboxInput(attrs={"hidden": True}))

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError as refused:
            raise _said_of_passkey(refused) from None
        except NO_ANSWER:
            raise get_adapter().validation_error("passkey_failed") from None


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
