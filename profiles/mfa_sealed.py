"""The seeds of second factors as a place of sealed values, so that the rotation of the at-rest ring reaches them."""

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q

from profiles.keyring import key_id
from profiles.mfa import CONTEXT, Kind
from profiles.sealed_places import Place, Value

# Where in its JSON a row of each kind keeps what is sealed.
FIELDS = {Kind.TOTP: "secret", Kind.RECOVERY_CODES: "seed"}


def _rows(after: Any = None) -> Iterator[tuple[int, bytes]]:
    rows = Authenticator.objects.filter(type__in=FIELDS).filter(Q() if after is None else Q(pk__gt=after)).order_by("pk")
    for row in rows.iterator():
        yield row.pk, base64.b64decode(row.data[FIELDS[row.type]])


def counts() -> dict[str, int]:
    return Counter(key_id(sealed) for _pk, sealed in _rows())


def stale(newest: str, after: Any, most: int) -> list[Value]:
    found = []
    for pk, sealed in _rows(after):
        if key_id(sealed) != newest:
            found.append(Value(pk, sealed, CONTEXT))
        if len(found) == most:
            break
    return found


def write(value: Value, sealed: bytes) -> bool:
    """Only the seal changes: a recovery code that is used meanwhile stays used."""
    row = Authenticator.objects.select_for_update().filter(pk=value.pk).first()
    if row is None or base64.b64decode(row.data[FIELDS[row.type]]) != value.sealed:
        return False
    row.data[FIELDS[row.type]] = base64.b64encode(sealed).decode()
    row.save(update_fields=["data"])
    return True


place = Place("mfa.Authenticator.data", counts, stale, write)
