"""The processes of `make run`, as supervisord is told of them."""

import shlex
from configparser import RawConfigParser
from pathlib import Path
from unittest import TestCase

from smartrader import programs

COMMANDS = {"web": programs.web(8000), "sandbox": programs.sandbox(8001), "broker": programs.broker(Path("/s"), Path("/d"))}


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
        self.assertEqual(dict(read("/var")["group:portal"]), {"programs": "web,sandbox", "priority": "2"})

    def test_every_program_ends_with_its_parent(self):
        for name in COMMANDS:
            self.assertEqual(shlex.split(read("/var")[f"program:{name}"]["command"])[1], programs.TETHER)

    def test_the_sandbox_and_the_broker_inherit_no_secret(self):
        bare = {name for name in COMMANDS if shlex.split(read("/var")[f"program:{name}"]["command"])[2] == "--bare"}
        self.assertEqual(bare, {"sandbox", "broker"})

    def test_odd_folders_stay_what_they_are(self):
        self.assertEqual(read("/a b/100%")["supervisord"]["pidfile"], "/a b/100%%/supervisord.pid")

    def test_the_worker_can_be_found_by_its_command_line(self):
        command = " ".join(programs.worker("now", 8))
        self.assertIn("celery", command)
        self.assertIn("worker", command)
