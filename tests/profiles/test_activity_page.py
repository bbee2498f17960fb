"""Perfil > Seguridad > Actividad: the newest on the page about security, all of it on a page of its own."""
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission
from django.utils import timezone, translation

from profiles import activity
from profiles.models import Activity, User
from tests.profiles.people import PeopleTestCase
from tests.profiles.test_activity_log import request_from

PAGE = "/perfil/seguridad/actividad/"


class EntriesTestCase(PeopleTestCase):
    """Bea is in, and reads English."""

    def setUp(self):
        self.client.force_login(self.bea)
        self.bea.profile.time_zone = "America/Mexico_City"
        self.bea.profile.save()

    def write(self, cause: str, **fields) -> Activity:
        return Activity.objects.create(**{"user": self.bea, "actor": "person", "cause": cause} | fields)

    def daily(self, times: int) -> None:
        activity.note_opened([(self.bea.pk, "Kraken")] * times, "schedule")


class PageTests(EntriesTestCase):
    def test_it_says_when_what_and_from_where(self):
        at = datetime(2026, 11, 22, 15, 12, tzinfo=UTC)
        self.write("pause", about="Kraken · Ahorro", at=at, address="192.0.2.7", device="Chrome · Windows")
        r = self.client.get(PAGE)
        self.assertContains(r, "You paused Kraken · Ahorro")
        self.assertContains(r, "09:12")
        self.assertContains(r, "Chrome on Windows")
        self.assertContains(r, "192.0.2.7")

    def test_it_is_of_the_person_alone(self):
        activity.note(self.ana, "pause", request=request_from("192.0.2.99"), about="De Ana")
        self.assertNotContains(self.client.get(PAGE), "De Ana")
        self.client.logout()
        self.assertRedirects(self.client.get(PAGE), f"/cuenta/login/?next={PAGE}", fetch_redirect_response=False)

    def test_names_are_shown_as_text(self):
        self.write("pause", about="<script>alert(1)</script>")
        self.assertContains(self.client.get(PAGE), "&lt;script&gt;alert(1)")

    def test_whose_doing(self):
        self.write("pause", about="Kraken")
        self.write("login_failed", actor="unknown")
        self.write("validate", actor="staff", about="Kraken", address="198.51.100.4", device="Firefox · Mac")
        self.daily(1)
        self.assertEqual(self.said(""), ["workers", "staff", "unknown", "mine"])
        self.assertEqual(self.said("mine"), ["unknown", "mine"])
        self.assertEqual(self.said("workers"), ["workers"])
        self.assertEqual(self.said("staff"), ["staff"])
        self.assertEqual(len(self.said("nonsense")), 4)

    def said(self, who: str) -> list[str]:
        names = {"You paused Kraken": "mine", "Somebody entered a wrong password": "unknown",
                 "Our team asked for a check of the key of Kraken": "staff",
                 "We opened the key of Kraken to check it (automatic check)": "workers"}
        return [names[row["what"]] for row in self.client.get(PAGE, {"who": who}).context["rows"]]

    def test_where_staff_sit_is_not_told(self):
        self.write("validate", actor="staff", about="Kraken", address="198.51.100.4", device="Firefox · Mac")
        r = self.client.get(PAGE)
        self.assertContains(r, "Our team")
        self.assertNotContains(r, "198.51.100.4")
        self.assertNotContains(r, "Firefox")

    def test_fifty_a_page_and_the_filter_stays(self):
        self.daily(51)
        r = self.client.get(PAGE, {"who": "workers"})
        self.assertEqual(len(r.context["rows"]), 50)
        self.assertContains(r, 'href="?who=workers&amp;page=2"')
        self.assertEqual(len(self.client.get(PAGE, {"who": "workers", "page": "2"}).context["rows"]), 1)

    def test_it_takes_few_queries(self):
        self.daily(60)
        with self.assertNumQueries(5):  # session, person, profile, count, rows
            self.client.get(PAGE)

    def test_it_is_only_read(self):
        self.assertEqual(self.client.post(PAGE).status_code, 405)
        self.assertEqual(self.client.delete(PAGE).status_code, 405)

    def test_an_empty_one(self):
        self.assertContains(self.client.get(PAGE), "Nothing so far.")

    def test_a_cause_of_a_newer_version(self):
        self.write("teleported")
        self.assertContains(self.client.get(PAGE), "teleported")


class LatestTests(EntriesTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(translation.override("en"))

    def test_the_checks_of_every_day_are_one_line(self):
        self.write("pause", about="Kraken")
        self.daily(3)
        self.write("resume", about="Kraken")
        self.assertEqual([row["what"] for row in activity.latest(self.bea)], [
            "You resumed Kraken", "In the last 30 days we opened your keys 3 times, for the automatic checks", "You paused Kraken"])

    def test_older_checks_do_not_count(self):
        self.write("secret_opened", actor="worker", purpose="schedule", at=timezone.now() - timedelta(days=31))
        self.assertEqual(activity.latest(self.bea), [])

    def test_a_check_somebody_asked_for_is_a_line_of_its_own(self):
        activity.note_opened([(self.bea.pk, "Kraken")], "link")
        self.assertEqual(
            [row["what"] for row in activity.latest(self.bea)],
            ["We opened the key of Kraken to check it (you had just linked it)"])

    def test_no_more_than_twenty(self):
        Activity.objects.bulk_create(Activity(user=self.bea, actor="person", cause="logout") for _ in range(30))
        with self.assertNumQueries(2):
            self.assertEqual(len(activity.latest(self.bea)), 20)

    def test_the_page_about_security_shows_them(self):
        self.write("pause", about="Kraken · Ahorro", address="192.0.2.7", device="Safari · iPhone")
        r = self.client.get("/perfil/seguridad/")
        self.assertContains(r, "You paused Kraken · Ahorro")
        self.assertContains(r, f'href="{PAGE}"')


class AdminTests(PeopleTestCase):
    def setUp(self):
        self.entry = Activity.objects.create(user=self.ana, actor="person", cause="logout", address="192.0.2.7")
        Activity.objects.create(user=self.bea, actor="person", cause="signup")
        self.celia = User.objects.create_user("celia@example.com", is_staff=True)
        self.celia.user_permissions.add(Permission.objects.get(codename="view_activity"))
        self.client.force_login(self.celia)

    def test_staff_find_it_by_person_and_see_no_address(self):
        r = self.client.get("/admin/profiles/activity/", {"q": "ana@"})
        self.assertContains(r, "logout")
        self.assertNotContains(r, "signup")
        self.assertNotContains(r, "192.0.2.7")

    def test_nobody_adds_changes_or_deletes_there(self):
        self.client.force_login(User.objects.create_superuser("root@example.com"))
        below = f"/admin/profiles/activity/{self.entry.pk}"
        self.assertNotContains(self.client.get(f"{below}/change/"), "192.0.2.7")
        for url in ("/admin/profiles/activity/add/", f"{below}/change/", f"{below}/delete/"):
            self.assertEqual((url, self.client.post(url, {"cause": "x", "post": "yes"}).status_code), (url, 403))
        self.assertEqual(Activity.objects.filter(cause__in=("logout", "signup")).count(), 2)
