"""Where an account is logged in: allauth.usersessions keeps one row for each login, this tells of them and ends them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session as StoredSession
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from profiles import activity, devices, pruning
from profiles.models import Activity, User

# As long as entries of the activity are a fair memory of who uses what.
KNOWN_FOR = timedelta(days=90)
HANDHELD = re.compile(r"iPhone|iPad|Android")


@dataclass(frozen=True)
class Session:
    """`device` is "Chrome en Windows", or "" where the browser does not say."""

    pk: int
    device: str
    address: str
    since: datetime
    is_this: bool

    @property
    def is_handheld(self) -> bool:
        return bool(HANDHELD.search(self.device))


def of(request: HttpRequest) -> list[Session]:
    """This one first, then the newest. Rows of sessions that are over are dropped on the way."""
    if not UserSession.objects.filter(session_key=request.session.session_key).exists():  # older than this list
        UserSession.objects.create_from_request(request)
    rows = [
        Session(row.pk, device_of(row), row.ip, row.created_at, row.is_current())
        for row in UserSession.objects.purge_and_list(request.user)
    ]
    return sorted(rows, key=lambda row: (row.is_this, row.since), reverse=True)


def close(request: HttpRequest, row: UserSession) -> None:
    """Its next request goes to the login."""
    about = device_of(row)
    end_sessions(request, [row])
    activity.note(row.user, "session_closed", request=request, about=about)


def device_of(row: UserSession) -> str:
    return devices.said(devices.name(row.user_agent))


def is_new_device(request: HttpRequest, user: User) -> bool:
    """Whether `user`, about to be logged in, has not used this browser on this kind of system for a while.

    The first login of an account is not news.
    """
    since = timezone.now() - KNOWN_FOR
    agents = UserSession.objects.filter(user=user, created_at__gte=since).values_list("user_agent", flat=True)
    logins = Activity.objects.filter(user=user, at__gte=since, cause__startswith="login").exclude(cause="login_failed")
    known = {*map(devices.name, agents), *logins.values_list("device", flat=True)}
    return user.last_login is not None and devices.name_of(request) not in known


def prune(now: datetime) -> int:
    """Drop the sessions that are over, and what is kept of logins whose session is gone; how many rows went."""
    over = pruning.prune(StoredSession.objects.filter(expire_date__lt=now), "expire_date")
    # A login of this moment may have its row here before its session is stored.
    stored = StoredSession.objects.filter(session_key=OuterRef("session_key"))
    gone = UserSession.objects.filter(~Exists(stored), created_at__lt=now - timedelta(days=1))
    return over + pruning.prune(gone, "pk")
