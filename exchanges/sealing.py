"""Sealing to the workers: whoever has the public half of a pair can seal, only the private half opens. Knows no row.

HPKE (RFC 9180) in base mode over ML-KEM-768 with X25519, the pair known as X-Wing: what is copied today stays shut until both
are broken. https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/ (read 2026-11-22)

A half is written `<day it was made>.<key id>.<base64>`. The id is the start of the public half's hash: it tells the pairs
apart, and a slip of the pen from the real thing. `python -m exchanges.sealing` makes a pair.
"""
import base64
import hashlib
import re
import secrets
import sys
from datetime import UTC, date, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PRIVATE_BYTES, MLKEM_PUBLIC_BYTES, X25519_PUBLIC_BYTES, MLKEM_SEED_BYTES = 32, 1184, 32, 64
HALF = re.compile(r"(\d{4}-\d\d-\d\d)\.([0-9a-f]{8})\.([A-Za-z0-9+/]+={0,2})")
# Turned this often, and the old half destroyed, a stolen backup is worth nothing after that time.
TURN_DAYS = 30


class PublicHalf:
    """Seals. Raises ValueError for a text that is no public half; what it says holds nothing of the text."""

    def __init__(self, text: str) -> None:
        self.made, self.key_id, raw = _read(text)
        if len(raw) != MLKEM_PUBLIC_BYTES + X25519_PUBLIC_BYTES or _key_id(raw) != self.key_id:
            raise ValueError("not the public half of a pair")
        mlkem, x25519 = raw[:MLKEM_PUBLIC_BYTES], raw[MLKEM_PUBLIC_BYTES:]
        self._key = MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(mlkem), X25519PublicKey.from_public_bytes(x25519))

    def seal(self, plain: bytes, info: str) -> bytes:
        """Seal `plain` for the one place that `info` names; the same `info` is needed to open it."""
        return SUITE.encrypt(plain, self._key, info=info.encode())

    def age_days(self, today: date) -> int:
        return (today - self.made).days


class PrivateRing:
    """Opens: private halves, comma-separated, newest first. Raises ValueError for a text that is no such list."""

    def __init__(self, text: str) -> None:
        self.made: dict[str, date] = {}
        self._keys: dict[str, MLKEM768X25519PrivateKey] = {}
        for part in filter(None, map(str.strip, text.split(","))):
            made, key_id, seed = _read(part)
            halves = _private_halves(seed)
            if _key_id(_public_bytes(halves)) != key_id:
                raise ValueError("not the private half of a pair")
            self.made[key_id], self._keys[key_id] = made, MLKEM768X25519PrivateKey(*halves)

    def open(self, key_id: str, sealed: bytes, info: str) -> bytes:
        """Open what the pair `key_id` sealed for `info`. Raises ValueError: no such key, damaged, another place."""
        try:
            return SUITE.decrypt(sealed, self._keys[key_id], info=info.encode())
        except (InvalidTag, KeyError):
            raise ValueError("does not open") from None


def new_pair(today: date) -> tuple[str, str]:
    """The public and the private half of a new pair."""
    seed = secrets.token_bytes(PRIVATE_BYTES)
    private = _write(today, _key_id(_public_bytes(_private_halves(seed))), seed)
    return public_half(private), private


def public_half(private: str) -> str:
    """The public half of the newest of these private halves."""
    made, key_id, seed = _read(private.partition(",")[0].strip())
    return _write(made, key_id, _public_bytes(_private_halves(seed)))


def _private_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """X-Wing's expandDecapsulationKey."""
    if len(seed) != PRIVATE_BYTES:
        raise ValueError("not the private half of a pair")
    both = hashlib.shake_256(seed).digest(MLKEM_SEED_BYTES + PRIVATE_BYTES)
    mlkem, x25519 = both[:MLKEM_SEED_BYTES], both[MLKEM_SEED_BYTES:]
    return MLKEM768PrivateKey.from_seed_bytes(mlkem), X25519PrivateKey.from_private_bytes(x25519)


def _public_bytes(halves: tuple[MLKEM768PrivateKey, X25519PrivateKey]) -> bytes:
    return b"".join(half.public_key().public_bytes_raw() for half in halves)


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:8]


def _read(text: str) -> tuple[date, str, bytes]:
    found = HALF.fullmatch(text)
    if found is None:
        raise ValueError("not a half of a pair")
    made, key_id, encoded = found.groups()
    return date.fromisoformat(made), key_id, base64.b64decode(encoded, validate=True)


def _write(made: date, key_id: str, raw: bytes) -> str:
    return f"{made.isoformat()}.{key_id}.{base64.b64encode(raw).decode()}"


def main() -> None:
    public, private = new_pair(datetime.now(UTC).date())
    sys.stdout.write(
        "# Web and workers, one value: once every worker has the private half.\n"
        f"SEALING_PUBLIC_KEY={public}\n"
        "# Workers only, in front of those they have, comma-separated. It is shown this once.\n"
        f"SEALING_PRIVATE_KEYS={private}\n")


if __name__ == "__main__":
    main()
