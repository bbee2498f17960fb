"""Every fault of the exchange ends in a state with a clear sentence, blames no key, and heals by itself."""

import re

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
    "hang": ("timeout", "Kraken tarda demasiado en contestar."),
    "slow": ("timeout", "Kraken tarda demasiado en contestar."),
    "rate_limit": ("rate_limited", "Kraken nos pide ir más despacio."),
}
AGAIN = r" Volvemos a intentarlo a las \d\d:\d\d\."


@pytest.mark.usefixtures("ana_of_class")
class FaultTests(RoadTestCase):
    def test_it_says_what_happened_and_heals(self):
        self.meet(ANSWERED_AT_ONCE)

    @pytest.mark.trials
    def test_it_says_what_happened_and_heals_after_slow_ones(self):
        self.meet(SLOW)

    def meet(self, expected: dict[str, tuple[str, str]]) -> None:
        """Link one key for each fault at the same time, read what the pages say, and wait until all are ready."""
        links = {fault: self.link_with(fault) for fault in expected}
        for fault, (reason, sentence) in expected.items():
            with self.subTest(fault=fault):
                state = self.ana.settled(links[fault])
                page = self.ana.get(links[fault]).text
                self.assertEqual((state["status"], state["reason"]), ("exchange_down", reason))
                self.assertTrue(re.search(re.escape(sentence) + AGAIN, page))
        for fault, link in links.items():
            with self.subTest(fault=fault):
                self.assertTrue(self.ana.becomes(link, "ready", 60))

    def link_with(self, fault: str) -> str:
        key = self.kraken.new_key()
        self.kraken.fault(key, fault)
        return self.ana.link(key, label=fault)
