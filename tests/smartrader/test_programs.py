"""The processes of `make run`, as supervisord is told of them."""

import shlex
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from unittest import TestCase

from smartrader import programs

COMMANDS = {
    "web": programs.web(8000), "worker-now": programs.worker("now", 1), "beat": programs.beat(),
    "sandbox": programs.sandbox(8001), "broker": programs.broker(Path("/s"), Path("/d")),
}


def read(var_dir: str) -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(programs.configuration(COMMANDS, Path(var_dir)))
    return parser


class ConfigurationTests(TestCase):
    def test_every_program_starts_again_and_has_its_log(self):
        file = read("/somewhere/var")
        for name in COMMANDS:
            self.assertEqual(file[f"program:{name}"]["autorestart"], "true")
            self.assertEqual(file[f"program:{name}"]["stdout_logfile"], f"/somewhere/var/log/{name}.log")

    def test_the_broker_stops_last(self):
        self.assertEqual(dict(read("/var")["group:portal"]), {"programs": "web,worker-now,beat,sandbox", "priority": "2"})

    def test_every_program_ends_with_its_parent(self):
        for name in COMMANDS:
            self.assertEqual(shlex.split(read("/var")[f"program:{name}"]["command"])[1], programs.TETHER)

    def test_the_sandbox_and_the_broker_inherit_no_secret(self):
        bare = {name for name in COMMANDS if shlex.split(read("/var")[f"program:{name}"]["command"])[2] == "--bare"}
        self.assertEqual(bare, {"sandbox", "broker"})

    def test_only_workers_inherit_what_is_theirs(self):
        kept_back = {name: command[3] for name in COMMANDS
                     if (command := shlex.split(read("/var")[f"program:{name}"]["command"]))[2] == "--without"}
        self.assertEqual(kept_back, dict.fromkeys(("web", "beat"), "SEALING_PRIVATE_KEYS,ACCOUNT_KEY"))

    def test_odd_folders_stay_what_they_are(self):
        self.assertEqual(read("/a b/100%")["supervisord"]["pidfile"], "/a b/100%%/supervisord.pid")

    def test_the_worker_can_be_found_by_its_command_line(self):
        command = " ".join(programs.worker("now", 8))
        self.assertIn("celery", command)
        self.assertIn("worker", command)

    def test_one_may_leave_the_processors_to_others(self):
        self.assertEqual(programs.worker("later", 4, nice=10)[:3], ["nice", "-n", "10"])


class TetherTests(TestCase):
    def names(self, *arguments: str) -> set[str]:
        """The variables that a tethered command has, of three."""
        show = [sys.executable, "-c", "import os; print(*os.environ)"]
        given = {"PATH": "/bin", "ONE": "1", "TWO": "2"}
        done = subprocess.run([sys.executable, programs.TETHER, *arguments, *show], env=given, capture_output=True, text=True, check=True)
        return set(done.stdout.split()) & given.keys()

    def test_it_hands_on_what_it_is_told_to(self):
        self.assertEqual(self.names(), {"PATH", "ONE", "TWO"})
        self.assertEqual(self.names("--bare"), {"PATH"})
        self.assertEqual(self.names("--without", "TWO,NONE"), {"PATH", "ONE"})
