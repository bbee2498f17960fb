from profiles.models import Profile
from tests.profiles.people import PeopleTestCase


class SetLanguageTests(PeopleTestCase):
    def choose(self, language, page="/cuenta/login/"):
        return self.client.post("/i18n/setlang/", {"language": language, "next": page})

    def test_it_changes_the_language_of_a_visitor_and_stays_on_the_page(self):
        self.assertRedirects(self.choose("en"), "/cuenta/login/")
        self.assertContains(self.client.get("/cuenta/login/"), "<h1>Log in</h1>")

    def test_it_changes_back(self):
        self.choose("en")
        self.choose("es")
        self.assertContains(self.client.get("/cuenta/login/"), "<h1>Iniciar sesión</h1>")

    def test_it_is_kept_with_the_account(self):
        self.client.force_login(self.ana)
        self.choose("en", "/perfil/")
        self.assertEqual(Profile.objects.get(user=self.ana).language, "en")
        self.assertContains(self.client.get("/perfil/"), "<h1>Hello, Ana</h1>")

    def test_it_takes_only_languages_we_have(self):
        self.client.force_login(self.ana)
        for language in ("fr", "", "es; DROP"):
            self.assertRedirects(self.choose(language, "/perfil/"), "/perfil/")
        self.assertEqual(Profile.objects.get(user=self.ana).language, "es")

    def test_it_goes_to_no_other_site(self):
        for address in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""):
            self.assertEqual(self.choose("en", address).url, "/", address)

    def test_it_is_a_post(self):
        self.assertEqual(self.client.get("/i18n/setlang/").status_code, 405)
