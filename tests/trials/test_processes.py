"""`make run` under attack: processes killed, the whole of it killed, two at once."""

import json
import os
import signal
import tempfile
import urllib.request
from pathlib import Path
from unittest import TestCase

import pytest

from tests import portal

RESTART_S = 4
SUPERVISOR = "supervisord.pid"


def answers(url: str) -> bool:
    """Whether everything behind this portal is well."""
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=2) as answer:
            return json.load(answer)["status"] == "ok"
    except OSError:
        return False


def everything(running: portal.Portal) -> set[int]:
    """The processes of this portal: `make run`, supervisord, the programs."""
    supervisor = int(Path(running.var_dir, SUPERVISOR).read_text())
    return {running.pid, supervisor, *running.pids().values()}


def none_left(pids: set[int], seconds: float) -> bool:
    return portal.eventually(lambda: not any(map(portal.is_alive, pids)), seconds)


@pytest.mark.trials
class ProcessTests(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, name: str = "var", **variables: str) -> portal.Portal:
        running = portal.start(self.folder / name, **variables)
        self.addCleanup(running.stop)
        return running

    def test_a_program_that_is_killed_is_started_again(self):
        running = self.start()
        for name, pid in running.pids().items():
            os.kill(pid, signal.SIGKILL)
            restarted = portal.eventually(lambda name=name, pid=pid: running.pids()[name] != pid, RESTART_S)
            self.assertEqual((name, restarted), (name, True))
        self.assertTrue(portal.eventually(lambda: answers(running.url), 30))

    def test_what_watches_them_is_started_again_too(self):
        running = self.start()
        before = everything(running) - {running.pid}
        os.kill(int(Path(running.var_dir, SUPERVISOR).read_text()), signal.SIGKILL)
        self.assertTrue(none_left(before, 15))
        self.assertTrue(portal.eventually(lambda: answers(running.url), 30))

    def test_ctrl_c_stops_everything(self):
        running = self.start()
        pids = everything(running)
        self.assertTrue(running.stop())
        self.assertTrue(none_left(pids, 1))

    def test_nothing_outlives_a_start_that_is_killed_and_the_next_one_works(self):
        running = self.start()
        pids = everything(running)
        os.kill(running.pid, signal.SIGKILL)
        again = self.start()
        self.assertTrue(none_left(pids, 15))
        self.assertTrue(answers(again.url))
        self.assertEqual(again.password, running.password)

    def test_two_run_side_by_side(self):
        first, second = self.start("one"), self.start("two", SANDBOX="0")
        self.assertTrue(answers(first.url) and answers(second.url))
        self.assertEqual((bool(first.sandbox_url), second.sandbox_url), (True, ""))

    def test_it_works_on_a_broker_of_its_own_choosing(self):
        first = self.start("one")
        broker = Path(f"/proc/{first.pids()['web']}/environ").read_text().partition("CELERY_BROKER_URL=")[2].partition("\0")[0]
        second = self.start("two", CELERY_BROKER_URL=broker)
        self.assertNotIn("broker", second.pids())
        self.assertTrue(answers(second.url))
