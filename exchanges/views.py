"""Perfil > Exchanges: who may, what was sent, where next. What is not yours does not exist."""
import unicodedata
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from exchanges import actions, history, overview, present, told, words
from exchanges.connectors.base import Permission
from exchanges.forms import KeyForm, LabelForm
from exchanges.models import DEAD_KEY_REASONS, Exchange, Link, Status
from profiles import freeze, limits, mfa, presence, way_back
from profiles.presence import PresenceForm

SECRETS = ("api_key", "secret", "passphrase", "password", "code", "credential")
LINKS_A_PAGE = 50
CALLS_A_PAGE = 50
MOMENTS_A_PAGE = 30


OwnView = Callable[[HttpRequest, Link], HttpResponse]


def of_owner(
    *methods: str, ask_presence: bool = False, limit: str = ""
) -> Callable[[OwnView], Callable[[HttpRequest, UUID], HttpResponse]]:
    """A view of one link: 404 to whoever does not own it, whatever the method, and only then 405.

    With `ask_presence` it wants a proof of presence before it shows anything; what is sent, its form judges. `limit`: which of
    profiles.limits holds for what is sent.
    """
    def decorate(view: OwnView) -> Callable[[HttpRequest, UUID], HttpResponse]:
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, link_id: UUID) -> HttpResponse:
            mine = get_object_or_404(Link.objects.of(request.user), pk=link_id)
            asked = "GET" if request.method == "HEAD" else request.method
            if asked not in methods:
                return HttpResponseNotAllowed(methods)
            if ask_presence and asked == "GET" and not presence.is_present(request):
                return presence.ask(request)
            if limit and asked == "POST" and (refusal := limits.refusal(limit, request, key=str(mine.pk))):
                messages.warning(request, refusal)
                return redirect("link", mine.pk)
            return view(request, mine)
        return wrapped
    return decorate


@never_cache
@require_safe
def links(request: HttpRequest) -> HttpResponse:
    page = Paginator(Link.objects.of(request.user), LINKS_A_PAGE).get_page(request.GET.get("page"))
    rows = [overview.list_row(link) for link in page]
    context = {"groups": overview.groups(rows), "page": page, "lead": overview.lead(request.user)}
    return render(request, "exchanges/links.html", context)


@require_safe
def pick(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:40]
    found = [
        {"connector": exchange.connector, "exchange": exchange, "weather": present.weather(exchange)}
        for exchange in Exchange.objects.open() if _plain(q) in _plain(f"{exchange.slug} {exchange.name}")]
    return render(request, "exchanges/pick.html", {"exchanges": found, "q": q, "count": len(found)})


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def link_new(request: HttpRequest, slug: str) -> HttpResponse:
    exchange = get_object_or_404(Exchange.objects.open(), slug=slug)
    if request.method != "POST" and not presence.is_present(request):
        return presence.ask(request)
    if settings.REQUIRE_MFA and not mfa.has_factor(request.user):
        return _factor_first(request, exchange)
    form = KeyForm(exchange, request, _sent(request))
    if form.is_valid():
        return redirect("link", form.save().pk)
    return render(request, f"guides/{slug}.html", _guide_context(exchange, form))


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _factor_first(request: HttpRequest, exchange: Exchange) -> HttpResponse:
    """Instead of the form of a key, where an account without a second factor gets none. What was sent goes nowhere."""
    way_back.remember(request)
    return render(request, "exchanges/factor_first.html", {"exchange": exchange, "connector": exchange.connector})


def _guide_context(exchange: Exchange, form: KeyForm) -> dict:
    table = exchange.connector.permissions
    return {
        "exchange": exchange, "connector": exchange.connector, "form": form,
        "weather": present.weather(exchange), "frozen": freeze.sentence(form.user), "has_factor": mfa.has_factor(form.user),
        "permission_groups": _grouped(table, "group", "label"),
        "classic_groups": _grouped(table, "classic_group", "classic_label"),
        "needed": [p for p in table if p.kind == "needed"],
    }


def _grouped(table: tuple[Permission, ...], group: str, label: str) -> list[tuple[str, list[Permission]]]:
    groups: dict[str, list[Permission]] = {}
    for permission in table:
        if getattr(permission, label):
            groups.setdefault(getattr(permission, group), []).append(permission)
    return list(groups.items())


@of_owner("GET")
def link(request: HttpRequest, mine: Link) -> HttpResponse:
    told.read(mine)
    return render(request, "exchanges/link.html", present.link_context(mine) | history.newest(mine))


@of_owner("GET")
def link_state(request: HttpRequest, mine: Link) -> HttpResponse:
    """The live part of a link's page: 204 while nothing changed, so that focus and reading are left alone."""
    told.read(mine)
    context = present.link_context(mine, slow="slow" in request.GET)
    same = request.GET.get("v") == str(mine.version) and request.GET.get("w", context["trouble"]) == context["trouble"]
    # The page polls fast at first; it learns by one more answer that it may take its time.
    slower = context["poll"] == "3s" and "slow" not in request.GET
    if same and not slower:
        return HttpResponse(status=204)
    return render(request, "exchanges/_state.html", context | history.newest(mine))


@of_owner("GET")
def link_history(request: HttpRequest, mine: Link) -> HttpResponse:
    page = Paginator(history.moments(mine), MOMENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "exchanges/link_history.html", {"link": mine, "page": page, "history": history.lines(mine, page)})


@of_owner("GET", ask_presence=True)
def link_diary(request: HttpRequest, mine: Link) -> HttpResponse:
    page = Paginator(mine.calls.all(), CALLS_A_PAGE).get_page(request.GET.get("page"))
    connector = mine.exchange.connector
    context = {"link": mine, "connector": connector, "page": page, "calls": present.answered(page, connector)}
    return render(request, "exchanges/link_diary.html", context)


@sensitive_post_parameters(*SECRETS)
@of_owner("GET", "POST", ask_presence=True)
def link_replace(request: HttpRequest, mine: Link) -> HttpResponse:
    if not mine.can_replace:
        return _not_allowed(request, mine)
    if settings.REQUIRE_MFA and not mfa.has_factor(request.user):
        return _factor_first(request, mine.exchange)
    form = KeyForm(mine.exchange, request, _sent(request), link=mine)
    if form.is_valid():
        form.save()
        return redirect("link", mine.pk)
    return render(request, "exchanges/link_replace.html", {"link": mine, **_guide_context(mine.exchange, form)})


@of_owner("GET", "POST", limit="change")
def link_rename(request: HttpRequest, mine: Link) -> HttpResponse:
    form = LabelForm(_sent(request), initial={"label": mine.label})
    if form.is_valid():
        actions.rename(mine, form.cleaned_data["label"], request=request)
        messages.success(request, _("Name saved."))
        return redirect("link", mine.pk)
    return render(request, "exchanges/link_rename.html", {"link": mine, "form": form})


@of_owner("POST", limit="validate")
def link_validate(request: HttpRequest, mine: Link) -> HttpResponse:
    if mine.reason in DEAD_KEY_REASONS and actions.too_many_bad_keys(request.user):
        messages.warning(request, words.TOO_MANY_BAD_KEYS)
        return redirect("link", mine.pk)
    if "withdrawals_off" in request.POST and mine.can_confirm:
        if not actions.confirm(mine, request=request, key_id=request.POST.get("key", "")):
            messages.warning(request, words.ANOTHER_KEY)
        return redirect("link", mine.pk)
    return redirect("link", mine.pk) if actions.ask(mine, request=request) else _not_allowed(request, mine)


@of_owner("POST", limit="change")
def link_pause(request: HttpRequest, mine: Link) -> HttpResponse:
    if not actions.pause(mine, request=request):
        return _not_allowed(request, mine)
    messages.success(request, _("Paused. We do not operate until you resume it."))
    return redirect("link", mine.pk)


@of_owner("POST", limit="validate")
def link_resume(request: HttpRequest, mine: Link) -> HttpResponse:
    if actions.too_many_bad_keys(request.user):  # it asks the exchange too, and a pause hides that the key was wrong
        messages.warning(request, words.TOO_MANY_BAD_KEYS)
        return redirect("link", mine.pk)
    return redirect("link", mine.pk) if actions.resume(mine, request=request) else _not_allowed(request, mine)


@sensitive_post_parameters(*SECRETS)
@of_owner("GET", "POST", ask_presence=True)
def link_unlink(request: HttpRequest, mine: Link) -> HttpResponse:
    if mine.status == Status.UNLINKED:
        return _not_allowed(request, mine)
    form = PresenceForm(request, _sent(request))
    if form.is_valid():
        actions.unlink(mine, request=request)
        messages.success(request, _(
            "Unlinked, and the secret erased. Now delete the key at %(exchange)s too: %(url)s")
            % {"exchange": mine.exchange.name, "url": mine.exchange.keys_url})
        return redirect("links")
    context = {"link": mine, "connector": mine.exchange.connector, "form": form}
    return render(request, "exchanges/link_unlink.html", context)


def _not_allowed(request: HttpRequest, mine: Link) -> HttpResponse:
    why = _("That cannot be done now: %(name)s is “%(state)s”. Nothing has changed.")
    if not mine.exchange.is_open:
        why = words.SWITCHED_OFF
    messages.warning(request, why % {
        "exchange": mine.exchange.name, "name": mine.name, "state": present.state_words(mine).badge})
    return redirect("link", mine.pk)
