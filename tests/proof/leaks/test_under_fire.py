"""The same hunt after processes were killed half-way, with DEBUG on: in what they left, there is no piece of a secret either."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import TestCase

import pytest

from tests.proof.leaks import fire, places
from tests.proof.leaks.hunt import hunt
from tests.proof.leaks.needles import Needles
from tests.proof.leaks.run import Run, running


@pytest.fixture(scope="class")
def fire_of_class(request: pytest.FixtureRequest) -> Iterator[None]:
    """`self.site`, with every error shown, after its processes were killed, and `self.came`, whether each was."""
    folder = Path(os.environ["SMARTRADER_TEST_DIR"], "fire")
    with running(folder, MAX_LINKS="0", BAD_KEYS_PER_HOUR="0", DEBUG="1") as site:
        request.cls.site, request.cls.came = site, fire.tell(site)
        yield


@pytest.mark.trials
@pytest.mark.usefixtures("fire_of_class")
class FireTests(TestCase):
    site: Run
    came: dict[str, bool]

    def test_it_happened_as_it_was_meant_to(self):
        self.assertEqual([what for what, came_about in self.came.items() if not came_about], [])

    def test_nothing_that_is_left_holds_a_piece_of_a_secret(self):
        pids = self.site.stack.pids()
        running = [*places.broker(pids["web"]), *places.processes(places.family(self.site.stack.pid))]
        self.assertEqual(hunt([*running, *places.files(self.site.folder), *self.site.kept, *self.site.said], self.site.needles()), [])
        self.assertTrue(fire.end(self.site))
        left = [*places.files(self.site.folder), *places.rows(self.site.database)]
        self.assertEqual(hunt(left, self.site.needles()), [])

    def test_no_page_of_an_error_shows_one(self):
        answers = [(seen.name, seen.content) for seen in self.site.seen]
        self.assertEqual(hunt(answers, self.site.needles()), [])
        self.assertEqual(hunt(answers, Needles(self.site.servers())), [])
