"""Perfil > Seguridad > Actividad: what happened to the account, all of it, to read and to keep."""
from collections.abc import Callable, Iterator
from functools import partial

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from profiles import activity, activity_files, downloads
from profiles.models import ActivityQuerySet

ENTRIES_A_PAGE = 50
FILTERS = (("", _("All")), ("mine", _("You")), ("workers", _("Smartrader, by itself")), ("staff", _("Our team")))

Writer = Callable[[ActivityQuerySet, str], Iterator[str]]


@require_safe
def activity_all(request: HttpRequest) -> HttpResponse:
    who = request.GET.get("who", "")
    page = Paginator(activity.entries_of(request.user, who), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    rows = [activity.row(entry) for entry in page]
    return render(request, "profiles/activity_all.html", {"page": page, "rows": rows, "filters": FILTERS, "who": who})


@require_safe
def activity_json(request: HttpRequest) -> HttpResponseBase:
    return _file(request, activity_files.as_json, "activity.json", "application/json")


@require_safe
def activity_csv(request: HttpRequest) -> HttpResponseBase:
    return _file(request, activity_files.as_csv, "activity.csv", "text/csv; charset=utf-8")


def _file(request: HttpRequest, write: Writer, name: str, content_type: str) -> HttpResponseBase:
    lines = partial(write, activity.entries_of(request.user))
    return downloads.answer(request, name, content_type, lines, limit="download", cause="downloaded", back="activity_all")
