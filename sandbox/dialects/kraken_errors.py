"""Kraken's envelope: {"error": [...], "result": ...}, HTTP 200 for errors too.

https://docs.kraken.com/exchange/guides/general/errors.md (read 2026-11-22)
"""

import json
from typing import Any

from sandbox.dialects.base import Answer


class KrakenError(Exception):
    """An error string of Kraken's, such as "EAPI:Invalid key"."""


def invalid(field: str) -> KrakenError:
    """The error that names a parameter which is missing or bad."""
    return KrakenError(f"EGeneral:Invalid arguments:{field}")


def success(result: Any) -> Answer:
    """`result` None leaves the field out, as Kraken does for an account that never held anything."""
    envelope: dict[str, Any] = {"error": []}
    if result is not None:
        envelope["result"] = result
    return Answer(json.dumps(envelope, separators=(",", ":")).encode())


def failure(error: str) -> Answer:
    return Answer(json.dumps({"error": [error]}, separators=(",", ":")).encode(), outcome=error)
