"""Perfil > Tus datos: what we hold of a person, to download and to delete."""
from functools import partial

from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles import downloads, leaving, presence, takeout
from profiles.models import Profile


class LeaveForm(presence.PresenceForm):
    """A word typed by hand, so that no slip of a finger ends an account."""

    word = forms.CharField(
        label=gettext_lazy("To go on, write DELETE"), max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}))

    def clean_word(self) -> str:
        word = self.cleaned_data["word"].strip().casefold()
        if word not in (_("DELETE").casefold(), "delete"):
            raise ValidationError(_("Write the word DELETE, nothing else. Nothing has been deleted."))
        return word

    def clean(self) -> dict | None:
        if self.request.user.is_staff:
            raise ValidationError(_("Accounts of our team are closed by an administrator. Nothing has been deleted."))
        return super().clean()


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    if not presence.is_present(request):
        return presence.ask(request)
    leaves_at = Profile.objects.of(request.user).leaves_at
    return render(request, "profiles/data.html", {"sections": takeout.sections, "leaves_at": leaves_at})


@require_safe
def data_json(request: HttpRequest) -> HttpResponseBase:
    return _file(request, "data.json", "application/json", takeout.as_json)


@require_safe
def data_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    section = next((section for section in takeout.sections if section.name == name), None)
    if section is None:
        raise Http404
    return _file(request, f"{name}.csv", "text/csv; charset=utf-8", partial(takeout.as_csv, section))


def _file(request: HttpRequest, name: str, content_type: str, write: takeout.Writer) -> HttpResponseBase:
    """The proof of presence is asked on the page that leads here: from a file nobody comes back to it."""
    if not presence.is_present(request):
        return redirect("data")
    return downloads.answer(
        request, name, content_type, partial(write, request.user), limit="takeout", cause="takeout", about=name, back="data")


@sensitive_post_parameters(*presence.WAYS.values())
@require_http_methods(["GET", "HEAD", "POST"])
def data_delete(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and not presence.is_present(request):
        return presence.ask(request)
    form = LeaveForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        leaving.leave(request.user, request)
        end_other_sessions(request, request.user)
        messages.success(request, _("Your secret keys are erased. You have 30 days to change your mind about the rest."))
        return redirect("data")
    return render(request, "profiles/data_delete.html", {"form": form, "days": leaving.LEAVES_IN.days})


@require_POST
def data_keep(request: HttpRequest) -> HttpResponse:
    """No proof is asked: nobody loses by it."""
    if leaving.stay(request.user, request):
        messages.success(request, _("We keep your account, with its history. The keys that were erased stay erased."))
    else:
        messages.warning(request, _("There is no deletion that could still be stopped. Nothing has changed."))
    return redirect("data")
