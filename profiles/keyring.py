"""The ring of keys that seals what must not be readable at rest: exchange credentials, second factors.

The primitives are django-cryptography's (AES-256-CBC, then HMAC-SHA256). The library's own field is not used: it unpickles
what the database says and takes SECRET_KEY as MAC key. Here each row, column and owner has subkeys of its own (HKDF), so
that a value moved elsewhere does not open, and nothing but bytes goes in or out.
"""
import base64
import binascii
import hashlib
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature
from django_cryptography.core.signing import FernetSigner
from django_cryptography.utils.crypto import FernetBytes

KEY_BYTES = 32
KEY_ID_LETTERS = 8


class Unreadable(Exception):
    """The value does not open with any key of the ring, or does not belong where it was found."""


class Keyring:
    """Keys from one setting: base64 of 32 bytes each, comma-separated, newest first. The first seals, all open.

    A sealed value is `<key id>.<token>`; the id is the start of the key's hash, so a key needs no name.
    """

    def __init__(self, text: str) -> None:
        keys = [_decode(part.strip()) for part in text.split(",") if part.strip()]
        if not keys:
            raise ImproperlyConfigured("CREDENTIALS_KEYS is empty.")
        self._keys = {hashlib.sha256(key).hexdigest()[:KEY_ID_LETTERS]: key for key in keys}
        self.primary = next(iter(self._keys))
        self.key_ids = tuple(self._keys)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seal `plain` for one place: `context` names row, column and owner, and must be the same to open."""
        return self.primary.encode() + b"." + self._box(self.primary, context).encrypt(plain)

    def open(self, sealed: bytes, context: str) -> bytes:
        """Open what `seal` made for this `context`. Raises Unreadable."""
        key_id, _, token = bytes(sealed).partition(b".")
        try:
            return self._box(key_id.decode("ascii"), context).decrypt(token)
        except (BadSignature, InvalidToken, InvalidSignature, KeyError, UnicodeDecodeError, ValueError):
            raise Unreadable from None

    def _box(self, key_id: str, context: str) -> FernetBytes:
        info = b"smartrader.v1|" + context.encode()
        both = HKDF(hashes.SHA256(), 2 * KEY_BYTES, salt=None, info=info).derive(self._keys[key_id])
        return FernetBytes(both[:KEY_BYTES], FernetSigner(both[KEY_BYTES:]))


def ring() -> Keyring:
    """The ring of CREDENTIALS_KEYS."""
    return _ring(settings.CREDENTIALS_KEYS)


def key_id(sealed: bytes) -> str:
    """Which key of the ring a value is under, as it says itself; "" for what no ring sealed."""
    name, dot, _ = bytes(sealed[:KEY_ID_LETTERS + 1]).partition(b".")
    return name.decode("ascii", "replace") if dot and len(name) == KEY_ID_LETTERS else ""


@cache
def _ring(text: str) -> Keyring:
    return Keyring(text)


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured("CREDENTIALS_KEYS: each key is the base64 of 32 random bytes, comma-separated.")
    return key
