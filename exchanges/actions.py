"""What people and staff do to a link: add a key, ask for a check, pause, resume, unlink.

Each is one transaction. Where the state does not allow it, nothing changes and the answer is False.
"""
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from exchanges import vault
from exchanges.connectors.base import Credentials
from exchanges.connectors.session import DEADLINE_S
from exchanges.models import BUSY, ApiKey, Event, Exchange, Link, Status, Trigger, Validation
from exchanges.tasks import nudge

# A call that a worker was cleared to make just before we took its lease away may still be on its way to the wire.
TO_THE_WIRE_S = 0.3
CALL = timedelta(seconds=DEADLINE_S)
NO_LEASE = {"lease_token": None, "lease_until": None}
NO_CANDIDATE = {"new_key": None, "candidate": "", "candidate_reason": ""}


def lock(link: Link) -> Link:
    """The link as it is now, held until the transaction ends."""
    locked = Link.objects.select_for_update(of=("self",)).select_related("exchange", "key", "new_key")
    return locked.get(pk=link.pk)


def _write(link: Link, actor: str, cause: str, **changes: object) -> None:
    Link.objects.filter(pk=link.pk).update(**changes, version=F("version") + 1)
    Event.objects.create(
        link=link, actor=actor, cause=cause, from_status=link.status, to_status=changes.get("status", link.status),
        reason=changes.get("reason", link.reason))


@transaction.atomic
def add_link(user: Model, exchange: Exchange, credentials: Credentials, label: str, region: str = "") -> Link:
    """The link that this paste leads to: a new one, or the person's own link that has this key already.

    Two clicks and two tabs end on one link: all pastes of one person wait for each other here.
    """
    get_user_model().objects.select_for_update().get(pk=user.pk)
    same_key = vault.fingerprint(exchange.slug, credentials.api_key)
    known = Link.objects.of(user).with_key(same_key).exclude(status=Status.UNLINKED).first()
    if known is None:
        link = Link.objects.create(user=user, exchange=exchange, region=region, label=label)
        _start(link, _new_key(link, credentials), "person", Trigger.LINK)
        return link
    if known.status not in (Status.READY, *BUSY) and not known.candidate_busy:
        add_key(known, credentials)
    return known


@transaction.atomic
def add_key(link: Link, credentials: Credentials) -> bool:
    """Give `link` another key: on trial beside one that works, else in place of it."""
    link = lock(link)
    if not link.can_replace or not link.exchange.is_open:
        return False
    key = _new_key(link, credentials)
    if link.key_works:
        vault.erase([link.new_key])
        _write(link, "person", "replace", new_key=key, candidate="queued", candidate_reason="", trigger=Trigger.REPLACE,
               failures=0, failing_since=None, next_check_at=_soon(link), **NO_LEASE)
        _nudge_if_due(link)
        return True
    vault.erase([link.key, link.new_key])
    if link.status == Status.PAUSED:
        _write(link, "person", "replace", key=key, **NO_CANDIDATE)  # only "reanudar" ends a pause
    else:
        _start(link, key, "person", Trigger.REPLACE)
    return True


def _new_key(link: Link, credentials: Credentials) -> ApiKey:
    key = ApiKey(link=link)
    vault.seal(key, credentials)
    key.save()
    return key


def _start(link: Link, key: ApiKey, actor: str, trigger: str) -> None:
    _write(link, actor, trigger, key=key, status=Status.QUEUED, reason="", notices=[], trigger=trigger, failures=0,
           failing_since=None, next_check_at=_soon(link), **NO_LEASE, **NO_CANDIDATE)
    _nudge_if_due(link)


def _soon(link: Link) -> datetime:
    """Now, or when a call that still hangs at the exchange must be over: one call of a key at a time."""
    now = timezone.now()
    return max(now, link.call_at + CALL) if link.call_at else now


def _nudge_if_due(link: Link) -> None:
    if _soon(link) <= timezone.now():
        nudge(link.pk)


def too_many_bad_keys(user: Model) -> bool:
    """Whether this person's wrong keys of the last hour are enough: many in a row get our address locked out."""
    hour_ago = timezone.now() - timedelta(hours=1)
    return 0 < settings.BAD_KEYS_PER_HOUR <= Validation.objects.bad_keys(user, hour_ago).count()


@transaction.atomic
def ask(link: Link, actor: str = "person") -> bool:
    """Check the key now. A proven link keeps its state meanwhile; any other starts again."""
    link = lock(link)
    if not link.can_validate or not link.exchange.is_open:
        return False
    now = timezone.now()
    trigger = Trigger.PERSON if actor == "person" else Trigger.STAFF
    if link.lease_token is not None and link.lease_until > now:
        Link.objects.filter(pk=link.pk).update(trigger=trigger)  # a worker is at it: its answer is now waited for
        return True
    if link.reason in ("lockout", "rate_limited") and link.next_check_at and link.next_check_at > now:
        return True  # each call before that time makes it longer; the page says when
    fresh = {} if link.is_proven else {"status": Status.QUEUED, "reason": "", "failures": 0, "failing_since": None}
    _write(link, actor, "validate", trigger=trigger, next_check_at=_soon(link), **fresh)
    _nudge_if_due(link)
    return True


def pause(link: Link) -> bool:
    """Stop using the key. No call with it starts after this returns."""
    with transaction.atomic():
        link = lock(link)
        if not link.can_pause:
            return False
        waiting = {"candidate": "queued"} if link.new_key else {}
        _write(link, "person", "pause", status=Status.PAUSED, reason="", notices=[], next_check_at=None, failures=0,
               failing_since=None, **NO_LEASE, **waiting)
    _let_calls_land(link)
    return True


@transaction.atomic
def resume(link: Link) -> bool:
    link = lock(link)
    if not link.can_resume or not link.exchange.is_open:
        return False
    if not link.has_secret:
        # Paused while it waited for another key, the account being linked elsewhere: the one case without a secret.
        _write(link, "person", "resume", status=Status.ACTION_REQUIRED, reason="already_linked")
        return True
    _write(link, "person", "resume", status=Status.QUEUED, reason="", trigger=Trigger.PERSON, next_check_at=_soon(link))
    _nudge_if_due(link)
    return True


def unlink(link: Link) -> bool:
    """Erase the secrets and forget the keys; the history stays. No call with them starts after this returns."""
    with transaction.atomic():
        link = lock(link)
        if link.status == Status.UNLINKED:
            return False
        vault.erase(link.keys.all(), forget=True)
        _write(link, "person", "unlink", status=Status.UNLINKED, reason="", notices=[], next_check_at=None, failures=0,
               failing_since=None, **NO_LEASE, **NO_CANDIDATE)
    _let_calls_land(link)
    return True


@transaction.atomic
def rename(link: Link, label: str) -> None:
    Link.objects.filter(pk=link.pk).update(label=label, version=F("version") + 1)


def _let_calls_land(link: Link) -> None:
    """Wait, without trusting two clocks, until a call that was just cleared is over or must have left."""
    until = time.monotonic() + TO_THE_WIRE_S
    under_way = Link.objects.filter(pk=link.pk, call_at__isnull=False)
    while link.lease_token is not None and under_way.exists() and time.monotonic() < until:
        time.sleep(0.02)
