"""Asking an exchange about one key and writing down the answer: the one flow that leaves the database.

    claim the link -> open the credentials -> ask -> audit -> write down -> forget the credentials
"""
import logging
import random
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from exchanges import connectors, vault
from exchanges.audit import audit
from exchanges.claim import STEPS, Claim, Lost
from exchanges.connectors.base import KeyReport, Refused, Unavailable
from exchanges.connectors.line import address_family
from exchanges.connectors.session import ExchangeSession
from exchanges.models import BUSY, ApiKey, Event, Exchange, Link, Status, Trigger, Validation
from exchanges.settle import Outcome, daily, settle, settle_candidate

log = logging.getLogger(__name__)
# Workers that died with this link in their hands, one after another, before we leave it alone for a while.
POISON_AFTER = 3


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


def _ask(claim: Claim) -> Outcome:
    if claim.link.deaths >= POISON_AFTER:
        return _no_answer("internal")
    try:
        credentials = vault.reveal(claim.key)
    except vault.Unreadable:
        log.error("sealed credentials do not open", extra={"link": str(claim.link.pk)})
        return _no_answer("internal")
    claim.mark("format", "ok")
    session = ExchangeSession(
        claim.connector, credentials, base_url=connectors.api_url(claim.connector, claim.link.region), nonce=claim.nonce,
        before_call=claim.before_call, before_send=claim.before_send, after_call=claim.after_call,
        family=address_family(settings.EGRESS_IPS))
    with session:
        try:
            return _question(claim, session)
        except Unavailable as unavailable:
            return _no_answer(unavailable.reason, unavailable.retry_after_s)
        except Refused as refused:
            _skip_rest(claim)
            return Outcome(Status.ACTION_REQUIRED, refused.reason)


def _no_answer(reason: str, retry_after_s: float | None = None) -> Outcome:
    return Outcome(Status.EXCHANGE_DOWN, reason, answered=False, retry_after_s=retry_after_s)


def _question(claim: Claim, session: ExchangeSession) -> Outcome:
    report = _describe(claim, session)
    claim.mark("permissions", "running")
    verdict = audit(claim.connector.permissions, report, proven=claim.past.proven, now=timezone.now())
    if verdict.status != Status.READY:
        claim.mark("permissions", "failed")
        _skip_rest(claim)
        return Outcome(verdict.status, verdict.reason, verdict.notices, report=report)
    claim.mark("permissions", "ok")
    if claim.past.proven:
        _skip_rest(claim)
        return Outcome(Status.READY, "", _with_empty(verdict.notices, claim.key.is_empty), report=report)
    return _prove(claim, session, report, verdict.notices)


def _describe(claim: Claim, session: ExchangeSession) -> KeyReport:
    claim.mark("reach", "running")
    try:
        report = claim.insist(lambda: claim.connector.describe_key(session))
    except Unavailable:
        claim.mark("reach", "failed")
        raise
    except Refused:
        claim.mark("reach", "ok")
        claim.mark("permissions", "failed")
        raise
    claim.mark("reach", "ok")
    return report


def _prove(claim: Claim, session: ExchangeSession, report: KeyReport, notices: tuple[str, ...]) -> Outcome:
    """The cheap reads and an order that is checked but never placed: what the permissions promise does work."""
    claim.mark("reads", "running")
    for read in claim.connector.reads:
        try:
            empty = claim.insist(lambda read=read: read.call(session))
        except Unavailable:
            claim.mark("reads", "failed")
            raise
        except Refused as refused:
            claim.mark("reads", "failed")
            _skip_rest(claim)
            return Outcome(Status.ACTION_REQUIRED, refused.reason, report=_without(report, read.endpoint.permission, refused))
        claim.key.is_empty = claim.key.is_empty or bool(empty)
    claim.mark("reads", "ok")
    return _dry_run(claim, session, report, _with_empty(notices, claim.key.is_empty))


def _with_empty(notices: tuple[str, ...], is_empty: bool) -> tuple[str, ...]:
    return (*notices, "empty_account") if is_empty else notices


def _dry_run(claim: Claim, session: ExchangeSession, report: KeyReport, notices: tuple[str, ...]) -> Outcome:
    dry_run = claim.connector.dry_run
    if dry_run is None:
        claim.mark("dry_run", "skipped")
        return Outcome(Status.READY, "", notices, report=report)
    claim.mark("dry_run", "running")
    try:
        claim.mark("dry_run", claim.insist(lambda: dry_run.call(session)))
    except Unavailable:
        claim.mark("dry_run", "skipped")
    except Refused as refused:
        if refused.reason == "missing_permissions":
            claim.mark("dry_run", "failed")
            return Outcome(
                Status.ACTION_REQUIRED, refused.reason, report=_without(report, dry_run.endpoint.permission, refused))
        claim.mark("dry_run", "skipped")
    return Outcome(Status.READY, "", notices, report=report)


def _without(report: KeyReport, permission: str, refused: Refused) -> KeyReport:
    """The exchange says the key may, but the call was denied: the call is believed."""
    if refused.reason != "missing_permissions" or report.permissions is None:
        return report
    return replace(report, permissions=report.permissions - {permission})


def _skip_rest(claim: Claim) -> None:
    for step in STEPS:
        if claim.steps[STEPS.index(step)]["state"] in ("pending", "running"):
            claim.mark(step, "skipped")


@transaction.atomic
def write_down(claim: Claim, outcome: Outcome) -> None:
    """Write the result where the lease is still ours; a refused or failed key is erased in the same transaction."""
    now = timezone.now()
    link = Link.objects.select_for_update().filter(pk=claim.link.pk, lease_token=claim.token).first()
    if link is None:
        return
    # Somebody may have asked for this check while it was under way.
    claim.past = replace(claim.past, waited_for=link.trigger != Trigger.SCHEDULE)
    if outcome.report is not None:
        _note_report(claim.key, outcome.report)
    if outcome.status == Status.READY:
        # One proof at a time: two links that prove one account at once would not see each other.
        Exchange.objects.select_for_update(no_key=True).get(pk=link.exchange_id)
        outcome = _clash(claim, outcome) or outcome
    changes = _candidate_changes(claim, link, outcome) if claim.on_trial else _key_changes(claim, outcome)
    status = changes.get("status", link.status)
    Link.objects.filter(pk=link.pk).update(
        **changes, lease_token=None, lease_until=None, deaths=0, trigger=Trigger.SCHEDULE, version=F("version") + 1,
        **({"checked_at": now} if outcome.answered else {}))
    changed = (status, changes.get("reason", link.reason)) != (claim.past.status, claim.past.reason)
    if changed or changes.get("candidate", "queued") != "queued":
        Event.objects.create(
            link=link, actor="worker", cause=claim.link.trigger, from_status=claim.past.status, to_status=status,
            reason=changes.get("candidate_reason") or changes.get("reason", link.reason))
    _finish(claim, outcome, changed)


def _finish(claim: Claim, outcome: Outcome, changed: bool) -> None:
    result = {"steps": claim.steps, "status": outcome.status, "reason": outcome.reason, "finished_at": timezone.now()}
    if claim.validation is not None and not changed and not claim.past.waited_for:
        claim.validation.delete()  # one more try of ours that ended like the last: the history keeps the last
    elif claim.validation is not None:
        Validation.objects.filter(pk=claim.validation.pk).update(**result)
    elif changed:
        Validation.objects.create(link=claim.link, key=claim.key, trigger=claim.link.trigger, **result)


def _key_changes(claim: Claim, outcome: Outcome) -> dict:
    now = timezone.now()
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
    now = timezone.now()
    state, reason, next_in = settle_candidate(outcome, link.failures, random.uniform)
    if state == "queued":
        return {"candidate": state, "candidate_reason": reason, "failures": link.failures + 1, "next_check_at": now + next_in}
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
    in_use = claim.link.key
    if outcome.reason != "dangerous_permissions" or in_use.fingerprint != claim.key.fingerprint:
        return {}
    in_use.link = claim.link
    _note_report(in_use, outcome.report)
    vault.erase([in_use])
    return {"status": Status.SUSPENDED, "reason": outcome.reason, "notices": [], "next_check_at": None}


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
    key.name_at_exchange = report.name[:80]
    key.ip_allowlist = list(report.ip_allowlist) if report.ip_allowlist is not None else None
    key.expires_at, key.modified_at = report.expires_at, report.modified_at
    if report.account:
        key.account_hash = vault.account_hash(key.link.exchange_id, report.account)
        key.account_hint = f"{report.account[:4]} ···· {report.account[-4:]}" if len(report.account) >= 10 else ""
    key.save(update_fields=["permissions", "name_at_exchange", "ip_allowlist", "is_empty", "expires_at", "modified_at",
                            "account_hash", "account_hint"])
