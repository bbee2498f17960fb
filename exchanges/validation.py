"""Asking an exchange about one key and writing down the answer: the one flow that leaves the database.

    claim the link -> open the credentials -> ask -> audit -> write down -> forget the credentials
"""
import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from exchanges import breaker, clock, connectors, drift, told, vault
from exchanges.asking import Asking, no_answer
from exchanges.claim import Claim, Lost
from exchanges.connectors.base import KeyReport
from exchanges.connectors.line import address_family
from exchanges.connectors.session import ExchangeSession
from exchanges.models import BUSY, ApiKey, Event, Exchange, Link, Status, Trigger, Validation
from exchanges.settle import Outcome, daily, settle, settle_candidate

log = logging.getLogger(__name__)


def validate(link_id: str) -> None:
    """Check the key of a link that is due. Running it twice, or for a link that is gone or busy, does no harm."""
    claim = Claim.take(link_id)
    if claim is None:
        return
    try:
        outcome = _ask(claim)
    except Lost:
        log.info("lease lost", extra={"link": link_id})
        return
    try:
        write_down(claim, outcome)
    except IntegrityError:
        # Another link proved the same key between our look and our write: the database lets only one have it.
        write_down(claim, Outcome(Status.ACTION_REQUIRED, "already_linked", report=outcome.report))
    if outcome.answered:
        # After the commit: it locks the exchange, then links; a claim locks its link, then the exchange.
        breaker.note_answer(claim.link.exchange, clock.now())


def _ask(claim: Claim) -> Outcome:
    if claim.poisoned:
        return no_answer("internal")
    if claim.held:
        return no_answer(claim.link.exchange.broken_reason, asked=False)
    try:
        credentials = vault.reveal(claim.key)
    except vault.Unreadable:
        log.error("sealed credentials do not open", extra={"link": str(claim.link.pk)})
        return no_answer("internal")
    claim.steps.mark("format", "ok")
    session = ExchangeSession(
        claim.connector, credentials, base_url=connectors.api_url(claim.connector, claim.link.region),
        region=claim.link.region, nonce=claim.nonce, before_call=claim.before_call, before_send=claim.before_send,
        after_call=claim.after_call, family=address_family(settings.EGRESS_IPS))
    with session:
        asking = Asking(session, claim.steps, proven=claim.past.proven, is_empty=claim.key.is_empty, reserve=claim.reserve,
                        now=clock.now(), withdrawals_off=claim.key.withdrawals_off)
        outcome = asking.ask()
    claim.key.is_empty = asking.is_empty
    if outcome.report is not None:
        claim.key.hint = vault.hint(credentials)
    return outcome


@transaction.atomic
def write_down(claim: Claim, outcome: Outcome) -> None:
    """Write the result where the lease is still ours; a refused or failed key is erased in the same transaction."""
    link = Link.objects.select_for_update().filter(pk=claim.link.pk, lease_token=claim.token).first()
    if link is None:
        return
    if claim.on_trial:
        # The key in use is erased when the new one is proven. Keys before the exchange, as a claim locks them.
        list(ApiKey.objects.select_for_update(no_key=True).filter(pk__in=(claim.key.pk, claim.link.key_id)).order_by("pk"))
    now = clock.now()
    # Somebody may have asked for this check while it was under way: then it is theirs.
    claim.link.trigger = link.trigger
    claim.past = replace(claim.past, waited_for=link.trigger != Trigger.SCHEDULE, broken=_is_broken(claim, outcome, now))
    drifted = _drift(claim, outcome)
    outcome = _with_account(claim, outcome, drifted)
    changes = _candidate_changes(claim, link, outcome) if claim.on_trial else _key_changes(claim, outcome)
    status, reason = changes.get("status", link.status), changes.get("reason", link.reason)
    Link.objects.filter(pk=link.pk).update(
        **changes, lease_token=None, lease_until=None, deaths=0, trigger=Trigger.SCHEDULE, version=F("version") + 1,
        **({"checked_at": now} if outcome.answered else {}),
        **({"since": now} if (status, reason) != (link.status, link.reason) else {}))
    changed = (status, reason) != (claim.past.status, claim.past.reason)
    trial = {"candidate": changes["candidate"] or "proven"} if changes.get("candidate", "queued") != "queued" else {}
    if changed or trial or drifted:
        # One line in the history for one look: its check ends at the same moment.
        actor, cause = ("exchange", "drift") if drifted else ("worker", claim.link.trigger)
        Event.objects.create(
            link=link, at=now, actor=actor, cause=cause, from_status=claim.past.status, to_status=status,
            reason=changes.get("candidate_reason") or reason, changes=drifted | trial)
    if changed or trial:
        told.tell(link.pk)
    _finish(claim, outcome, changed, now)


def _drift(claim: Claim, outcome: Outcome) -> dict:
    """What the exchange says otherwise than before of the key in use, which was proven."""
    key = claim.link.key
    is_about_it = not claim.on_trial or _gives_up_key_in_use(claim, outcome)
    if outcome.report is None or key.proven_at is None or not is_about_it:
        return {}
    return drift.compare(key, outcome.report, vault.account_hash(claim.link.exchange_id, outcome.report.account))


def _with_account(claim: Claim, outcome: Outcome, drifted: dict) -> Outcome:
    """`outcome`, its report noted, in the light of whose key it is. That it is another's than before is news only once."""
    others = bool(drifted.get("account"))
    if claim.past.reason == "different_account":
        drifted.pop("account", None)
    if outcome.report is not None:
        _note_report(claim.key, outcome.report)
    if others and outcome.status in (Status.READY, Status.ACTION_REQUIRED):
        return replace(outcome, status=Status.ACTION_REQUIRED, reason="different_account", notices=())
    if outcome.status != Status.READY:
        return outcome
    # One proof at a time: two links that prove one account at once would not see each other.
    Exchange.objects.select_for_update(no_key=True).get(pk=claim.link.exchange_id)
    return _clash(claim, outcome) or outcome


def _is_broken(claim: Claim, outcome: Outcome, now: datetime) -> bool:
    """Whether the exchange's breaker is open after this outcome."""
    return not outcome.answered and breaker.note_silence(claim.link.exchange, now)


def _finish(claim: Claim, outcome: Outcome, changed: bool, now: datetime) -> None:
    result = {"steps": claim.steps.rows, "status": outcome.status, "reason": outcome.reason, "finished_at": now}
    if claim.validation is not None and not changed and not claim.past.waited_for:
        claim.validation.delete()  # one more try of ours that ended like the last: the history keeps the last
    elif claim.validation is not None:
        Validation.objects.filter(pk=claim.validation.pk).update(**result)
    elif changed or claim.past.waited_for:
        Validation.objects.create(link=claim.link, key=claim.key, trigger=claim.link.trigger, started_at=now, **result)


def _key_changes(claim: Claim, outcome: Outcome) -> dict:
    now = clock.now()
    settled = settle(claim.past, outcome, now, random.uniform)
    if settled.erase:
        vault.erase([claim.key])
    elif settled.status == Status.READY and claim.key.proven_at is None:
        ApiKey.objects.filter(pk=claim.key.pk).update(proven_at=now)
    return {
        "status": settled.status, "reason": settled.reason, "notices": list(settled.notices),
        "failures": settled.failures, "failing_since": settled.failing_since,
        "next_check_at": now + settled.next_in if settled.next_in is not None else None,
    }


def _candidate_changes(claim: Claim, link: Link, outcome: Outcome) -> dict:
    now = clock.now()
    state, reason, next_in = settle_candidate(outcome, link.failures, random.uniform)
    if state == "queued":
        failures = link.failures + (1 if outcome.asked else 0)
        return {"candidate": state, "candidate_reason": reason, "failures": failures, "next_check_at": now + next_in}
    idle = link.status in (Status.PAUSED, Status.SUSPENDED)
    waiting = link.status in (*BUSY, Status.EXCHANGE_DOWN)
    next_in = timedelta(0) if waiting else daily(random.uniform)
    changes = {"new_key": None, "failures": 0, "failing_since": None, "next_check_at": None if idle else now + next_in}
    if state == "failed":
        vault.erase([claim.key])
        changes |= {"candidate": state, "candidate_reason": reason}
        return changes | _also_of_the_key_in_use(claim, outcome)
    vault.erase([claim.link.key])  # first: two proven rows may hold the same key only one after the other
    ApiKey.objects.filter(pk=claim.key.pk).update(proven_at=now)
    changes |= {"key": claim.key, "candidate": "", "candidate_reason": "", "notices": list(outcome.notices)}
    return changes if idle else {**changes, "status": Status.READY, "reason": ""}


def _also_of_the_key_in_use(claim: Claim, outcome: Outcome) -> dict:
    """Whoever pastes the key in use again, now able to take money out, must not find it kept."""
    if not _gives_up_key_in_use(claim, outcome):
        return {}
    claim.link.key.link = claim.link
    _note_report(claim.link.key, outcome.report)
    vault.erase([claim.link.key])
    return {"status": Status.SUSPENDED, "reason": outcome.reason, "notices": [], "next_check_at": None}


def _gives_up_key_in_use(claim: Claim, outcome: Outcome) -> bool:
    return outcome.reason == "dangerous_permissions" and claim.link.key.fingerprint == claim.key.fingerprint


def _clash(claim: Claim, outcome: Outcome) -> Outcome | None:
    """Another account than the one being replaced, or an account or key that another link has proven."""
    key = claim.key
    mine = claim.link.key
    if claim.on_trial and key.account_hash and mine.account_hash and key.account_hash != mine.account_hash:
        return Outcome(Status.ACTION_REQUIRED, "different_account", report=outcome.report)
    proven = ApiKey.objects.filter(proven_at__isnull=False, erased_at__isnull=True).exclude(link=claim.link)
    same = proven.filter(fingerprint=key.fingerprint)
    if key.account_hash:
        gone = (Status.EXPIRED, Status.REVOKED)
        same = same | proven.filter(account_hash=key.account_hash).exclude(link__status__in=gone)
    return Outcome(Status.ACTION_REQUIRED, "already_linked", report=outcome.report) if same.exists() else None


def _note_report(key: ApiKey, report: KeyReport) -> None:
    key.permissions = sorted(report.permissions) if report.permissions is not None else None
    key.denied = sorted(report.denied)
    key.name_at_exchange = report.name[:80]
    key.ip_allowlist = list(report.ip_allowlist) if report.ip_allowlist is not None else None
    key.expires_at, key.modified_at = report.expires_at, report.modified_at
    account_hash = vault.account_hash(key.link.exchange_id, report.account)
    if account_hash and not (key.proven_at and key.account_hash):  # the account that a key was proven with stays
        key.account_hash, key.account_hint = account_hash, vault.account_hint(report.account)
    key.save(update_fields=["hint", "permissions", "denied", "name_at_exchange", "ip_allowlist", "is_empty", "expires_at", "modified_at",
                            "account_hash", "account_hint"])
