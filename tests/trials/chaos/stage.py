"""A portal under chaos: links of many people with keys of every behaviour, and what is done to its processes meanwhile."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests import environment
from tests.noise import Noise
from tests.portal import Portal, eventually
from tests.road.person import Kraken, Person
from tests.trials.chaos.behaviours import Behaviour
from tests.trials.chaos.databases import Postgres, Sqlite
from tests.trials.chaos.servers import Server

ANA = "ana@example.com"
# Her links are the first ones, which are all fine, until she stops them.
ANAS = 10
OTHERS = 9
LATENCY_MS = 200
# Of each program in turn; `schedule` is what the daily looks are.
WORKERS = {"worker-now": "trigger <> 'schedule'", "worker-later": "trigger = 'schedule'"}
FEED = """
UPDATE exchanges_link SET next_check_at = CURRENT_TIMESTAMP, trigger = '{trigger}'
WHERE status = 'ready' AND lease_token IS NULL AND candidate = '' AND next_check_at IS NOT NULL
"""
FEEDS = {"worker-now": FEED.format(trigger="person"), "worker-later": FEED.format(trigger="schedule")}

@dataclass
class Case:
    """One link: its key, what it deserves, and since when its owner wants no more calls."""

    link: str
    key: dict
    behaviour: Behaviour
    deserves: frozenset[str]
    stopped_at: float | None = None


class Stage:
    def __init__(self, portal: Portal, database: Sqlite | Postgres) -> None:
        self.portal, self.database, self.kraken = portal, database, Kraken(portal)
        self.kraken.post("_status", latency_ms=LATENCY_MS)
        self.ana = Person(portal).sign_up(ANA)
        self.cases: list[Case] = []
        self.killed: dict[str, int] = {}                    # the process of each program that was killed last
        self.kills = 0
        self.dead: set[str] = set()                         # leases whose worker is gone
        self.wounded: dict[str, float] = {}                 # links of theirs, and since when
        self.healed_s: list[float] = []
        self.noise = Noise()

    def link(self, behaviours: list[Behaviour], of: int) -> None:
        """Links to as many keys of each behaviour as its share of `of` is."""
        wanted = [behaviour for behaviour in behaviours for _each in range(-(-behaviour.share * of // 500))]
        keys = [self._make_key(number, behaviour) for number, behaviour in enumerate(wanted)]
        links = self._run("tests.trials.chaos.people", json.dumps(keys))
        self.cases = [
            Case(link, key, behaviour, behaviour.deserves) for link, key, behaviour in zip(links, keys, wanted, strict=True)
        ]

    def _make_key(self, number: int, behaviour: Behaviour) -> dict:
        key = self.kraken.post("_keys", permissions=behaviour.permissions, **behaviour.wish)
        if behaviour.fault:
            self.kraken.fault(key, behaviour.fault)
        email = ANA if number < ANAS else f"person{number % OTHERS}@example.com"
        return {**key, "secret": behaviour.secret or key["secret"], "email": email, "proven": behaviour.proven}

    def _run(self, module: str, given: str) -> list[str]:
        command = [sys.executable, "-m", module]
        ended = subprocess.run(
            command, input=given, cwd=environment.ROOT, env=self.environment("web"), text=True, capture_output=True, check=True)
        return json.loads(ended.stdout)

    def environment(self, program: str) -> dict[str, str]:
        """What a program of this portal was given."""
        text = Path(f"/proc/{self.portal.pids()[program]}/environ").read_text()
        return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)

    def another(self, program: str, name: str, *words: str) -> Server:
        """One more process like those of `program`, with the arguments `words` for Python."""
        log = Path(self.portal.var_dir, "log", f"{name}.log")
        server = Server(["setpriv", "--pdeathsig", "INT", sys.executable, *words], log,
                        cwd=environment.ROOT, env=self.environment(program))
        server.start()
        return server

    def held(self, where: str = "1 = 1") -> dict[str, str]:
        """The links that living workers hold, by lease."""
        rows = self.database.ask(f"SELECT lease_token, id FROM exchanges_link WHERE lease_token IS NOT NULL AND {where}")
        return {_plain(token): _plain(link) for token, link in rows if _plain(token) not in self.dead}

    def kill(self, program: str, least: int) -> None:
        """SIGKILL to a worker that holds `least` links or more."""
        def claims() -> bool:
            return self.portal.pids()[program] != self.killed.get(program) and len(self.held(WORKERS[program])) >= least

        for _try in range(60):
            self.database.ask(FEEDS[program])
            if eventually(claims, 1):
                break
        else:
            raise RuntimeError(f"{program} has nothing to do")
        pid = self.portal.pids()[program]
        os.kill(pid, signal.SIGKILL)
        self.killed[program], self.kills = pid, self.kills + 1
        # The row tells whose lease it was: the trigger of a link that is held changes only when its owner presses a button.
        lost = self.held(WORKERS[program])
        self.dead |= lost.keys()
        self.wounded = dict.fromkeys(lost.values(), monotonic()) | self.wounded

    def kill_workers(self, times: int, meanwhile: dict[int, Callable[[], object]]) -> None:
        """In turns, with fewer or more links in their hands; `meanwhile` is done after so many."""
        for number in range(times):
            self.kill(("worker-now", "worker-later")[number % 2], least=1 + number % 3)
            meanwhile.get(number, lambda: None)()
            self.look()

    def look(self) -> list[Case]:
        """The links that are not yet what they deserve to be, or that somebody holds."""
        rows = self.database.ask("SELECT id, status, reason, candidate, lease_token FROM exchanges_link")
        found = {_plain(link): (f"{status}/{reason}" if reason else status, candidate, lease)
                 for link, status, reason, candidate, lease in rows}
        wrong = [case for case in self.cases if not _is_fine(case, *found[_plain(case.link)])]
        for link in self.wounded.keys() - {_plain(case.link) for case in wrong}:
            self.healed_s.append(monotonic() - self.wounded.pop(link))
        return wrong

    def tell(self, case: Case) -> str:
        rows = self.database.ask(
            "SELECT status, reason, candidate, lease_token, lease_until, next_check_at, trigger, failures, deaths "
            f"FROM exchanges_link WHERE id = '{self.database.name_of(case.link)}'")
        return f"{case.behaviour.name}, deserves {sorted(case.deserves)}: {rows}"


def _is_fine(case: Case, state: str, candidate: str, lease: object) -> bool:
    return state in case.deserves and not candidate and lease is None


def _plain(identity: object) -> str:
    return str(identity).replace("-", "")
