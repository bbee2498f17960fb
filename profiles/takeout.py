"""Everything we hold of a person, as files for them to keep: JSON with all of it, a CSV of each section; times in UTC.

Never what proves who somebody is, or opens anything: no sealed value, hash, seed or session. Other apps add their sections in
AppConfig.ready(); we know none of them. Made while it is sent, whatever its length.
"""
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles import activity, activity_files, sessions
from profiles.models import Mail, Profile, User

READ_AT_ONCE = 500

Writer = Callable[[User, str], Iterator[str]]


@dataclass(frozen=True)
class Section:
    """One part of it. `name` is for files, `label` for people; each row gives the values of `columns`, in their language."""

    name: str
    label: str | Promise
    columns: tuple[str, ...]
    rows: Callable[[User], Iterable[tuple]]


def batches(rows: QuerySet, *fields: str) -> Iterator[tuple]:
    """`fields` of all `rows`, by rising pk, a query for each batch: whoever downloads slowly keeps no transaction open."""
    ordered, last = rows.order_by("pk"), None
    while batch := list((ordered if last is None else ordered.filter(pk__gt=last)).values_list("pk", *fields)[:READ_AT_ONCE]):
        yield from (values[1:] for values in batch)
        last = batch[-1][0]


def as_json(user: User, language: str) -> Iterator[str]:
    """One object, with an array of objects for each section."""
    yield f'{{"made_at": "{_iso(timezone.now())}"'
    for section in sections:
        start = f',\n"{section.name}": ['
        for rows in _batches(section, user, language):
            records = (dict(zip(section.columns, row, strict=True)) for row in rows)
            yield start + ",".join("\n" + json.dumps(record, ensure_ascii=False, default=_iso) for record in records)
            start = ","
        yield "\n]" if start == "," else f"{start}]"
    yield "\n}\n"


def as_csv(section: Section, user: User, language: str) -> Iterator[str]:
    """A line of names and a line for each row; no cell that a spreadsheet would take for a formula."""
    yield activity_files.lines([section.columns])
    for rows in _batches(section, user, language):
        yield activity_files.lines(tuple(map(_cell, row)) for row in rows)


def _batches(section: Section, user: User, language: str) -> Iterator[list[tuple]]:
    """`language` is said anew for each batch: a file is sent when the request's own language is over."""
    with translation.override(language):
        rows = iter(section.rows(user))
    while True:
        with translation.override(language):
            batch = list(islice(rows, READ_AT_ONCE))
        if not batch:
            return
        yield batch


def _iso(at: datetime | Any) -> str:
    """What JSON has no form of: times, and ids."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if isinstance(at, datetime) else str(at)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else _iso(value)
    return activity_files.harmless(text)


def _account(user: User) -> Iterator[tuple]:
    yield user.pk, user.email, user.date_joined, user.last_login


def _preferences(user: User) -> Iterator[tuple]:
    profile = Profile.objects.of(user)
    yield profile.name, profile.language, profile.time_zone, profile.mails_off, profile.frozen_until, profile.leaves_at


def _addresses(user: User) -> Iterator[tuple]:
    return batches(EmailAddress.objects.filter(user=user), "email", "verified", "primary")


def _factors(user: User) -> Iterator[tuple]:
    for factor in Authenticator.objects.filter(user=user).order_by("pk"):
        name = str(factor) if factor.type == Authenticator.Type.WEBAUTHN else ""
        yield factor.type, name, factor.created_at, factor.last_used_at


def _sessions(user: User) -> Iterator[tuple]:
    for row in UserSession.objects.filter(user=user).order_by("pk"):
        yield sessions.device_of(row), row.ip, row.created_at


def _activity(user: User) -> Iterator[tuple]:
    for entries in activity.batches(activity.entries_of(user)):
        yield from (tuple(activity_files.record(entry).values()) for entry in entries)


def _mails(user: User) -> Iterator[tuple]:
    return batches(Mail.objects.filter(user=user), "kind", "created_at", "due_at", "ended_at", "outcome")


sections: list[Section] = [
    Section("account", _("Your account"), ("id", "email", "joined_at", "last_login_at"), _account),
    Section("preferences", _("Your preferences"),
            ("name", "language", "time_zone", "mails_off", "frozen_until", "leaves_at"), _preferences),
    Section("emails", _("Your e-mail addresses"), ("email", "verified", "primary"), _addresses),
    Section("factors", _("Your second factors"), ("type", "name", "created_at", "last_used_at"), _factors),
    Section("sessions", _("Your open sessions"), ("device", "address", "since"), _sessions),
    Section("activity", _("Activity of your account"), activity_files.COLUMNS, _activity),
    Section("mails", _("Notices we sent"), ("kind", "created_at", "due_at", "ended_at", "outcome"), _mails),
]
