"""The landing page, the profile, and what protects the account. Signing up and in is allauth's (`/cuenta/`)."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from profiles import activity, glance, mfa, sessions
from profiles.forms import NoticesForm, ProfileForm
from profiles.models import Profile

YEAR_S = 365 * 24 * 3600


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("profile")
    return render(request, "landing.html", {"offers": [offer for names in glance.offers for offer in names()]})


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = Profile.objects.of(request.user)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        return remember_language(redirect("profile"), person.language)
    context = {
        "form": form,
        "sections": [section(request.user) for section in glance.sections],
        "email_verified": is_verified(request),
        "factors": mfa.factors(request.user),
    }
    return render(request, "profiles/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    form = NoticesForm(Profile.objects.of(request.user), request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        if form.has_changed():
            activity.note(request.user, "notices_changed", request=request)
        messages.success(request, _("Saved."))
        return redirect("notices")
    return render(request, "profiles/notices.html", {"form": form})


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    context = {
        "email_verified": is_verified(request),
        "factors": mfa.factors(request.user),
        "sessions": sessions.of(request),
        "activity": activity.latest(request.user),
    }
    return render(request, "profiles/security.html", context)


def is_verified(request: HttpRequest) -> bool:
    return EmailAddress.objects.filter(user=request.user, email=request.user.email, verified=True).exists()


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Back to `next` (a page of ours, else the landing page) in `language`, and so from now on."""
    page = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        page = reverse("home")
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseRedirect(page)
    if request.user.is_authenticated:
        Profile.objects.filter(pk=Profile.objects.of(request.user).pk).update(language=language)
    return remember_language(HttpResponseRedirect(page), language)


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """For this browser, also when nobody is logged in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR_S,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response
