"""A date for the calendar, against the rules of RFC 5545."""
from datetime import UTC, date, datetime
from unittest import TestCase

from exchanges import calendar_file


class OneDayTests(TestCase):
    def made(self, **changes) -> str:
        facts = {"uid": "1@app.example", "day": date(2026, 11, 29), "made_at": datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC),
                 "title": "Tu clave de Kraken caduca", "text": "Reemplázala.", "url": "https://app.example/x/"}
        return calendar_file.one_day(**facts | changes)

    def test_it_is_a_whole_day_that_blocks_no_time(self):
        self.assertEqual(self.made().splitlines(), [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Smartrader//Smartrader//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
            "BEGIN:VEVENT", "UID:1@app.example", "DTSTAMP:20261122T090507Z", "DTSTART;VALUE=DATE:20261129", "DTEND;VALUE=DATE:20261130",
            "SUMMARY:Tu clave de Kraken caduca", "DESCRIPTION:Reemplázala.", "URL:https://app.example/x/", "TRANSP:TRANSPARENT",
            "CLASS:PRIVATE", "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Tu clave de Kraken caduca", "TRIGGER:-PT15H", "END:VALARM",
            "END:VEVENT", "END:VCALENDAR"])

    def test_the_last_day_of_a_year(self):
        self.assertIn("DTEND;VALUE=DATE:20270101\r\n", self.made(day=date(2026, 12, 31)))

    def test_every_line_ends_as_it_must(self):
        made = self.made()
        self.assertTrue(made.endswith("END:VCALENDAR\r\n"))
        self.assertEqual(made.count("\n"), made.count("\r\n"))

    def test_what_means_something_to_a_calendar_is_escaped(self):
        self.assertIn("SUMMARY:a\\, b\\; c\\\\d\\ne\r\n", self.made(title="a, b; c\\d\r\ne"))

    def test_a_label_adds_no_line_of_its_own(self):
        self.assertNotIn("\r\nATTACH", self.made(title="x\nATTACH:http://bad.example/"))

    def test_no_line_is_longer_than_75_octets_and_no_letter_is_cut(self):
        made = self.made(text="ñ" * 200)
        self.assertEqual(max(len(line.encode()) for line in made.split("\r\n")), 75)
        self.assertIn("DESCRIPTION:" + "ñ" * 200, made.replace("\r\n ", ""))
