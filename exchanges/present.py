"""From rows to what the pages show: words chosen, numbers and times put in. No decision is made here."""
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from exchanges import words
from exchanges.asking import STEPS
from exchanges.audit import Row, rows
from exchanges.connectors.base import Connector, Permission
from exchanges.models import ApiKey, Call, Exchange, Link, Status, Validation
from exchanges.words import Words

CALLS_SHOWN = 7
SLOW_AFTER_S = 20


def facts_for_words(link: Link, listed: Iterable[Row] = ()) -> dict[str, str]:
    """The placeholders of `exchanges.words`, filled in for this link."""
    now = timezone.now()
    expires_at = link.key.expires_at if link.key else None
    return {
        "exchange": link.exchange.name,
        "list": ", ".join(str(words.QUOTED) % {"name": label(row)} for row in listed),
        "ips": ", ".join(settings.EGRESS_IPS),
        "time": time_format(timezone.localtime(link.next_check_at), "H:i") if link.next_check_at else _("a moment"),
        "ref": link.reference,
        "days": str(max((expires_at - now).days, 0)) if expires_at else "",
        "date": date_format(timezone.localtime(expires_at), "DATE_FORMAT") if expires_at else "",
    }


def weather(exchange: Exchange) -> dict | None:
    """How the exchange is doing: `kind`, the words, and `trouble`: the kind again where links should say it too, else ""."""
    kind = exchange.weather_now
    if not kind:
        return None
    said = _say(words.WEATHER[kind], {"exchange": exchange.name})
    return {"kind": kind, "words": said, "trouble": "" if kind == "ok" else kind}


def label(row: Row) -> str:
    """As the exchange's screen has it; a label of one word, "Query", with its group."""
    known = row.permission
    return f"{known.label}{_in_spanish(known)}" if known and " " in known.label else _path(row)


def _path(row: Row) -> str:
    known = row.permission
    return " › ".join(filter(None, (known.group, known.label))) + _in_spanish(known) if known else row.name


def _in_spanish(permission: Permission) -> str:
    """What the exchange's Spanish screen calls it, beside the English, for who reads Spanish."""
    return f" ({permission.label_es})" if permission.label_es and get_language() == "es" else ""


def _say(said: Words, facts: dict[str, str]) -> Words:
    return replace(said, badge=str(said.badge) % facts, title=str(said.title) % facts, sentence=str(said.sentence) % facts)


def key_rows(link: Link) -> tuple[Row, ...]:
    """The audit of the key as the exchange last described it; nothing while it never did."""
    key, told = link.key, link.exchange.connector.reports_permissions
    tried = link.reason in ("unverifiable_permissions", "missing_permissions")
    described = key is not None and (key.permissions is not None or (not told and (tried or key.proven_at is not None)))
    if not described:
        return ()
    return rows(link.exchange.connector.permissions, *_told(link.key))


def _told(key: ApiKey) -> tuple[frozenset[str] | None, frozenset[str]]:
    """What the exchange said of the key: the permissions granted (None: it does not tell), and those a call was refused for."""
    return None if key.permissions is None else frozenset(key.permissions), frozenset(key.denied)


def _reason(link: Link, reason: str) -> tuple[str | Promise, str | Promise]:
    """Title and sentence of a reason: this exchange's own words where it has some. ("", "") for none."""
    return link.exchange.connector.cures.get(reason) or words.REASON.get(reason, ("", ""))


def state_words(link: Link, audited: tuple[Row, ...] | None = None) -> Words:
    """Badge, title and sentence of a link: the reason's words where it has some, else the state's."""
    audited = key_rows(link) if audited is None else audited
    base = words.STATUS[link.status]
    title, sentence = _reason(link, link.reason) if link.reason else link.exchange.connector.cures.get(link.status, ("", ""))
    if link.status == Status.READY and "unverifiable_permissions" in link.notices:
        sentence = words.READY_UNVERIFIED
    said = _say(replace(base, title=title or base.title, sentence=sentence or base.sentence),
                facts_for_words(link, _at_fault(audited, link.reason) or _all_needed(link)))
    more = _more(link)
    return replace(said, sentence=f"{said.sentence} {more}") if more else said


def _more(link: Link) -> str | Promise:
    if link.key_is_dead and not link.has_secret:
        return words.ERASED
    if link.reason == "missing_permissions" and (extra := _at_fault(key_rows(link), "extra_permissions")):
        return str(words.ALSO_EXTRA) % facts_for_words(link, extra)
    if link.reason == "missing_permissions" and link.key.permissions is not None and link.key.denied:
        return words.TICKED_IN_VAIN % {"exchange": link.exchange.name}
    if link.reason == "bad_key" and link.next_check_at is not None:
        return words.LATE_PROVEN_KEY if link.is_proven else words.LATE_KEY
    return ""


def notices(link: Link) -> list[dict]:
    facts = facts_for_words(link)
    said = []
    for code in link.notices:
        usual, (label, sentence) = words.NOTICE[code], link.exchange.connector.cures.get(code, ("", ""))
        said.append((code, _say(replace(usual, badge=label or usual.badge, sentence=sentence or usual.sentence), facts)))
    return [{"code": code, "label": w.badge, "sentence": w.sentence, "icon": w.icon, "tone": w.tone} for code, w in said]


def candidate_words(link: Link) -> Words | None:
    if not link.candidate:
        return None
    said = _say(words.CANDIDATE[link.candidate], facts_for_words(link))
    if link.held_by_staff and link.candidate == "queued":
        return replace(said, sentence=str(words.CANDIDATE_HELD))
    return replace(said, sentence=f"{_why_failed(link)} {said.sentence}".strip()) if link.candidate == "failed" else said


def _why_failed(link: Link) -> str:
    """The sentence of a failed replacement's reason, with the permissions at fault from what the exchange said of it."""
    _title, why = _reason(link, link.candidate_reason)
    if link.candidate_reason != "bad_key" or "bad_key" not in link.exchange.connector.cures:
        why = words.CANDIDATE_REASON.get(link.candidate_reason, why)
    why = words.CANDIDATE_SILENCE if link.candidate_reason in words.SILENT else why
    tried = link.keys.first()
    audited = rows(link.exchange.connector.permissions, *_told(tried)) if tried is not None else ()
    return str(why) % facts_for_words(link, _at_fault(audited, link.candidate_reason) or _all_needed(link))


def _at_fault(audited: Iterable[Row], reason: str) -> list[Row]:
    verdict = {"missing_permissions": "missing", "extra_permissions": "extra", "dangerous_permissions": "dangerous"}
    return [row for row in audited if row.verdict == verdict.get(reason)]


def _all_needed(link: Link) -> list[Row]:
    """Where something is missing and nobody told us what."""
    return [Row(one.name, "missing", one) for one in link.exchange.connector.permissions if one.kind == "needed"]


def permission_rows(audited: tuple[Row, ...], exchange_name: str, *, tried: bool = False) -> list[dict]:
    """One entry for each permission the exchange reported or we need, in the order of the audit.

    `tried`: the key was proven, so what is needed does work, also where the exchange does not tell.
    """
    shown = []
    for row in audited:
        known = row.permission
        title, opens = (known.title, known.opens) if known else words.UNKNOWN_PERMISSION
        word, icon = words.VERDICT[row.verdict]
        if tried and row.verdict == "unknown" and known and known.kind == "needed":
            word, icon = words.TRIED, "check"
        kind = known.kind if known else ""
        shown.append({"name": row.name, "verdict": row.verdict, "kind": kind, "title": title, "word": word, "icon": icon,
                      "opens": str(opens) % {"exchange": exchange_name}, "path": _path(row)})
    return shown


def absent(link: Link) -> list[Permission]:
    """What the exchange knows and this key was not given: said only where the exchange told us."""
    if link.key is None or link.key.permissions is None:
        return []
    table = link.exchange.connector.permissions
    return [p for p in table if p.kind in ("dangerous", "extra") and p.name not in link.key.permissions]


def steps(link: Link, validation: Validation | None) -> list[dict]:
    """The five steps of a validation, always all five."""
    if validation is None:
        return []
    states = {step["step"]: step for step in validation.steps}
    silent = validation.status == Status.EXCHANGE_DOWN
    shown = []
    for step in STEPS:
        state = states.get(step, {}).get("state", "pending")
        word, icon = words.STEP_STATE["no_answer" if state == "failed" and silent else state]
        title, note = words.STEP[step]
        if step == "permissions" and not link.exchange.connector.reports_permissions:
            note = words.PERMISSIONS_UNVERIFIED
        facts = {"exchange": link.exchange.name}
        shown.append({"step": step, "state": state, "title": str(title) % facts, "word": word, "icon": icon,
                      "note": str(note) % facts if state == "ok" else ""})
    return shown


def _stand(link: Link) -> str:
    """Where the page has the steps: first while they are news, last where they explain, else folded into the history."""
    if link.under_way or link.status == Status.EXCHANGE_DOWN:
        return "first"
    return "last" if link.status in (Status.ACTION_REQUIRED, Status.REFUSED) else "folded"


def _old_key(link: Link) -> ApiKey | None:
    """The key that the one in use took the place of this week: it still works at the exchange until it is deleted there."""
    this_week = timezone.now() - timedelta(days=7)
    if link.key is None or not link.is_proven or link.key.proven_at < this_week:
        return None
    old = link.keys.filter(proven_at__isnull=False, erased_at__gte=max(this_week, link.key.created_at))
    return old.exclude(pk=link.key_id).exclude(fingerprint=link.key.fingerprint).first()


def answered(calls: Iterable[Call], connector: Connector) -> list[Call]:
    """Calls with `what` they were for and the word of their `answer`."""
    shown = list(calls)
    said = {endpoint.name: endpoint.says for endpoint in connector.endpoints}
    for call in shown:
        call.what = said.get(call.endpoint, call.endpoint)
        kind = "ok" if call.outcome == "ok" else "silent" if call.outcome in words.SILENT else "refused"
        call.answer = words.ANSWER[kind]
    return shown


def poll(link: Link, slow: bool) -> str:
    """How often the page asks again; empty once the state is final."""
    if link.under_way or link.candidate == "checking":
        return "3s" if slow else "700ms"
    return "10s" if link.status == Status.EXCHANGE_DOWN or link.candidate == "queued" else ""


def link_context(link: Link, *, slow: bool = False) -> dict:
    """All that the page of one link and its live fragment show."""
    connector = link.exchange.connector
    audited = key_rows(link)
    # One that never finished, its worker dead or its link paused, is shown only while somebody is at it again.
    latest = (link.validations.all() if link.under_way else link.validations.filter(finished_at__isnull=False)).first()
    running = latest is not None and latest.finished_at is None
    since = latest.started_at if running else link.next_check_at
    waited_s = (timezone.now() - since).total_seconds() if since else 0
    every = poll(link, slow or waited_s > SLOW_AFTER_S)
    shown_steps = steps(link, latest)
    sky = weather(link.exchange)
    return {
        "link": link, "connector": connector, "words": state_words(link, audited),
        "candidate_words": candidate_words(link), "absent": absent(link),
        "rows": permission_rows(audited, link.exchange.name, tried=link.is_proven or link.reason == "missing_permissions"),
        "needed": [permission for permission in connector.permissions if permission.kind == "needed"],
        "old_key": _old_key(link),
        "withdrawals_off": str(words.WITHDRAWALS_OFF) % {"exchange": link.exchange.name},
        "switched_off": str(words.SWITCHED_OFF) % {"exchange": link.exchange.name},
        "notices": notices(link), "weather": sky, "trouble": sky["trouble"] if sky else "", "steps": shown_steps,
        "steps_stand": _stand(link), "step_number": sum(step["state"] in ("ok", "skipped") for step in shown_steps) + 1,
        "poll": every,
        "calls": answered(link.calls.all()[:CALLS_SHOWN], connector), "calls_total": link.calls.count(),
    }
