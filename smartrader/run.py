"""`make run`: the whole product on one machine, in the foreground, until Ctrl-C or SIGTERM.

Says `Ready: …` in one line once pages, broker, workers and sandbox answer. What the processes say is in VAR_DIR/log.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from smartrader import answers, env, local, programs

READY_S = 175
STOP_S = 12
# The predecessor's processes end with it, but not in the same moment.
FREE_S = 8
LONGEST_SOCKET_PATH = 107


class Refusal(Exception):
    """The start cannot go on; the text says why, in one sentence."""


@dataclass(frozen=True)
class Plan:
    """What this start is asked to run, read from the environment."""

    port: int
    sandbox_port: int
    with_sandbox: bool
    own_broker: bool
    var_dir: Path

    @property
    def ports(self) -> dict[str, int]:
        return {"PORT": self.port} | ({"SANDBOX_PORT": self.sandbox_port} if self.with_sandbox else {})

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}" if self.with_sandbox else ""


def read_plan() -> Plan:
    plan = Plan(
        port=env.number("PORT", 8000, least=1, most=65535),
        sandbox_port=env.number("SANDBOX_PORT", 8001, least=1, most=65535),
        with_sandbox=env.flag("SANDBOX", default=True),
        own_broker=not env.text("CELERY_BROKER_URL", ""),
        var_dir=env.folder("VAR_DIR", "var"),
    )
    if plan.with_sandbox and plan.port == plan.sandbox_port:
        raise Refusal(f"PORT and SANDBOX_PORT are both {plan.port}: set one of them.")
    return plan


def main() -> int:
    os.umask(0o077)
    # Ctrl-C too: a shell that starts us in the background tells us to ignore it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        plan = read_plan()
        with _claim(plan.var_dir):
            _await_free_ports(plan)
            return run(plan)
    except (Refusal, ImproperlyConfigured) as exc:
        return _say(str(exc))
    except OperationalError:
        return _say("the database of DATABASE_URL cannot be reached.")
    except KeyboardInterrupt:
        return 0


def run(plan: Plan) -> int:
    """Prepare, start everything, say so, wait. Returns the exit status."""
    socket_folder = Path(tempfile.mkdtemp(prefix="smartrader-", dir=_short_folder()))
    try:
        broker_socket = socket_folder / "broker.sock"
        demo = _prepare(plan, broker_socket)
        return _supervise(plan, _programs(plan, broker_socket), demo)
    finally:
        shutil.rmtree(socket_folder, ignore_errors=True)


def _prepare(plan: Plan, broker_socket: Path) -> tuple[str, str] | None:
    """Fill the environment that the processes inherit, and everything in VAR_DIR they expect."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartrader.settings")
    os.environ.update(local.environment(os.environ, make_keys=True))
    os.environ["VAR_DIR"] = str(plan.var_dir)
    if plan.own_broker:
        os.environ["CELERY_BROKER_URL"] = f"redis+socket://{broker_socket}"
    django.setup()
    from smartrader.prepare import demo_account, point_exchanges_at, prepare

    prepare()
    if plan.with_sandbox and not settings.PRODUCTION:
        os.environ.update(point_exchanges_at(plan.sandbox_url))
    demo = demo_account()
    os.environ.pop("DEMO_PASSWORD", None)
    return demo


def _programs(plan: Plan, broker_socket: Path) -> dict[str, list[str]]:
    wanted = {
        "web": programs.web(plan.port),
        "worker-now": programs.worker("now", 16),
        "worker-later": programs.worker("later", 4, nice=10),
        "beat": programs.beat(),
    }
    if plan.with_sandbox:
        wanted["sandbox"] = programs.sandbox(plan.sandbox_port)
    if plan.own_broker:
        wanted["broker"] = programs.broker(broker_socket, plan.var_dir / "broker")
    return wanted


def _supervise(plan: Plan, wanted: dict[str, list[str]], demo: tuple[str, str] | None) -> int:
    file = plan.var_dir / "supervisord.conf"
    file.write_text(programs.configuration(wanted, plan.var_dir))
    supervisor = _start_supervisor(file)
    try:
        if not _await_ready(plan, supervisor):
            return 1
        print(_ready_line(plan, demo), flush=True)
        while True:
            supervisor.wait()
            time.sleep(1)
            supervisor = _start_supervisor(file)
    finally:
        _stop(supervisor)


def _start_supervisor(file: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches this process alone, which then stops the others in order."""
    command = [sys.executable, programs.TETHER, sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(file)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)


def _await_ready(plan: Plan, supervisor: subprocess.Popen[bytes]) -> bool:
    """Whether everything answered in time; if not, says what did not."""
    end = time.monotonic() + READY_S
    waiting_for = ["processes"]
    while time.monotonic() < end and supervisor.poll() is None:
        waiting_for = answers.missing(plan.port, plan.sandbox_url)
        if not waiting_for:
            return True
        time.sleep(0.1)
    print(f"Not ready: {', '.join(waiting_for)} did not answer. See {plan.var_dir / 'log'}.", file=sys.stderr)
    return False


def _ready_line(plan: Plan, demo: tuple[str, str] | None) -> str:
    parts = [f"Ready: http://127.0.0.1:{plan.port}"]
    if demo:
        parts += [f"demo account: {demo[0]}", f"password: {demo[1]}"]
    if plan.with_sandbox:
        parts.append(f"sandbox: {plan.sandbox_url}")
    return " | ".join(parts)


def _stop(supervisor: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    supervisor.terminate()
    try:
        supervisor.wait(STOP_S)
    except subprocess.TimeoutExpired:
        supervisor.kill()


def _claim(var_dir: Path) -> IO[str]:
    """A lock on VAR_DIR for as long as the file is open: one start at a time may use it. Raises Refusal."""
    try:
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (var_dir / "run.lock").open("w")
    except OSError as exc:
        raise Refusal(f"VAR_DIR {var_dir} cannot be used: {exc.strerror}.") from None
    end = time.monotonic() + FREE_S
    while not _is_locked(lock):
        if time.monotonic() > end:
            lock.close()
            raise Refusal(f"VAR_DIR {var_dir} is in use by another `make run`: stop that one or set VAR_DIR.")
        time.sleep(0.2)
    return lock


def _is_locked(lock: IO[str]) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _await_free_ports(plan: Plan) -> None:
    """Raises Refusal for a port that is taken; those of a predecessor that was killed become free in a moment."""
    end = time.monotonic() + (FREE_S if _is_running(plan.var_dir / "supervisord.pid") else 0)
    for name, port in plan.ports.items():
        while not _is_free(port):
            if time.monotonic() >= end:
                raise Refusal(f"port {port} is taken: stop what listens there or set {name}.")
            time.sleep(0.2)


def _is_running(pid_file: Path) -> bool:
    """Whether the process of `pid_file` still runs."""
    try:
        os.kill(int(pid_file.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _short_folder() -> str | None:
    """Where a socket's path stays below the limit of the system, 107 bytes; None is the usual place."""
    path = Path(tempfile.gettempdir(), "smartrader-12345678", "broker.sock")
    return None if len(bytes(path)) <= LONGEST_SOCKET_PATH else "/tmp"  # noqa: S108  (mkdtemp is safe there)


def _say(why: str) -> int:
    print(f"Smartrader cannot start: {why}", file=sys.stderr)
    return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
