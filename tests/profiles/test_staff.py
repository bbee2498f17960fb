from django.test import override_settings

from profiles.models import User
from tests.profiles.factors import add_app
from tests.profiles.people import PASSWORD, PeopleTestCase


class StaffTests(PeopleTestCase):
    def setUp(self):
        User.objects.filter(pk=self.bea.pk).update(is_staff=True, is_superuser=True)
        self.bea.refresh_from_db()
        self.client.force_login(self.bea)

    @override_settings(REQUIRE_MFA=True)
    def test_without_a_second_factor_it_is_sent_to_set_one_up(self):
        r = self.client.get("/admin/profiles/user/", follow=True)
        self.assertRedirects(r, "/perfil/seguridad/")
        self.assertContains(r, "The admin is for accounts with two-factor authentication.")

    @override_settings(REQUIRE_MFA=False, PRODUCTION=True)
    def test_in_production_always(self):
        self.assertRedirects(self.client.get("/admin/", follow=True), "/perfil/seguridad/")

    @override_settings(REQUIRE_MFA=True)
    def test_a_post_to_the_stock_login_lets_nobody_in(self):
        for _in_and_out in range(2):
            self.client.post("/admin/login/", {"username": "bea@example.com", "password": PASSWORD})
            self.assertEqual(self.client.get("/admin/").status_code, 302)
            self.client.logout()

    @override_settings(REQUIRE_MFA=True)
    def test_with_one_it_gets_in(self):
        add_app(self.bea)
        self.assertEqual(self.client.get("/admin/").status_code, 200)

    def test_elsewhere_it_is_asked_only_where_wanted(self):
        self.assertEqual(self.client.get("/admin/").status_code, 200)

    @override_settings(REQUIRE_MFA=True)
    def test_who_is_not_staff_stays_out(self):
        add_app(self.ana)
        self.client.force_login(self.ana)
        self.assertEqual(self.client.get("/admin/", follow=True).status_code, 403)

    def test_addresses_factors_and_sessions_of_people_are_not_in_it(self):
        for page in ("account/emailaddress", "mfa/authenticator", "usersessions/usersession"):
            self.assertEqual(self.client.get(f"/admin/{page}/").status_code, 404)
