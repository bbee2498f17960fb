"""Many links at once, for the profile, the list and the landing page: how they stand, those that need their person first."""
from django.db.models import Case, Model, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchanges import present
from exchanges.models import Exchange, Link, Status

NEEDS_PERSON = (Status.ACTION_REQUIRED, Status.EXPIRED, Status.REVOKED, Status.SUSPENDED, Status.REFUSED)


def glance(user: Model) -> dict:
    """The exchanges part of the profile page: five links, those that need the person first, then the newest."""
    links = Link.objects.of(user).exclude(status=Status.UNLINKED)
    first = Case(When(reason="incident", then=1), When(status__in=NEEDS_PERSON, then=0), When(status=Status.READY, then=2), default=1)
    return {"template": "exchanges/_glance.html", "lead": lead(user),
            "rows": [list_row(link) for link in links.order_by(first, "-created_at")[:5]], "total": links.count()}


def offers() -> list[dict]:
    """For the landing page: the exchanges one can link."""
    return [{"name": exchange.name, "monogram": exchange.connector.monogram, "tile": exchange.tile,
             "url": f"{reverse('exchanges')}#{exchange.slug}"} for exchange in Exchange.objects.open()]


def list_row(link: Link) -> dict:
    return {"link": link, "words": present.state_words(link), "notices": present.notices(link)}


def _needs_person(status: str, reason: str) -> bool:
    return status in NEEDS_PERSON and reason != "incident"


def lead(user: Model) -> str:
    """One line: how many links are ready, how many need the person."""
    states = list(Link.objects.of(user).values_list("status", "reason"))
    ready = sum(status == Status.READY for status, _reason in states)
    need = sum(_needs_person(*state) for state in states)
    parts = []
    if ready:
        parts.append(ngettext("%(n)d ready to operate", "%(n)d ready to operate", ready) % {"n": ready})
    if need:
        parts.append(ngettext("%(n)d needs your attention", "%(n)d need your attention", need) % {"n": need})
    return " · ".join(parts)


def groups(rows_: list[dict]) -> list[dict]:
    """The list page: what needs the person, what is ready, the rest."""
    titles = (("needs", _("They need something from you")), ("ready", _("Ready to operate")), ("rest", _("Nothing to do now")))
    sorted_ = {"needs": [], "ready": [], "rest": []}
    for row in rows_:
        status, reason = row["link"].status, row["link"].reason
        sorted_["needs" if _needs_person(status, reason) else "ready" if status == Status.READY else "rest"].append(row)
    return [{"id": id_, "title": title, "rows": sorted_[id_]} for id_, title in titles if sorted_[id_]]
