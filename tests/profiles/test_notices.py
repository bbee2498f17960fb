"""Perfil > Avisos: which mails one gets, and which always come."""
from unittest import mock

from profiles import outbox
from profiles.models import Activity, Profile
from profiles.outbox import Kind
from tests.profiles.people import PeopleTestCase

PAGE = "/perfil/avisos/"


class NoticesTests(PeopleTestCase):
    def setUp(self):
        kinds = {"news": Kind(str, "News", "What is new"), "rain": Kind(str, "Rain", "When it rains"), "alarm": Kind(str)}
        patched = mock.patch.dict(outbox.kinds, kinds, clear=True)
        patched.start()
        self.addCleanup(patched.stop)
        self.client.force_login(self.bea)

    def off(self) -> list[str]:
        return Profile.objects.get(user=self.bea).mails_off

    def test_it_has_a_box_for_each_that_one_may_do_without(self):
        Profile.objects.filter(user=self.bea).update(mails_off=["rain"])
        r = self.client.get(PAGE)
        news = '<input type="checkbox" name="news" aria-describedby="id_news_helptext" id="id_news" checked>'
        rain = '<input type="checkbox" name="rain" aria-describedby="id_rain_helptext" id="id_rain">'
        self.assertContains(r, news, html=True)
        self.assertContains(r, rain, html=True)
        self.assertContains(r, "When it rains")
        self.assertNotContains(r, 'name="alarm"')

    def test_it_says_where_they_go_and_which_always_come(self):
        r = self.client.get(PAGE)
        self.assertContains(r, "bea@example.com")
        self.assertContains(r, 'href="/cuenta/email/"')
        self.assertContains(r, "The codes that you ask for.")

    def test_what_is_not_ticked_is_off(self):
        self.assertRedirects(self.client.post(PAGE, {"news": "on"}), PAGE)
        self.assertEqual(self.off(), ["rain"])
        self.client.post(PAGE, {"news": "on", "rain": "on"})
        self.assertEqual(self.off(), [])

    def test_a_change_is_in_the_activity_and_only_a_change(self):
        self.client.post(PAGE, {"news": "on"})
        self.client.post(PAGE, {"news": "on"})
        entries = Activity.objects.filter(cause="notices_changed")
        self.assertEqual([(entry.user, entry.actor) for entry in entries], [(self.bea, "person")])

    def test_what_cannot_be_chosen_stays(self):
        Profile.objects.filter(user=self.bea).update(mails_off=["of another version"])
        self.client.post(PAGE, {"rain": "on", "alarm": ""})
        self.assertEqual(self.off(), ["of another version", "news"])

    def test_it_is_for_oneself_alone(self):
        self.client.post(PAGE, {"user": str(self.ana.pk)})
        self.assertEqual(Profile.objects.get(user=self.ana).mails_off, [])

    def test_menu_profile_and_security_lead_there(self):
        for page in ("/perfil/", "/perfil/seguridad/"):
            self.assertContains(self.client.get(page), f'href="{PAGE}"', 2)


class AnonymousTests(PeopleTestCase):
    def test_it_wants_a_login(self):
        self.assertRedirects(self.client.get(PAGE), f"/cuenta/login/?next={PAGE}", fetch_redirect_response=False)
