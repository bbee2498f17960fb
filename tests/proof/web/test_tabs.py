"""Two tabs, the back button, a double click: what was sent twice is done once, what is over stays over, and no secret waits anywhere."""

from unittest import mock

from django.contrib.sessions.models import Session
from django.test import Client

from exchanges.models import ApiKey, Event, Link
from tests.base import SECRET
from tests.profiles.factors import code_of, decoded
from tests.profiles.people import PASSWORD
from tests.proof.access.people import ProofTestCase
from tests.proof.access.sweep import stored
from tests.road.person import TOKEN

NEW = "/perfil/exchanges/vincular/kraken/"
KEY = "B" * 56
PASTED = {"label": "Second", "api_key": KEY, "secret": SECRET}
OF_LINKS = {"exchanges_link", "exchanges_apikey", "exchanges_event"}


class TabsTestCase(ProofTestCase):
    """Both tabs are this client: they share their cookies."""

    def setUp(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.cookies["session"] = self.sessions["owner"]
        self.page = f"/perfil/exchanges/{self.link.pk}/"
        nudge = mock.patch("exchanges.actions.nudge")
        nudge.start()
        self.addCleanup(nudge.stop)

    def token(self, page: str = "/perfil/") -> str:
        return TOKEN.search(self.client.get(page).content.decode())[1]

    def send(self, path: str, token: str = "", **fields: str):
        return self.client.post(path, {"csrfmiddlewaretoken": token or self.token(), **fields})

    def links(self) -> dict[str, str]:
        return {table: content for table, content in stored().items() if table in OF_LINKS}

    def waiting(self) -> bytes:
        return b"".join(decoded(session.session_data) for session in Session.objects.all())


class LoggedOutTests(TabsTestCase):
    def test_a_form_sent_after_leaving_in_another_tab_stores_nothing_and_comes_back_after_the_login(self):
        token, before = self.token(NEW), self.links()
        self.send("/cuenta/logout/")
        answer = self.send(NEW, token, **PASTED)
        self.assertRedirects(answer, f"/cuenta/login/?next={NEW}", fetch_redirect_response=False)
        self.assertEqual(self.links(), before)
        token = self.token(answer["Location"])
        self.send("/cuenta/login/", token, login="owner@example.com", password=PASSWORD, next=NEW)
        back = self.send("/cuenta/2fa/authenticate/", self.token("/cuenta/2fa/authenticate/"), code=code_of())
        self.assertRedirects(back, NEW)
        self.assertNotIn(SECRET.encode(), self.waiting())

    def test_nor_does_one_that_presses_a_button(self):
        for verb in ("validar", "pausar", "reanudar", "desvincular", "renombrar", "reemplazar"):
            with self.subTest(verb=verb):
                self.client.cookies["session"] = self.sessions["owner"]
                token, before = self.token(), self.links()
                del self.client.cookies["session"]
                answer = self.send(f"{self.page}{verb}/", token, **PASTED)
                self.assertEqual(answer["Location"], f"/cuenta/login/?next={self.page}{verb}/")
                self.assertEqual(self.links(), before)

    def test_a_form_sent_when_somebody_else_is_in_stores_nothing_for_either(self):
        token, before = self.token(NEW), self.links()
        self.send("/cuenta/logout/")
        self.send("/cuenta/login/", self.token("/cuenta/login/"), login="stranger@example.com", password=PASSWORD)
        answer = self.send(NEW, token, **PASTED)
        self.assertContains(answer, "No pudimos confirmar que este formulario lo enviaste tú", status_code=403)
        self.assertNotContains(answer, SECRET, status_code=403)
        self.assertEqual(self.links(), before)

    def test_what_was_seen_is_not_there_to_go_back_to(self):
        pages = ("/perfil/", "/perfil/exchanges/", self.page, f"{self.page}diario/", f"{self.page}reemplazar/", NEW, "/perfil/seguridad/")
        kept = {page: self.client.get(page)["Cache-Control"] for page in pages}
        self.assertEqual([page for page, said in kept.items() if "no-store" not in said], [])
        self.send("/cuenta/logout/")
        self.assertEqual({self.client.get(page).status_code for page in pages}, {302})


class UnlinkedTests(TabsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.open = {page: self.token(page) for page in (self.page, f"{self.page}reemplazar/", f"{self.page}desvincular/")}
        self.send(f"{self.page}desvincular/")
        self.before = self.links()

    def test_forms_of_other_tabs_find_it_over(self):
        for verb in ("validar", "pausar", "reanudar", "reemplazar", "desvincular"):
            answer = self.send(f"{self.page}{verb}/", self.open.get(f"{self.page}{verb}/", ""), **PASTED)
            self.assertRedirects(answer, self.page, msg_prefix=verb)
        self.assertEqual(self.links(), self.before)

    def test_no_secret_of_it_is_left(self):
        self.assertEqual(set(self.link.keys.values_list("sealed", "fingerprint", "account_hash")), {(None, None, None)})

    def test_to_go_back_shows_it_as_it_is(self):
        self.assertContains(self.client.get(self.page), 'data-status="unlinked"')
        for form in ("reemplazar/", "desvincular/"):
            self.assertRedirects(self.client.get(f"{self.page}{form}"), self.page)


class TwiceTests(TabsTestCase):
    """The same form of the same page, twice: a double click, or a page sent again by going back."""

    def twice(self, path: str, **fields: str) -> set[tuple[int, str]]:
        token = self.token()
        return {(answer.status_code, answer["Location"]) for answer in (self.send(path, token, **fields) for _time in range(2))}

    def entries(self, cause: str) -> int:
        return self.users["owner"].activity.filter(cause=cause).count()

    def test_link(self):
        before = self.entries("link")
        answers = self.twice(NEW, **PASTED)
        link = Link.objects.get(label="Second")
        self.assertEqual(answers, {(302, f"/perfil/exchanges/{link.pk}/")})
        self.assertEqual((link.keys.count(), self.entries("link")), (1, before + 1))

    def test_replace(self):
        self.assertEqual(self.twice(f"{self.page}reemplazar/", api_key=KEY, secret=SECRET), {(302, self.page)})
        self.assertEqual(ApiKey.objects.filter(link=self.link, erased_at__isnull=True, proven_at__isnull=True).count(), 1)
        self.assertEqual(Link.objects.get(pk=self.link.pk).status, "ready")

    def test_unlink(self):
        answers = self.twice(f"{self.page}desvincular/")
        self.assertEqual(answers, {(302, "/perfil/exchanges/"), (302, self.page)})
        self.assertEqual((Event.objects.filter(cause="unlink").count(), self.entries("unlink")), (1, 1))

    def test_pause_and_resume(self):
        for verb, cause in (("pausar", "pause"), ("reanudar", "resume")):
            self.assertEqual(self.twice(f"{self.page}{verb}/"), {(302, self.page)})
            self.assertEqual((verb, Event.objects.filter(cause=cause).count(), self.entries(cause)), (verb, 1, 1))

    def test_rename(self):
        self.assertEqual(self.twice(f"{self.page}renombrar/", label="Other"), {(302, self.page)})
        self.assertEqual((Link.objects.get(pk=self.link.pk).label, self.entries("rename")), ("Other", 1))

    def test_validate(self):
        self.assertEqual(self.twice(f"{self.page}validar/"), {(302, self.page)})
        self.assertEqual(Link.objects.get(pk=self.link.pk).checking, True)

    def test_logout(self):
        self.assertEqual(self.twice("/cuenta/logout/"), {(302, "/")})
        self.assertEqual(self.entries("logout"), 1)
