"""How a backup stops mattering: the drill of docs/custody.md, on real files."""
import shutil
import sqlite3
from datetime import date

from exchanges import sealing
from tests.base import SECRET
from tests.environment import PRIVATE_HALF
from tests.exchanges.files import FileTestCase

PUBLIC, PRIVATE = sealing.new_pair(date(2026, 12, 22))


class DrillTests(FileTestCase):
    def setUp(self):
        super().setUp()
        self.write_file()
        self.backup = self.var_dir / "backup.sqlite3"
        with sqlite3.connect(self.file) as now, sqlite3.connect(self.backup) as copy:
            now.backup(copy)

    def restore(self) -> None:
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.backup, self.file)

    def test_what_was_unlinked_since_the_backup_stays_unlinked(self):
        self.unlink()
        self.restore()
        self.assertEqual(self.revealed(), [f"opened {SECRET}"])
        self.assertEqual(self.manage("replay_erasures"), (0, ["Keys on the list: 1. Links unlinked: 1. Other keys erased: 0."]))
        self.assertEqual(self.revealed(), [])
        self.assertEqual(self.ask("SELECT sealed, fingerprint, account_hash FROM exchanges_apikey"), [(None, None, None)])
        last = self.ask("SELECT actor, cause, from_status, to_status FROM exchanges_event ORDER BY id DESC LIMIT 1")
        self.assertEqual(last, [("staff", "restore", "ready", "unlinked")])
        self.assertEqual(self.manage("replay_erasures"), (0, ["Keys on the list: 1. Links unlinked: 0. Other keys erased: 0."]))

    def test_after_the_pair_was_turned_and_the_old_half_destroyed_the_backup_opens_with_nothing_we_have(self):
        turned = {"SEALING_PUBLIC_KEY": PUBLIC, "SEALING_PRIVATE_KEYS": f"{PRIVATE},{PRIVATE_HALF}"}
        status, lines = self.manage("rotate_sealing", **turned)
        self.assertEqual(status, 0)
        self.assertIn("Nothing is under a2f2d1b5. Once every web process seals to the newest and there is a backup since, "
                      "destroy its private half, made on 2026-11-22.", lines)
        destroyed = turned | {"SEALING_PRIVATE_KEYS": PRIVATE}
        self.assertEqual(self.revealed(**destroyed), [f"opened {SECRET}"])
        self.restore()
        self.assertEqual(self.revealed(**destroyed), ["unreadable"])
