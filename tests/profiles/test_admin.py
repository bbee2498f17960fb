from profiles.models import Profile, User
from tests.profiles.people import PeopleTestCase


class UserAdminTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(User.objects.create_superuser("root@example.com", "x"))

    def test_it_finds_people_by_address_and_name(self):
        for words in ("ANA@exam", "ana"):
            r = self.client.get("/admin/profiles/user/", {"q": words})
            self.assertContains(r, "ana@example.com")
            self.assertNotContains(r, "bea@example.com")

    def test_it_makes_an_account_with_a_profile(self):
        form = {"email": "Carla@Example.com", "usable_password": "false", "password1": "", "password2": ""}
        inline = {"profile-TOTAL_FORMS": "1", "profile-INITIAL_FORMS": "0", "profile-0-language": "es"}
        self.client.post("/admin/profiles/user/add/", form | inline | {"profile-0-time_zone": "Europe/Madrid"})
        carla = User.objects.get(email="carla@example.com")
        self.assertEqual(Profile.objects.of(carla).language, "es")

    def test_it_shows_the_address_but_does_not_change_it(self):
        r = self.client.get(f"/admin/profiles/user/{self.ana.pk}/change/")
        self.assertContains(r, "ana@example.com")
        self.assertNotContains(r, 'name="email"')

    def test_it_is_for_staff(self):
        self.client.force_login(self.ana)
        self.assertEqual(self.client.get("/admin/", follow=True).status_code, 403)

    def test_its_login_is_ours(self):
        self.client.logout()
        r = self.client.get("/admin/", follow=True)
        self.assertContains(r, "<h1>Iniciar sesión</h1>")
