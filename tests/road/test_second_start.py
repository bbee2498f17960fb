"""Ctrl-C and `make run` again: what was there is still there."""

import os
from pathlib import Path
from unittest import TestCase

import pytest

from tests import portal
from tests.road.person import Kraken, Person


class SecondStartTests(TestCase):
    @pytest.mark.trials
    def test_it_keeps_the_links_the_session_and_the_password(self):
        folder = Path(os.environ["SMARTRADER_TEST_DIR"], "twice")
        with portal.running(folder) as first:
            demo = Person(first).log_in(first.email, first.password)
            link = demo.link(Kraken(first).new_key())
            self.assertEqual(demo.settled(link)["status"], "ready")
        with portal.running(folder) as second:
            self.assertEqual((second.email, second.password), (first.email, first.password))
            demo.stack = second
            self.assertEqual(demo.state(link)["status"], "ready")
