"""Perfil > Tus datos: everything as a file, the person's own alone, never what opens or proves anything."""
import csv
import json
from unittest import mock

import time_machine
from allauth.mfa.totp.internal.auth import TOTP

from profiles import takeout
from profiles.models import Activity, Mail, Profile
from tests.base import grow_stale
from tests.profiles.people import PASSWORD, PeopleTestCase

PAGE, JSON = "/perfil/datos/", "/perfil/datos/todo.json"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class TakeoutTestCase(PeopleTestCase):
    def setUp(self):
        self.log_in("bea@example.com")

    def text(self, url: str = JSON) -> str:
        return b"".join(self.client.get(url).streaming_content).decode()

    def rows(self, name: str) -> list[list[str]]:
        return list(csv.reader(self.text(f"/perfil/datos/{name}.csv").splitlines()))


class PageTests(TakeoutTestCase):
    def test_it_offers_all_in_one_and_each_part(self):
        r = self.client.get(PAGE)
        self.assertContains(r, f'href="{JSON}"')
        for name in ("account", "preferences", "emails", "factors", "sessions", "activity", "mails", "links", "keys", "checks",
                     "calls", "history"):
            self.assertContains(r, f'href="/perfil/datos/{name}.csv"')
        self.assertContains(r, "<h1>Your data</h1>")

    def test_the_menu_leads_there(self):
        self.assertContains(self.client.get("/perfil/"), f'href="{PAGE}"')

    def test_who_was_not_there_of_late_proves_it_first(self):
        grow_stale(self.client)
        self.assertRedirects(self.client.get(PAGE), f"/cuenta/reauthenticate/?next={PAGE}", fetch_redirect_response=False)
        for url in (JSON, "/perfil/datos/calls.csv"):
            self.assertRedirects(self.client.get(url), PAGE, fetch_redirect_response=False)

    def test_a_part_that_there_is_not_is_not_found(self):
        self.assertEqual(self.client.get("/perfil/datos/secrets.csv").status_code, 404)


class JsonTests(TakeoutTestCase):
    def test_it_has_every_part(self):
        everything = json.loads(self.text())
        self.assertEqual(list(everything), [
            "made_at", "account", "preferences", "emails", "factors", "sessions", "activity", "mails", "links", "keys", "checks",
            "calls", "history"])
        self.assertEqual(everything["emails"], [{"email": "bea@example.com", "verified": True, "primary": True}])
        self.assertEqual(everything["account"][0]["id"], str(self.bea.pk))

    @time_machine.travel("2026-11-22T15:12:03Z", tick=False)
    def test_times_are_in_utc(self):
        Profile.objects.update(time_zone="America/Mexico_City")
        Mail.objects.create(user=self.bea, cause="ready:1", kind="ready", facts={"link": "1"})
        everything = json.loads(self.text())
        self.assertEqual(everything["made_at"], "2026-11-22T15:12:03Z")
        self.assertEqual(everything["mails"], [{
            "kind": "ready", "created_at": "2026-11-22T15:12:03Z", "due_at": "2026-11-22T15:12:03Z", "ended_at": None, "outcome": ""}])

    def test_sessions_are_told_by_their_device(self):
        agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
        self.client.logout()
        self.client.post("/cuenta/login/", {"login": "bea@example.com", "password": PASSWORD}, HTTP_USER_AGENT=agent)
        (session,) = json.loads(self.text())["sessions"]
        self.assertEqual((session["device"], session["address"]), ("Chrome on Linux", "127.0.0.1"))

    def test_it_opens_and_proves_nothing(self):
        TOTP.activate(self.bea, SEED)
        everything = self.text()
        for secret in (SEED, self.client.session.session_key, self.bea.password, PASSWORD, "argon2", "gAAAA"):
            self.assertNotIn(secret, everything)
        self.assertEqual([factor["type"] for factor in json.loads(everything)["factors"]], ["totp"])

    def test_it_is_of_the_person_alone(self):
        Activity.objects.create(user=self.ana, actor="person", cause="pause", about="De Ana")
        Mail.objects.create(user=self.ana, cause="ready:2", kind="of-ana")
        everything = self.text()
        for word in ("ana@example.com", "De Ana", "of-ana"):
            self.assertNotIn(word, everything)

    def test_many_are_read_batch_by_batch(self):
        Mail.objects.bulk_create(Mail(user=self.bea, cause=f"ready:{n}", kind="ready") for n in range(10))
        with mock.patch.object(takeout, "READ_AT_ONCE", 4):
            self.assertEqual(len(json.loads(self.text())["mails"]), 10)
            with self.assertNumQueries(4):  # 4, 4, 2, none
                list(takeout.batches(Mail.objects.filter(user=self.bea), "kind"))


class CsvTests(TakeoutTestCase):
    def test_a_line_of_names_and_a_line_for_each(self):
        self.assertEqual(self.rows("emails"), [["email", "verified", "primary"], ["bea@example.com", "true", "true"]])
        self.assertEqual(self.rows("mails"), [["kind", "created_at", "due_at", "ended_at", "outcome"]])

    def test_the_activity_is_said_in_their_language(self):
        self.assertEqual(self.rows("activity")[1][2:6], ["takeout", "", "activity.csv", "You downloaded your data (activity.csv)"])

    def test_a_name_that_is_a_formula_arrives_as_text(self):
        Profile.objects.filter(user=self.bea).update(name='=HYPERLINK("http://x";"y")')
        self.assertEqual(self.rows("preferences")[1][0], '\'=HYPERLINK("http://x";"y")')


class FileTests(TakeoutTestCase):
    def test_a_browser_keeps_it_as_a_file_and_no_cache_does(self):
        for url, content_type in ((JSON, "application/json"), ("/perfil/datos/emails.csv", "text/csv; charset=utf-8")):
            r = self.client.get(url)
            self.assertEqual(r["Content-Type"], content_type)
            self.assertRegex(r["Content-Disposition"], r'^attachment; filename="smartrader-(data|emails)-\d{4}-\d\d-\d\d\.(json|csv)"$')
            self.assertIn("no-store", r["Cache-Control"])

    def test_each_is_an_entry_of_the_activity_with_its_address(self):
        self.client.get(JSON, REMOTE_ADDR="192.0.2.8")
        self.assertEqual(self.bea.activity.values_list("cause", "about", "address").first(), ("takeout", "data.json", "192.0.2.8"))

    def test_after_sixty_in_an_hour_one_waits(self):
        for _time in range(60):
            self.client.get("/perfil/datos/emails.csv")
        r = self.client.get(JSON, follow=True)
        self.assertContains(r, "You have downloaded this many times in the last hour. Try again in 60 minutes.")

    def test_to_ask_what_it_would_be_counts_for_nothing(self):
        for url in (JSON, "/perfil/datos/emails.csv", "/perfil/seguridad/actividad.json", "/perfil/seguridad/actividad.csv"):
            for _time in range(21):
                r = self.client.head(url)
            self.assertEqual((r.status_code, r.content), (200, b""))
            self.assertIn("attachment", r["Content-Disposition"])
        self.assertFalse(self.bea.activity.filter(cause__in=("takeout", "downloaded")).exists())

    def test_they_are_only_read(self):
        for url in (PAGE, JSON, "/perfil/datos/emails.csv"):
            self.assertEqual(self.client.post(url).status_code, 405)
