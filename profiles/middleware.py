"""What every request needs to know of the person: whether they are in, their language, their clock."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from profiles.models import Profile

View = Callable[..., HttpResponseBase]


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Django's, but htmx is sent to the login page whole: it would paste a redirect into its fragment."""

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponseBase:
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        page = request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
        login = redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
        return HttpResponse(status=204, headers={"HX-Redirect": login.url})


class PreferencesMiddleware:
    """Answers in the language and the time zone of the account; a visitor's language is in a cookie.

    What the browser says it prefers (Accept-Language) is not asked: Spanish is the default.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language, zone = self.preferences(request)
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response

    def preferences(self, request: HttpRequest) -> tuple[str, str | None]:
        """Language and time zone; a zone of None is the site's own."""
        if request.user.is_authenticated:
            profile = Profile.objects.of(request.user)
            return profile.language, profile.time_zone
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        return (cookie if cookie in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE), None
