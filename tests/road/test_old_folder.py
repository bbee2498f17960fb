"""A VAR_DIR from before credentials were sealed to the workers: the next `make run` seals them, and everything goes on."""

import os
import sqlite3
from pathlib import Path
from unittest import TestCase
from uuid import UUID

import pytest
import requests

from exchanges.sealing import PrivateRing
from profiles.keyring import Keyring
from tests import portal
from tests.road.person import Person

ROWS = "SELECT key.id, link.user_id, key.sealed FROM exchanges_apikey AS key JOIN exchanges_link AS link ON link.id = key.link_id"


class OldFolderTests(TestCase):
    @pytest.mark.trials
    def test_what_was_only_sealed_at_rest_is_sealed_to_the_workers(self):
        folder = Path(os.environ["SMARTRADER_TEST_DIR"], "old")
        with portal.running(folder) as first:
            demo = Person(first).log_in(first.email, first.password)
            link = demo.link(ready_made(first))
            self.assertEqual(demo.settled(link)["status"], "ready")
        as_before(folder)
        with portal.running(folder) as second:
            with sqlite3.connect(folder / "db.sqlite3") as database:
                self.assertEqual([sealed[:6] for _key, _user, sealed in database.execute(ROWS)], [b"hpke1."])
            demo.stack = second
            demo.press(link, "validar")
            self.assertEqual((demo.settled(link)["status"], demo.settled(link)["reason"]), ("ready", ""))


def ready_made(stack: portal.Portal) -> dict:
    """A key that the sandbox still knows after a restart."""
    return next(key for key in requests.get(f"{stack.sandbox_url}/_keys", timeout=30).json()["kraken"] if key["name"] == "empty")


def as_before(folder: Path) -> None:
    """Take the inner layer off every row, and forget the pair."""
    ring = Keyring((folder / "keys" / "CREDENTIALS_KEYS").read_text())
    pairs = PrivateRing((folder / "keys" / "SEALING_PRIVATE_KEYS").read_text())
    with sqlite3.connect(folder / "db.sqlite3") as database:
        for key, user, sealed in database.execute(ROWS).fetchall():
            context = f"exchanges.ApiKey.sealed|{UUID(key)}|{UUID(user)}"
            _mark, pair, token = sealed.split(b".", 2)
            plain = pairs.open(pair.decode(), ring.open(token, context), context)
            database.execute("UPDATE exchanges_apikey SET sealed = ? WHERE id = ?", (ring.seal(plain, context), key))
    for name in ("SEALING_PRIVATE_KEYS", "SEALING_PUBLIC_KEY"):
        (folder / "keys" / name).unlink()
