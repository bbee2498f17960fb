"""What every request needs to know of the person: whether they are in, their language, their clock."""

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from profiles import presence
from profiles.models import Profile

View = Callable[..., HttpResponseBase]


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Django's, but htmx is sent to the login page whole: it would paste a redirect into its fragment.

    Whoever pressed a button after the session ended comes back, by the login, to the page it was on: the button's own address
    may answer nothing but a press.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponseBase:
        of_htmx = request.headers.get("HX-Request") == "true"
        page = _htmx_page(request) if of_htmx else _page_of_form(request)
        if page is None:
            return super().handle_no_permission(request, view_func)
        login = redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
        return HttpResponse(status=204, headers={"HX-Redirect": login.url}) if of_htmx else login


def _htmx_page(request: HttpRequest) -> str:
    try:
        page = request.htmx.current_url_abs_path
    except ValueError:  # not an address
        page = None
    return page or resolve_url(settings.LOGIN_REDIRECT_URL)


def _page_of_form(request: HttpRequest) -> str | None:
    """Path and query of the page of ours that sent this, if it was sent and says so."""
    page = request.headers.get("Referer", "")
    if request.method != "POST" or not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return None
    path = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()
    return path if url_has_allowed_host_and_scheme(path, None) else None  # "//elsewhere" is no path


class PresenceMiddleware:
    """Who must first prove that they are there is sent to do so. allauth would keep what they sent in the session meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return presence.ask(request) if isinstance(exception, ReauthenticationRequired) else None


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
