"""Which keys a process may have, must have, and does without."""

import subprocess
from datetime import date
from unittest import TestCase

from exchanges import sealing
from tests.smartrader.test_settings import LOCAL, PRIVATE, PRODUCTION, PUBLIC, python

WORKERS = {"SEALING_PRIVATE_KEYS": PRIVATE, "ACCOUNT_KEY": "a" * 32}
WSGI = ["-c", "import smartrader.wsgi"]
WORKER = ["-m", "celery", "-A", "smartrader", "worker", "--pool", "solo"]
NOBODY = {"CELERY_BROKER_URL": "redis://127.0.0.1:9/0"}


class WebTests(TestCase):
    def test_in_production_it_starts_without_the_keys_of_the_workers(self):
        done = python(WSGI, PRODUCTION)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_in_production_it_does_not_start_with_one_and_says_what_to_do(self):
        for name, value in WORKERS.items():
            done = python(WSGI, PRODUCTION | {name: value})
            cure = f"{name} must not be in the environment of the web process: it belongs to the workers alone. Unset it there."
            self.assertEqual((name, done.returncode), (name, 1))
            self.assertIn(cure, done.stderr)
            self.assertNotIn(value, done.stderr)

    def test_the_real_server_does_not_start_either(self):
        done = python(["-m", "gunicorn", "--preload", "--bind", "127.0.0.1:0", "smartrader.wsgi:application"], PRODUCTION | WORKERS)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Unset it there.", done.stderr)

    def test_on_this_machine_alone_it_may(self):
        self.assertEqual(python(WSGI, LOCAL | WORKERS).returncode, 0)


class WorkerTests(TestCase):
    def start(self, **variables: str) -> subprocess.CompletedProcess:
        return python(WORKER, PRODUCTION | NOBODY | WORKERS | variables)

    def test_it_does_not_start_without_one_of_them(self):
        for name in WORKERS:
            done = self.start(**{name: ""})
            self.assertEqual((name, done.returncode), (name, 1))
            self.assertIn(f"This worker cannot start: {name} is missing in the environment of the workers.\n", done.stderr)

    def test_it_does_not_start_with_halves_of_different_pairs(self):
        _public, private = sealing.new_pair(sealing.PublicHalf(PUBLIC).made)
        done = self.start(SEALING_PRIVATE_KEYS=private)
        self.assertEqual(done.returncode, 1)
        self.assertIn("SEALING_PUBLIC_KEY in the environment must be the public half of one of SEALING_PRIVATE_KEYS.\n", done.stderr)


class CommandTests(TestCase):
    def test_commands_run_in_either_environment(self):
        for keys in ({}, WORKERS):
            self.assertEqual(python(["manage.py", "check"], PRODUCTION | keys).returncode, 0)

    def test_an_old_pair_is_told_before_a_deployment(self):
        public, _private = sealing.new_pair(date(2026, 1, 31))
        done = python(["manage.py", "check", "--deploy"], PRODUCTION | {"SEALING_PUBLIC_KEY": public})
        self.assertRegex(done.stderr, r"exchanges\.W001\) The sealing pair is \d+ days old: turn it \(docs/custody\.md\)\.")
