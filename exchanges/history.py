"""The past of a link in words, newest first: what was done to it, what became of it and why, what its key could do then and now.

Each look at a key is told once: by the event of what it changed, which carries the moment the check ended, or, where it changed
nothing, by the check itself. Being asked for a check is told until the check has its line.
"""
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from exchanges import history_words as words
from exchanges import present
from exchanges.audit import Row
from exchanges.models import BUSY, Event, Link, Validation
from exchanges.words import QUOTED, STATUS

NEWEST = 8
NAMED = 12                                  # permissions or addresses in one line

Moment = tuple[datetime, str, int]          # when, "check" or "event", and its row


def moments(link: Link) -> QuerySet:
    """All that has a line: Moments, newest first."""
    answered = Validation.objects.filter(link=link, finished_at__gte=OuterRef("at"))
    events = Event.objects.filter(link=link).exclude(Exists(answered), cause="validate").annotate(kind=Value("event"))
    told = Event.objects.filter(link=link, at=OuterRef("finished_at"))
    checks = Validation.objects.filter(link=link, finished_at__isnull=False).exclude(Exists(told))
    checks = checks.annotate(at=F("finished_at"), kind=Value("check"))
    fields = ("at", "kind", "id")
    return events.order_by().values_list(*fields).union(checks.order_by().values_list(*fields), all=True).order_by("-at", "-id")


def newest(link: Link) -> dict:
    """For the link's own page: `history`, the newest lines, and whether there is `history_more`."""
    found = list(moments(link)[:NEWEST + 1])
    return {"history": lines(link, found[:NEWEST]), "history_more": len(found) > NEWEST}


def lines(link: Link, found: Iterable[Moment]) -> list[dict]:
    """One for each moment: at, who, title, badge (words of a state, or None), before and after (states, or ""), said (sentences)."""
    found = list(found)
    events = Event.objects.in_bulk([pk for _at, kind, pk in found if kind == "event"])
    checks = Validation.objects.in_bulk([pk for _at, kind, pk in found if kind == "check"])
    return [_event(link, events[pk]) if kind == "event" else _check(link, checks[pk]) for _at, kind, pk in found]


def _event(link: Link, event: Event) -> dict:
    exchange = {"exchange": link.exchange.name}
    is_act = event.actor in words.ACTOR or event.cause == "retention"
    changed = event.from_status != event.to_status
    said = _why(link, event.reason) if not is_act or event.cause == "suspend" else []
    title = words.CAUSE.get(event.cause, "") if is_act else _title(event)
    return {
        "at": event.at, "who": _who(link, event), "title": str(title) % exchange,
        "badge": STATUS[event.to_status] if not is_act and (changed or not title) else None,
        "before": STATUS[event.from_status].badge if changed and (is_act or event.from_status not in ("", *BUSY)) else "",
        "after": STATUS[event.to_status].badge if changed and is_act else "",
        "said": said + [line for line in drift_lines(link, event.changes) if line not in said]}


def _check(link: Link, check: Validation) -> dict:
    return {"at": check.finished_at, "who": words.TRIGGER[check.trigger], "title": "", "badge": STATUS[check.status],
            "before": "", "after": "", "said": _why(link, check.reason)}


def _who(link: Link, event: Event) -> str | Promise:
    if event.actor == "exchange":
        return link.exchange.name
    return words.ACTOR.get(event.actor) or words.TRIGGER.get(event.cause, words.OURSELVES)


def _title(event: Event) -> str | Promise:
    if trial := event.changes.get("candidate"):
        return words.CANDIDATE[trial]
    return words.DRIFTED if event.changes else ""


def _why(link: Link, reason: str) -> list[str]:
    return [str(words.WHY[reason]) % {"exchange": link.exchange.name}] if reason in words.WHY else []


def drift_lines(link: Link, changes: dict) -> list[str]:
    """What `exchanges.drift` found, a sentence each."""
    permissions, exchange = changes.get("permissions", {}), {"exchange": link.exchange.name}
    said = [str(words.ADDED) % {"list": _labels(link, permissions["added"])}] if permissions.get("added") else []
    if permissions.get("removed"):
        said.append(str(words.REMOVED) % {"list": _labels(link, permissions["removed"])})
    if "ip_allowlist" in changes:
        said.append(_from_where(link, changes["ip_allowlist"]))
    if "expires_at" in changes:
        said.append(str(words.ENDS) % {"date": _day(changes["expires_at"])} if changes["expires_at"] else str(words.ENDLESS))
    if "account" in changes:
        said.append(str(words.OTHER_ACCOUNT) % exchange)
    if "modified_at" in changes and not said:
        said.append(str(words.EDITED) % {"time": _moment(changes["modified_at"])})
    return said


def _from_where(link: Link, addresses: Sequence[str] | None) -> str:
    said = words.FROM_UNTOLD if addresses is None else words.ONLY_FROM if addresses else words.FROM_ANYWHERE
    return str(said) % {"exchange": link.exchange.name, "list": _listed(addresses or ())}


def _labels(link: Link, names: Sequence[str]) -> str:
    known = {permission.name: permission for permission in link.exchange.connector.permissions}
    labels = [present.label(Row(name, "", known.get(name))) for name in names]
    return _listed([str(QUOTED) % {"name": label} for label in labels])


def _listed(parts: Sequence[str]) -> str:
    more = [str(words.AND_MORE) % {"n": len(parts) - NAMED}] if len(parts) > NAMED else []
    return ", ".join([*parts[:NAMED], *more])


def _day(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "DATE_FORMAT")


def _moment(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), _("j M Y, H:i"))
