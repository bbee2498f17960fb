"""What `make run` and manage.py add to the environment of one machine."""

import os
import tempfile
from pathlib import Path
from unittest import TestCase, mock

from exchanges.sealing import PrivateRing, PublicHalf
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
            "SEALING_PUBLIC_KEY": 0o600, "SEALING_PRIVATE_KEYS": 0o600,
        })

    def test_the_two_halves_belong_together_and_lie_apart(self):
        made = local.environment({}, make_keys=True)
        sealed = PublicHalf(made["SEALING_PUBLIC_KEY"]).seal(b"x", "row")
        key_id = PublicHalf(made["SEALING_PUBLIC_KEY"]).key_id
        self.assertEqual(PrivateRing(made["SEALING_PRIVATE_KEYS"]).open(key_id, sealed, "row"), b"x")
        private = made["SEALING_PRIVATE_KEYS"].rpartition(".")[2]
        self.assertNotIn(private, (self.keys / "SEALING_PUBLIC_KEY").read_text())

    def test_a_folder_from_before_gets_a_pair_and_keeps_the_rest(self):
        first = local.environment({}, make_keys=True)
        for name in local.PAIR:
            (self.keys / name).unlink()
        again = local.environment({}, make_keys=True)
        self.assertEqual(again["CREDENTIALS_KEYS"], first["CREDENTIALS_KEYS"])
        self.assertNotEqual(again["SEALING_PRIVATE_KEYS"], first["SEALING_PRIVATE_KEYS"])

    def test_a_pair_killed_between_its_halves_is_made_whole(self):
        first = local.environment({}, make_keys=True)
        (self.keys / "SEALING_PUBLIC_KEY").unlink()
        self.assertEqual(local.environment({}, make_keys=True), first)

    def test_of_a_pair_given_nothing_is_added(self):
        for name in local.PAIR:
            added = local.environment({name: "mine"}, make_keys=True)
            self.assertEqual(added.keys() & set(local.PAIR), set())

    def test_keys_are_long_and_the_ring_takes_them(self):
        made = local.environment({}, make_keys=True)
        self.assertGreaterEqual(len(made["SECRET_KEY"]), 50)
        self.assertEqual(Keyring(made["CREDENTIALS_KEYS"]).open(Keyring(made["CREDENTIALS_KEYS"]).seal(b"x", "row"), "row"), b"x")
        self.assertEqual(len({made[name] for name in local.KEYS}), 6)

    def test_what_is_given_stays(self):
        added = local.environment({"SECRET_KEY": "mine", "EGRESS_IPS": "192.0.2.1", "SITE_URL": "http://localhost:9"}, make_keys=True)
        self.assertEqual(set(added), {"CREDENTIALS_KEYS", "FINGERPRINT_KEY", "ACCOUNT_KEY", "DEMO_PASSWORD", *local.PAIR})

    def test_the_address_follows_the_port(self):
        self.assertEqual(local.environment({})["SITE_URL"], "http://127.0.0.1:18765")

    def test_looking_makes_nothing(self):
        self.assertEqual(set(local.environment({})), {"SITE_URL", "EGRESS_IPS"})
        self.assertFalse(self.keys.exists())

    def test_production_gets_nothing(self):
        self.assertEqual(local.environment({"SITE_URL": "https://smartrader.example"}, make_keys=True), {})
        self.assertFalse(self.keys.exists())
