"""What one machine without a production environment adds to it: its address and the keys `make run` made for it.

Production (SITE_URL is https) gets nothing from here, so that it cannot start on keys that nobody keeps.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from exchanges import sealing
from smartrader import env

# Addresses reserved for documentation (RFC 5737): nobody's.
EXAMPLE_EGRESS_IPS = "203.0.113.10,203.0.113.11"
# A pair comes as a whole: given from outside, or made here, each half in a file of its own.
PAIR = PUBLIC, PRIVATE = "SEALING_PUBLIC_KEY", "SEALING_PRIVATE_KEYS"


def _base64_of_32_bytes() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _private_half() -> str:
    return sealing.new_pair(datetime.now(UTC).date())[1]


KEYS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "CREDENTIALS_KEYS": _base64_of_32_bytes,
    "FINGERPRINT_KEY": _base64_of_32_bytes,
    "ACCOUNT_KEY": _base64_of_32_bytes,
    PRIVATE: _private_half,
    "DEMO_PASSWORD": lambda: secrets.token_urlsafe(12),
}


def environment(given: Mapping[str, str], *, make_keys: bool = False) -> dict[str, str]:
    """What to add to `given`: the variables it lacks. `make_keys` makes the keys that were never made."""
    if given.get("SITE_URL", "").strip().startswith("https:"):
        return {}
    folder = env.folder("VAR_DIR", "var") / "keys"
    wanted = [name for name in (*KEYS, PUBLIC) if name not in PAIR or not any(map(given.get, PAIR))]
    if make_keys:
        _make(folder, [name for name in wanted if not given.get(name)])
    found = {name: (folder / name).read_text() for name in wanted if (folder / name).exists()}
    found["SITE_URL"] = f"http://127.0.0.1:{env.number('PORT', 8000, least=1, most=65535)}"
    found["EGRESS_IPS"] = EXAMPLE_EGRESS_IPS
    return {name: value for name, value in found.items() if not given.get(name)}


def _make(folder: Path, names: list[str]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        _keep(folder / name, KEYS.get(name) or (lambda: sealing.public_half((folder / PRIVATE).read_text())))


def _keep(path: Path, make: Callable[[], str]) -> None:
    """Make it if it was never made: whole or not at all, whenever this process is killed."""
    if path.exists():
        return
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(make())
    unfinished.replace(path)
