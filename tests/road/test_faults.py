"""Every fault of the exchange ends in a state with a clear sentence, blames no key, and heals by itself."""

import re
from collections.abc import Iterable

import pytest

from tests.portal import eventually
from tests.road.base import RoadTestCase

ANSWERED_AT_ONCE = {
    "busy": ("maintenance", "Kraken está en mantenimiento o saturado."),
    "unavailable": ("maintenance", "Kraken está en mantenimiento o saturado."),
    "html_520": ("maintenance", "Kraken está en mantenimiento o saturado."),
    "html_403": ("unreadable_answer", "Kraken contestó algo que no entendemos."),
    "not_json": ("unreadable_answer", "Kraken contestó algo que no entendemos."),
    "redirect": ("unreadable_answer", "Kraken contestó algo que no entendemos."),
    "truncated": ("unreadable_answer", "Kraken contestó algo que no entendemos."),
    "huge": ("unreadable_answer", "Kraken contestó algo que no entendemos."),
    "reset": ("network", "No llegamos a Kraken."),
}
SLOW = {
    "rate_limit": ("rate_limited", "Kraken nos pide ir más despacio."),
    "hang": ("timeout", "Kraken tarda demasiado en contestar."),
    "slow": ("timeout", "Kraken tarda demasiado en contestar."),
}
# Four at a time: the fifth failure would open the breaker.
GROUPS = [list(ANSWERED_AT_ONCE)[at:at + 4] for at in (0, 4, 8)]
PICKER = "/perfil/exchanges/vincular/"
AGAIN = r" Volvemos a intentarlo a las \d\d:\d\d\."


@pytest.mark.usefixtures("own_stack_of_class")
class FaultTests(RoadTestCase):
    """In a portal of its own: faults of several keys at once open the breaker, for everybody."""

    def test_it_says_what_happened_and_heals(self):
        for faults in GROUPS:
            links = [self.link_with(fault) for fault in faults]
            for link, fault in zip(links, faults, strict=True):
                self.says(link, fault, *ANSWERED_AT_ONCE[fault])
            self.heal(links)

    @pytest.mark.trials
    def test_it_says_what_happened_and_heals_after_slow_ones(self):
        links = {fault: self.link_with(fault) for fault in SLOW}
        for fault, link in links.items():
            self.says(link, fault, *SLOW[fault])
        self.heal(links.values())

    def link_with(self, fault: str) -> str:
        """Link a key whose first call meets `fault`."""
        key = self.kraken.new_key()
        self.kraken.fault(key, fault)
        return self.ana.link(key, label=fault)

    def says(self, link: str, fault: str, reason: str, sentence: str) -> None:
        state = self.ana.settled(link)
        page = self.ana.get(link).text
        with self.subTest(fault=fault):
            self.assertEqual((state["status"], state["reason"]), ("exchange_down", reason))
            self.assertTrue(re.search(re.escape(sentence) + AGAIN, page))

    def heal(self, links: Iterable[str]) -> None:
        """By themselves, each at its own time."""
        self.assertEqual([link for link in links if not self.ana.becomes(link, "ready", 60)], [])

    def test_when_it_answers_nobody_the_pages_say_so_and_all_heals_by_itself(self):
        keys = [self.kraken.new_key() for _number in range(3)]
        self.kraken.post("_faults", fault="unavailable", count=1000)
        links = [self.ana.link(key) for key in keys]
        self.assertEqual([self.ana.settled(link)["reason"] for link in links], ["maintenance"] * 3)
        self.assertTrue(eventually(lambda: 'data-weather="silent"' in self.ana.get(PICKER).text, 30))
        self.assertIn("Kraken no responde a nadie ahora mismo.", self.ana.get(links[0]).text)
        self.kraken.post("_faults", fault="none")
        self.heal(links)
        self.assertTrue(eventually(lambda: 'data-weather="ok"' in self.ana.get(PICKER).text, 30))
