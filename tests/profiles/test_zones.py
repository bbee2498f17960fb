from datetime import UTC, datetime
from unittest import TestCase

from django.core.exceptions import ValidationError

from profiles import zones

JANUARY = datetime(2026, 1, 15, 12, tzinfo=UTC)
JULY = datetime(2026, 7, 15, 12, tzinfo=UTC)


class ZoneTests(TestCase):
    def labels(self, language="es", now=JANUARY, current="Europe/Madrid"):
        return {zone: label for _title, group in zones.choices(language, now, current) for zone, label in group}

    def test_it_offers_spain_first_and_all_of_latin_america(self):
        titles = [title for title, _group in zones.choices("es", JANUARY, "Europe/Madrid")]
        self.assertEqual(titles[:4], ["España", "Argentina", "Bolivia", "Brasil"])
        self.assertEqual(len(titles), 23)

    def test_it_calls_cities_by_their_name_in_the_language(self):
        self.assertEqual(self.labels("es")["America/Mexico_City"], "Ciudad de México (UTC−6)")
        self.assertEqual(self.labels("en")["America/Mexico_City"], "Mexico City (UTC−6)")
        self.assertEqual(self.labels("es")["America/Argentina/Cordoba"], "Córdoba (UTC−3)")

    def test_it_knows_the_summer_time(self):
        self.assertEqual(self.labels(now=JANUARY)["Europe/Madrid"], "Madrid (UTC+1)")
        self.assertEqual(self.labels(now=JULY)["Europe/Madrid"], "Madrid (UTC+2)")
        self.assertEqual(self.labels(now=JANUARY)["Atlantic/Canary"], "Canarias (UTC)")

    def test_it_offers_the_present_zone_whatever_it_is(self):
        self.assertEqual(self.labels(current="Asia/Kolkata")["Asia/Kolkata"], "Calcuta (UTC+5:30)")

    def test_it_offers_only_what_it_accepts(self):
        self.assertEqual([zone for zone in self.labels() if zone not in zones.known()], [])

    def test_it_refuses_other_names(self):
        for name in ("Mars/Olympus", "", "../etc/passwd", "localtime", "UTC+2"):
            with self.assertRaises(ValidationError, msg=name):
                zones.validate_zone(name)
