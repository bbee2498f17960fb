"""The one place where credentials are sealed, opened and erased.

`seal` writes into an unsaved or saved ApiKey row; `reveal` is for the worker alone. Erasing leaves nothing to open: SQLite
overwrites the bytes (secure_delete) and its log is truncated after the commit.
"""
import hashlib
import hmac
import json
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey
from profiles.keyring import Keyring, Unreadable

__all__ = ["Unreadable", "account_hash", "erase", "fingerprint", "reveal", "scrub", "seal"]


@cache
def _ring(text: str) -> Keyring:
    return Keyring(text)


def _context(key: ApiKey) -> str:
    return f"exchanges.ApiKey.sealed|{key.id}|{key.link.user_id}"


def seal(key: ApiKey, credentials: Credentials) -> None:
    """Put `credentials` into `key`, sealed for this row and this owner. The caller saves it."""
    plain = json.dumps([credentials.api_key, credentials.secret, credentials.passphrase]).encode()
    key.sealed = _ring(settings.CREDENTIALS_KEYS).seal(plain, _context(key))
    key.seal_version += 1
    key.hint = credentials.api_key[-4:]
    key.fingerprint = fingerprint(key.link.exchange_id, credentials.api_key)


def reveal(key: ApiKey) -> Credentials:
    """Open the credentials of `key`. Raises Unreadable, also for a key that was erased."""
    if key.sealed is None:
        raise Unreadable
    return Credentials(*json.loads(_ring(settings.CREDENTIALS_KEYS).open(key.sealed, _context(key))))


def erase(keys: Iterable[ApiKey | None], *, forget: bool = False) -> None:
    """Erase the secrets of `keys`, inside the caller's transaction. `forget` drops the keyed hashes too."""
    ids = [key.id for key in keys if key is not None]
    hashes = {"fingerprint": None, "account_hash": None} if forget else {}
    rows = ApiKey.objects.filter(pk__in=ids)
    rows.filter(erased_at__isnull=True).update(sealed=None, erased_at=timezone.now())
    if hashes:
        rows.update(**hashes)
    transaction.on_commit(scrub)


def scrub() -> None:
    """Take erased bytes out of SQLite's write-ahead log. Another database needs none of this."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        timeout_ms = cursor.fetchone()[0]
        try:
            cursor.execute("PRAGMA busy_timeout = 50")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except OperationalError:
            return  # somebody is reading; the next sweep does it
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(timeout_ms)}")


def fingerprint(slug: str, api_key: str) -> str:
    """The keyed hash under which a public key is looked up: 64 hexadecimal digits."""
    return _keyed_hash(settings.FINGERPRINT_KEY, slug, api_key)


def account_hash(slug: str, account: str) -> str:
    """The keyed hash of an account at an exchange: the same account gives the same 64 hexadecimal digits."""
    return _keyed_hash(settings.ACCOUNT_KEY, slug, account)


def _keyed_hash(key: str, slug: str, text: str) -> str:
    return hmac.new(key.encode(), f"{slug}|{text}".encode(), hashlib.sha256).hexdigest()
