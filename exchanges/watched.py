"""Who has the page of a link before them, and what it last told them: page and poll say so in the cache that all processes share.

So a look changes no row. Where the cache cannot be asked nobody is watching, and the mail goes.
"""
import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

from exchanges.models import Link

log = logging.getLogger(__name__)
# An open page asks every ten seconds at least; it is written down less often.
WATCHED_S, NOTED_EVERY_S = 15, 5
# Longer than the mail of a silent exchange waits.
KEPT_S = 3600


def note(link: Link, said: str) -> None:
    """The page says `said` to them now."""
    age_s, before = _last(link)
    if age_s <= NOTED_EVERY_S and said == before:
        return
    try:
        cache.set(_entry(link), (time.time(), said), KEPT_S)
    except (OSError, RedisError) as failure:
        log.warning("no cache: %s", type(failure).__name__)


def forget(link: Link) -> None:
    try:
        cache.delete(_entry(link))
    except (OSError, RedisError) as failure:
        log.warning("no cache: %s", type(failure).__name__)


def is_now(link: Link) -> bool:
    return _last(link)[0] <= WATCHED_S


def said(link: Link) -> str:
    """What the page last said within the hour, "" for nothing."""
    return _last(link)[1]


def _last(link: Link) -> tuple[float, str]:
    """How many seconds ago its page was seen open, and what it said. A clock that was set back makes it no younger."""
    try:
        at, words = cache.get(_entry(link), (float("-inf"), ""))
    except (OSError, RedisError) as failure:
        log.warning("no cache: %s", type(failure).__name__)
        return float("inf"), ""
    return abs(time.time() - at), words


def _entry(link: Link) -> str:
    return f"watched:{link.pk}"
