"""Proof that it is the person who is there, not older than 15 minutes, for what touches a key.

A login counts; so does the password again, a code of the authenticator app, a recovery code, a passkey. allauth keeps the
record of it in the session. Its decorator `reauthentication_required` is not for forms that take a secret: it stores what
was sent in the session. So a page asks before it shows such a form, and a form that was open for too long asks inside itself.
"""
import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django import forms
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout, user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from profiles import mfa_forms
from profiles.forms import ReauthenticateForm
from profiles.models import User

PRESENCE_S = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
# What allauth calls a way to prove it, and the field that takes it here.
WAYS = {"reauthenticate": "password", "mfa_reauthenticate": "code", "mfa_reauthenticate:webauthn": "credential"}
JUDGES = {
    "password": ReauthenticateForm, "code": mfa_forms.ReauthenticateForm, "credential": mfa_forms.ReauthenticatePasskeyForm,
}
PLEASE = _("For your security, confirm that it is you: more than 15 minutes have passed since the last time. Nothing has changed.")
AGAIN = _("For your security, confirm that it is you: log out and log in again. Nothing has changed.")


def is_present(request: HttpRequest) -> bool:
    return _proved_of_late(request, request.user)


def _proved_of_late(request: HttpRequest, user: User) -> bool:
    return any(time.time() - record["at"] < PRESENCE_S for record in get_authentication_records(request, user))


def ask(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that asks for a proof and leads back here. For pages that are looked at, never for what was sent."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:  # neither password nor passkey: only another login proves it
        logout(request)
        return redirect_to_login(request.get_full_path())
    return redirect(f"{methods[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}")


@receiver(user_logged_in, dispatch_uid="presence")
def count_the_login(sender: type, request: HttpRequest, user: User, **_more: Any) -> None:
    """A login is a proof whatever its road; of the one that ends a sign-up allauth makes no record."""
    if not _proved_of_late(request, user):
        record_authentication(request, user, method="login")


class ProofField(forms.CharField):
    """One of these is enough, so none is required by itself."""

    def validate(self, value: str) -> None:
        return


class PresenceForm(forms.Form):
    """A form of somebody who must be there. Sent with a proof that is too old, it is not judged: it asks for one inside itself.

    `asks`: the fields by which it then wants it; `passkey`: what the browser must know to use one. A proof that comes with it
    counts, whatever is wrong with the rest.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.is_stale = self.is_bound and not is_present(request)
        ways = get_adapter().get_reauthentication_methods(request.user) if self.is_stale else []
        self.asks = [WAYS[way["id"]] for way in ways]
        self.fields.update((name, _field(name)) for name in self.asks)
        self.passkey: dict | None = None

    def full_clean(self) -> None:
        """After judging, no proof is shown again."""
        super().full_clean()
        if self.is_bound:
            self.data = {name: value for name, value in self.data.items() if name not in WAYS.values()}
        if "credential" in self.asks:
            self.passkey = {"request_options": begin_authentication(self.request.user)}

    def clean(self) -> dict | None:
        cleaned = super().clean()
        if self.is_stale:
            self._want_proof()
        return cleaned

    def _want_proof(self) -> None:
        given = next((name for name in reversed(self.asks) if self.cleaned_data.get(name)), None)
        if given is None:
            self.add_error(None, PLEASE if self.asks else AGAIN)
            return
        errors = _refused(self.request, given, self.cleaned_data.pop(given))
        if errors:
            self.add_error(given if given != "credential" else None, errors)
            return
        for name in self.asks:
            del self.fields[name]
        self.asks, self.is_stale = [], False


def _field(name: str) -> forms.Field:
    if name == "password":
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        return ProofField(label=_("Password of your Smartrader account"), strip=False, widget=widget)
    if name == "code":
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        return ProofField(label=_("Code of your authenticator app, or a recovery code"), widget=forms.TextInput(attrs=attrs))
    return ProofField(widget=forms.HiddenInput)


def _refused(request: HttpRequest, name: str, proof: str) -> list:
    """What is wrong with the proof, by allauth's own forms and limits; nothing if it is right, and then it is on record."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return [get_adapter().error_messages["rate_limited"]]
    form = JUDGES[name](data={name: proof}, user=request.user)
    if not form.is_valid():
        return form.errors.as_data()[name]
    if name == "password":
        reauthenticate_by_password(request)
    else:
        form.save()
    return []

