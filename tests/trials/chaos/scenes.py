"""The two scenes: what `make run` runs, and PostgreSQL with Redis and workers whose clocks are wrong."""

import signal
from contextlib import ExitStack
from dataclasses import dataclass
from os import kill
from pathlib import Path
from time import monotonic

from smartrader import programs
from tests import portal
from tests.portal import eventually
from tests.trials.chaos.behaviours import behaviours
from tests.trials.chaos.databases import Postgres, Sqlite, gone_for
from tests.trials.chaos.figures import figures
from tests.trials.chaos.owner import Owner
from tests.trials.chaos.servers import Redis, Server
from tests.trials.chaos.stage import Stage

UNLIMITED = {"MAX_LINKS": "0", "BAD_KEYS_PER_HOUR": "0"}
GONE_S = 10
HOUR_S = 3600
# A lease that its worker took into its grave, the sweep after it, a try that meets an open breaker; twice.
SETTLE_S = 240


@dataclass(frozen=True)
class Played:
    """What came of a scene: the links that are not as they deserve, in words, and its figures."""

    wrong: list[str]
    figures: dict[str, float]


def on_sqlite(folder: Path) -> Played:
    with portal.running(folder, **UNLIMITED) as running:
        stage = Stage(running, Sqlite(folder))
        second_beat = stage.another("beat", "beat-2", *programs.beat()[-7:])
        owner = _begin(stage, links=500)
        stage.kill_workers(50, {
            15: lambda: kill(running.pids()["broker"], signal.SIGKILL),
            30: lambda: _database_gone(stage, owner),
        })
        return _end(stage, owner, second_beat)


def on_postgres(folder: Path) -> Played:
    folder.mkdir(mode=0o700, parents=True)
    with ExitStack() as servers:
        postgres, redis = servers.enter_context(Postgres()), servers.enter_context(Redis(folder))
        variables = UNLIMITED | postgres.variables | redis.variables
        stage = Stage(servers.enter_context(portal.running(folder / "var", **variables)), postgres)
        wrong_clocks = [_worker_off_by(stage, seconds) for seconds in (HOUR_S, -HOUR_S)]
        second_beat = stage.another("beat", "beat-2", *programs.beat()[-7:])
        owner = _begin(stage, links=150)
        stage.kill_workers(10, {3: lambda: _database_gone(stage, owner), 6: redis.restart})
        return _end(stage, owner, second_beat, *wrong_clocks)


def _worker_off_by(stage: Stage, seconds: int) -> Server:
    celery = programs.worker("now,later", 4)[2:]
    return stage.another("worker-now", f"worker{seconds:+}", "-m", "tests.trials.chaos.clock", str(seconds), *celery)


def _begin(stage: Stage, links: int) -> Owner:
    stage.link(behaviours(), of=links)
    owner = Owner(stage)
    owner.start()
    return owner


def _database_gone(stage: Stage, owner: Owner) -> None:
    with owner.calm:
        gone_for(stage.database, GONE_S)


def _end(stage: Stage, owner: Owner, *others: Server) -> Played:
    owner.finish()
    for other in others:
        other.end()
    began = monotonic()
    eventually(lambda: not stage.look(), SETTLE_S * stage.noise.factor())
    settled_s = {"settled_s": round(monotonic() - began)}
    return Played([stage.tell(case) for case in stage.look()], figures(stage) | settled_s)
