"""Nobody learns from us what others have linked."""

import re

from time_machine import travel

from tests.base import KEY, SECRET, SmartraderTestCase

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
NEW = "/perfil/exchanges/vincular/kraken/"
WAYS = "GET", "HEAD", "POST", "PUT", "DELETE"
PAGES = "", "estado/", "historial/", "diario/", "validar/", "reemplazar/", "renombrar/", "pausar/", "reanudar/", "desvincular/"


class EnumerationTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.bea)

    def answers(self, pk: object) -> list[tuple]:
        """What bea@ is told at every address of this link, by every method."""
        asked = [self.client.generic(way, f"/perfil/exchanges/{pk}/{page}") for page in PAGES for way in WAYS]
        pages = [TOKEN.sub("", r.content.decode()).replace(str(pk), "…") for r in asked]
        return [(r.status_code, dict(r.items()), list(r.cookies), page) for r, page in zip(asked, pages, strict=True)]

    def test_the_link_of_another_is_answered_like_one_that_never_was(self):
        with travel("2026-11-22T12:00:00Z", tick=False):
            of_ana = self.answers(self.link.pk)
            self.assertEqual(of_ana, self.answers("00000000-0000-4000-8000-000000000000"))
        self.assertEqual({status for status, *_rest in of_ana}, {404})

    def test_a_key_proven_by_another_is_not_said_to_be(self):
        r = self.client.post(NEW, {"api_key": KEY, "secret": SECRET})
        self.assertContains(r, "No podemos vincular esta clave. Crea otra.")
        self.assertNotContains(r, self.ana.email)
        self.assertNotContains(r, str(self.link.pk))
