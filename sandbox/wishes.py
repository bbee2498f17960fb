"""Reading what somebody asks for: each reader returns the clean value or raises ValueError with what it wants."""

import ipaddress
import math
from collections.abc import Callable, Collection
from typing import Any

from sandbox import faults


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise ValueError("must be a text of at most 200 characters")
    return value.strip()


def boolean(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return str(value).lower() == "true"


def whole(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 20:
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def latency(value: Any) -> int:
    milliseconds = whole(value)
    if milliseconds > 10_000:
        raise ValueError("must be at most 10000 milliseconds")
    return milliseconds


def seconds(value: Any) -> int:
    """So many of them; below 0 before the present."""
    text = str(value)
    if isinstance(value, bool) or not text.removeprefix("-").isdecimal() or abs(int(text)) > 86_400:
        raise ValueError("must be a whole number of seconds, a day at most")
    return int(text)


def moment(value: Any) -> float:
    """Unix seconds, 0 for "no limit"."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if isinstance(value, bool) or not 0 <= seconds < 2**40:
        raise ValueError("must be unix seconds, 0 for no limit")
    return seconds


def permissions(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) and 0 < len(name) <= 80 for name in value):
        raise ValueError("must be a list of names")
    return list(dict.fromkeys(value))


def addresses(value: Any) -> list[str]:
    """IP addresses or networks; an empty list means from anywhere."""
    if not isinstance(value, list):
        raise ValueError("must be a list of IP addresses")
    for address in value:
        try:
            ipaddress.ip_network(str(address), strict=False)
        except ValueError:
            raise ValueError(f"{str(address)[:60]!r} is not an IP address or network") from None
    return [str(address) for address in value]


def fault(value: Any) -> str:
    return one_of(faults.NAMES)(value)


def one_of(choices: Collection[str]) -> Callable[[Any], str]:
    """A reader that takes one of `choices` and nothing else."""
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(value)
    return read
