"""What the owner of a link knows of it, and a mail where that is no longer how it is.

`Link.told` is what its page last told them, or a mail did: the state and the key that it is about, "ready+5f0c1e2a". What they
do themselves they know; what they read on the page before the mail leaves needs none.
"""
from datetime import timedelta
from uuid import UUID

from exchanges import watched
from exchanges.models import BUSY, Link, Status
from profiles import clock, outbox

DOWN_FOR = timedelta(minutes=30)
SECOND_LOOK = timedelta(minutes=5)          # by then a proven key that was not found is revoked, or works again
# An exchange that we stop, or that is back, concerns all links there, one after another.
STOPPED_WITHIN, BACK_WITHIN = timedelta(minutes=1), timedelta(minutes=10)
LET_THEM_READ = timedelta(seconds=20)       # on the page that is open before them; should they have left, the mail goes then
OUTAGE = (Status.EXCHANGE_DOWN, f"{Status.SUSPENDED}/incident")
KINDS = {Status.READY: "ready", Status.PAUSED: "ready", Status.EXCHANGE_DOWN: "down", Status.REFUSED: "safety", Status.SUSPENDED: "safety"}


def says(link: Link) -> str:
    """What the page of `link` says now, in the form of `Link.told`. A silent exchange is one state, whatever its reason."""
    state = link.status if link.status == Status.EXCHANGE_DOWN else link.state
    key_id = link.keys.values_list("pk", flat=True).first() if link.candidate == "failed" else link.key_id
    return f"{state}+{str(key_id)[:8]}"


def _state(said: str) -> str:
    return said.rpartition("+")[0]


def news(link: Link) -> str:
    """What its owner does not know yet: "state", "trial" (a replacement failed), "replaced", or "" for nothing."""
    said = says(link)
    if link.status in BUSY or link.told == said:
        return ""
    if _state(link.told) != _state(said):
        return "" if link.status == Status.UNLINKED else "state"
    return "trial" if link.candidate == "failed" else "replaced"


def tell(link_id: UUID, *, by_owner: bool = False) -> None:
    """The state of a link was written, in this transaction. Where that is news to its owner a mail will say so."""
    link = Link.objects.select_related("user", "exchange", "key").get(pk=link_id)
    if by_owner:
        Link.objects.filter(pk=link.pk).update(told=says(link))
        watched.note(link, "")
        return
    take_in_what_was_read(link)
    if what := news(link):
        kind = _kind(link, what)
        outbox.put(link.user, kind, f"{kind}:{link.pk}:{link.version}", due_at=clock.now() + _wait(link),
                   link=str(link.pk), says=says(link))


def read(link: Link) -> None:
    """Its owner has the page before them, and it says how `link` is."""
    said = says(link)
    asks_again = link.under_way or link.candidate_busy or link.status == Status.EXCHANGE_DOWN
    if asks_again or link.told != said:
        watched.note(link, "" if link.status in BUSY else said)


def take_in_what_was_read(link: Link) -> None:
    """What the page said to its owner since they were told anything else."""
    said = watched.said(link)
    if said and said != link.told:
        Link.objects.filter(pk=link.pk).update(told=said)
        link.told = said


def together(link: Link) -> list[Link]:
    """The links that one mail tells of: an outage, ours or theirs, and its end is one piece of news, not one for each link."""
    if not _is_outage(link) and not is_back(link):
        return [link]
    there = Link.objects.of(link.user).filter(exchange=link.exchange, status=link.status)
    alike = [other for other in there if _state(says(other)) == _state(says(link)) and is_back(other) == is_back(link)]
    return [other for other in alike if news(other) == "state"]


def is_back(link: Link) -> bool:
    """Ready again after an outage they were told of, with a key that was proven before it."""
    proven_at = link.key.proven_at if link.key else None
    known = proven_at is not None and proven_at < link.since - timedelta(minutes=1)
    return link.status == Status.READY and _state(link.told) in OUTAGE and known


def told_of_outage(link: Link) -> bool:
    """Whether they were told of the same outage for another link of theirs, and it lasts."""
    same = Link.objects.filter(user=link.user_id, exchange=link.exchange_id, status=link.status).exclude(pk=link.pk)
    return _is_outage(link) and same.filter(told__startswith=f"{_state(says(link))}+").exists()


def note_told(link: Link) -> None:
    """They know how `link` is, and what the same mail said of others."""
    for known in together(link):
        note_mailed(known, says(known))


def note_mailed(link: Link, said: str) -> None:
    """A mail said this. What the page said before counts no more."""
    Link.objects.filter(pk=link.pk).update(told=said)
    watched.forget(link)


def _kind(link: Link, what: str) -> str:
    if what != "state":
        return "attention" if what == "trial" else "ready"
    back = is_back(link) and _state(link.told) == Status.EXCHANGE_DOWN
    return "down" if back else KINDS.get(link.status, "attention")


def _wait(link: Link) -> timedelta:
    if link.status == Status.EXCHANGE_DOWN:
        return DOWN_FOR
    if link.reason == "bad_key" and link.is_proven:
        return SECOND_LOOK
    if is_back(link):
        return BACK_WITHIN
    if _is_outage(link):
        return STOPPED_WITHIN
    return LET_THEM_READ if watched.is_now(link) else timedelta(0)


def _is_outage(link: Link) -> bool:
    return _state(says(link)) in OUTAGE
