"""Who gets into the admin: staff, through the login of everybody, its limits included, and with a second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

# Addresses, factors and sessions of people are theirs alone: whoever could edit them could take over an account.
PEOPLES_OWN = {"account", "mfa", "usersessions"}
# What Django's lists hand on to the database as it comes, which fails at it.
UNCHECKED = {"range", "regex", "iregex"}


class StaffSite(admin.AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_factor(request)

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from profiles import way_back

        if super().has_permission(request) and lacks_factor(request):
            way_back.remember(request)
            messages.warning(request, _("The admin is for accounts with two-factor authentication. Switch it on here."))
            return redirect("security")
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As everybody does: with the limits, the mail and the entry in the activity that Django's own page has not."""
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Django's pages take any other method for a GET, and fail at questions that make no sense."""
        return super().admin_view(require_http_methods(["GET", "HEAD", "POST"])(_with_sense(view)), cacheable)

    def get_urls(self) -> list[Any]:
        """Without the way from a row to its page on the site: none of ours has one, and it fails at an id of another shape."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model._meta.app_label not in PEOPLES_OWN], admin_class, **options)


def _with_sense(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if any(name.rpartition("__")[2] in UNCHECKED or any("\0" in value for value in values) for name, values in request.GET.lists()):
            raise SuspiciousOperation("A question that the database does not understand.")
        return view(request, *args, **options)

    return asked


def lacks_factor(request: HttpRequest) -> bool:
    """In production always, elsewhere where REQUIRE_MFA asks for it."""
    from profiles import mfa  # models, which are not there yet when the site is made

    return (settings.PRODUCTION or settings.REQUIRE_MFA) and not mfa.has_factor(request.user)
