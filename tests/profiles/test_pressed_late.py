"""A button that was pressed after the session had ended: the login leads back to the page it was on."""
from tests.profiles.people import PeopleTestCase

ITSELF = "/cuenta/login/?next=/perfil/exchanges/vincular/kraken/"


class PressedLateTests(PeopleTestCase):
    def pressed_on(self, page: str, **headers: str):
        return self.client.post("/perfil/exchanges/vincular/kraken/", headers={"Referer": page, **headers})

    def test_it_leads_back_to_the_page_of_the_button(self):
        r = self.pressed_on("http://testserver/perfil/exchanges/?page=2#acciones")
        self.assertRedirects(r, "/cuenta/login/?next=/perfil/exchanges/%3Fpage%3D2", fetch_redirect_response=False)

    def test_it_leads_to_no_other_site(self):
        for page in ("https://evil.example/perfil/", "http://testserver@evil.example/", "http://testserver.evil.example/",
                     "http://testserver:8001/x", "http://testserver//evil.example/", "//evil.example/", "javascript:alert(1)",
                     "http://[", ""):
            self.assertRedirects(self.pressed_on(page), ITSELF, fetch_redirect_response=False)

    def test_a_page_that_was_asked_for_is_as_before(self):
        r = self.client.get("/perfil/exchanges/", headers={"Referer": "http://testserver/perfil/"})
        self.assertRedirects(r, "/cuenta/login/?next=/perfil/exchanges/", fetch_redirect_response=False)
