"""Killed half-way: a worker, the web, the broker, commands, all of it; and what the exchange and the database do at their worst."""

import os
import signal
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import requests

from exchanges import sealing
from tests.portal import eventually, is_alive
from tests.proof.leaks import places
from tests.proof.leaks.pastes import fields
from tests.proof.leaks.run import Run, secret_part
from tests.proof.leaks.watched import Watched
from tests.road.base import frozen
from tests.road.person import NEW

UNDER_WAY = 'data-step="reach" data-state="running"'
FAULTS = ("huge", "truncated", "not_json", "redirect", "html_403", "html_520", "reset", "rate_limit")
RESTART_S = 30


def tell(run: Run) -> dict[str, bool]:
    """All of it. Whether each came about."""
    ana = Watched(run).join("ana")
    came = {
        "worker": in_a_worker(run, ana), "exchange": at_the_exchange(run, ana), "broker": at_the_broker(run, ana),
        "web": in_the_web(run, ana), "database": at_the_database(run, ana), "check_key": in_a_check(run), "rotation": in_a_rotation(run),
    }
    run.note("before the end")
    return came


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_program(run: Run, name: str) -> bool:
    """Whether it was started again."""
    pid = run.stack.pids()[name]
    kill([*places.family(pid)])
    return eventually(lambda: run.stack.pids()[name] != pid, RESTART_S)


def in_a_worker(run: Run, ana: Watched) -> bool:
    """While the exchange takes its time to answer: the first look at a key, and the look at its replacement."""
    key, other = run.key("in the hands of a dead worker"), run.key("on trial in the hands of a dead worker")
    proven = ana.link(run.key("proven before"))
    ana.settled(proven)
    for slow in (key, other):
        run.kraken.fault(slow, "slow")
    first = ana.link(key)
    ana.post(f"{proven}reemplazar/", **fields(other))
    asked = eventually(lambda: UNDER_WAY in ana.get(f"{first}estado/").text and ana.state(proven)["candidate"] == "checking", 30)
    return kill_program(run, "worker-now") and asked


def at_the_exchange(run: Run, ana: Watched) -> bool:
    """Every kind of bad answer."""
    keys = {fault: run.key(f"at an exchange that is {fault}") for fault in FAULTS}
    for fault, key in keys.items():
        run.kraken.fault(key, fault)
    links = [ana.link(key) for key in keys.values()]
    return all(ana.settled(link)["status"] == "exchange_down" for link in links)


def at_the_broker(run: Run, ana: Watched) -> bool:
    with frozen(run.stack.pids()["broker"]):
        linked = ana.post(NEW, **fields(run.key("while the broker stands still"))).status_code == 302
    return kill_program(run, "broker") and linked


def in_the_web(run: Run, ana: Watched) -> bool:
    """While it reads a form with a key and a file that is too long for its memory."""
    key, address = run.key("half sent"), urlsplit(run.stack.url)
    parts = [(name, "") for name in fields(key)] + [("file", '; filename="key.txt"')]
    contents = [*fields(key).values(), key["secret"] * 100_000]
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{content}\r\n'
                   for (name, more), content in zip(parts, contents, strict=True))
    head = (f"POST {NEW} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            f"Content-Length: 99999999\r\nCookie: session={ana.http.cookies['session']}; csrf={ana.http.cookies['csrf']}\r\n\r\n")
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall((head + body).encode())
        restarted = kill_program(run, "web")
    return restarted and eventually(lambda: answers(run), RESTART_S)


def answers(run: Run) -> bool:
    try:
        return requests.get(f"{run.stack.url}/health/live", timeout=5).ok
    except requests.ConnectionError:
        return False


def at_the_database(run: Run, ana: Watched) -> bool:
    """Somebody keeps it locked for longer than anybody waits."""
    key = fields(run.key("at a locked database"), csrfmiddlewaretoken=ana.token(NEW))
    with closing(sqlite3.connect(run.database, isolation_level=None, timeout=20)) as database:
        database.execute("BEGIN IMMEDIATE")
        return ana.http.post(run.stack.url + NEW, key, timeout=90).status_code == 500


def in_a_check(run: Run) -> bool:
    """`check_key`, while it waits for the exchange."""
    key = run.key("of an operator who is killed")
    with frozen(run.stack.pids()["sandbox"]):
        command = run.start("check_key", "kraken", told=f"{key['api_key']}\n{key['secret']}\n")
        asking = eventually(lambda: any(file.startswith("socket:") for file in opened(command.pid)), RESTART_S)
        kill([command.pid])
        run.finish()
    return asking


def opened(pid: int) -> Iterator[str]:
    """What the process has open: files by their paths, "socket:[…]"."""
    for number in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(number.readlink())


def in_a_rotation(run: Run) -> bool:
    """`rotate_sealing`, while it waits to write."""
    public, private = sealing.new_pair(date(2026, 12, 22))
    run.plant("new private half", secret_part(private))
    given = places.environment(run.stack.pids()["worker-now"])["SEALING_PRIVATE_KEYS"]
    with closing(sqlite3.connect(run.database, isolation_level=None, timeout=20)) as database:
        database.execute("BEGIN IMMEDIATE")
        command = run.start("rotate_sealing", SEALING_PUBLIC_KEY=public, SEALING_PRIVATE_KEYS=f"{private},{given}")
        waiting = eventually(lambda: str(run.database) in opened(command.pid), RESTART_S)
        kill([command.pid])
        run.finish()
    return waiting


def end(run: Run) -> bool:
    """All of it, at once. Whether nothing is left."""
    pids = [*places.family(run.stack.pid)]
    kill(pids[:1])
    return eventually(lambda: not any(map(is_alive, pids)), RESTART_S)
