"""How often one may do a thing, and what who goes too fast is told. Counted in the cache that all processes share (CACHE_URL).

What allauth limits by itself is in ACCOUNT_RATE_LIMITS, and ends on the page 429.html. Here is the rest. An address stands for many
people, so its numbers are wide. Nobody keeps another out of an account: what is tried with an e-mail counts for the network that
tries; all networks together have a limit too, but that does not bind who comes from where the person has logged in lately.
"""

import math
import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from allauth.core.internal.ratelimit import Rate, get_ip, parse_rates, truncate_ip
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from profiles.models import Activity, User

# For so long a network in which somebody logged in counts as theirs.
AT_HOME = timedelta(days=90)
NETWORKS_READ = 50


@dataclass(frozen=True)
class Limit:
    """`rates` as allauth writes them: "30/m/key,300/h/user" is 30 a minute for each key and 300 an hour for each person.

    The minute begins with the first time.
    """

    rates: str
    why: Promise
    instead: Promise | str = ""


_WITH_EMAIL = _("Too many tries with this e-mail.")
_FROM_ADDRESS = _("Too many tries from your network.")
_MEANWHILE = _("Meanwhile you can log in with a passkey, or choose another password: “Forgot your password?”.")
_CODES = _("We have sent several e-mails to this address. The last one counts; look in the spam folder too.")
LIMITS = {
    # What is tried from one address; with one e-mail from one network; and with one e-mail from all together.
    "login_address": Limit("600/10m/ip", _FROM_ADDRESS, _("Meanwhile you can log in with a passkey.")),
    "login": Limit("5/5m/key", _WITH_EMAIL, _MEANWHILE),
    "login_anywhere": Limit("50/10m/key", _WITH_EMAIL, _MEANWHILE),
    "code_address": Limit("300/10m/ip", _FROM_ADDRESS),
    "code": Limit("5/10m/key", _CODES),
    "reset": Limit("5/10m/key", _CODES),
    "reset_anywhere": Limit("60/h/key", _CODES),
    # What a person does. The key of "validate" is the link.
    "email": Limit("30/h/user", _("You have changed your e-mail many times.")),
    "keys": Limit("300/h/user", _("You have sent very many keys in the last hour.")),
    "validate": Limit("30/m/key,300/h/user", _("You have asked for this check many times. The last answer holds.")),
    "change": Limit("300/m/user", _("You are changing things too fast. This change was not made.")),
    "download": Limit("20/h/user", _("You have downloaded this many times in the last hour.")),
    "takeout": Limit("60/h/user", _("You have downloaded this many times in the last hour.")),
}


def refusal(name: str, request: HttpRequest, key: str = "") -> str:
    """Count that who asks does `name` once more. "" if they may, else the sentence for them."""
    _counted, wait_s = _count(name, request, key)
    return _sentence(name, wait_s) if wait_s else ""


def spend(name: str, request: HttpRequest, key: str = "") -> list[str]:
    """The same where a form asks: what was counted. Raises ValidationError."""
    counted, wait_s = _count(name, request, key)
    if wait_s:
        raise ValidationError(_sentence(name, wait_s), code="limited")
    return counted


def spend_login(request: HttpRequest, email: str) -> list[str]:
    """Count a try to log in: what to take back if it succeeds. Raises ValidationError."""
    spend("login_address", request)
    return [*spend("login", request, _here(request, email)), *_spend_anywhere("login_anywhere", request, email)]


def take_back(counted: list[str]) -> None:
    for entry in counted:
        try:
            cache.decr(entry)
        except ValueError:  # its time is over
            continue


def forget_logins(request: HttpRequest, email: str) -> None:
    """Who has just chosen another password starts afresh, from here."""
    cache.delete_many([_entry("login", rate, request, _here(request, email)) for rate in parse_rates(LIMITS["login"].rates)])


def spend_code(request: HttpRequest, email: str) -> None:
    """Count a mail with a code to confirm `email`, or with why there is none. Raises ValidationError."""
    spend("code_address", request)
    spend("code", request, _here(request, email))


def spend_reset(request: HttpRequest, email: str) -> None:
    """The same for a code to choose another password."""
    spend("code_address", request)
    spend("reset", request, _here(request, email))
    _spend_anywhere("reset_anywhere", request, email)


def _spend_anywhere(name: str, request: HttpRequest, email: str) -> list[str]:
    counted, wait_s = _count(name, request, User.objects.normalize_email(email))
    if wait_s and not _is_at_home(request, email):
        raise ValidationError(_sentence(name, wait_s), code="limited")
    return counted


def _is_at_home(request: HttpRequest, email: str) -> bool:
    entries = Activity.objects.filter(user__email=User.objects.normalize_email(email), at__gt=timezone.now() - AT_HOME)
    logins = entries.filter(cause__startswith="login", address__isnull=False).exclude(cause="login_failed")
    addresses = logins.order_by().values_list("address", flat=True).distinct()[:NETWORKS_READ]
    return get_ip(request) in map(truncate_ip, addresses)


def _here(request: HttpRequest, email: str) -> str:
    """An e-mail tried from one network: an IPv4 address, or the /64 of an IPv6 one."""
    return f"{User.objects.normalize_email(email)} {get_ip(request)}"


def _count(name: str, request: HttpRequest, key: str) -> tuple[list[str], float]:
    """Count once more; what was counted, and how long to wait: 0 where they may."""
    counted = []
    for rate in parse_rates(LIMITS[name].rates):
        counted.append(_entry(name, rate, request, key))
        if _plus_one(counted[-1], rate.duration) > rate.amount:
            wait_s = _wait_s(counted[-1], rate.duration)
            if wait_s:
                return counted, wait_s
    return counted, 0.0


def _entry(name: str, rate: Rate, request: HttpRequest, key: str) -> str:
    if rate.per != "key":
        key = get_ip(request) if rate.per == "ip" else str(request.user.pk)
    return f"limit:{name}:{rate}:{sha256(key.encode()).hexdigest()}"


def _plus_one(entry: str, duration: float) -> int:
    try:
        return cache.incr(entry)
    except ValueError:  # the first, who says since when before others can count on: without it a count is dropped
        cache.set(f"{entry}:since", time.time(), duration)
        if cache.add(entry, 1, duration):
            return 1
    try:
        return cache.incr(entry)
    except ValueError:  # Django's table keeps ends in whole seconds: for a moment an entry is over for `incr` and not for `add`
        cache.set(entry, 1, duration)
        return 1


def _wait_s(entry: str, duration: float) -> float:
    """Until the time of this entry is over. A count that has none, whatever became of it, is dropped: nobody waits for ever."""
    wait_s = cache.get(f"{entry}:since", 0.0) + duration - time.time()
    if wait_s <= 0:
        cache.delete(entry)
    return max(wait_s, 0.0)


def _sentence(name: str, wait_s: float) -> str:
    """Why not, when again, and what else may be done."""
    limit, minutes = LIMITS[name], math.ceil(wait_s / 60)
    when = ngettext("Try again in a minute.", "Try again in %(minutes)s minutes.", minutes) % {"minutes": minutes}
    return " ".join(filter(None, (str(limit.why), when, str(limit.instead))))
