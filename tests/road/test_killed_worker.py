"""A worker that dies with a check in its hands, on a portal of its own: the link waits for the end of the lease and no longer."""

import os
import signal
import sys
from time import monotonic
from unittest import TestCase

import pytest

from tests.portal import Portal, eventually
from tests.road.person import Kraken, Person


@pytest.mark.trials
@pytest.mark.usefixtures("own_stack_of_class")
class KilledWorkerTests(TestCase):
    stack: Portal
    ana: Person

    def test_a_worker_killed_in_the_middle_heals_within_90_seconds(self):
        kraken = Kraken(self.stack)
        key = kraken.new_key()
        kraken.fault(key, "slow")
        link = self.ana.link(key)
        self.assertTrue(eventually(lambda: kraken.calls(key), 30))
        killed = monotonic()
        for worker in ("worker-now", "worker-later"):
            os.kill(self.stack.pids()[worker], signal.SIGKILL)
        self.assertTrue(self.ana.becomes(link, "ready", 90))
        sys.stdout.write(f"worker killed: final after {monotonic() - killed:.0f} s\n")
