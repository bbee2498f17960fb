"""Every fault of the way to Kraken, met at the first call, at a read and at the order: no key is blamed, and all of it heals."""
from unittest import mock

from django.conf import settings

from exchanges import actions
from exchanges.connectors.session import ExchangeSession
from exchanges.models import Exchange, Link
from sandbox.server import start
from tests.exchanges.base import SIX
from tests.exchanges.keys import SandboxKeys
from tests.exchanges.kraken_sentences import SAID
from tests.exchanges.scripted import ScriptedTestCase

AT_ONCE = {
    "busy": "maintenance", "unavailable": "maintenance", "rate_limit": "rate_limited", "html_403": "unreadable_answer",
    "html_520": "maintenance", "not_json": "unreadable_answer", "redirect": "unreadable_answer", "truncated": "unreadable_answer",
    "huge": "unreadable_answer", "reset": "network",
}
LATE = {"slow": "timeout", "hang": "timeout"}
# Where the fault waits: calls answered before it, and the steps as they stand after it.
AT_KEY_INFO = (0, ["ok", "failed", "pending", "pending", "pending"])
AT_BALANCE = (1, ["ok", "ok", "ok", "failed", "pending"])
AT_LEDGERS = (4, ["ok", "ok", "ok", "failed", "pending"])
AT_THE_ORDER = (5, ["ok", "ok", "ok", "ok", "skipped"])


class FaultTests(ScriptedTestCase):
    """The sandbox in place of the script."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.sandbox = start()
        cls.addClassCleanup(cls.sandbox.close)
        cls.enterClassContext(mock.patch.dict(settings.API_URLS, {"kraken": f"{cls.sandbox.url}/kraken"}))

    def meet(self, fault: str, after: int) -> tuple[Link, list[str]]:
        """Link a new key whose call number `after` meets the fault; how its calls ended at Kraken."""
        made = SandboxKeys(self.sandbox.url).new(SIX)
        link = actions.add_link(self.ana, Exchange.objects.get(slug="kraken"), made, "")
        with mock.patch.object(self.sandbox.state, "take_fault", side_effect=[*["none"] * after, fault, *["none"] * 9]):
            link = self.look(link)
        return link, [call.outcome for call in self.sandbox.state.calls(made.api_key)]

    def assert_silence(self, faults: dict[str, str], after: int, steps: list[str]) -> None:
        for fault, reason in faults.items():
            with self.alone(fault=fault, after=after):
                link, outcomes = self.meet(fault, after)
                self.assert_says(link, reason, SAID[reason])
                self.assertEqual(self.states(link), steps)
                self.assertEqual((len(outcomes), outcomes.count("ok")), (after + 1, after))
                self.assertEqual(self.look_later(link).status, "ready")

    def assert_ready(self, faults: dict[str, str], after: int, steps: list[str]) -> None:
        for fault in faults:
            with self.alone(fault=fault, after=after):
                link, outcomes = self.meet(fault, after)
                self.assertEqual((link.status, link.reason, self.states(link)), ("ready", "", steps))
                self.assertEqual((len(outcomes), outcomes.count("ok")), (6, 5))

    def test_at_the_first_call(self):
        self.assert_silence(AT_ONCE, *AT_KEY_INFO)

    def test_at_a_read(self):
        self.assert_silence(AT_ONCE, *AT_BALANCE)
        self.assert_silence(AT_ONCE, *AT_LEDGERS)

    def test_at_the_order(self):
        self.assert_ready(AT_ONCE, *AT_THE_ORDER)

    def test_one_that_takes_too_long(self):
        with mock.patch.dict(ExchangeSession.__init__.__kwdefaults__, deadline_s=0.7):
            self.assert_silence(LATE, *AT_KEY_INFO)
            self.assert_silence(LATE, *AT_LEDGERS)
            self.assert_ready(LATE, *AT_THE_ORDER)
