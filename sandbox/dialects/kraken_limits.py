"""Kraken's limits: the counter of REST calls of a key, and the trading engine's counter of an account and pair.

https://docs.kraken.com/exchange/guides/rest/ratelimits.md and
https://docs.kraken.com/exchange/guides/general/ratelimits.md (read 2026-11-22)
"""

from dataclasses import dataclass

from sandbox.dialects.kraken_errors import KrakenError

CALLS = {"starter": (15, 0.33), "intermediate": (20, 0.5), "pro": (20, 1.0)}            # most, decay per second
ENGINE = {"starter": (60, 1.0), "intermediate": (125, 2.34), "pro": (180, 3.75)}
OPEN_ORDERS = {"starter": 60, "intermediate": 80, "pro": 225}                           # of one pair
# What touching a young order adds: (younger than seconds, points).
AMEND = ((5, 3), (10, 2), (15, 1))
EDIT = ((5, 6), (10, 5), (15, 4), (45, 2), (90, 1))
CANCEL = ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1))


@dataclass
class Counter:
    """Rises with every action, sinks with time."""

    points: float = 0
    at: float = 0

    def add(self, points: float, decay_per_s: float, now: float) -> float:
        self.points = max(0.0, self.points - decay_per_s * (now - self.at)) + points
        self.at = now
        return self.points


def charge_call(counter: Counter, tier: str, cost: int, now: float) -> None:
    """Count a call of a key; a refused one counts too. Raises KrakenError above the maximum."""
    most, decay_per_s = CALLS[tier]
    if counter.add(cost, decay_per_s, now) > most:
        raise KrakenError("EAPI:Rate limit exceeded")


def charge_engine(counter: Counter, tier: str, points: float, now: float) -> None:
    """Count an action on orders of one account and pair. Raises KrakenError above the threshold."""
    most, decay_per_s = ENGINE[tier]
    if counter.add(points, decay_per_s, now) > most:
        raise KrakenError("EOrder:Rate limit exceeded")


def points_for(age_s: float, table: tuple[tuple[int, int], ...]) -> int:
    """What an action on an order of this age adds."""
    return next((points for younger_than_s, points in table if age_s < younger_than_s), 0)
