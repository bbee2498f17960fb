"""A date for somebody's calendar: one event of a whole day, as RFC 5545 writes it (https://www.rfc-editor.org/rfc/rfc5545)."""
from datetime import UTC, date, datetime, timedelta

LINE_OCTETS = 75


def one_day(*, uid: str, day: date, made_at: datetime, title: str, text: str, url: str) -> str:
    """An event on `day`, whatever the zone of the calendar, with an alarm at nine in the morning of the day before.

    The same `uid` again, later made, replaces the event where it is kept.
    """
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Smartrader//Smartrader//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(title)}", f"DESCRIPTION:{_escaped(text)}", f"URL:{url}", "TRANSP:TRANSPARENT", "CLASS:PRIVATE",
        "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escaped(title)}", "TRIGGER:-PT15H", "END:VALARM",
        "END:VEVENT", "END:VCALENDAR")
    return "".join(_folded(line) for line in lines)


def _escaped(text: str) -> str:
    """3.3.11: a backslash, a semicolon, a comma and the end of a line are written with a backslash."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    """3.1: no line has more than 75 octets; what goes on begins with a space. No letter is cut in two."""
    folded, octets = "", 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > LINE_OCTETS:
            folded, octets = folded + "\r\n ", 1
        folded, octets = folded + letter, octets + size
    return folded + "\r\n"
