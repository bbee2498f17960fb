"""What a secret may look like wherever bytes are kept, and the search for any piece of it."""

import base64
import binascii
import json
import quopri
import re
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping
from html import escape
from urllib.parse import quote, quote_plus

# A piece of a secret this long, in whatever form, is a leak: less than half of any key.
PIECE = 16
# Forms are indexed every so many bytes: each piece of theirs holds one such stretch whole, wherever it begins.
STEP = PIECE // 2
# Name of the secret, name of the form, the form, where in it the stretch begins.
Stretch = tuple[str, str, bytes, int]


def forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """Every form of `secret`, by name; also of the bytes it stands for where it is base64 or base32."""
    for name, encoding in (("plain", "utf-8"), ("utf-16 le", "utf-16-le"), ("utf-16 be", "utf-16-be")):
        yield from _of_bytes(name, secret.encode(encoding))
    yield "url", quote(secret, safe="").encode()
    yield "url, small", re.sub("%..", lambda code: code[0].lower(), quote(secret, safe="")).encode()
    yield "form", quote_plus(secret).encode()
    yield "json", json.dumps(secret)[1:-1].encode()
    yield "json, slashes", json.dumps(secret)[1:-1].replace("/", "\\/").encode()
    yield "html", escape(secret).encode()
    yield "mail", quopri.encodestring(secret.encode())
    for name, decode in (("from base64", _from_base64), ("from base32", base64.b32decode)):
        yield from _of_bytes(name, _decoded(secret, decode))


def _of_bytes(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, raw
    yield f"{name}, hex", raw.hex().encode()
    yield f"{name}, HEX", raw.hex().upper().encode()
    yield f"{name}, percent", quote("".join(f"%{byte:02X}" for byte in raw), safe="%").encode()
    yield f"{name}, repr", repr(raw)[2:-1].encode()
    for shift in range(3):
        # Where a text begins inside a longer one shifts its base64; both ends also depend on the neighbours.
        inner = base64.b64encode(b" " * shift + raw)[4:-4]
        yield f"{name}, base64 {shift}", inner
        yield f"{name}, base64 {shift}, of addresses", inner.translate(bytes.maketrans(b"+/", b"-_"))


def _decoded(secret: str, decode: Callable[[str], bytes]) -> bytes:
    try:
        return decode(secret)
    except (binascii.Error, ValueError):
        return b""


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


class Needles:
    """Secrets by name, ready to be found: pieces of the long ones; those shorter than a piece whole, and as themselves only."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._short = {name: (secret.encode(), _alone(secret)) for name, secret in secrets.items() if len(secret) < PIECE}
        self._stretches: dict[bytes, list[Stretch]] = {}
        for name, secret in secrets.items():
            if name not in self._short:
                self._add(name, secret)
        self._numbers = {int.from_bytes(stretch, sys.byteorder) for stretch in self._stretches}

    def _add(self, name: str, secret: str) -> None:
        known: list[bytes] = []
        for form, shown in forms(secret):
            if len(shown) >= PIECE and not any(shown in other for other in known):
                known.append(shown)
                for at in range(0, len(shown) - STEP + 1, STEP):
                    self._stretches.setdefault(shown[at:at + STEP], []).append((name, form, shown, at))

    def found_in(self, content: bytes) -> dict[str, str]:
        """Which secrets have a piece in `content`, and in which form the longest one is."""
        found = {
            name: (len(content), "plain") for name, (secret, alone) in self._short.items() if secret in content and alone.search(content)
        }
        known = self._stretches
        for at in [at for at in self._places(content) if content[at:at + STEP] in known]:
            for name, form, shown, inside in known[content[at:at + STEP]]:
                length = _common(content, at, shown, inside)
                if length >= PIECE and length > found.get(name, (0, ""))[0]:
                    found[name] = length, form
        return {name: form for name, (_length, form) in found.items()}


    def _places(self, content: bytes) -> range:
        """Where a stretch may begin: nowhere, mostly, which is soon found out with eight bytes as one number."""
        for shift in range(STEP):
            whole = (len(content) - shift) // STEP * STEP
            if not self._numbers.isdisjoint(array("Q", content[shift:shift + whole])):
                return range(len(content) - STEP + 1)
        return range(0)


def _alone(secret: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![0-9A-Za-z])" + re.escape(secret.encode()) + rb"(?![0-9A-Za-z])")


def _common(content: bytes, at: int, shown: bytes, inside: int) -> int:
    """How many bytes around these two places are the same."""
    before = after = 0
    while before < min(at, inside) and content[at - before - 1] == shown[inside - before - 1]:
        before += 1
    while after < min(len(content) - at, len(shown) - inside) and content[at + after] == shown[inside + after]:
        after += 1
    return before + after
