"""Turns in the cache that all processes share: what two schedulers send twice is done once."""
import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def take(name: str, seconds: int) -> bool:
    """Whether nobody took the turn `name` within so many seconds. True too where the cache cannot be asked."""
    entry, now = f"turn:{name}", time.time()
    try:
        if cache.add(entry, now, seconds):
            return True
        if abs(now - cache.get(entry, 0.0)) < seconds:
            return False
        cache.set(entry, now, seconds)      # it should be gone: the clock was set back since
    except (OSError, RedisError) as failure:
        log.warning("no cache: %s", type(failure).__name__)
    return True


def give_back(name: str) -> None:
    """Whoever took the turn `name` is done before its time."""
    try:
        cache.delete(f"turn:{name}")
    except (OSError, RedisError) as failure:
        log.warning("no cache: %s", type(failure).__name__)
