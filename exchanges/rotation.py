"""The sealed column as the two rotations walk it: by the ring key outside, by the pair inside.

Both write only where the key is not erased and `seal_version` is what was read: whoever unlinks meanwhile wins.
"""
from functools import partial
from typing import Any

from django.db.models import BinaryField, Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from exchanges import vault
from exchanges.models import ApiKey
from profiles import activity, sealed_places
from profiles.keyring import KEY_ID_LETTERS
from profiles.sealed_places import Place, Tally


def _part(start: int, length: int) -> Substr:
    return Substr("sealed", start, length, output_field=BinaryField())


# What stands in front: "hpke1.<pair>.<ring key>.…", and "<ring key>.…" in rows from before.
IS_SEALED = Q(mark=vault.MARK)
PAIR_AT = len(vault.MARK) + 1
PAIR = Case(When(IS_SEALED, then=_part(PAIR_AT, KEY_ID_LETTERS)), default=Value(b""), output_field=BinaryField())
RING_KEY = Case(
    When(IS_SEALED, then=_part(PAIR_AT + KEY_ID_LETTERS + 1, KEY_ID_LETTERS)), default=_part(1, KEY_ID_LETTERS),
    output_field=BinaryField())


def _keys(part: Case) -> QuerySet:
    """Keys that are not erased, with `under`: the id of the key they are under, in that layer."""
    kept = ApiKey.objects.filter(sealed__isnull=False, erased_at__isnull=True)
    return kept.annotate(mark=_part(1, len(vault.MARK)), under=part)


def _counts(part: Case) -> dict[str, int]:
    rows = _keys(part).order_by("under").values_list("under").annotate(Count("pk"))
    return {bytes(under).decode("ascii", "replace"): count for under, count in rows}


def _stale(part: Case, newest: str, last: Any, limit: int) -> list[ApiKey]:
    later = _keys(part).exclude(under=newest.encode()).order_by("pk").select_related("link__exchange")
    return list((later if last is None else later.filter(pk__gt=last))[:limit])


def _write(key: Any, version: int, sealed: bytes) -> bool:
    unchanged = ApiKey.objects.filter(pk=key, seal_version=version, sealed__isnull=False, erased_at__isnull=True)
    return bool(unchanged.update(sealed=sealed, seal_version=F("seal_version") + 1))


def _stale_at_rest(newest: str, last: Any, limit: int) -> list[sealed_places.Value]:
    found = []
    for key in _stale(RING_KEY, newest, last, limit):
        front, token = _front(bytes(key.sealed))
        found.append(sealed_places.Value(key.pk, token, vault.context(key), (key.seal_version, front)))
    return found


def _front(sealed: bytes) -> tuple[bytes, bytes]:
    """What stands before the at-rest layer, and that layer."""
    _pair, token = vault.split(sealed)
    return sealed[:len(sealed) - len(token)], token


def _write_at_rest(value: sealed_places.Value, sealed: bytes) -> bool:
    version, front = value.version
    return _write(value.pk, version, front + sealed)


def _stale_to_workers(newest: str, last: Any, limit: int) -> list[sealed_places.Value]:
    """To be opened next, which their owners can read."""
    keys = _stale(PAIR, newest, last, limit)
    openable = {"", *vault.private_ring().made}
    activity.note_opened(
        [(key.link.user_id, key.link.name) for key in keys if vault.split(bytes(key.sealed))[0] in openable], "rotation")
    return [sealed_places.Value(key.pk, bytes(key.sealed), vault.context(key), key.seal_version) for key in keys]


def _write_to_workers(value: sealed_places.Value, sealed: bytes) -> bool:
    return _write(value.pk, value.version, sealed)


NAME = "exchanges.ApiKey.sealed"
at_rest = Place(NAME, partial(_counts, RING_KEY), _stale_at_rest, _write_at_rest)
to_workers = Place(NAME, partial(_counts, PAIR), _stale_to_workers, _write_to_workers)


def seal_to_workers() -> Tally:
    """Seal everything to SEALING_PUBLIC_KEY. What an older pair sealed needs its private half; rows from before need none.

    One query where nothing is to be done.
    """
    return sealed_places.rotate(to_workers, vault.public_half().key_id, sealed_to_workers)


def sealed_to_workers(value: sealed_places.Value) -> bytes:
    return vault.resealed(value.sealed, value.context)
