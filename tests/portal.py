"""The whole portal in processes of its own, on free ports, for tests: what `make run` starts."""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests import environment

START_S = 120
STOP_S = 30
READY = re.compile(r"^Ready: (\S+) \| demo account: (\S+) \| password: (\S+)(?: \| sandbox: (\S+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Portal:
    """`pid` is the process of `make run`; it has said that it is ready."""

    pid: int
    url: str
    email: str
    password: str
    sandbox_url: str
    var_dir: str

    def pids(self) -> dict[str, int]:
        """The process of each program (web, worker-now, worker-later, beat, sandbox, broker) that runs now."""
        log = Path(self.var_dir, "log", "supervisord.log").read_text()
        return {name: int(pid) for name, pid in re.findall(r"spawned: '([\w-]+)' with pid (\d+)", log)}

    def stop(self) -> bool:
        """As Ctrl-C does; whether it ended in time."""
        if is_alive(self.pid):
            os.kill(self.pid, signal.SIGINT)
        return eventually(lambda: not is_alive(self.pid), STOP_S)


def start(var_dir: Path, **variables: str) -> Portal:
    """Start a portal with these environment variables beside free ports, and wait until it says that it is ready."""
    var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _spare_static(var_dir)
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    given = {**environment.bare(), **ports, "VAR_DIR": str(var_dir), **variables}
    said = var_dir.with_suffix(".said")
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "smartrader.run"], cwd=environment.ROOT, env=given, stdout=output, stderr=output
        )
    eventually(lambda: process.poll() is not None or READY.search(said.read_text()), START_S)
    ready = READY.search(said.read_text())
    if ready is None:
        process.terminate()
        raise RuntimeError(f"The portal did not start: {said.read_text()}")
    _keep_static(var_dir)
    url, email, password, sandbox_url = ready.groups()
    return Portal(process.pid, url, email, password, sandbox_url or "", str(var_dir))


def _spare_static(var_dir: Path) -> None:
    """A new portal gets the static files that the first start of this test run made: to press them together takes seconds."""
    kept = _kept_static()
    if kept and kept.exists() and not (var_dir / "static").exists():
        _copy_static(kept, var_dir)


def _keep_static(var_dir: Path) -> None:
    kept = _kept_static()
    if kept and not kept.exists():
        made = Path(tempfile.mkdtemp(dir=kept.parent))
        _copy_static(var_dir, made)
        with suppress(OSError):                 # another process of this run was first
            made.rename(kept)


def _copy_static(source: Path, target: Path) -> None:
    shutil.copytree(source / "static", target / "static")
    shutil.copy2(source / "static.stamp", target)


def _kept_static() -> Path | None:
    """None outside of a test run."""
    folder = os.environ.get("SMARTRADER_TEST_DIR")
    return Path(folder, "kept-static") if folder else None


@contextmanager
def running(var_dir: Path, **variables: str) -> Iterator[Portal]:
    portal = start(var_dir, **variables)
    try:
        yield portal
    finally:
        portal.stop()


def shared(folder: Path) -> Portal:
    """The portal that all processes of a test run share: whoever asks first starts it, `stop_shared` ends it."""
    known = folder / "stack.json"
    with (folder / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            known.write_text(json.dumps(asdict(start(folder / "stack"))))
    return Portal(**json.loads(known.read_text()))


def stop_shared(folder: Path) -> None:
    known = folder / "stack.json"
    if known.exists():
        Portal(**json.loads(known.read_text())).stop()


def eventually(happened: Callable[[], object], seconds: float) -> bool:
    """Wait until it happened; False if it did not within so many seconds."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
