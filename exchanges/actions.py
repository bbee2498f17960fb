"""What people and staff do to a link: add a key, ask for a check, pause, resume, unlink.

Each is one transaction, with its entry in the person's activity; `request` tells from where. Where the state does not allow
it, nothing changes and the answer is False.
"""
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Model, Q
from django.http import HttpRequest

from exchanges import clock, told, vault
from exchanges.connectors.base import Credentials
from exchanges.connectors.session import DEADLINE_S
from exchanges.models import BUSY, ApiKey, Event, Exchange, Link, LinkQuerySet, Status, Trigger, Validation
from exchanges.tasks import nudge
from profiles import activity, leaving

# A call that a worker was cleared to make just before we took its lease away may still be on its way to the wire.
TO_THE_WIRE_S = 0.3
CALL = timedelta(seconds=DEADLINE_S)
NO_LEASE = {"lease_token": None, "lease_until": None}
NO_CANDIDATE = {"new_key": None, "candidate": "", "candidate_reason": ""}
AFRESH = {"failures": 0, "failing_since": None}
STOPPED = {"reason": "", "notices": [], "next_check_at": None, **AFRESH, **NO_LEASE}


def _write(link: Link, actor: str, cause: str, request: HttpRequest | None, **changes: object) -> None:
    status, reason = changes.get("status", link.status), changes.get("reason", link.reason)
    now = clock.now()
    since = now if (status, reason) != (link.status, link.reason) else link.since
    Link.objects.filter(pk=link.pk).update(**changes, since=since, version=F("version") + 1)
    Event.objects.create(
        link=link, at=now, actor=actor, cause=cause, from_status=link.status, to_status=status, reason=reason)
    activity.note(link.user, cause, request=request, actor=actor, about=link.name)
    told.tell(link.pk, by_owner=actor == "person")


@transaction.atomic
def add_link(
    user: Model, exchange: Exchange, credentials: Credentials, label: str, request: HttpRequest | None = None, *,
    region: str = "", withdrawals_off: bool = False,
) -> Link:
    """The link that this paste leads to: a new one, or the person's own link that has this key already.

    `withdrawals_off`: the person's word on the key, where the exchange does not tell.

    Two clicks and two tabs end on one link: all pastes of one person wait for each other here.
    """
    # no_key: a worker that has one of their links and writes into their activity must not wait for us, who may wait for that link.
    get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
    if leaving.is_leaving(user):  # since the form looked
        raise PermissionDenied
    same_key = vault.fingerprint(exchange.slug, credentials.api_key)
    known = Link.objects.of(user).with_key(same_key).exclude(status=Status.UNLINKED).first()
    if known is None:
        link = Link.objects.create(user=user, exchange=exchange, region=region, label=label)
        _start(link, _new_key(link, credentials, withdrawals_off), Trigger.LINK, request)
        return link
    if known.status not in (Status.READY, *BUSY) and not known.candidate_busy:
        add_key(known, credentials, request, region=region, withdrawals_off=withdrawals_off)
    return known


@transaction.atomic
def add_key(
    link: Link, credentials: Credentials, request: HttpRequest | None = None, *, region: str = "", withdrawals_off: bool = False,
) -> bool:
    """Give `link` another key: on trial beside one that works, else in place of it, and then of another `region` too."""
    link = Link.objects.locked(link.pk)
    if not link.can_replace:
        return False
    if _pasted_twice(link, credentials):
        return True
    key = _new_key(link, credentials, withdrawals_off)
    if link.key_works:
        vault.erase([link.new_key])
        on_trial = {"new_key": key, "candidate": "queued", "candidate_reason": ""}
        if link.held_by_staff:
            _write(link, "person", "replace", request, **on_trial)  # its trial waits for the end of that
        else:
            _make_due(link, "person", "replace", request, **on_trial, trigger=Trigger.REPLACE, **AFRESH, **NO_LEASE)
        return True
    vault.erase([link.key, link.new_key])
    if region:
        Link.objects.filter(pk=link.pk).update(region=region)
    if link.status == Status.PAUSED or link.held_by_staff:
        _write(link, "person", "replace", request, key=key, **NO_CANDIDATE)  # a new key ends neither
    else:
        _start(link, key, Trigger.REPLACE, request)
    return True


def _pasted_twice(link: Link, credentials: Credentials) -> bool:
    """A double click: the key that was pasted a moment ago and is not judged yet. Later it may be one with its secret corrected."""
    tried = link.new_key or (link.key if link.status in BUSY else None)
    same = tried is not None and tried.fingerprint == vault.fingerprint(link.exchange_id, credentials.api_key)
    return same and tried.created_at > clock.now() - CALL


def _new_key(link: Link, credentials: Credentials, withdrawals_off: bool) -> ApiKey:
    key = ApiKey(link=link, created_at=clock.now(), withdrawals_off=withdrawals_off)
    vault.seal(key, credentials)
    key.save()
    return key


def _start(link: Link, key: ApiKey, trigger: str, request: HttpRequest | None) -> None:
    _make_due(link, "person", trigger, request, key=key, status=Status.QUEUED, reason="", notices=[], trigger=trigger,
              **AFRESH, **NO_LEASE, **NO_CANDIDATE)


def _make_due(
    link: Link, actor: str, cause: str, request: HttpRequest | None, *, after_s: float = 0, **changes: object
) -> None:
    """Due now, or when a call that still hangs at the exchange must be over: one call of a key at a time."""
    now = clock.now()
    at = max(now + timedelta(seconds=after_s), link.call_at + CALL if link.call_at else now)
    _write(link, actor, cause, request, next_check_at=at, **changes)
    if at == now:
        nudge(link.pk)


def too_many_bad_keys(user: Model) -> bool:
    """Whether this person's wrong keys of the last hour are enough: many in a row get our address locked out.

    Once there is one, keys that wait for their first answer may be as many again: a hundred sent at once are not all looked at.
    """
    most = settings.BAD_KEYS_PER_HOUR
    bad = Validation.objects.bad_keys(user, clock.now() - timedelta(hours=1)).count() if most else 0
    untold = Q(status__in=BUSY, key__proven_at__isnull=True) | Q(candidate__in=BUSY)
    return bad > 0 and (bad >= most or bad + Link.objects.of(user).filter(untold).count() >= 2 * most)


@transaction.atomic
def ask(link: Link, actor: str = "person", request: HttpRequest | None = None) -> bool:
    """Check the key now. A proven link keeps its state meanwhile; any other starts again."""
    link = Link.objects.locked(link.pk)
    if not link.can_validate:
        return False
    now = clock.now()
    trigger = Trigger.PERSON if actor == "person" else Trigger.STAFF
    if link.checking and link.trigger != Trigger.SCHEDULE:
        nudge(link.pk)  # somebody waits for it already
        return True
    if link.lease_token is not None and link.lease_until > now:
        _write(link, actor, "validate", request, trigger=trigger)  # a worker is at it: its answer is now waited for
        return True
    if link.reason in ("lockout", "rate_limited") and link.failures and link.next_check_at and link.next_check_at > now:
        return True  # each call before that time makes it longer; the page says when
    fresh = {} if link.is_proven else {"status": Status.QUEUED, "reason": "", **AFRESH}
    _make_due(link, actor, "validate", request, trigger=trigger, **fresh)
    return True


@transaction.atomic
def confirm(link: Link, request: HttpRequest | None = None, *, key_id: str = "") -> bool:
    """The person's word that the key cannot withdraw, where the exchange does not tell; the key is checked in its light.

    `key_id`: the key that they saw when they gave it, where it is known: a word on one is none on another.
    """
    link = Link.objects.locked(link.pk)
    if not link.can_confirm or key_id not in ("", str(link.key_id)):
        return False
    ApiKey.objects.filter(pk=link.key_id).update(withdrawals_off=True)
    # Takes the link from a worker that asks just now: its answer would be one from before.
    _make_due(link, "person", "confirm", request, status=Status.QUEUED, reason="", trigger=Trigger.PERSON, **AFRESH, **NO_LEASE)
    return True


def pause(link: Link, request: HttpRequest | None = None) -> bool:
    """Stop using the key. No call with it starts after this returns."""
    with transaction.atomic():
        link = Link.objects.locked(link.pk)
        if not link.can_pause:
            return False
        _write(link, "person", "pause", request, status=Status.PAUSED, **STOPPED, **_waiting(link))
    _let_calls_land(link)
    return True


@transaction.atomic
def resume(link: Link, request: HttpRequest | None = None) -> bool:
    link = Link.objects.locked(link.pk)
    if not link.can_resume:
        return False
    if not link.has_secret:
        # Paused while it waited for another key: it waits again, for the reason it had.
        before = link.events.filter(to_status=Status.ACTION_REQUIRED).exclude(reason="").first()
        _write(link, "person", "resume", request, status=Status.ACTION_REQUIRED, reason=before.reason if before else "already_linked")
        return True
    _make_due(link, "person", "resume", request, status=Status.QUEUED, reason="", trigger=Trigger.PERSON)
    return True


def suspend(link: Link, reason: str, request: HttpRequest | None = None) -> bool:
    """Staff stop a key, "by_staff" or with all others for an "incident". No call with it starts after this returns."""
    with transaction.atomic():
        link = Link.objects.locked(link.pk)
        if not link.can_suspend:
            return False
        _write(link, "staff", "suspend", request, status=Status.SUSPENDED, **STOPPED | {"reason": reason}, **_waiting(link))
    _let_calls_land(link)
    return True


@transaction.atomic
def lift(link: Link, request: HttpRequest | None = None, *, after_s: float = 0) -> bool:
    """Staff let a key go on. It is checked first, at once or in its turn after `after_s`; what was paused is paused again."""
    link = Link.objects.locked(link.pk)
    if not link.held_by_staff:
        return False
    stop = link.events.filter(cause="suspend").first()
    if stop is not None and stop.from_status == Status.PAUSED:
        _write(link, "staff", "lift", request, status=Status.PAUSED, reason="")
        return True
    trigger = Trigger.SCHEDULE if after_s else Trigger.STAFF
    _make_due(link, "staff", "lift", request, after_s=after_s, status=Status.QUEUED, reason="", trigger=trigger)
    return True


def unlink(link: Link, request: HttpRequest | None = None, *, actor: str = "person", cause: str = "unlink") -> bool:
    """Erase the secrets and forget the keys; the history stays. No call with them starts after this returns."""
    with transaction.atomic():
        link = Link.objects.locked(link.pk)
        if link.status == Status.UNLINKED:
            return False
        vault.erase(link.keys.all(), forget=True)
        _write(link, actor, cause, request, status=Status.UNLINKED, **STOPPED, **NO_CANDIDATE)
    _let_calls_land(link)
    return True


@transaction.atomic
def rename(link: Link, label: str, request: HttpRequest | None = None) -> None:
    link = Link.objects.locked(link.pk)
    if link.label == label:
        return
    Link.objects.filter(pk=link.pk).update(label=label, version=F("version") + 1)
    link.label = label
    activity.note(link.user, "rename", request=request, actor="person", about=link.name)


def _waiting(link: Link) -> dict:
    """A replacement on trial waits while its link is stopped."""
    return {"candidate": "queued"} if link.new_key else {}


def _let_calls_land(link: Link) -> None:
    if link.lease_token is not None:
        wait_for_calls(Link.objects.filter(pk=link.pk))


def wait_for_calls(links: LinkQuerySet) -> None:
    """Wait, without trusting two clocks, until calls that were just cleared are over or must have left."""
    until = time.monotonic() + TO_THE_WIRE_S
    while links.filter(call_at__isnull=False).exists() and time.monotonic() < until:
        time.sleep(0.02)
