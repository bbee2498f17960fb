"""Time zones: which names we accept, and the list a person chooses from.

Names are those of the IANA database (package tzdata), e.g. "America/Mexico_City". Which zones a country has, and what
people call them in each language, is in CLDR (package Babel), so that we keep no list of cities of our own.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DEFAULT = "Europe/Madrid"
# Spain and Latin America; then where many of their people live.
HOME = (
    "ES", "AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "HT", "MX", "NI", "PA", "PE", "PR", "PY", "SV", "UY", "VE",
)
ABROAD = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto", "Europe/Andorra",
    "Europe/Lisbon", "Europe/London", "Europe/Paris", "Europe/Berlin", "Europe/Zurich", "Europe/Rome", "Etc/UTC",
)

Group = tuple[str, list[tuple[str, str]]]


@cache
def known() -> frozenset[str]:
    """Every zone there is. The system's own list also has files that are none, such as "localtime"."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


def validate_zone(name: str) -> None:
    if name not in known():
        raise ValidationError(_("Choose a time zone from the list."), code="unknown_zone")


def choices(language: str, now: datetime, current: str) -> list[Group]:
    """Groups for a <select>: [("México", [("America/Cancun", "Cancún (UTC−5)"), …]), …].

    `current` is in the list whatever it is: a browser may have told us of a zone that we do not offer.
    """
    locale = Locale.parse(language)
    zones_of = get_global("territory_zones")
    home = {locale.territories[country]: known().intersection(zones_of[country]) for country in HOME}
    elsewhere = {*ABROAD, current}.difference(*home.values())
    spain, *others = home
    titles = [spain, *sorted(others, key=plain)]
    return [
        *((title, labelled(home[title], locale, now)) for title in titles),
        (gettext("Elsewhere"), labelled(elsewhere, locale, now)),
    ]


def labelled(zones: Iterable[str], locale: Locale, now: datetime) -> list[tuple[str, str]]:
    return sorted(((zone, label(zone, locale, now)) for zone in zones), key=lambda choice: plain(choice[1]))


def label(zone: str, locale: Locale, now: datetime) -> str:
    """The city, and how far its clock is from UTC at `now`: "Ciudad de México (UTC−6)"."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    sign = "−" if offset < timedelta() else "+"
    hours, minutes = divmod(round(abs(offset).total_seconds() / 60), 60)
    shift = f"{sign}{hours}{f':{minutes:02}' if minutes else ''}" if offset else ""
    return f"{city(zone, locale)} (UTC{shift})"


def city(zone: str, locale: Locale) -> str:
    """CLDR knows some zones by an older name only, and leaves out cities spelt as in the zone itself."""
    names = locale.time_zones
    known_as = [zone, *(old for old, new in get_global("zone_aliases").items() if new == zone)]
    told = next((names[name] for name in known_as if name in names), {})
    return told.get("city") or zone.rpartition("/")[2].replace("_", " ")


def plain(text: str) -> str:
    """For sorting: "México" beside "Merida", not after "Zulia"."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()
