"""`manage.py rotate_sealing`: every credential goes under the pair of SEALING_PUBLIC_KEY. For where the workers run."""
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from exchanges import rotation, vault
from exchanges.sealing import TURN_DAYS
from profiles.management.rotating import RotatingCommand
from profiles.sealed_places import Place, Value


class Command(RotatingCommand):
    help = (
        "Give the workers a new private half in front of the others, then everybody its public half, restart, then run this in a "
        "worker's environment: it seals anew what an older pair sealed, and rows from before there were pairs, while the site runs, "
        "and can be stopped and run again. Exit status: 0, or 1 while something is left.")
    keys_of = "SEALING_PRIVATE_KEYS"
    without_id = "at rest only"

    def handle(self, *args: str, report: bool, **options: Any) -> None:
        if not report and not settings.SEALING_PRIVATE_KEYS:
            raise CommandError("SEALING_PRIVATE_KEYS is missing: run this in the environment of a worker. Here only --report works.")
        super().handle(*args, report=report, **options)

    def places(self) -> Iterable[Place]:
        return [rotation.to_workers]

    def newest(self) -> str:
        return vault.public_half().key_id

    def known(self) -> Iterable[str]:
        return vault.private_ring().made

    def reseal(self, value: Value) -> bytes:
        return rotation.sealed_to_workers(value)

    def lines(self, places: list[Place]) -> Iterator[str]:
        yield from super().lines(places)
        half = vault.public_half()
        days = half.age_days(timezone.now().date())
        yield f"{half.key_id} was made on {half.made}, {days} days ago." + (" Time to turn it." if days > TURN_DAYS else "")

    def free(self, key_id: str) -> str:
        made = vault.private_ring().made[key_id]
        return f"Once every web process seals to the newest and there is a backup since, destroy its private half, made on {made}."
