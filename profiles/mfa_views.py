"""Pages of allauth's second step and sessions that we want otherwise; the rest are its own, in our templates.

Who switches the app on or off with two clicks ends where the first one led: allauth would show the page that undoes it, or none.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import password_set
from allauth.mfa.totp.views import ActivateTOTPView, deactivate_totp
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import list_usersessions
from django.contrib import messages
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from profiles import activity, mfa, presence, sessions


class ActivateAppView(ActivateTOTPView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not mfa.factors(request.user).app:
            try:
                return super().dispatch(request, *args, **kwargs)
            except IntegrityError:  # the other click was quicker
                pass
        return redirect("mfa_view_recovery_codes" if mfa.factors(request.user).lacks_codes else "security")


class ReauthenticatePasskeyView(ReauthenticateWebAuthnView):
    """allauth leads away to the login when a passkey fails; here one tries again."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        for message in form.errors["credential"]:
            get_adapter().add_message(self.request, messages.ERROR, message=message)
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))


def deactivate_app(request: HttpRequest) -> HttpResponse:
    return deactivate_totp(request) if mfa.factors(request.user).app else redirect("security")


def set_password(request: HttpRequest) -> HttpResponse:
    """For who has none and so can give none: allauth asks for no proof here. What was sent is not kept."""
    return password_set(request) if presence.is_present(request) else presence.ask(request)


def factors(request: HttpRequest) -> HttpResponse:
    return redirect("security")


def passkeys(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('security')}#llaves")


def open_sessions(request: HttpRequest) -> HttpResponse:
    """The list is on the page about security; a POST closes all but this one."""
    if request.method == "POST":
        list_usersessions(request)
        activity.note(request.user, "sessions_closed", request=request)
    return HttpResponseRedirect(f"{reverse('security')}#sesiones")


@require_POST
def close_session(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(UserSession, pk=pk, user=request.user)
    if row.is_current():
        return redirect("account_logout")
    sessions.close(request, row)
    messages.success(request, _("That session is closed: %(device)s.") % {"device": sessions.device_of(row) or _("Unknown device")})
    return HttpResponseRedirect(f"{reverse('security')}#sesiones")
