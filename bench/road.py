"""How long a person waits for «Lista para operar», and what it costs: `make bench`.

Starts the whole portal in a folder of its own, plays persons against it over HTTP with the sandbox as exchange, prints one
table and writes it to VAR_DIR/bench.json. Where there is one, a floor from the same run stands beside a figure: the least
that the same work takes without us.
"""
import json
import os
import signal
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from exchanges.connectors.base import Credentials
from exchanges.connectors.kraken import KrakenAuth
from smartrader import env
from tests.portal import Portal, running
from tests.road.person import NEW, Kraken, Person

TIMES = 20
BEHIND = 200
FIRST_PROOF = ("GetApiKeyInfo", "Balance", "OpenOrders", "ClosedOrders", "Ledgers", "AddOrder")
ORDER = "pair=XBTUSD&type=buy&ordertype=limit&price=7500&volume=0.0001&validate=true"


def main() -> None:
    with (tempfile.TemporaryDirectory(prefix="smartrader-bench-") as folder,
          running(Path(folder), BAD_KEYS_PER_HOUR="0", MAX_LINKS="0") as stack):
        figures = Road(stack).measure()
    width = max(map(len, figures))
    print("\n".join(f"{name:<{width}}  {value:g}" for name, value in figures.items()))
    var_dir = env.folder("VAR_DIR", "var")
    var_dir.mkdir(parents=True, exist_ok=True)
    (var_dir / "bench.json").write_text(json.dumps(figures, indent=1))


class Road:
    def __init__(self, stack: Portal) -> None:
        self.stack, self.kraken = stack, Kraken(stack)
        self.ana = Person(stack).log_in(stack.email, stack.password)

    def measure(self) -> dict[str, float]:
        self.link()     # the first one warms what is loaded late
        figures = self.walks("")
        figures["floor_six_calls_s.p50"] = statistics.median(self.six_bare_calls() for _ in range(TIMES))
        figures["ratio.final_to_floor"] = figures["post_to_final_s.p50"] / figures["floor_six_calls_s.p50"]
        figures["calls.first_link"], figures["calls.recheck"] = self.calls()
        self.make_due(BEHIND)
        figures |= self.walks("_behind_200")
        figures |= {f"rss_mb.{name}": self.rss_mb(name) for name in ("web", "worker-now", "worker-later")}
        broker = self.stack.pids()["broker"]
        os.kill(broker, signal.SIGSTOP)
        figures["post_ms_stopped_broker.max"] = max(self.post()[1] for _ in range(5)) * 1000
        os.kill(broker, signal.SIGKILL)
        figures["post_ms_dead_broker.max"] = max(self.post()[1] for _ in range(5)) * 1000
        return {name: round(value, 3) for name, value in figures.items()}

    def walks(self, name: str) -> dict[str, float]:
        walked = [self.link() for _ in range(TIMES)]
        posts, finals = ([walk[n] for walk in walked] for n in (0, 1))
        return {f"post{name}_ms.p50": statistics.median(posts) * 1000, f"post{name}_ms.p95": _p95(posts) * 1000,
                f"post_to_final{name}_s.p50": statistics.median(finals), f"post_to_final{name}_s.p95": _p95(finals)}

    def post(self) -> tuple[str, float]:
        key = self.kraken.new_key()
        token = self.ana.token(NEW)
        return _timed(lambda: self.ana.send(NEW, token, api_key=key["api_key"], secret=key["secret"]).headers["Location"])

    def link(self) -> tuple[float, float]:
        """Seconds of the POST, and from there to the final state as the page's fragment tells it."""
        page, posted = self.post()
        began = time.perf_counter() - posted
        if self.ana.settled(page)["status"] != "ready":
            raise RuntimeError(f"{page} did not become ready")
        return posted, time.perf_counter() - began

    def six_bare_calls(self) -> float:
        """The same six calls with bare requests and one kept-alive connection."""
        key = self.kraken.new_key()
        auth = KrakenAuth(Credentials(key["api_key"], key["secret"]), time.time_ns, time.time)
        with requests.Session() as session:
            def ask() -> None:
                for name in FIRST_PROOF:
                    # Signed for the exchange's own path; the sandbox answers it at its root too.
                    body = ORDER if name == "AddOrder" else ""
                    session.post(f"{self.stack.sandbox_url}/0/private/{name}", body, auth=auth, timeout=10).raise_for_status()

            return _timed(ask)[1]

    def calls(self) -> tuple[int, int]:
        key = self.kraken.new_key()
        page = self.ana.link(key)
        self.ana.settled(page)
        first = len(self.kraken.calls(key))
        self.ana.press(page, "validar")
        self.ana.settled(page)
        return first, len(self.kraken.calls(key)) - first

    def make_due(self, number: int) -> None:
        """Links that are ready, and all of them due for their daily check at once."""
        while self.ready() < number:
            self.link()
        with sqlite3.connect(Path(self.stack.var_dir, "db.sqlite3"), timeout=20) as database:
            database.execute("UPDATE exchanges_link SET next_check_at = '2026-01-01 00:00:00' WHERE status = 'ready'")

    def ready(self) -> int:
        with sqlite3.connect(Path(self.stack.var_dir, "db.sqlite3"), timeout=20) as database:
            return database.execute("SELECT count(*) FROM exchanges_link WHERE status = 'ready'").fetchone()[0]

    def rss_mb(self, program: str) -> float:
        """The most that one process of a program holds: gunicorn's workers are its children."""
        first = self.stack.pids()[program]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return max(_rss_mb(pid) for pid in (first, *map(int, children)))


def _timed(work: Callable[[], object]) -> tuple[object, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95) - 1]


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
