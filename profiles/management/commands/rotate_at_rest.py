"""`manage.py rotate_at_rest`: everything sealed under an older key of CREDENTIALS_KEYS goes under the newest."""
from collections.abc import Iterable

from profiles import sealed_places
from profiles.keyring import ring
from profiles.management.rotating import RotatingCommand
from profiles.sealed_places import Place, Value


class Command(RotatingCommand):
    help = (
        "Put a new key first in CREDENTIALS_KEYS everywhere, restart, then run this, in any environment: it seals anew what is "
        "under an older key, while the site runs, and can be stopped and run again. Exit status: 0, or 1 while something is left.")
    keys_of = "CREDENTIALS_KEYS"

    def places(self) -> Iterable[Place]:
        return sealed_places.places

    def newest(self) -> str:
        return ring().primary

    def known(self) -> Iterable[str]:
        return ring().key_ids

    def reseal(self, value: Value) -> bytes:
        return sealed_places.rewrap(value)

    def free(self, key_id: str) -> str:
        return "Once every process runs with the newest key first, take it out of CREDENTIALS_KEYS everywhere and destroy it."
