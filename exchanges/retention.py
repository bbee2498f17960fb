"""What is not kept for ever. The secret of a key that works no more is erased, and its owner told some days before.

Seven days where the exchange does not take the key, thirty where it took it once (expired, revoked), as long as the state lasts.
The link stays as it is and asks for another key. A pause is its owner's choice: it ends nothing.
"""
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from exchanges import vault, words
from exchanges.models import DEAD_KEY_REASONS, Call, Event, Link, LinkQuerySet, Status, Validation
from profiles import activity, outbox, pruning
from profiles.models import Mail

GONE = (Status.EXPIRED, Status.REVOKED)
BAD_KEPT, BAD_NOTICE = timedelta(days=7), timedelta(days=2)
GONE_KEPT, GONE_NOTICE = timedelta(days=30), timedelta(days=7)
CALLS_KEPT = timedelta(days=90)
# A validation takes a minute at most: the worker of one that never ended is dead, or its link was stopped.
UNFINISHED_KEPT = timedelta(days=1)
AT_ONCE = 500


def erase_dead(now: datetime) -> int:
    """Tell the owners of the keys that are about to be erased, erase those they were told of in time; how many were erased."""
    dying = list(_dying(now).values_list("pk", flat=True))
    return sum(_tell_or_erase(dying[start:start + AT_ONCE], now) for start in range(0, len(dying), AT_ONCE))


def prune(now: datetime) -> int:
    """Drop old calls, and validations that never ended; how many rows went."""
    unfinished = Validation.objects.filter(finished_at__isnull=True, started_at__lt=now - UNFINISHED_KEPT)
    return pruning.prune(Call.objects.filter(at__lt=now - CALLS_KEPT), "at") + pruning.prune(unfinished, "pk")


def _dying(now: datetime) -> LinkQuerySet:
    bad = Q(status=Status.ACTION_REQUIRED, reason__in=DEAD_KEY_REASONS, since__lte=now - BAD_KEPT + BAD_NOTICE)
    gone = Q(status__in=GONE, since__lte=now - GONE_KEPT + GONE_NOTICE)
    return Link.objects.filter(bad | gone, key__sealed__isnull=False, new_key__isnull=True)


def _tell_or_erase(ids: Sequence[UUID], now: datetime) -> int:
    links = {_cause(link): link for link in _dying(now).filter(pk__in=ids).select_related("user")}
    told = dict(Mail.objects.filter(cause__in=links).values_list("cause", "ended_at"))
    for cause in links.keys() - told.keys():
        link = links[cause]
        outbox.put(link.user, "erasing", cause, link=str(link.pk))
    return sum(_erase(links[cause]) for cause, at in told.items() if at is not None and _ends_at(links[cause], at) <= now)


def _cause(link: Link) -> str:
    """One mail for one key and each time it stopped working."""
    return f"erasing:{link.key_id}:{link.since.isoformat()}"


def _ends_at(link: Link, told_at: datetime) -> datetime:
    """When the secret is erased, its owner being told then: late news put it off."""
    kept, notice = (GONE_KEPT, GONE_NOTICE) if link.status in GONE else (BAD_KEPT, BAD_NOTICE)
    return max(link.since + kept, told_at + notice)


@transaction.atomic
def _erase(told: Link) -> bool:
    """Erase the secret unless something has happened to the link since; whether it was."""
    link = Link.objects.locked(told.pk)
    if _cause(link) != _cause(told) or link.new_key_id or link.checking or not link.has_secret:
        return False
    vault.erase([link.key])
    Link.objects.filter(pk=link.pk).update(next_check_at=None, lease_token=None, lease_until=None, version=F("version") + 1)
    Event.objects.create(
        link=link, actor="worker", cause="retention", from_status=link.status, to_status=link.status, reason=link.reason)
    activity.note(link.user, "retention", actor="worker", about=link.name)
    return True


def _letter(mail: Mail) -> outbox.Letter | str:
    link = Link.objects.of(mail.user).filter(pk=mail.facts["link"]).first()
    if link is None or _cause(link) != mail.cause or not link.has_secret:
        return "outdated"
    said = words.STATUS[link.status]
    return outbox.Letter("exchanges/email/erasing", {
        "link": link, "ends_at": _ends_at(link, timezone.now()), "badge": said.badge, "tone": said.tone})


kind = outbox.Kind(_letter)
