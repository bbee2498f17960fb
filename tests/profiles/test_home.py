from unittest.mock import patch

from profiles import glance
from tests.profiles.people import PeopleTestCase


class HomeTests(PeopleTestCase):
    def test_it_shows_the_landing_page(self):
        r = self.client.get("/")
        self.assertContains(r, "sin soltar tu dinero")
        self.assertContains(r, 'href="/cuenta/signup/"')

    def test_it_takes_who_is_in_to_the_profile(self):
        self.client.force_login(self.ana)
        self.assertRedirects(self.client.get("/"), "/perfil/")

    def test_it_names_the_exchanges_on_offer(self):
        with patch.object(glance, "offers", [lambda: [{"name": "Acme", "monogram": "Ac", "tile": 3, "url": "/x/#acme"}]]):
            r = self.client.get("/")
        self.assertContains(r, "Exchanges que puedes vincular")
        self.assertContains(r, '<span class="tile tile-3 tile-s" aria-hidden="true">Ac</span> <a href="/x/#acme">Acme</a>', html=False)

    def test_it_has_no_empty_list_of_exchanges(self):
        with patch.object(glance, "offers", []):
            self.assertNotContains(self.client.get("/"), "Exchanges que puedes vincular")
