"""Once «Pausar» or «Desvincular» has answered, no call with the key starts any more, whatever was under way."""

import time

import pytest

from tests.noise import WINDOWS
from tests.portal import eventually
from tests.road.base import RoadTestCase, frozen
from tests.road.person import NEW

QUIET_S = 1.0
UNDER_WAY = 'data-step="reach" data-state="running"'


@pytest.mark.usefixtures("ana_of_class")
class StopTests(RoadTestCase):
    def test_unlinking_while_kraken_is_slow_to_answer(self):
        key = self.kraken.new_key()
        with frozen(self.stack.pids()["sandbox"]):
            link = self.ana.link(key)
            self.press_when_asked(link, "desvincular")
        self.assertEqual(self.calls_in_the_end(key), ["/0/private/GetApiKeyInfo"])
        self.assertEqual(self.ana.state(link)["status"], "unlinked")

    def test_pausing_while_kraken_is_slow_to_answer(self):
        key = self.kraken.new_key()
        link = self.ana.link(key)
        self.assertEqual(self.ana.settled(link)["status"], "ready")
        with frozen(self.stack.pids()["sandbox"]):
            self.ana.press(link, "validar")
            self.press_when_asked(link, "pausar")
        self.assertEqual(self.calls_in_the_end(key)[6:], ["/0/private/GetApiKeyInfo"])
        self.assertEqual(self.ana.state(link)["status"], "paused")

    def press_when_asked(self, link: str, verb: str) -> None:
        """Press the button while the worker waits for the answer to its first call."""
        self.assertTrue(eventually(lambda: UNDER_WAY in self.ana.get(f"{link}estado/").text, 30))
        self.ana.press(link, verb)

    def calls_in_the_end(self, key: dict) -> list[str]:
        """What Kraken was asked, after waiting for more to come."""
        eventually(lambda: len(self.kraken.calls(key)) > 7, QUIET_S)
        return [call["path"] for call in self.kraken.calls(key)]

    def test_unlinking_between_two_calls(self):
        for looks in range(3):
            with self.subTest(looks=looks):
                # What left before may be read late by a sandbox that gets no processor: then once more.
                self.assertTrue(any(self.unlinked_after(looks) == [] for _window in range(WINDOWS)))

    def unlinked_after(self, looks: int) -> list[dict]:
        """The calls that came after the answer to an unlinking, which came so many looks after the linking."""
        key, token = self.kraken.new_key(), self.ana.token(NEW)
        link = self.ana.link(key)
        for _look in range(looks):
            self.ana.state(link)
        self.ana.send(f"{link}desvincular/", token)
        answered = time.time()
        eventually(lambda: self.calls_after(key, answered), QUIET_S)
        return self.calls_after(key, answered)

    def calls_after(self, key: dict, moment: float) -> list[dict]:
        return [call for call in self.kraken.calls(key) if call["time"] > moment]
