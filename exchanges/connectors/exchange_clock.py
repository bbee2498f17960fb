"""What time it is at an exchange: our clock, put right by what we learnt of theirs when they last found it wrong."""
import time
from collections.abc import Callable

TOLERANCE_S = 0.5                           # the strictest of them take a request that is less than a second ahead

_ahead_s: dict[str, float] = {}             # by the address we reach it at; of this process, and forgotten with it


class ExchangeClock:
    """The clock of the exchange that is reached at `base_url`."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + _ahead_s.get(self._base_url, 0.0)

    def set(self, ask: Callable[[], float]) -> bool:
        """Whether it was off. `ask` gives the exchange's unix seconds, taken as of the middle of the time that it needs."""
        before = time.time()
        theirs = ask()
        ahead_s = theirs - (before + time.time()) / 2
        was_off = abs(ahead_s - _ahead_s.get(self._base_url, 0.0)) > TOLERANCE_S
        if was_off:
            _ahead_s[self._base_url] = ahead_s
        return was_off
