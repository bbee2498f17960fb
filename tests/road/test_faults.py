"""Every fault of the exchange ends in a state with a clear sentence, blames no key, and heals by itself."""

import re
from collections.abc import Iterable

import pytest

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
AGAIN = r" Volvemos a intentarlo a las \d\d:\d\d\."


@pytest.mark.usefixtures("ana_of_class")
class FaultTests(RoadTestCase):
    def test_it_says_what_happened_and_heals(self):
        links = []
        for fault in ANSWERED_AT_ONCE:
            links.append(self.link_with(fault))
            self.says(links[-1], fault, *ANSWERED_AT_ONCE[fault])
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
