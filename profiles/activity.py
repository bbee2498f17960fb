"""What happened to an account, for its owner to read: written down as it happens, never changed."""
import ipaddress
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID, uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from profiles import activity_words, devices
from profiles.models import Activity, ActivityQuerySet, User

ABOUT = 80
LATEST_SHOWN = 20
READ_AT_ONCE = 500
MONTH, HOUR = timedelta(days=30), timedelta(hours=1)
FAILURES_AN_HOUR = 20
KEPT, DAILY_KEPT = timedelta(days=2 * 365), timedelta(days=90)
# Whose entries each filter of the page shows.
FILTERS = {"mine": ("person", "unknown"), "workers": ("worker",), "staff": ("staff",)}


class Row(TypedDict):
    """One line as the page shows it."""

    at: datetime
    what: str
    device: str
    address: str | None
    actor: str
    alarming: bool


def note(user: User, cause: str, *, request: HttpRequest | None = None, actor: str = "", about: str = "", purpose: str = "") -> Activity:
    """One line in the activity of `user`. `cause` is one of `profiles.activity_words`; `about` names the thing as it was called then.

    With a `request` the address and the device are those it came from, and the actor is the person, or staff who acted for them.
    """
    return Activity.objects.create(
        user=user, cause=cause, actor=actor or _actor(user, request), about=about[:ABOUT], purpose=purpose,
        address=address_of(request), device=devices.name_of(request) if request else "")


def note_opened(opened: Iterable[tuple[UUID, str]], purpose: str) -> None:
    """Secrets are about to be opened: for each the id of its owner, and what it is the key of. Commit this before opening any."""
    Activity.objects.bulk_create(
        Activity(user_id=user_id, cause="secret_opened", actor="worker", about=about[:ABOUT], purpose=purpose)
        for user_id, about in opened)


def note_failure(people: QuerySet[User], cause: str, request: HttpRequest) -> None:
    """Somebody failed to prove that they are the one among `people`: one line an hour for each address, and not without end.

    Where there is nobody the same is looked up, so that the time taken does not tell who has an account.
    """
    user = people.first()
    if not _is_news(user, cause, request) or user is None:
        return
    with transaction.atomic():
        people.select_for_update(no_key=True).first()  # of two at once the second sees the line of the first
        if _is_news(user, cause, request):
            note(user, cause, request=request, actor="unknown")


def _is_news(user: User | None, cause: str, request: HttpRequest) -> bool:
    recent = Activity.objects.filter(user_id=user.pk if user else uuid4(), cause=cause, at__gt=timezone.now() - HOUR)
    seen = [_neighbourhood(address) for address in recent.values_list("address", flat=True)[:FAILURES_AN_HOUR]]
    return _neighbourhood(address_of(request)) not in seen and len(seen) < FAILURES_AN_HOUR


def address_of(request: HttpRequest | None) -> str | None:
    """Where a request comes from, as the database takes it: no zone, and an IPv4 address as such."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "") if request else "")
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address).partition("%")[0]


def _neighbourhood(address: str | None) -> str | None:
    """An IPv6 address with those its owner can take at will: its /64."""
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address and ":" in address else address


def _actor(user: User, request: HttpRequest | None) -> str:
    if request is None:
        return "worker"
    acting = getattr(request, "user", AnonymousUser())
    return "staff" if acting.is_authenticated and acting.pk != user.pk else "person"


def latest(user: User) -> list[Row]:
    """The newest entries; the checks that workers make day after day are one line together."""
    entries = entries_of(user)
    rows = [row(entry) for entry in entries.but_daily()[:LATEST_SHOWN]]
    month = entries.daily().filter(at__gt=timezone.now() - MONTH).aggregate(times=Count("pk"), last=Max("at"))
    if month["times"]:
        rows.append(_together(month["times"], month["last"]))
    return sorted(rows, key=lambda shown: shown["at"], reverse=True)


def _together(times: int, last: datetime) -> Row:
    what = ngettext(
        "In the last 30 days we opened a key of yours once, for the automatic check",
        "In the last 30 days we opened your keys %(times)s times, for the automatic checks", times) % {"times": times}
    return {"at": last, "what": what, "device": "", "address": None, "actor": "worker", "alarming": False}


def entries_of(user: User, who: str = "") -> ActivityQuerySet:
    """All entries of `user`, newest first; with `who`, those of one of FILTERS."""
    entries = Activity.objects.filter(user=user)
    return entries.filter(actor__in=FILTERS[who]) if who in FILTERS else entries


def row(entry: Activity) -> Row:
    """`entry` for its owner. Where our staff sit is no business of theirs."""
    of_staff = entry.actor == "staff"
    return {
        "at": entry.at, "what": what(entry), "device": "" if of_staff else devices.said(entry.device),
        "address": None if of_staff else entry.address, "actor": entry.actor,
        "alarming": entry.cause in activity_words.ALARMING}


def what(entry: Activity) -> str:
    return activity_words.sentence(entry.cause, actor=entry.actor, purpose=entry.purpose, about=entry.about)


def batches(entries: ActivityQuerySet) -> Iterator[list[Activity]]:
    """All of them, a query for each batch: whoever downloads slowly keeps no transaction open."""
    last: int | None = None
    while batch := list((entries if last is None else entries.filter(pk__lt=last))[:READ_AT_ONCE]):
        yield batch
        last = batch[-1].pk


def prune(now: datetime) -> int:
    """Drop what is too old to keep; how many entries went."""
    return Activity.objects.daily().prune(now - DAILY_KEPT) + Activity.objects.prune(now - KEPT)
