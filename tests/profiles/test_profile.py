from unittest.mock import patch

from profiles import glance
from profiles.models import Profile, User
from tests.profiles.people import PASSWORD, PeopleTestCase

FORM = {"name": "Ana Robles", "language": "es", "time_zone": "America/Bogota"}


class ProfileTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(self.ana)

    def save(self, **changes):
        return self.client.post("/perfil/", FORM | changes)

    def test_it_greets_by_name(self):
        self.assertContains(self.client.get("/perfil/"), "<h1>Hola, Ana</h1>")

    def test_it_saves_name_language_and_zone(self):
        self.assertRedirects(self.save(), "/perfil/")
        profile = Profile.objects.get(user=self.ana)
        self.assertEqual((profile.name, profile.language, profile.time_zone), ("Ana Robles", "es", "America/Bogota"))

    def test_it_answers_in_the_language_just_chosen(self):
        r = self.client.post("/perfil/", FORM | {"language": "en"}, follow=True)
        self.assertContains(r, "Saved.")
        self.assertContains(r, "<h1>Hello, Ana Robles</h1>")

    def test_it_refuses_what_is_not_in_the_lists(self):
        for changes in ({"language": "fr"}, {"time_zone": "Mars/Olympus"}, {"name": "x" * 81}):
            r = self.save(**changes)
            self.assertContains(r, f'data-error="{next(iter(changes))}"')

    def test_it_keeps_a_zone_that_only_the_browser_knew(self):
        Profile.objects.filter(user=self.ana).update(time_zone="Asia/Tokyo")
        option = '<option value="Asia/Tokyo" selected>Tokio (UTC+9)</option>'
        self.assertContains(self.client.get("/perfil/"), option, html=True)

    def test_it_drops_what_cannot_be_seen_from_the_name(self):
        self.save(name="  Ana\u202e\u200b\x07 Robles ")
        self.assertEqual(Profile.objects.get(user=self.ana).name, "Ana Robles")

    def test_it_writes_a_name_as_text(self):
        self.save(name="<b>Ana</b>")
        self.assertContains(self.client.get("/perfil/"), "Hola, &lt;b&gt;Ana&lt;/b&gt;")

    def test_it_says_whether_the_address_is_verified(self):
        self.assertContains(self.client.get("/perfil/"), "Correo verificado")
        self.client.force_login(User.objects.create_user("carla@example.com", PASSWORD))
        self.assertContains(self.client.get("/perfil/"), "Correo sin verificar")

    def test_it_makes_the_profile_of_an_account_that_has_none(self):
        self.ana.profile.delete()
        self.assertContains(self.client.get("/perfil/"), "<h1>Hola</h1>")
        self.assertTrue(Profile.objects.filter(user=self.ana).exists())

    def test_it_shows_what_other_apps_add_for_this_person(self):
        def emails(user):
            return {"template": "_when.html", "lead": f"Only for {user.email}"}

        with patch.object(glance, "sections", [emails]):
            self.assertContains(self.client.get("/perfil/"), "Only for ana@example.com")

    def test_it_changes_nobody_else(self):
        self.save(user=str(self.bea.pk))
        self.assertEqual(Profile.objects.get(user=self.bea).name, "")


class SecurityTests(PeopleTestCase):
    def test_it_leads_to_password_and_email(self):
        self.client.force_login(self.ana)
        r = self.client.get("/perfil/seguridad/")
        self.assertContains(r, "ana@example.com")
        self.assertContains(r, 'href="/cuenta/password/change/"')
        self.assertContains(r, 'href="/cuenta/email/"')


class AnonymousTests(PeopleTestCase):
    def test_these_pages_want_a_login(self):
        for page in ("/perfil/", "/perfil/seguridad/", "/cuenta/email/", "/cuenta/password/change/"):
            for ask in (self.client.get, self.client.post):
                r = ask(page)
                self.assertRedirects(r, f"/cuenta/login/?next={page}", fetch_redirect_response=False)
