"""The same form sent several times at the same moment, to the running portal: done once, and everybody is answered."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from tests.road.base import RoadTestCase
from tests.road.person import NEW, Person

TABS = 4
LISTED = re.compile(r'data-link="([0-9a-f-]{36})"')


@pytest.mark.usefixtures("ana_of_class")
class ParallelTests(RoadTestCase):
    ana: Person

    def at_once(self, send: Callable[[Person], requests.Response]) -> set[tuple[int, str]]:
        """Status and address of what TABS tabs are answered that `send` at the same moment."""
        start = Barrier(TABS)

        def sent(tab: Person) -> tuple[int, str]:
            start.wait(30)
            answer = send(tab)
            return answer.status_code, answer.headers.get("Location", "")

        with ThreadPoolExecutor(TABS) as tabs:
            return set(tabs.map(sent, [self.tab() for _tab in range(TABS)]))

    def tab(self) -> Person:
        """Another tab of Ana's browser: the same cookies, a connection of its own."""
        tab = Person(self.stack)
        tab.http.cookies.update(self.ana.http.cookies)
        return tab

    def entries(self, cause: str) -> int:
        return [entry["cause"] for entry in self.ana.get("/perfil/seguridad/actividad.json").json()].count(cause)

    def linked(self, **options: str) -> str:
        link = self.ana.link(self.kraken.new_key(**options))
        self.assertEqual(self.ana.settled(link)["status"], "ready")
        return link

    def press(self, link: str, verb: str, **fields: str) -> set[tuple[int, str]]:
        token = self.ana.token("/perfil/")
        return self.at_once(lambda tab: tab.send(f"{link}{verb}/", token, **fields))

    def test_link(self):
        key, token = self.kraken.new_key(), self.ana.token(NEW)
        before, listed = self.entries("link"), set(LISTED.findall(self.ana.get("/perfil/exchanges/").text))
        answers = self.at_once(lambda tab: tab.send(NEW, token, api_key=key["api_key"], secret=key["secret"]))
        new = set(LISTED.findall(self.ana.get("/perfil/exchanges/").text)) - listed
        self.assertEqual(answers, {(302, f"/perfil/exchanges/{uuid}/") for uuid in new})
        self.assertEqual((len(new), self.entries("link")), (1, before + 1))

    def test_replace(self):
        link, key = self.linked(account="doble"), self.kraken.new_key(account="doble")
        self.assertEqual(self.press(link, "reemplazar", api_key=key["api_key"], secret=key["secret"]), {(302, link)})
        self.assertEqual(self.ana.state(link)["status"], "ready")

    def test_unlink(self):
        link, before = self.linked(), self.entries("unlink")
        self.assertLessEqual(self.press(link, "desvincular"), {(302, "/perfil/exchanges/"), (302, link)})
        self.assertEqual((self.ana.state(link)["status"], self.entries("unlink")), ("unlinked", before + 1))

    def test_pause_and_resume(self):
        link, paused, resumed = self.linked(), self.entries("pause"), self.entries("resume")
        self.assertEqual(self.press(link, "pausar"), {(302, link)})
        self.assertEqual((self.ana.state(link)["status"], self.entries("pause")), ("paused", paused + 1))
        self.assertEqual(self.press(link, "reanudar"), {(302, link)})
        self.assertEqual((self.ana.settled(link)["status"], self.entries("resume")), ("ready", resumed + 1))

    def test_rename(self):
        link, before = self.linked(), self.entries("rename")
        self.assertEqual(self.press(link, "renombrar", label="Other"), {(302, link)})
        self.assertEqual(self.entries("rename"), before + 1)
