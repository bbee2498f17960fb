"""Perfil > Exchanges: who may, what was sent, where next. What is not yours does not exist."""
import unicodedata
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from exchanges import actions, present, words
from exchanges.connectors.base import Permission
from exchanges.forms import KeyForm, LabelForm
from exchanges.models import DEAD_KEY_REASONS, Exchange, Link, Status

LINKS_A_PAGE = 50
CALLS_A_PAGE = 50


OwnView = Callable[[HttpRequest, Link], HttpResponse]


def of_owner(*methods: str) -> Callable[[OwnView], Callable[[HttpRequest, UUID], HttpResponse]]:
    """A view of one link: 404 to whoever does not own it, whatever the method, and only then 405."""
    def decorate(view: OwnView) -> Callable[[HttpRequest, UUID], HttpResponse]:
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, link_id: UUID) -> HttpResponse:
            mine = get_object_or_404(Link.objects.of(request.user), pk=link_id)
            asked = "GET" if request.method == "HEAD" else request.method
            return view(request, mine) if asked in methods else HttpResponseNotAllowed(methods)
        return wrapped
    return decorate


@never_cache
@require_safe
def links(request: HttpRequest) -> HttpResponse:
    page = Paginator(Link.objects.of(request.user), LINKS_A_PAGE).get_page(request.GET.get("page"))
    rows = [present.list_row(link) for link in page]
    context = {"groups": present.groups(rows), "page": page, "lead": present.lead(request.user)}
    return render(request, "exchanges/links.html", context)


@require_safe
def pick(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:40]
    found = [
        {"connector": exchange.connector, "exchange": exchange, "tile": present.tile(exchange.slug)}
        for exchange in Exchange.objects.open() if _plain(q) in _plain(f"{exchange.slug} {exchange.name}")]
    return render(request, "exchanges/pick.html", {"exchanges": found, "q": q, "count": len(found)})


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()


@never_cache
@sensitive_post_parameters("api_key", "secret", "passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
def link_new(request: HttpRequest, slug: str) -> HttpResponse:
    exchange = get_object_or_404(Exchange.objects.open(), slug=slug)
    form = KeyForm(exchange, request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect("link", form.save().pk)
    return render(request, f"guides/{slug}.html", _guide_context(exchange, form))


def _guide_context(exchange: Exchange, form: KeyForm) -> dict:
    table = exchange.connector.permissions
    return {
        "exchange": exchange, "connector": exchange.connector, "tile": present.tile(exchange.slug), "form": form,
        "permission_groups": _grouped(table, "group", "label"),
        "classic_groups": _grouped(table, "classic_group", "classic_label"),
        "needed": [p for p in table if p.kind == "needed"], "egress_ips": settings.EGRESS_IPS,
    }


def _grouped(table: tuple[Permission, ...], group: str, label: str) -> list[tuple[str, list[Permission]]]:
    groups: dict[str, list[Permission]] = {}
    for permission in table:
        if getattr(permission, label):
            groups.setdefault(getattr(permission, group), []).append(permission)
    return list(groups.items())


@of_owner("GET")
def link(request: HttpRequest, mine: Link) -> HttpResponse:
    return render(request, "exchanges/link.html", present.link_context(mine))


@of_owner("GET")
def link_state(request: HttpRequest, mine: Link) -> HttpResponse:
    """The live part of a link's page: 204 while nothing changed, so that focus and reading are left alone."""
    context = present.link_context(mine, slow="slow" in request.GET)
    same = request.GET.get("v") == str(mine.version)
    # The page polls fast at first; it learns by one more answer that it may take its time.
    slower = context["poll"] == "3s" and "slow" not in request.GET
    if same and not slower:
        return HttpResponse(status=204)
    return render(request, "exchanges/_state.html", {**context, "live": True})


@of_owner("GET")
def link_diary(request: HttpRequest, mine: Link) -> HttpResponse:
    page = Paginator(mine.calls.select_related("key"), CALLS_A_PAGE).get_page(request.GET.get("page"))
    connector = mine.exchange.connector
    context = {"link": mine, "connector": connector, "tile": present.tile(mine.exchange_id), "page": page,
               "calls": present.answered(page, connector)}
    return render(request, "exchanges/link_diary.html", context)


@sensitive_post_parameters("api_key", "secret", "passphrase")
@of_owner("GET", "POST")
def link_replace(request: HttpRequest, mine: Link) -> HttpResponse:
    if not mine.can_replace or not mine.exchange.is_open:
        return _not_allowed(request, mine)
    form = KeyForm(mine.exchange, request.user, request.POST if request.method == "POST" else None, link=mine)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("link", mine.pk)
    return render(request, "exchanges/link_replace.html", {"link": mine, **_guide_context(mine.exchange, form)})


@of_owner("GET", "POST")
def link_rename(request: HttpRequest, mine: Link) -> HttpResponse:
    form = LabelForm(request.POST if request.method == "POST" else None, initial={"label": mine.label})
    if request.method == "POST" and form.is_valid():
        actions.rename(mine, form.cleaned_data["label"])
        messages.success(request, _("Name saved."))
        return redirect("link", mine.pk)
    context = {"link": mine, "connector": mine.exchange.connector, "tile": present.tile(mine.exchange_id), "form": form}
    return render(request, "exchanges/link_rename.html", context)


@of_owner("POST")
def link_validate(request: HttpRequest, mine: Link) -> HttpResponse:
    if mine.reason in DEAD_KEY_REASONS and actions.too_many_bad_keys(request.user):
        messages.warning(request, words.TOO_MANY_BAD_KEYS)
        return redirect("link", mine.pk)
    return redirect("link", mine.pk) if actions.ask(mine) else _not_allowed(request, mine)


@of_owner("POST")
def link_pause(request: HttpRequest, mine: Link) -> HttpResponse:
    if not actions.pause(mine):
        return _not_allowed(request, mine)
    messages.success(request, _("Paused. We do not operate until you resume it."))
    return redirect("link", mine.pk)


@of_owner("POST")
def link_resume(request: HttpRequest, mine: Link) -> HttpResponse:
    return redirect("link", mine.pk) if actions.resume(mine) else _not_allowed(request, mine)


@of_owner("GET", "POST")
def link_unlink(request: HttpRequest, mine: Link) -> HttpResponse:
    if mine.status == Status.UNLINKED:
        return _not_allowed(request, mine)
    if request.method == "POST":
        actions.unlink(mine)
        messages.success(request, _(
            "Unlinked, and the secret erased. Now delete the key at %(exchange)s too: %(url)s")
            % {"exchange": mine.exchange.name, "url": mine.exchange.keys_url})
        return redirect("links")
    context = {"link": mine, "connector": mine.exchange.connector, "tile": present.tile(mine.exchange_id)}
    return render(request, "exchanges/link_unlink.html", context)


def _not_allowed(request: HttpRequest, mine: Link) -> HttpResponse:
    if not mine.exchange.is_open:
        messages.warning(request, _("We are not asking %(exchange)s for now. Your key keeps its state.")
                         % {"exchange": mine.exchange.name})
        return redirect("link", mine.pk)
    messages.warning(request, _("That cannot be done now: %(name)s is «%(state)s». Nothing has changed.")
                     % {"name": mine.name, "state": present.state_words(mine).badge})
    return redirect("link", mine.pk)
