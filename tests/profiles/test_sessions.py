from allauth.usersessions.models import UserSession

from profiles.models import Activity
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase

SECURITY = "/perfil/seguridad/"
FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
IPHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"}


class SessionsTestCase(PeopleTestCase):
    def setUp(self):
        self.phone = self.client_class(headers=IPHONE, REMOTE_ADDR="198.51.100.7")
        self.client = self.client_class(headers=FIREFOX)
        for browser in (self.phone, self.client):
            browser.post("/cuenta/login/", {"login": "bea@example.com", "password": PASSWORD})

    def close(self, browser, row):
        return browser.post(f"{SECURITY}sesiones/{row.pk}/cerrar/")

    def row_of(self, browser):
        return UserSession.objects.get(session_key=browser.session.session_key)


class ListTests(SessionsTestCase):
    def test_it_tells_device_address_and_which_is_this(self):
        r = self.client.get(SECURITY)
        told = [(session.device, session.address, session.is_this) for session in r.context["sessions"]]
        self.assertEqual(told, [("Firefox on Windows", "127.0.0.1", True), ("Safari on iPhone", "198.51.100.7", False)])
        self.assertContains(r, "This session", count=1)
        self.assertContains(r, "198.51.100.7")

    def test_it_has_no_key_of_a_session(self):
        self.assertNotContains(self.client.get(SECURITY), self.phone.session.session_key)

    def test_what_is_over_is_not_in_it(self):
        self.phone.post("/cuenta/logout/")
        self.assertEqual(len(self.client.get(SECURITY).context["sessions"]), 1)

    def test_there_is_nothing_to_close_where_there_is_one(self):
        self.phone.post("/cuenta/logout/")
        self.assertNotContains(self.client.get(SECURITY), "Close the others")

    def test_a_session_older_than_the_list_gets_into_it(self):
        self.row_of(self.client).delete()
        self.assertEqual([session.is_this for session in self.client.get(SECURITY).context["sessions"]], [True, False])

    def test_it_shows_only_ones_own(self):
        self.client.force_login(self.ana)
        self.assertNotContains(self.client.get(SECURITY), "198.51.100.7")


class CloseTests(SessionsTestCase):
    def test_the_next_request_of_a_closed_one_goes_to_the_login(self):
        r = self.close(self.client, self.row_of(self.phone))
        self.assertRedirects(r, f"{SECURITY}#sesiones", fetch_redirect_response=False)
        self.assertContains(self.client.get(SECURITY), "That session is closed: Safari on iPhone.")
        self.assertRedirects(self.phone.get("/perfil/"), "/cuenta/login/?next=/perfil/")
        self.assertEqual(Activity.objects.get(cause="session_closed").about, "Safari on iPhone")

    def test_nobody_closes_one_of_somebody_else(self):
        row = self.row_of(self.phone)
        self.client.force_login(self.ana)
        self.assertEqual(self.close(self.client, row).status_code, 404)
        self.assertEqual(self.phone.get("/perfil/").status_code, 200)

    def test_looking_closes_nothing(self):
        row = self.row_of(self.phone)
        self.assertEqual(self.client.get(f"{SECURITY}sesiones/{row.pk}/cerrar/").status_code, 405)

    def test_this_one_is_closed_by_logging_out(self):
        self.assertRedirects(self.close(self.client, self.row_of(self.client)), "/cuenta/logout/")

    def test_the_others_are_closed_at_once_and_this_one_stays(self):
        r = self.client.post("/cuenta/sessions/", follow=True)
        self.assertRedirects(r, f"{SECURITY}#sesiones")
        self.assertContains(r, "Your other sessions are closed.")
        self.assertEqual(self.phone.get("/perfil/").status_code, 302)
        self.assertTrue(Activity.objects.filter(user=self.bea, cause="sessions_closed").exists())

    def test_after_a_new_password_this_one_is_still_in_the_list(self):
        self.client.post("/cuenta/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD})
        self.assertEqual([session.is_this for session in self.client.get(SECURITY).context["sessions"]], [True])
