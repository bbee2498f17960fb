"""What lies under a text: base64, hex, URL codes, zlib and gzip taken off, one after another. In a pickle things lie as they are."""

import base64
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

DEEPEST = 4
AT_ONCE = 64
MOST_BYTES = 20_000_000
BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
HEX_RUN = re.compile(rb"(?:[0-9a-f]{2}){16,}|(?:[0-9A-F]{2}){16,}")
URL_RUN = re.compile(rb"(?<![^\s\"'<>])[^\s\"'<>%]*+(?:%[0-9A-Fa-f]{2}[^\s\"'<>%]*)+")
# How zlib and gzip begin.
PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
EITHER = zlib.MAX_WBITS | 32


def layers(content: bytes, deepest: int = DEEPEST) -> Iterator[tuple[str, bytes]]:
    """`content` itself as "", and what is under it, e.g. " > base64 > zlib"."""
    yield "", content
    if deepest:
        for name, under in _under(content):
            for way, deeper in layers(under, deepest - 1):
                yield f" > {name}{way}", deeper


def _under(content: bytes) -> Iterator[tuple[str, bytes]]:
    yield from (("zlib", plain) for plain in _unpacked(content))
    if runs := b"\n".join(map(_decoded, BASE64_RUN.findall(content))):
        yield "base64", runs
    if runs := b"\n".join(bytes.fromhex(run.decode()) for run in HEX_RUN.findall(content)):
        yield "hex", runs
    if runs := b"\n".join(map(unquote_to_bytes, URL_RUN.findall(content))):
        yield "url", runs


def _unpacked(content: bytes) -> Iterator[bytes]:
    """From wherever something packed may begin, as far as it goes: the end may be missing, or something else follow."""
    for start in PACKED.finditer(content):
        packer, plain = zlib.decompressobj(EITHER), b""
        try:
            for at in range(start.start(), len(content), AT_ONCE):
                plain += packer.decompress(content[at:at + AT_ONCE])
                if packer.eof or len(plain) > MOST_BYTES:
                    break
        except zlib.error:
            pass
        if plain:
            yield plain


def _decoded(run: bytes) -> bytes:
    """From each of the four places where it may begin: what stands before may look like a part of it."""
    plain = run.translate(bytes.maketrans(b"-_", b"+/"))
    wholes = (plain[start:len(plain) - ((len(plain) - start) % 4 == 1)] for start in range(4))
    return b"\n".join(base64.b64decode(whole + b"==") for whole in wholes)
