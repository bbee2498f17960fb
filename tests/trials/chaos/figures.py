"""What the exchange saw, and what must not be in it."""

import re
from collections import Counter
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from tests.trials.chaos.stage import Case, Stage

# A call that left before the answer to «Pausar» may be noted this much later, on a machine that nobody else uses.
NOTED_LATE_S = 0.3
NOT_YET = 2e10
LINK = re.compile(r"/perfil/exchanges/([0-9a-f-]{36})/")


def figures(stage: Stage) -> dict[str, float]:
    calls, slower = [(case, stage.kraken.calls(case.key)) for case in stage.cases], stage.noise.factor()
    under_way = sum(_was_under_way(case, asked) for case, asked in calls)
    mails = _mails(Path(stage.portal.var_dir, "mail"))
    healed = sorted(stage.healed_s)
    percentiles = quantiles(healed, n=100, method="inclusive")
    return {
        "links": len(stage.cases), "kills": stage.kills, "calls": sum(len(asked) for _case, asked in calls),
        "stopped_under_way": under_way,
        "heal_s_p50": round(percentiles[49]), "heal_s_p95": round(percentiles[94]), "heal_s_max": round(healed[-1]),
        "overlaps": sum(_overlaps(asked) for _case, asked in calls),
        "nonce_errors": sum(_nonce_errors(asked) for case, asked in calls if case.behaviour.name != "no nonce left"),
        "calls_after_stop": sum(_after_stop(case, asked, NOTED_LATE_S * slower) for case, asked in calls),
        "noise": round(slower, 2), "mails": len(mails), "mails_repeated": _repeated(mails), "mails_twice": _told_twice(mails),
    }


def _overlaps(asked: list[dict]) -> int:
    """Calls of one key that began before the one before had ended."""
    asked = sorted(asked, key=lambda call: call["time"])
    return sum(after["time"] < (before["ended"] or NOT_YET) for before, after in pairwise(asked))


def _nonce_errors(asked: list[dict]) -> int:
    return sum(call["outcome"] == "EAPI:Invalid nonce" for call in asked)


def _after_stop(case: Case, asked: list[dict], late_s: float) -> int:
    return sum(case.stopped_at is not None and call["time"] > case.stopped_at + late_s for call in asked)


def _was_under_way(case: Case, asked: list[dict]) -> bool:
    return case.stopped_at is not None and any(call["time"] < case.stopped_at < (call["ended"] or NOT_YET) for call in asked)


def _mails(folder: Path) -> list[EmailMessage]:
    parts = [part for file in folder.iterdir() for part in file.read_text().split("-" * 79)]
    return [message_from_string(part.strip(), policy=default) for part in parts if part.strip()]


def _told_twice(mails: list[EmailMessage]) -> int:
    """Mails that told somebody the same of the same link, by another Message-ID than before."""
    told = {(mail["To"], mail["Subject"], *LINK.findall(_text(mail))[:1], mail["Message-ID"]) for mail in mails}
    return sum(times - 1 for what, times in Counter(names[:-1] for names in told).items() if len(what) == 3)


def _text(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def _repeated(mails: list[EmailMessage]) -> int:
    """Mails that went again, their worker having been killed before it wrote down that they had gone: by the same Message-ID."""
    return sum(times - 1 for times in Counter(mail["Message-ID"] for mail in mails).values())
