"""Processes killed, database and broker gone, clocks wrong, faults of every kind: every link heals into the state it deserves."""

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from unittest import TestCase

import pytest

from tests.trials.chaos.scenes import Played, on_postgres, on_sqlite

NEVER = ("overlaps", "nonce_errors", "calls_after_stop", "mails_twice")


@pytest.fixture(scope="class")
def scenes_of_class(request: pytest.FixtureRequest) -> None:
    """For test classes: `self.scenes`, played side by side, for what is killed is mostly waited for."""
    folder = Path(os.environ["SMARTRADER_TEST_DIR"], "chaos")
    with ThreadPoolExecutor(2) as players:
        request.cls.scenes = {scene: players.submit(scene, folder / scene.__name__) for scene in (on_postgres, on_sqlite)}
        yield


@pytest.mark.trials
@pytest.mark.usefixtures("scenes_of_class")
class ChaosTests(TestCase):
    scenes: dict[object, Future[Played]]

    def test_on_postgres_with_clocks_an_hour_off(self):
        self.judge(on_postgres)

    def test_with_500_links_and_50_killed_workers(self):
        self.judge(on_sqlite)

    def test_some_buttons_met_a_call_under_way(self):
        self.assertGreater(sum(played.result().figures["stopped_under_way"] for played in self.scenes.values()), 0)

    def judge(self, scene: object) -> None:
        played = self.scenes[scene].result()
        sys.stdout.write(f"chaos {scene.__name__}: {played.figures}\n")
        self.assertEqual(played.wrong, [])
        self.assertEqual({name: played.figures[name] for name in NEVER}, dict.fromkeys(NEVER, 0))
