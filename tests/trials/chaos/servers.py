"""Servers that a trial owns, starts and kills."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from subprocess import STDOUT, Popen

import pytest

from tests.portal import free_port


def as_whoever_may(command: Sequence[object]) -> list[str]:
    """The command, ended with the thread that starts it; not as root, whom PostgreSQL refuses."""
    who = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.getuid() == 0 else []
    return ["setpriv", "--pdeathsig", "INT", *who, *map(str, command)]


class Server:
    def __init__(self, command: list[str], log: Path, **options: object) -> None:
        self.command, self.log, self.options = command, log, options

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = Popen(self.command, stdout=output, stderr=STDOUT, **self.options)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(30)


class Redis(Server):
    """A Redis of our own on a free port: broker and cache. It keeps nothing over its end."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        super().__init__(["setpriv", "--pdeathsig", "INT", program, *options], folder / "redis.log")
        where = f"redis://127.0.0.1:{port}"
        self.variables = {"CELERY_BROKER_URL": f"{where}/0", "CACHE_URL": f"{where}/1"}

    def __enter__(self) -> "Redis":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def restart(self) -> None:
        """Killed, and up again."""
        self.end()
        self.start()
