"""What `make run` and manage.py add to the environment of one machine."""

import os
import tempfile
from pathlib import Path
from unittest import TestCase, mock

from profiles.keyring import Keyring
from smartrader import local


class LocalTests(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.keys = Path(folder.name, "keys")
        patch = mock.patch.dict(os.environ, {"VAR_DIR": folder.name, "PORT": "18765"})
        patch.start()
        self.addCleanup(patch.stop)

    def test_keys_are_made_once_and_only_for_their_owner(self):
        first = local.environment({}, make_keys=True)
        self.assertEqual(local.environment({}, make_keys=True), first)
        self.assertEqual(local.environment({}), first)
        self.assertEqual(self.keys.stat().st_mode & 0o777, 0o700)
        self.assertEqual({path.name: path.stat().st_mode & 0o777 for path in self.keys.iterdir()}, {
            "SECRET_KEY": 0o600, "CREDENTIALS_KEYS": 0o600, "FINGERPRINT_KEY": 0o600, "ACCOUNT_KEY": 0o600, "DEMO_PASSWORD": 0o600,
        })

    def test_keys_are_long_and_the_ring_takes_them(self):
        made = local.environment({}, make_keys=True)
        self.assertGreaterEqual(len(made["SECRET_KEY"]), 50)
        self.assertEqual(Keyring(made["CREDENTIALS_KEYS"]).open(Keyring(made["CREDENTIALS_KEYS"]).seal(b"x", "row"), "row"), b"x")
        self.assertEqual(len({made[name] for name in local.KEYS}), 5)

    def test_what_is_given_stays(self):
        added = local.environment({"SECRET_KEY": "mine", "EGRESS_IPS": "192.0.2.1", "SITE_URL": "http://localhost:9"}, make_keys=True)
        self.assertEqual(set(added), {"CREDENTIALS_KEYS", "FINGERPRINT_KEY", "ACCOUNT_KEY", "DEMO_PASSWORD"})

    def test_the_address_follows_the_port(self):
        self.assertEqual(local.environment({})["SITE_URL"], "http://127.0.0.1:18765")

    def test_looking_makes_nothing(self):
        self.assertEqual(set(local.environment({})), {"SITE_URL", "EGRESS_IPS"})
        self.assertFalse(self.keys.exists())

    def test_production_gets_nothing(self):
        self.assertEqual(local.environment({"SITE_URL": "https://smartrader.example"}, make_keys=True), {})
        self.assertFalse(self.keys.exists())
