"""What happens to the portal before the hunt, in the order of a bad day."""

from tests.proof.leaks import accounts, commands, errors, pastes, visits
from tests.proof.leaks.run import Run
from tests.proof.leaks.watched import Watched
from tests.road.test_presence import grow_stale

BAD_KEYS = 3


def tell(run: Run) -> dict[str, object]:
    """All of it. What came of it, by what was tried: a state of a link, a status of HTTP, a page."""
    commands.ask_about_keys(run)
    nobody, ana, bea = Watched(run), Watched(run).join("ana"), Watched(run).join("bea")
    pages = pastes.linked(run, ana)
    pastes.changed(run, ana, pages)
    pastes.refused(run, ana)
    pastes.strayed(run, ana, nobody)
    pastes.malformed(run, ana.http.cookies["session"])
    run.note("after the keys")
    accounts.passwords(run, ana)
    ana = accounts.factors(run, ana)
    came = {"stale": accounts.stale(run, ana), "frozen": accounts.frozen(run), "limited": accounts.limited(run, BAD_KEYS)}
    celia = accounts.staff(run, bea)
    for person in (nobody, bea, ana, celia):
        visits.look(person, pages["ready"])
    everywhere(run, nobody, pages["ready"])
    came |= {"error of the web": errors.in_the_web(run, ana), "error of a worker": errors.in_a_worker(run, ana)}
    commands.look_at_rows(run)
    came |= {fate: came_of(ana.state(page)) for fate, page in pages.items()}
    commands.turn_keys(run)
    ana.press(pages["ready"], "validar")
    came["after the keys were turned"] = came_of(ana.settled(pages["ready"]))
    return came


def everywhere(run: Run, nobody: Watched, link: str) -> None:
    """A key in each field of each address: by nobody, by its owner, by the owner whose proof is stale."""
    visits.send(run, nobody, link, "nobody")
    zoe = Watched(run).join("zoe")
    visits.send(run, zoe, zoe.link(run.key("zoe's own")), "zoe")
    again = Watched(run, zoe).enter()
    grow_stale(again)
    visits.send(run, again, zoe.link(run.key("another of zoe's")), "zoe with a stale proof")


def came_of(state: dict[str, str]) -> str:
    return " ".join(filter(None, (state["status"], state["reason"], state["candidate"])))
