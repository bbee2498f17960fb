"""A key pasted where a name belongs."""
from profiles.models import Profile
from profiles.names import looks_like_a_key
from tests.base import KEY, SECRET
from tests.profiles.people import PeopleTestCase


class ProfileNameTests(PeopleTestCase):
    def setUp(self):
        self.client.force_login(self.ana)

    def save(self, name: str):
        return self.client.post("/perfil/", {"name": name, "language": "es", "time_zone": "America/Bogota"})

    def test_a_key_is_neither_kept_nor_shown_again(self):
        for pasted in (KEY, SECRET, f"Ana {KEY}"):
            r = self.save(pasted)
            self.assertContains(r, "Esto parece una clave, no un nombre. Hemos vaciado el campo.")
            self.assertContains(r, 'data-error="name"')
            self.assertNotContains(r, pasted[-20:])
            self.assertEqual(Profile.objects.get(user=self.ana).name, "Ana")

    def test_a_long_name_is_a_name(self):
        self.assertEqual(self.save("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch").status_code, 302)
        self.assertFalse(looks_like_a_key("María-de-los-Dolores-Fernández-de-Córdoba-y-Figueroa"))
