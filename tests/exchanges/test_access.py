"""Who may see and do what at every address of a link: owner, stranger, anonymous, wrong method."""
from django.test import override_settings

from tests.base import SmartraderTestCase

# address below the link, methods that exist there
ADDRESSES = {
    "": {"GET"}, "estado/": {"GET"}, "historial/": {"GET"}, "diario/": {"GET"}, "validar/": {"POST"}, "reemplazar/": {"GET", "POST"},
    "renombrar/": {"GET", "POST"}, "pausar/": {"POST"}, "reanudar/": {"POST"}, "desvincular/": {"GET", "POST"},
}
SHARED = ("/perfil/exchanges/", "/perfil/exchanges/vincular/", "/perfil/exchanges/vincular/kraken/")


class AccessTests(SmartraderTestCase):
    def each(self):
        for tail, methods in ADDRESSES.items():
            for method in ("GET", "POST"):
                yield f"/perfil/exchanges/{self.link.id}/{tail}", method, method in methods

    def ask(self, method, url, **extra):
        return getattr(self.client, method.lower())(url, **extra)

    def test_it_hides_other_peoples_links(self):
        self.client.force_login(self.bea)
        for url, method, _exists in self.each():
            self.assertEqual((url, method, self.ask(method, url).status_code), (url, method, 404))

    def test_staff_are_strangers_here_too(self):
        self.client.force_login(self.celia)
        self.assertEqual(self.client.get(f"/perfil/exchanges/{self.link.id}/").status_code, 404)

    def test_it_asks_the_anonymous_to_log_in(self):
        for url, method, _exists in self.each():
            self.assertRedirects(self.ask(method, url), f"/cuenta/login/?next={url}", fetch_redirect_response=False)
        for url in SHARED:
            self.assertRedirects(self.client.get(url), f"/cuenta/login/?next={url}", fetch_redirect_response=False)

    def test_a_poll_without_a_session_is_sent_to_the_login_quietly(self):
        response = self.client.get(f"/perfil/exchanges/{self.link.id}/estado/", headers={"HX-Request": "true"})
        self.assertEqual(response.status_code, 204)
        self.assertIn("/cuenta/login/", response["HX-Redirect"])

    def test_it_refuses_the_wrong_method_of_the_owner(self):
        self.client.force_login(self.ana)
        for url, method, exists in self.each():
            if not exists:
                self.assertEqual((url, self.ask(method, url).status_code), (url, 405))

    def test_it_refuses_a_post_without_csrf_token(self):
        client = self.client_class(enforce_csrf_checks=True)
        client.force_login(self.ana)
        for tail, methods in ADDRESSES.items():
            if "POST" in methods:
                response = client.post(f"/perfil/exchanges/{self.link.id}/{tail}", {"secret": "do-not-show"})
                self.assertEqual((tail, response.status_code), (tail, 403))
                self.assertNotContains(response, "do-not-show", status_code=403)

    def test_pages_are_kept_by_no_cache(self):
        self.client.force_login(self.ana)
        for url in (*SHARED, f"/perfil/exchanges/{self.link.id}/", f"/perfil/exchanges/{self.link.id}/reemplazar/"):
            self.assertIn("no-store", self.client.get(url)["Cache-Control"], url)

    def test_a_page_of_an_unknown_exchange_is_not_there(self):
        self.client.force_login(self.ana)
        self.assertEqual(self.client.get("/perfil/exchanges/vincular/mtgox/").status_code, 404)

    @override_settings(DEBUG=False)
    def test_a_made_up_link_is_not_there(self):
        self.client.force_login(self.ana)
        self.assertEqual(self.client.get("/perfil/exchanges/7d1f0c1e-4a52-4f0e-9a36-2b8c5e1d9f04/").status_code, 404)
