"""A stolen web tier: the whole database and the environment of the running web process open no exchange credential."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environment
from tests.road.base import RoadTestCase

# Opens every key that has one: with the vault, and by hand as far as the keys at hand go.
THIEF = """
import json, sys
import django
django.setup()
from django.conf import settings
from exchanges import vault
from exchanges.models import ApiKey
from profiles.keyring import ring

opened, inner = [], []
for key in ApiKey.objects.exclude(sealed=None).select_related("link"):
    inner.append(ring().open(vault.split(bytes(key.sealed))[1], vault.context(key)).hex())
    try:
        opened.append(vault.reveal(key).secret)
    except vault.Unreadable:
        opened.append(None)
print(json.dumps({"opened": opened, "inner": inner, "private": settings.SEALING_PRIVATE_KEYS, "account": settings.ACCOUNT_KEY}))
"""


@pytest.mark.usefixtures("ana_of_class")
class StolenWebTests(RoadTestCase):
    def steal(self, program: str) -> dict:
        """What a thief gets who has the environment of this running program, and the database."""
        pid = self.stack.pids()[program]
        variables = Path(f"/proc/{pid}/environ").read_text().rstrip("\0").split("\0")
        given = dict(variable.split("=", 1) for variable in variables)
        done = subprocess.run([sys.executable, "-c", THIEF], cwd=environment.ROOT, env=given, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def plant(self) -> dict:
        key = self.kraken.new_key()
        self.ana.settled(self.ana.link(key))
        return key

    def test_it_opens_no_credential(self):
        key = self.plant()
        loot = self.steal("web")
        self.assertEqual((set(loot["opened"]), loot["private"], loot["account"]), ({None}, "", ""))
        under_the_outer_layer = b"".join(map(bytes.fromhex, loot["inner"]))
        for part in (key["secret"], key["secret"][:20], key["api_key"], key["api_key"][:20]):
            self.assertNotIn(part.encode(), under_the_outer_layer)
        self.assertGreaterEqual(min(map(len, loot["inner"])), 2 * (1120 + 16))

    def test_a_worker_of_the_same_run_opens_them(self):
        key = self.plant()
        self.assertIn(key["secret"], self.steal("worker-now")["opened"])
        self.assertEqual(set(self.steal("beat")["opened"]), {None})

    def test_every_child_of_the_server_is_as_poor(self):
        web = self.stack.pids()["web"]
        children = Path(f"/proc/{web}/task/{web}/children").read_text().split()
        self.assertEqual(len(children), 2)
        for pid in children:
            shown = Path(f"/proc/{pid}/environ").read_text()
            self.assertNotIn("SEALING_PRIVATE_KEYS", shown)
            self.assertNotIn("ACCOUNT_KEY", shown)
