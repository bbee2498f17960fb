"""The activity as files: all of it, the person's own, in their language, times in UTC."""
import csv
import json
from datetime import UTC, datetime
from unittest import mock

from profiles import activity, activity_files
from profiles.models import Activity
from tests.profiles.people import PeopleTestCase

JSON, CSV = "/perfil/seguridad/actividad.json", "/perfil/seguridad/actividad.csv"


class FileTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(self.bea)
        Activity.objects.create(
            user=self.bea, actor="person", cause="pause", about="Kraken · Ahorro", address="192.0.2.7", device="Chrome · Windows",
            at=datetime(2026, 11, 22, 15, 12, 3, tzinfo=UTC))
        Activity.objects.create(user=self.ana, actor="person", cause="pause", about="De Ana")

    def text(self, url: str) -> str:
        return b"".join(self.client.get(url).streaming_content).decode()

    def test_json(self):
        mine = json.loads(self.text(JSON))
        self.assertEqual([entry["cause"] for entry in mine], ["downloaded", "pause"])
        self.assertEqual(mine[1], {
            "at": "2026-11-22T15:12:03Z", "actor": "person", "cause": "pause", "purpose": "", "about": "Kraken · Ahorro",
            "what": "You paused Kraken · Ahorro", "address": "192.0.2.7", "device": "Chrome · Windows"})

    def test_csv(self):
        rows = list(csv.reader(self.text(CSV).splitlines()))
        self.assertEqual(rows[0], ["at", "actor", "cause", "purpose", "about", "what", "address", "device"])
        self.assertEqual(rows[2], [
            "2026-11-22T15:12:03Z", "person", "pause", "", "Kraken · Ahorro", "You paused Kraken · Ahorro", "192.0.2.7",
            "Chrome · Windows"])
        self.assertEqual(len(rows), 3)

    def test_a_browser_keeps_it_as_a_file_and_no_cache_does(self):
        for url, content_type in ((JSON, "application/json"), (CSV, "text/csv; charset=utf-8")):
            r = self.client.get(url)
            self.assertEqual(r["Content-Type"], content_type)
            self.assertRegex(r["Content-Disposition"], r'^attachment; filename="smartrader-activity-\d{4}-\d\d-\d\d\.(json|csv)"$')
            self.assertIn("no-store", r["Cache-Control"])

    def test_it_is_of_the_person_alone(self):
        self.assertNotIn("De Ana", self.text(JSON) + self.text(CSV))
        self.client.logout()
        for url in (JSON, CSV):
            self.assertRedirects(self.client.get(url), f"/cuenta/login/?next={url}", fetch_redirect_response=False)

    def test_it_is_only_read_and_the_reading_is_an_entry(self):
        self.assertEqual([self.client.post(url).status_code for url in (JSON, CSV)], [405, 405])
        self.client.get(JSON, REMOTE_ADDR="192.0.2.8")
        self.assertEqual(self.bea.activity.values_list("cause", "address").first(), ("downloaded", "192.0.2.8"))

    def test_where_staff_sit_is_not_told(self):
        Activity.objects.create(
            user=self.bea, actor="staff", cause="validate", about="Kraken", address="198.51.100.4", device="Firefox · Mac")
        everything = self.text(JSON) + self.text(CSV)
        self.assertNotIn("198.51.100.4", everything)
        self.assertNotIn("Firefox", everything)

    def test_many_are_read_batch_by_batch(self):
        Activity.objects.bulk_create(Activity(user=self.bea, actor="person", cause="logout") for _ in range(10))
        with mock.patch.object(activity, "READ_AT_ONCE", 4):
            self.assertEqual(len(json.loads(self.text(JSON))), 12)
            self.assertEqual(len(self.text(CSV).splitlines()), 14)
            with self.assertNumQueries(5):  # 4, 4, 4, 1, none
                list(activity_files.as_json(activity.entries_of(self.bea), "en"))

    def test_an_empty_file_is_a_file(self):
        nobody = Activity.objects.none()
        self.assertEqual(json.loads("".join(activity_files.as_json(nobody, "en"))), [])
        self.assertEqual(len("".join(activity_files.as_csv(nobody, "en")).splitlines()), 1)


class FormulaTests(PeopleTestCase):
    def test_no_cell_is_a_formula(self):
        for cell in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"):
            self.assertEqual(activity_files.harmless(cell), f"'{cell}")
        for cell in ("Kraken · Ahorro", "a=1", "192.0.2.7", "2001:db8::1", "2026-11-22T15:12:03Z", ""):
            self.assertEqual(activity_files.harmless(cell), cell)

    def test_a_name_that_is_one_arrives_as_text(self):
        Activity.objects.create(user=self.bea, actor="person", cause="passkey_added", about='=HYPERLINK("http://x";"y")')
        text = "".join(activity_files.as_csv(activity.entries_of(self.bea), "en"))
        row = next(csv.DictReader(text.splitlines()))
        self.assertEqual(row["about"], '\'=HYPERLINK("http://x";"y")')
