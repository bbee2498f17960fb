"""The outbox: what people are told by mail. A row is written with what it tells, in one transaction; a worker sends it later, once.

Once means: no other worker takes it meanwhile. Should one be killed after the mail server took a mail and before that is written
down, it goes again with the same Message-ID, by which mailboxes know it.

Other apps add their kinds in AppConfig.ready(); we know none of them.
"""
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from hashlib import sha256
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise

from profiles import clock, pruning
from profiles.models import Mail, Profile, User

log = logging.getLogger(__name__)
AT_ONCE, AT_MOST_S = 200, 20
# From each try to the next; after the last one we give up. The first is longer than the slowest server takes for a mail, so that
# a mail is free again only when its worker is dead.
RESTS = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60, 240, 720, 720, 720))
KEPT = timedelta(days=90)
# Refused, but the connection is fine: the next mail may go.
ABOUT_ONE_MAIL = (SMTPRecipientsRefused, SMTPDataError)


@dataclass(frozen=True)
class Attachment:
    name: str
    content: str
    content_type: str


@dataclass(frozen=True)
class Letter:
    """What a mail is made of: `<template>_subject.txt`, `_message.txt` and `_message.html`, and their context."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of mail.

    compose: the letter, or one word for why there is none any more ("seen", "outdated"); called in the language and the zone of
    the person. label, hint: for the page where people choose; a kind without a label is always sent. ended: called once it was
    sent, or kept back because they do not want it.
    """

    compose: Callable[[Mail], Letter | str]
    label: str | Promise = ""
    hint: str | Promise = ""
    ended: Callable[[Mail], None] | None = None


kinds: dict[str, Kind] = {}


def put(user: User, kind: str, cause: str, *, due_at: datetime | None = None, **facts: Any) -> None:
    """Tell `user` of `cause`, now or at `due_at`. A cause that was told, or is about to be, is not told again."""
    now = clock.now()
    Mail.objects.get_or_create(
        cause=cause, defaults={"user": user, "kind": kind, "facts": facts, "created_at": now, "due_at": due_at or now})


def send_due(now: datetime) -> int:
    """Send what is due, for 20 s or so; how many mails went. Where the mail server is away all else waits."""
    ends, sent = time.monotonic() + AT_MOST_S, 0
    with _door() as door:
        for mail_id in list(_due(now).order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]):
            mail = _take(mail_id, now) if time.monotonic() < ends else None
            if mail is None:
                continue
            try:
                sent += _send(mail, door, now)
            except OSError as failure:  # smtplib's are too
                log.warning("mail %s did not go: %s", mail.pk, type(failure).__name__)
                if not isinstance(failure, ABOUT_ONE_MAIL):
                    break
    return sent


def prune(now: datetime) -> int:
    """Drop the rows of mails that went long ago; how many."""
    return pruning.prune(Mail.objects.filter(ended_at__lt=now - KEPT), "pk")


@contextmanager
def _door() -> Iterator[BaseEmailBackend]:
    """One connection for many mails, which the first one opens."""
    door = get_connection()
    try:
        yield door
    finally:
        with suppress(OSError):  # what it had to say it said
            door.close()


def _due(now: datetime) -> QuerySet[Mail]:
    """A kind that only a newer version knows waits for it."""
    free = Q(taken_until=None) | Q(taken_until__lte=now)
    return Mail.objects.filter(free, due_at__lte=now, ended_at=None, kind__in=kinds)


def _take(mail_id: int, now: datetime) -> Mail | None:
    """The mail for us alone, until its rest is over, whatever becomes of this try. None: somebody else has it, or we give up."""
    mail = _due(now).select_related("user__profile").filter(pk=mail_id).first()
    if mail is None:
        return None
    if mail.tries == len(RESTS):
        log.error("mail %s is given up", mail.pk)
        _end(mail, "failed", now)
        return None
    ours = _due(now).filter(pk=mail_id, tries=mail.tries)
    return mail if ours.update(tries=mail.tries + 1, taken_until=now + RESTS[mail.tries]) else None


def _send(mail: Mail, door: BaseEmailBackend, now: datetime) -> bool:
    """Send the mail, unless it has become pointless or they do not want it; whether it went."""
    kind, profile = kinds[mail.kind], Profile.objects.of(mail.user)
    with translation.override(profile.language), timezone.override(profile.time_zone):
        letter = kind.compose(mail) if mail.user.is_active else "outdated"
        outcome = letter if isinstance(letter, str) else "muted" if kind.label and mail.kind in profile.mails_off else "sent"
        if outcome == "sent":
            message = _message(mail, letter, profile)
            door.open()
            door.send_messages([message])
    _end(mail, outcome, now)
    return outcome == "sent"


@transaction.atomic
def _end(mail: Mail, outcome: str, now: datetime) -> None:
    ended = Mail.objects.filter(pk=mail.pk, ended_at=None).update(ended_at=now, outcome=outcome)
    hook = kinds[mail.kind].ended
    if ended and hook and outcome in ("sent", "muted"):
        hook(mail)


def _message(mail: Mail, letter: Letter, profile: Profile) -> EmailMultiAlternatives:
    context = letter.context | {"site_url": settings.SITE_URL, "profile": profile, "is_chosen": bool(kinds[mail.kind].label)}
    subject, text, page = (render_to_string(f"{letter.template}_{part}", context)
                           for part in ("subject.txt", "message.txt", "message.html"))
    headers = {
        "Message-ID": f"<{sha256(mail.cause.encode()).hexdigest()[:32]}@{settings.SITE_HOST}>",
        # No "I am on holiday" comes back: RFC 3834, and Microsoft's own.
        "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    message = EmailMultiAlternatives(" ".join(subject.split()), text.strip() + "\n", to=[mail.user.email], headers=headers)
    message.attach_alternative(page.strip() + "\n", "text/html")
    for attachment in letter.attachments:
        message.attach(_part(attachment))
    return message


def _part(attachment: Attachment) -> MIMEBase:
    """In base64, so that what is between keeps its line ends."""
    part = MIMEBase(*attachment.content_type.split("/"), charset="utf-8")
    part.set_payload(attachment.content.encode())
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attachment.name)
    return part
