"""How fast a pasted key is proven, and what a dead or stopped broker changes: on a portal of its own."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from time import monotonic
from unittest import TestCase

import pytest
import requests

from tests import environment
from tests.noise import WINDOWS, Noise, best_of_three
from tests.portal import Portal, eventually
from tests.road import crowd
from tests.road.base import frozen
from tests.road.person import NEW, Kraken, Person

# The limits of the product, twice: machines that run tests are slow. What others take of them meanwhile is left out (tests/noise.py).
POST_S = 2 * 0.150
POST_WITHOUT_BROKER_S = 2 * 0.300
FINAL_S = 2 * 1.0
RSS_MB = 150
OF_THE_CROWD = f"user_id = (SELECT id FROM profiles_user WHERE email = '{crowd.EMAIL}')"


@pytest.mark.measures
@pytest.mark.usefixtures("own_stack_of_class")
class EngineTests(TestCase):
    stack: Portal
    ana: Person

    def setUp(self):
        self.kraken = Kraken(self.stack)
        # The test before may have killed something.
        self.assertTrue(eventually(self.is_well, 60))

    def is_well(self) -> bool:
        return requests.get(f"{self.stack.url}/health/ready", timeout=30).json()["status"] == "ok"

    def paste(self) -> tuple[str, float]:
        """Link a new key; the link, and the seconds that the POST took."""
        key, token = self.kraken.new_key(), self.ana.token(NEW)
        began = monotonic()
        response = self.ana.send(NEW, token, api_key=key["api_key"], secret=key["secret"], label="")
        took = monotonic() - began
        self.assertEqual(response.status_code, 302)
        return response.headers["Location"], took

    def measure(self, what: str, prepare: Callable[[], object] = lambda: None) -> None:
        """Link 20 keys one after the other; the slowest but one is within the limits, in one of three windows."""
        for _window in range(WINDOWS):
            prepare()
            noise = Noise()
            timed = [self.proven_in() for _key in range(20)]
            slower = noise.factor()
            post, final = (sorted(times)[18] / slower for times in zip(*timed, strict=True))
            sys.stdout.write(f"{what}: POST p95 {post * 1000:.0f} ms, POST to final p95 {final:.2f} s, noise {slower:.2f}\n")
            if post <= POST_S and final <= FINAL_S:
                break
        self.assertLessEqual(post, POST_S)
        self.assertLessEqual(final, FINAL_S)

    def proven_in(self) -> tuple[float, float]:
        """Seconds that the POST of a new key took, and seconds until it was ready."""
        link, took = self.paste()
        began = monotonic()
        self.assertEqual(self.ana.settled(link)["status"], "ready")
        return took, took + monotonic() - began

    def test_a_key_is_proven_within_a_second(self):
        self.measure("nothing else to do")

    @pytest.mark.trials
    def test_200_checks_that_are_due_do_not_slow_it(self):
        command = [sys.executable, "-m", "tests.road.crowd", self.stack.sandbox_url, "200"]
        subprocess.run(command, cwd=environment.ROOT, env=environment.bare() | {"VAR_DIR": self.stack.var_dir}, check=True)
        self.measure("200 due", self.make_all_due)

    def make_all_due(self) -> None:
        """Let the daily look at each link of the crowd be due, and wait until the first are under way."""
        with closing(sqlite3.connect(Path(self.stack.var_dir, "db.sqlite3"), timeout=20)) as database:
            with database:
                database.execute(f"UPDATE exchanges_link SET next_check_at = '2020-01-01' WHERE {OF_THE_CROWD}")
            waiting = f"SELECT count(*) FROM exchanges_link WHERE next_check_at = '2020-01-01' AND {OF_THE_CROWD}"
            self.assertTrue(eventually(lambda: database.execute(waiting).fetchone()[0] < 200, 30))

    def test_a_stopped_broker_holds_up_nobody(self):
        self.assert_holds_up_nobody(lambda: frozen(self.stack.pids()["broker"]))

    def test_a_killed_broker_holds_up_nobody(self):
        self.assert_holds_up_nobody(lambda: nullcontext(os.kill(self.stack.pids()["broker"], signal.SIGKILL)))

    def assert_holds_up_nobody(self, without_broker: Callable[[], AbstractContextManager[object]]) -> None:
        links = []

        def slowest() -> float:
            with without_broker():
                pasted = [self.paste() for _key in range(5)]
            links.extend(link for link, _took in pasted)
            return max(took for _link, took in pasted)

        self.assertLessEqual(best_of_three(slowest, POST_WITHOUT_BROKER_S), POST_WITHOUT_BROKER_S)
        for link in links:
            self.assertTrue(self.ana.becomes(link, "ready", 60))

    def test_web_and_workers_stay_below_150_megabytes(self):
        for _key in range(5):
            self.ana.settled(self.paste()[0])
        pids = self.stack.pids()
        workers_of_web = Path(f"/proc/{pids['web']}/task/{pids['web']}/children").read_text().split()
        self.assertEqual(len(workers_of_web), 2)
        for pid in (*workers_of_web, pids["worker-now"], pids["worker-later"]):
            resident_kb = int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0])
            self.assertLessEqual(resident_kb, RSS_MB * 1000)
