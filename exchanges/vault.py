"""The one place where credentials are sealed, opened and erased.

Two layers. Inside, sealed to the workers (`exchanges.sealing`): the web process holds nothing that opens it. Outside, the ring
for what is at rest (`profiles.keyring`). Both are made for one row and its owner: moved elsewhere it does not open. In front
stands which pair sealed it; rows from before have the outer layer alone, until they are sealed anew.

`seal` needs the public half; `reveal` is for the worker alone. Erasing leaves nothing to open: SQLite overwrites the bytes
(secure_delete), its log is truncated after the commit, and the list of what was erased outlives a restored backup.
"""
import hashlib
import hmac
import json
from collections.abc import Iterable
from functools import cache, partial

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from exchanges import erased
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey
from exchanges.sealing import PrivateRing, PublicHalf
from profiles.keyring import Unreadable, ring
from profiles.sealed_places import scrub

MARK = b"hpke1."
# Shorter than any number of an account ("0", "N/A"): nothing that tells one account from another.
ACCOUNT_LEAST, HINT_LEAST = 6, 10
# Until the exchange knew it, what was pasted as a key may be the secret, where the two look alike.
HIDDEN = "····"


def seal(key: ApiKey, credentials: Credentials) -> None:
    """Put `credentials` into `key`, sealed to the workers for this row and this owner. The caller saves it."""
    plain = json.dumps([credentials.api_key, credentials.secret, credentials.passphrase]).encode()
    key.sealed = _sealed(plain, context(key))
    key.seal_version += 1
    key.hint = hint(credentials) if key.link.exchange.connector.key_shows else HIDDEN
    key.fingerprint = fingerprint(key.link.exchange_id, credentials.api_key)


def hint(credentials: Credentials) -> str:
    """The end of the API key, by which its owner tells it from others."""
    return credentials.api_key[-4:]


def reveal(key: ApiKey) -> Credentials:
    """Open the credentials of `key`. Raises Unreadable: without the private half, and for a key that was erased."""
    if key.sealed is None:
        raise Unreadable
    return _credentials(_opened(bytes(key.sealed), context(key)))


def resealed(sealed: bytes, context: str) -> bytes:
    """The same credentials sealed to SEALING_PUBLIC_KEY. Raises Unreadable."""
    return _sealed(_opened(sealed, context), context)


def context(key: ApiKey) -> str:
    """What binds the sealed bytes to their column, row and owner."""
    return f"exchanges.ApiKey.sealed|{key.id}|{key.link.user_id}"


def split(sealed: bytes) -> tuple[str, bytes]:
    """Which pair sealed it ("": none, it is from before) and what lies under the at-rest ring."""
    if not sealed.startswith(MARK):
        return "", sealed
    key_id, _, token = sealed.removeprefix(MARK).partition(b".")
    return key_id.decode("ascii", "replace"), token


def public_half() -> PublicHalf:
    return _public_half(settings.SEALING_PUBLIC_KEY)


def private_ring() -> PrivateRing:
    """Empty where workers' keys are not."""
    return _private_ring(settings.SEALING_PRIVATE_KEYS)


_public_half, _private_ring = cache(PublicHalf), cache(PrivateRing)


def _sealed(plain: bytes, context: str) -> bytes:
    half = public_half()
    return MARK + half.key_id.encode() + b"." + ring().seal(half.seal(plain, context), context)


def _opened(sealed: bytes, context: str) -> bytes:
    key_id, token = split(sealed)
    inner = ring().open(token, context)
    if not key_id:
        return inner
    try:
        return private_ring().open(key_id, inner, context)
    except ValueError:
        raise Unreadable from None


def _credentials(plain: bytes) -> Credentials:
    try:
        fields = json.loads(plain)
    except ValueError:
        fields = None  # the error holds the text: nothing may be raised from here
    if not isinstance(fields, list) or list(map(type, fields)) != [str, str, str]:
        raise Unreadable
    return Credentials(*fields)


def erase(keys: Iterable[ApiKey | None], *, forget: bool = False) -> None:
    """Erase the secrets of `keys`, inside the caller's transaction. `forget` drops what tells key and account too."""
    ids = [key.id for key in keys if key is not None]
    rows = ApiKey.objects.filter(pk__in=ids)
    rows.filter(erased_at__isnull=True).update(sealed=None, erased_at=timezone.now())
    if forget:
        rows.update(fingerprint=None, account_hash=None, account_hint="")
    transaction.on_commit(partial(erased.remember, ids, unlinked=forget))
    transaction.on_commit(scrub)


def fingerprint(slug: str, api_key: str) -> str:
    """The keyed hash under which a public key is looked up: 64 hexadecimal digits."""
    return _keyed_hash(settings.FINGERPRINT_KEY, slug, api_key)


def account_hash(slug: str, account: str | None) -> str | None:
    """The keyed hash of an account at an exchange, 64 hexadecimal digits; None where what the exchange says names no account."""
    if not settings.ACCOUNT_KEY:
        raise ImproperlyConfigured("ACCOUNT_KEY is missing in the environment: only workers have it.")
    return _keyed_hash(settings.ACCOUNT_KEY, slug, account) if account and len(account) >= ACCOUNT_LEAST else None


def account_hint(account: str | None) -> str:
    """The first and last four characters, for the owner's eyes; "" where that would be most of the account's number."""
    return f"{account[:4]} ···· {account[-4:]}" if account and len(account) >= HINT_LEAST else ""


def _keyed_hash(key: str, slug: str, text: str) -> str:
    return hmac.new(key.encode(), f"{slug}|{text}".encode(), hashlib.sha256).hexdigest()
