"""/exchanges/: for anybody, what we ask of a key at each exchange and how it is proven. Every fact is the connector's own."""
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from exchanges.connectors.base import Connector, Permission
from exchanges.models import Exchange

# Kind of a permission, in the order of the page → its verdict in a key that has it, our word for it, its icon.
WANTED = {
    "needed": ("needed", _("We ask for it"), "check"),
    "bundled": ("needed", _("Comes with what we ask for"), "check"),
    "dangerous": ("dangerous", _("We refuse it"), "stop"),
    "extra": ("extra", _("Leave it off"), "tick-off"),
}
MUST_BE_OFF = _("Must be off")                  # instead of a refusal where the exchange tells nobody that a key has it


@require_safe
@login_not_required
@cache_control(private=True, no_cache=True)     # the form of the languages in it is the visitor's own
def exchanges(request: HttpRequest) -> HttpResponse:
    shown = [asked(exchange) for exchange in Exchange.objects.open()]
    return render(request, "exchanges/exchanges.html", {"asked": shown})


def asked(exchange: Exchange) -> dict:
    """One exchange on the page: what we want first, then what we refuse, then what is better left off."""
    connector = exchange.connector
    kinds = list(WANTED)
    table = sorted(connector.permissions, key=lambda permission: kinds.index(permission.kind))
    return {"exchange": exchange, "connector": connector, "rows": [_row(permission, connector) for permission in table]}


def _row(permission: Permission, connector: Connector) -> dict:
    verdict, word, icon = WANTED[permission.kind]
    if permission.kind == "dangerous" and not connector.reports_permissions:
        word = MUST_BE_OFF
    path = filter(None, (permission.group, permission.label or permission.classic_label))
    return {"name": permission.name, "title": permission.title, "opens": str(permission.opens) % {"exchange": connector.name},
            "path": " › ".join(path), "label_es": permission.label_es, "verdict": verdict, "word": word, "icon": icon}
