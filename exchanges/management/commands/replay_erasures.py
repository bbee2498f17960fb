"""`manage.py replay_erasures`: after a restore, erases again what had been erased since the backup was taken."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import F, Q

from exchanges import actions, erased, vault
from exchanges.models import ApiKey, Link, Status
from profiles import leaving
from profiles.models import User

AT_ONCE = 500


class Command(BaseCommand):
    help = (
        "Run it after a restore, before the site starts: what is on the list of erased keys and came back is erased again, links "
        "that used it are unlinked, and accounts that had left are deleted. It may be run again at any time. Needs no key of the workers.")
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path,
            help="erased.log as it was before the restore, or logs of the processes (default: the one in VAR_DIR)")

    def handle(self, *args: str, files: list[Path], **options: Any) -> None:
        try:
            listed = erased.read(files or [erased.path()])
        except OSError as exc:
            raise CommandError(f"{exc.filename} cannot be read: {exc.strerror}.") from None
        links = sum(actions.unlink(link, actor="staff", cause="restore") for link in _to_unlink(listed.keys, listed.unlinked))
        keys = sum(_erase(some) for some in _batches(listed.keys))
        self.stdout.write(f"Keys on the list: {len(listed.keys)}. Links unlinked: {links}. Other keys erased: {keys}.")
        people = sum(_delete(some) for some in _batches(listed.people))
        if listed.people:
            self.stdout.write(f"Accounts on the list: {len(listed.people)}. Deleted: {people}.")


def _to_unlink(listed: set[UUID], unlinked: set[UUID]) -> Iterator[Link]:
    """Links whose key in use should not be there any more, and those that were unlinked."""
    for some in _batches(listed):
        came_back = Q(key__in=some, key__erased_at__isnull=True)
        gone = Q(keys__in=unlinked.intersection(some))
        yield from Link.objects.filter(came_back | gone).exclude(status=Status.UNLINKED).distinct()


@transaction.atomic
def _erase(keys: list[UUID]) -> int:
    """What came back and no link uses: a replacement on trial, whose link goes on without it, and keys of before."""
    back = list(ApiKey.objects.filter(pk__in=keys, erased_at__isnull=True))
    Link.objects.filter(new_key__in=back).update(**actions.NO_CANDIDATE, version=F("version") + 1)
    vault.erase(back)
    return len(back)


def _delete(people: list[UUID]) -> int:
    """Accounts that had left and came back."""
    back = list(User.objects.filter(pk__in=people))
    for user in back:
        leaving.erase(user)
    return len(back)


def _batches(keys: set[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(keys)
    yield from (ordered[start:start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))
