"""Keys with an end: their owners are told 14, 7 and 1 days before, counted on the calendar of where they live."""
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchanges import calendar_file, letters
from exchanges.models import DEAD_KEY_REASONS, ApiKey, Status
from profiles import clock, outbox
from profiles.models import Mail, Profile, User

DAYS = (14, 7, 1)
NOT_BEFORE = time(9)                        # in the morning: the day begins at midnight, and telephones ring
# Where the end of the key would stop something.
WORKING = (Status.READY, Status.ACTION_REQUIRED, Status.EXCHANGE_DOWN)
AT_ONCE = 500


def remind(now: datetime) -> None:
    """Put a mail for each key whose 14, 7 or 1 days have come. It runs often; each mail has its cause and is put once."""
    found: list[tuple[str, ApiKey, int]] = []
    for key in ending(now).iterator(AT_ONCE):
        days = reached(key, now)
        if days:
            found.append((f"expiring:{key.pk}:{key.expires_at:%Y%m%d}:{days}", key, days))
    for start in range(0, len(found), AT_ONCE):
        _put(found[start:start + AT_ONCE], now)


def ending(now: datetime) -> QuerySet[ApiKey]:
    """Keys in use, proven and still known, that end soon enough whatever the zone of their owner."""
    working = ApiKey.objects.filter(
        expires_at__gt=now, expires_at__lt=now + timedelta(days=DAYS[0] + 2), proven_at__isnull=False, erased_at__isnull=True,
        link__key=F("pk"), link__status__in=WORKING, link__user__is_active=True)
    return working.exclude(link__reason__in=DEAD_KEY_REASONS).select_related("link__user__profile")


def reached(key: ApiKey, now: datetime) -> int:
    """Which of the 14, 7 or 1 days is the last to have come, 0 for none. One that was past when the key was proven never comes."""
    zone = zone_of(key.link.user)
    ends = key.expires_at.astimezone(zone).date()
    left = (ends - now.astimezone(zone).date()).days
    come = [days for days in DAYS if left <= days]
    if not come or key.proven_at.astimezone(zone).date() > ends - timedelta(days=come[-1]):
        return 0
    return come[-1]


def zone_of(user: User) -> ZoneInfo:
    return ZoneInfo(Profile.objects.of(user).time_zone)


def _put(found: list[tuple[str, ApiKey, int]], now: datetime) -> None:
    known = set(Mail.objects.filter(cause__in=[cause for cause, _key, _days in found]).values_list("cause", flat=True))
    for cause, key, days in found:
        if cause not in known:
            outbox.put(key.link.user, "expiring", cause, due_at=_morning(now, zone_of(key.link.user)),
                       key=str(key.pk), days=days)


def _morning(now: datetime, zone: ZoneInfo) -> datetime:
    return max(now, datetime.combine(now.astimezone(zone).date(), NOT_BEFORE, zone))


def compose(mail: Mail) -> outbox.Letter | str:
    now = clock.now()
    key = ending(now).filter(pk=mail.facts["key"]).first()
    if key is None or reached(key, now) != mail.facts["days"]:
        return "outdated"
    return outbox.Letter("exchanges/email/expiring", _context(key, now), (_calendar(key, now),))


def _context(key: ApiKey, now: datetime) -> dict:
    link, zone = key.link, zone_of(key.link.user)
    ends = key.expires_at.astimezone(zone).date()
    left = (ends - now.astimezone(zone).date()).days
    return {
        "link": link, "tone": "warn", "ends_on": ends, "expires_at": key.expires_at, "minutes": link.exchange.connector.minutes,
        "badge": _when(left)[:1].upper() + _when(left)[1:], "subject": _("Your %(exchange)s key %(expires)s")
        % {"exchange": link.exchange.name, "expires": _when(left)},
        "needed": letters.needed(link), "path": reverse("link_replace", args=[link.pk]), "again": _again(reached(key, now))}


def _when(left: int) -> str:
    if left == 0:
        return _("expires today")
    if left == 1:
        return _("expires tomorrow")
    return ngettext("expires in %(days)d day", "expires in %(days)d days", left) % {"days": left}


def _again(days: int) -> str:
    """How often they hear of it once more."""
    said = {14: _("We will remind you twice more: seven days before, and the day before."),
            7: _("We will remind you once more, the day before.")}
    return said.get(days, "")


def _calendar(key: ApiKey, now: datetime) -> outbox.Attachment:
    link = key.link
    facts = {"exchange": link.exchange.name, "name": link.name, "hint": key.hint}
    text = _("The key of %(name)s (it ends in %(hint)s) stops working today. Replace it before: the present one goes on working "
             "until the new one has passed its check.") % facts
    content = calendar_file.one_day(
        uid=f"{key.pk}@{settings.SITE_HOST}", day=key.expires_at.astimezone(zone_of(link.user)).date(), made_at=now,
        title=_("Your %(exchange)s key expires") % facts, text=text,
        url=f"{settings.SITE_URL}{reverse('link_replace', args=[link.pk])}")
    return outbox.Attachment(f"smartrader-{link.exchange_id}.ics", content, "text/calendar")


kind = outbox.Kind(compose, gettext_lazy("A key expires"), gettext_lazy("14, 7 and 1 days before, with the date for your calendar."))
