"""`make run`: why it does not start, said in one sentence; and what a start that works gives."""

import json
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from unittest import TestCase

import pytest

from smartrader import run
from tests import environment, portal


def failed_start(var_dir: Path, **variables: str) -> tuple[int, list[str]]:
    """Exit status and lines of a start that is expected not to come to life."""
    done = subprocess.run(
        [sys.executable, "-m", "smartrader.run"], cwd=environment.ROOT, capture_output=True, text=True, check=False, timeout=60,
        env=environment.bare() | {"VAR_DIR": str(var_dir), "SANDBOX": "0", "PORT": str(portal.free_port())} | variables,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


class RefusalTests(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.var_dir = Path(folder.name, "var")

    def test_a_misspelt_value_names_itself(self):
        for name, value in (
            ("PORT", "abc"), ("SANDBOX", "maybe"), ("SANDBOX_PORT", "70000"), ("DEBUG", "ture"), ("EGRESS_IPS", "foo"),
            ("KRAKEN_API_URL", "http://exchange.example"), ("SITE_URL", "http://smartrader.example"),
        ):
            status, lines = failed_start(self.var_dir, **{name: value})
            self.assertEqual((name, status, len(lines)), (name, 1, 1))
            self.assertIn(f"{name} in the environment must be ", lines[0])

    def test_production_does_not_start_on_keys_of_its_own_making(self):
        status, lines = failed_start(self.var_dir, SITE_URL="https://smartrader.example")
        self.assertEqual((status, lines), (1, ["Smartrader cannot start: EGRESS_IPS is missing in the environment."]))

    def test_one_port_for_two(self):
        status, lines = failed_start(self.var_dir, SANDBOX="1", PORT="18999", SANDBOX_PORT="18999")
        self.assertEqual((status, lines), (1, ["Smartrader cannot start: PORT and SANDBOX_PORT are both 18999: set one of them."]))

    def test_a_port_that_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            status, lines = failed_start(self.var_dir, PORT=str(port))
        sentence = f"Smartrader cannot start: port {port} is taken: stop what listens there or set PORT."
        self.assertEqual((status, lines), (1, [sentence]))

    def test_a_folder_in_use(self):
        with run._claim(self.var_dir):
            status, lines = failed_start(self.var_dir)
        self.assertEqual((status, len(lines)), (1, 1))
        self.assertIn("is in use by another `make run`: stop that one or set VAR_DIR.", lines[0])

    def test_a_folder_that_cannot_be_one(self):
        self.var_dir.write_text("a file")
        status, lines = failed_start(self.var_dir)
        self.assertEqual((status, len(lines)), (1, 1))
        self.assertIn("cannot be used", lines[0])

    def test_a_database_that_cannot_be_reached(self):
        status, lines = failed_start(self.var_dir, DATABASE_URL=f"postgres://u:p@127.0.0.1:{portal.free_port()}/x")
        self.assertEqual((status, lines), (1, ["Smartrader cannot start: the database of DATABASE_URL cannot be reached."]))


class SocketTests(TestCase):
    def test_the_path_of_the_brokers_socket_stays_short(self):
        tempfile.tempdir = "/x" * 60
        self.addCleanup(setattr, tempfile, "tempdir", None)
        self.assertEqual(run._short_folder(), "/tmp")


@pytest.mark.usefixtures("stack_of_class")
class StartTests(TestCase):
    stack: portal.Portal

    def test_everything_answers(self):
        with urllib.request.urlopen(f"{self.stack.url}/health/ready") as answer:
            parts = {"status": "ok", "database": "ok", "broker": "ok", "workers": "ok"}
            self.assertEqual((answer.status, json.load(answer)), (200, parts))
        with urllib.request.urlopen(f"{self.stack.sandbox_url}/_keys") as answer:
            self.assertIn("kraken", json.load(answer))

    def test_static_files_are_hashed_and_kept_for_good(self):
        page = urllib.request.urlopen(f"{self.stack.url}/cuenta/login/").read().decode()
        address = next(part for part in page.split('"') if part.startswith("/static/css/base."))
        with urllib.request.urlopen(self.stack.url + address) as answer:
            self.assertIn("immutable", answer.headers["Cache-Control"])

    def test_all_programs_run_and_only_the_portals_own_hold_secrets(self):
        pids = self.stack.pids()
        self.assertEqual(set(pids), {"web", "worker-now", "worker-later", "beat", "sandbox", "broker"})
        self.assertEqual(self.holders(pids, "SECRET_KEY"), {"web", "worker-now", "worker-later", "beat"})

    def test_only_workers_hold_what_opens_a_credential(self):
        pids = self.stack.pids()
        self.assertEqual(self.holders(pids, "SEALING_PUBLIC_KEY"), {"web", "worker-now", "worker-later", "beat"})
        for name in ("SEALING_PRIVATE_KEYS", "ACCOUNT_KEY"):
            self.assertEqual((name, self.holders(pids, name)), (name, {"worker-now", "worker-later"}))

    def test_no_key_is_in_a_command_line_or_in_the_file_of_the_supervisor(self):
        keys = [file.read_text() for file in Path(self.stack.var_dir, "keys").iterdir()]
        shown = Path(self.stack.var_dir, "supervisord.conf").read_text()
        shown += "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in (self.stack.pid, *self.stack.pids().values()))
        self.assertEqual([key[:6] for key in keys if key in shown], [])

    def holders(self, pids: dict[str, int], name: str) -> set[str]:
        """The programs with this variable in their environment."""
        return {program for program, pid in pids.items() if f"\0{name}=" in f"\0{Path(f'/proc/{pid}/environ').read_text()}"}

    def test_nobody_else_can_read_what_it_keeps(self):
        kept = [path for path in Path(self.stack.var_dir).rglob("*") if "static" not in path.parts]
        self.assertEqual([path for path in kept if path.stat().st_mode & 0o077], [])

    def test_each_process_stays_below_150_megabytes(self):
        for name, pid in self.stack.pids().items():
            resident = Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]
            self.assertLess((name, int(resident)), (name, 150_000))
