"""A session that somebody else knows is worth nothing: its number changes with each step in, and it ends when it should."""

from django.contrib.sessions.models import Session
from django.test import Client

from tests.profiles.factors import code_of
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, sent_code
from tests.proof.access.people import ProofTestCase

LOGIN, SECOND, PERFIL = "/cuenta/login/", "/cuenta/2fa/authenticate/", "/perfil/"
STRANGER = {"login": "stranger@example.com", "password": PASSWORD}
OWNER = {"login": "owner@example.com", "password": PASSWORD}


class SessionTestCase(ProofTestCase):
    def setUp(self) -> None:
        self.client = Client()

    def is_in(self, key: str) -> bool:
        """Whether somebody is, who has nothing but this number."""
        client = Client()
        client.cookies["session"] = key
        return client.get(PERFIL).status_code == 200


class FixationTests(SessionTestCase):
    def begun(self) -> str:
        """A session that the site gave to somebody who is not in: the attacker's, planted at the victim."""
        attacker = Client()
        attacker.post("/cuenta/password/reset/", {"email": "nobody@example.com"})
        return attacker.session.session_key

    def test_a_made_up_number_is_not_taken(self):
        self.client.cookies["session"] = "planted0planted0planted0planted0"
        self.client.post(LOGIN, STRANGER)
        self.assertTrue(self.is_in(self.client.cookies["session"].value))
        self.assertFalse(self.is_in("planted0planted0planted0planted0"))

    def test_one_the_site_gave_is_left_at_the_login(self):
        planted = self.begun()
        self.client.cookies["session"] = planted
        self.client.post(LOGIN, STRANGER)
        self.assertTrue(self.is_in(self.client.cookies["session"].value))
        self.assertFalse(self.is_in(planted))
        self.assertFalse(Session.objects.filter(pk=planted).exists())

    def test_it_is_left_at_the_second_factor_too(self):
        planted = self.begun()
        self.client.cookies["session"] = planted
        self.client.post(LOGIN, OWNER)
        between = self.client.cookies["session"].value
        self.assertFalse(self.is_in(planted))
        self.assertFalse(self.is_in(between))
        self.client.post(SECOND, {"code": code_of()})
        self.assertTrue(self.is_in(self.client.cookies["session"].value))
        self.assertEqual([key for key in (planted, between) if self.is_in(key)], [])

    def test_and_at_the_end_of_a_sign_up(self):
        planted = self.begun()
        self.client.cookies["session"] = planted
        self.client.post("/cuenta/signup/", {"email": "new@example.com", "password1": PASSWORD})
        between = self.client.cookies["session"].value
        self.client.post("/cuenta/confirm-email/", {"code": sent_code()})
        self.assertTrue(self.is_in(self.client.cookies["session"].value))
        self.assertEqual([key for key in (planted, between) if self.is_in(key)], [])


class EndTests(SessionTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.client.cookies["session"] = self.key = self.sessions["stranger"]

    def test_a_logout_ends_it_at_the_site_too(self):
        self.client.post("/cuenta/logout/")
        self.assertFalse(self.is_in(self.key))
        self.assertFalse(Session.objects.filter(pk=self.key).exists())

    def test_the_logout_of_the_admin_too(self):
        self.client.cookies["session"] = self.sessions["superuser"]
        self.client.post("/admin/logout/")
        self.assertFalse(Session.objects.filter(pk=self.sessions["superuser"]).exists())

    def test_another_password_ends_all_but_this_which_gets_another_number(self):
        other = Client()
        other.post(LOGIN, STRANGER)
        self.client.post("/cuenta/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD})
        now = self.client.cookies["session"].value
        self.assertEqual([self.is_in(key) for key in (now, self.key, other.cookies["session"].value)], [True, False, False])

    def test_a_password_by_mail_ends_all(self):
        somebody = Client()
        somebody.post("/cuenta/password/reset/", {"email": "stranger@example.com"})
        somebody.post("/cuenta/password/reset/confirm/", {"code": sent_code()})
        somebody.post("/cuenta/password/reset/complete/", {"password1": OTHER_PASSWORD})
        self.assertFalse(self.is_in(self.key))

    def test_a_password_set_by_staff_ends_all(self):
        staff = Client()
        staff.cookies["session"] = self.sessions["superuser"]
        new = {"usable_password": "true", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
        staff.post(f"/admin/profiles/user/{self.users['stranger'].pk}/password/", new)
        self.assertFalse(self.is_in(self.key))

    def test_who_is_switched_off_is_out(self):
        type(self.users["stranger"]).objects.filter(pk=self.users["stranger"].pk).update(is_active=False)
        self.assertFalse(self.is_in(self.key))

    def test_nothing_of_one_person_is_left_for_the_next(self):
        self.client.post("/cuenta/logout/")
        self.client.post(LOGIN, {"login": "reader@example.com", "password": PASSWORD})
        self.client.post(SECOND, {"code": code_of()})
        self.assertContains(self.client.get(PERFIL), "reader@example.com")
        self.assertNotContains(self.client.get(PERFIL), "stranger@example.com")
