"""From rows to what the pages show: words chosen, numbers and times put in. No decision is made here."""
from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchanges import connectors, words
from exchanges.audit import Row, rows
from exchanges.claim import STEPS
from exchanges.connectors.base import Connector, Permission
from exchanges.models import BUSY, Call, Exchange, Link, Status, Validation
from exchanges.words import Words

CALLS_SHOWN = 7
VALIDATIONS_SHOWN = 10
SLOW_AFTER_S = 20


def tile(slug: str) -> int:
    """The colour of an exchange's tile: its place in the list, 1 to 5."""
    return list(connectors.all()).index(slug) % 5 + 1


def facts_for_words(link: Link, listed: Iterable[Row] = ()) -> dict[str, str]:
    """The placeholders of `exchanges.words`, filled in for this link."""
    now = timezone.now()
    expires_at = link.key.expires_at if link.key else None
    return {
        "exchange": link.exchange.name,
        "list": ", ".join(f"«{_label(row)}»" for row in listed),
        "ips": ", ".join(settings.EGRESS_IPS),
        "time": time_format(timezone.localtime(link.next_check_at), "H:i") if link.next_check_at else _("a moment"),
        "ref": link.reference,
        "days": str(max((expires_at - now).days, 0)) if expires_at else "",
        "date": date_format(timezone.localtime(expires_at), "DATE_FORMAT") if expires_at else "",
    }


def _label(row: Row) -> str:
    """As the exchange's screen has it; a label of one word, "Query", with its group."""
    if row.permission is None:
        return row.name
    return row.permission.label if " " in row.permission.label else _path(row.permission)


def _path(permission: Permission) -> str:
    return f"{permission.group} › {permission.label}" if permission.group else permission.label


def _say(words_: Words, facts: dict[str, str]) -> Words:
    return Words(str(words_.badge) % facts, str(words_.title) % facts, str(words_.sentence) % facts, words_.icon, words_.tone)


def key_rows(link: Link) -> tuple[Row, ...]:
    """The audit of the key as the exchange last described it; nothing while it never did."""
    if link.key is None or link.key.permissions is None:
        return ()
    return rows(link.exchange.connector.permissions, frozenset(link.key.permissions))


def state_words(link: Link, audited: tuple[Row, ...] | None = None) -> Words:
    """Badge, title and sentence of a link: the reason's words where it has some, else the state's."""
    audited = key_rows(link) if audited is None else audited
    base = words.STATUS[link.status]
    title, sentence = words.REASON.get(link.reason, ("", ""))
    said = _say(Words(base.badge, title or base.title, sentence or base.sentence, base.icon, base.tone),
                facts_for_words(link, _at_fault(audited, link.reason)))
    late = link.reason == "bad_key" and link.next_check_at is not None
    return replace(said, sentence=f"{said.sentence} {words.LATE_KEY}") if late else said


def notices(link: Link) -> list[dict]:
    facts = facts_for_words(link)
    said = [(code, _say(words.NOTICE[code], facts)) for code in link.notices]
    return [{"code": code, "label": w.badge, "sentence": w.sentence, "icon": w.icon, "tone": w.tone} for code, w in said]


def candidate_words(link: Link) -> Words | None:
    if not link.candidate:
        return None
    base = words.CANDIDATE[link.candidate]
    said = _say(base, facts_for_words(link))
    if link.candidate != "failed":
        return said
    return Words(said.badge, said.title, f"{_why_failed(link)} {said.sentence}".strip(), said.icon, said.tone)


def _why_failed(link: Link) -> str:
    """The sentence of a failed replacement's reason, with the permissions at fault from what the exchange said of it."""
    _title, why = words.REASON.get(link.candidate_reason, ("", ""))
    why = words.CANDIDATE_SILENCE if link.candidate_reason in words.SILENT else words.CANDIDATE_REASON.get(link.candidate_reason, why)
    tried = link.keys.first()
    granted = frozenset(tried.permissions) if tried is not None and tried.permissions is not None else frozenset()
    audited = rows(link.exchange.connector.permissions, granted)
    return str(why) % facts_for_words(link, _at_fault(audited, link.candidate_reason))


def _at_fault(audited: Iterable[Row], reason: str) -> list[Row]:
    verdict = {"missing_permissions": "missing", "extra_permissions": "extra", "dangerous_permissions": "dangerous"}
    return [row for row in audited if row.verdict == verdict.get(reason)]


def permission_rows(audited: tuple[Row, ...], exchange_name: str) -> list[dict]:
    """One entry for each permission the exchange reported or we need, in the order of the audit."""
    shown = []
    for row in audited:
        title, opens = words.UNKNOWN_PERMISSION
        label = path = row.name
        if row.permission is not None:
            title, opens = row.permission.title, row.permission.opens
            label = row.permission.label
            path = _path(row.permission)
        verdict = words.VERDICT[row.verdict]
        shown.append({
            "name": row.name, "verdict": row.verdict, "title": title, "opens": str(opens) % {"exchange": exchange_name},
            "label": label, "path": path, "permission": row.permission, "word": verdict.badge, "icon": verdict.icon})
    return shown


def absent(link: Link) -> list[dict]:
    """What the exchange knows and this key was not given: said only where the exchange told us."""
    if link.key is None or link.key.permissions is None:
        return []
    table = link.exchange.connector.permissions
    return [{"title": p.title} for p in table
            if p.kind in ("dangerous", "extra") and p.name not in link.key.permissions]


def steps(link: Link, validation: Validation | None) -> list[dict]:
    """The five steps of a validation, always all five."""
    if validation is None:
        return []
    states = {step["step"]: step for step in validation.steps}
    silent = validation.status == Status.EXCHANGE_DOWN
    shown = []
    for step in STEPS:
        state = states.get(step, {}).get("state", "pending")
        word = words.STEP_STATE["no_answer" if state == "failed" and silent else state]
        title, note = words.STEP[step]
        facts = {"exchange": link.exchange.name}
        shown.append({"step": step, "state": state, "title": str(title) % facts, "word": word.badge, "icon": word.icon,
                      "note": str(note) % facts if state == "ok" else ""})
    return shown


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
    if link.status in BUSY or link.checking or link.candidate == "checking":
        return "3s" if slow else "700ms"
    return "10s" if link.status == Status.EXCHANGE_DOWN or link.candidate == "queued" else ""


def glance(user: Model) -> dict:
    """The exchanges part of the profile page: the newest links, those that need the person first."""
    links = list(Link.objects.of(user).exclude(status=Status.UNLINKED)[:50])
    rank = {"action_required": 0, "expired": 0, "revoked": 0, "suspended": 0, "refused": 1, "ready": 2}
    links.sort(key=lambda link: rank.get(link.status, 1))
    return {"template": "exchanges/_glance.html", "lead": lead(user), "rows": [list_row(link) for link in links[:5]],
            "total": len(links)}


def offers() -> list[dict]:
    """For the landing page: the exchanges one can link."""
    return [{"name": exchange.name, "monogram": exchange.connector.monogram, "tile": tile(exchange.slug)}
            for exchange in Exchange.objects.open()]


def list_row(link: Link) -> dict:
    return {"link": link, "words": state_words(link), "notices": notices(link), "tile": tile(link.exchange_id)}


NEEDS_PERSON = (Status.ACTION_REQUIRED, Status.EXPIRED, Status.REVOKED, Status.SUSPENDED, Status.REFUSED)


def lead(user: Model) -> str:
    """One line: how many links are ready, how many need the person."""
    statuses = list(Link.objects.of(user).values_list("status", flat=True))
    ready = statuses.count(Status.READY)
    need = sum(status in NEEDS_PERSON for status in statuses)
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
        status = row["link"].status
        sorted_["needs" if status in NEEDS_PERSON else "ready" if status == Status.READY else "rest"].append(row)
    return [{"id": id_, "title": title, "rows": sorted_[id_]} for id_, title in titles if sorted_[id_]]


def link_context(link: Link, *, slow: bool = False) -> dict:
    """All that the page of one link and its live fragment show."""
    connector = link.exchange.connector
    audited = key_rows(link)
    history = list(link.validations.all()[:VALIDATIONS_SHOWN])
    # One that never finished, its worker dead or its link paused, is shown only while somebody is at it again.
    at_it = link.checking or link.status in BUSY
    latest = next((v for v in history if v.finished_at or at_it), None)
    running = latest is not None and latest.finished_at is None
    since = latest.started_at if running else link.next_check_at
    waited_s = (timezone.now() - since).total_seconds() if since else 0
    every = poll(link, slow or waited_s > SLOW_AFTER_S)
    shown_steps = steps(link, latest)
    return {
        "link": link, "connector": connector, "tile": tile(link.exchange_id), "words": state_words(link, audited),
        "candidate_words": candidate_words(link), "rows": permission_rows(audited, link.exchange.name), "absent": absent(link),
        "notices": notices(link), "steps": shown_steps,
        "step_number": sum(step["state"] in ("ok", "skipped") for step in shown_steps) + 1,
        "history": [_past(v) for v in history if v.finished_at], "poll": every,
        "calls": answered(link.calls.all()[:CALLS_SHOWN], connector), "calls_total": link.calls.count(),
        "can": {"validate": link.can_validate, "replace": link.can_replace, "pause": link.can_pause,
                "resume": link.can_resume, "unlink": link.status != Status.UNLINKED, "rename": True},
    }


def _past(validation: Validation) -> dict:
    return {"at": validation.finished_at, "words": words.STATUS[validation.status], "trigger": words.TRIGGER[validation.trigger]}
