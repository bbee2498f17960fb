"""The rotations on a real database file: killed, stopped, beside an unlink, and what they leave in the file."""
import os
import signal
from datetime import date
from pathlib import Path

from exchanges import sealing
from tests.base import SECRET
from tests.environment import PRIVATE_HALF
from tests.exchanges.files import FileTestCase
from tests.portal import eventually

PUBLIC, PRIVATE = sealing.new_pair(date(2026, 12, 22))
TURNED = {"SEALING_PUBLIC_KEY": PUBLIC, "SEALING_PRIVATE_KEYS": f"{PRIVATE},{PRIVATE_HALF}"}
# Somebody unlinks and has not committed when the rotation comes to write, which waits for the lock; and the other way round.
UNLINK_FIRST = """
import threading, time
from django.db import transaction
from exchanges import actions, rotation
from exchanges.models import Link

sealed_to_workers, unlinked = rotation.sealed_to_workers, threading.Event()

def unlink():
    with transaction.atomic():
        actions.unlink(Link.objects.get())
        unlinked.set()
        time.sleep(0.5)

def sealed_meanwhile(value):
    sealed = sealed_to_workers(value)
    threading.Thread(target=unlink).start()
    unlinked.wait()
    return sealed

rotation.sealed_to_workers = sealed_meanwhile
print(rotation.seal_to_workers())
"""
UNLINK_SECOND = """
import threading, time
from exchanges import actions, rotation
from exchanges.models import Link

write, thread = rotation._write, threading.Thread(target=lambda: actions.unlink(Link.objects.get()))

def write_meanwhile(*arguments):
    written = write(*arguments)
    thread.start()
    time.sleep(0.5)
    return written

rotation._write = write_meanwhile
print(rotation.seal_to_workers())
thread.join()
"""


class RaceTests(FileTestCase):
    def race(self, script: str) -> list[str]:
        self.write_file()
        status, lines = self.manage("shell", "--no-imports", "-c", script, **TURNED)
        self.assertEqual(status, 0, lines)
        self.assertEqual(self.ask("SELECT sealed, erased_at IS NOT NULL FROM exchanges_apikey"), [(None, 1)])
        self.assertEqual(self.ask("SELECT status FROM exchanges_link"), [("unlinked",)])
        return lines

    def test_an_unlink_that_came_first_wins(self):
        self.assertEqual(self.race(UNLINK_FIRST)[-1], "Tally(written=0, changed_meanwhile=1, unreadable=0)")

    def test_an_unlink_that_came_second_wins(self):
        self.assertEqual(self.race(UNLINK_SECOND)[-1], "Tally(written=1, changed_meanwhile=0, unreadable=0)")


class StoppedTests(FileTestCase):
    def setUp(self):
        super().setUp()
        self.add_links(300)
        self.write_file()

    def stop_half_way(self, number: signal.Signals) -> int:
        rotating = self.start("rotate_sealing", **TURNED)
        self.assertTrue(eventually(lambda: self.done() > 50, 30))
        os.kill(rotating.pid, number)
        rotating.communicate(timeout=30)
        self.assertLess(self.done(), 301)
        return rotating.returncode

    def done(self) -> int:
        return self.ask("SELECT count(*) FROM exchanges_apikey WHERE seal_version = 2")[0][0]

    def test_killed_it_goes_on_where_it_was(self):
        self.assertEqual(self.stop_half_way(signal.SIGKILL), -signal.SIGKILL)
        self.assertEqual(self.manage("rotate_sealing", "--report", **TURNED)[0], 1)
        self.assertEqual(self.manage("rotate_sealing", **TURNED)[0], 0)
        self.assertEqual(self.done(), 301)
        self.assertEqual(self.revealed(**TURNED), [f"opened {SECRET}"] * 301)

    def test_ctrl_c_stops_it_with_a_sentence(self):
        self.assertEqual(self.stop_half_way(signal.SIGINT), 130)
        self.assertEqual(self.manage("rotate_sealing", **TURNED)[0], 0)


class LeftoverTests(FileTestCase):
    def test_no_older_seal_is_left_in_the_file_or_its_log(self):
        self.write_file()
        before = self.ask("SELECT sealed FROM exchanges_apikey")[0][0]
        self.assertIn(before, self.file.read_bytes())
        self.assertEqual(self.manage("rotate_sealing", **TURNED)[0], 0)
        kept = b"".join(path.read_bytes() for path in Path(self.var_dir).glob("db.sqlite3*"))
        self.assertNotIn(before[:200], kept)
        self.assertNotIn(before[-200:], kept)
