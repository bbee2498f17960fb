"""What we hold of a person's links: for them to download, and to erase when their account leaves. Never a secret nor a hash."""
from collections.abc import Callable, Iterator

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchanges import actions, erased
from exchanges.models import ApiKey, Call, Event, Link, Status, Validation
from profiles import leaving
from profiles.models import User
from profiles.pruning import prune
from profiles.takeout import Section, batches

LINK = (
    "id", "exchange", "region", "label", "status", "reason", "notices", "since", "candidate", "candidate_reason", "created_at",
    "checked_at", "next_check_at")
KEY = (
    "id", "link", "hint", "name_at_exchange", "account_hint", "permissions", "ip_allowlist", "is_empty", "created_at", "proven_at",
    "modified_at", "expires_at", "erased_at")
CHECK = ("link", "key", "trigger", "started_at", "finished_at", "status", "reason", "steps")
CALL = ("link", "key", "at", "endpoint", "purpose", "outcome", "code", "ms")
EVENT = ("link", "at", "actor", "cause", "from_status", "to_status", "reason", "changes")


def _section(name: str, label: Promise, fields: tuple[str, ...], rows_of: Callable[[User], QuerySet]) -> Section:
    def rows(user: User) -> Iterator[tuple]:
        return batches(rows_of(user), *fields)
    return Section(name, label, fields, rows)


def _of_links(model: type[Model]) -> Callable[[User], QuerySet]:
    return lambda user: model.objects.filter(link__user=user)


sections = [
    _section("links", _("Your linked exchanges"), LINK, lambda user: Link.objects.filter(user=user)),
    _section("keys", _("Your keys, without the secrets"), KEY, _of_links(ApiKey)),
    _section("checks", _("Checks of your keys"), CHECK, _of_links(Validation)),
    _section("calls", _("Calls with your keys"), CALL, _of_links(Call)),
    _section("history", _("History of your links"), EVENT, _of_links(Event)),
]


def close(user: User, request: HttpRequest | None) -> None:
    """Unlink all: every secret is erased, and no call with one starts after this returns."""
    for link in Link.objects.of(user).exclude(status=Status.UNLINKED):
        actions.unlink(link, request, cause="leave")


def erase(user: User) -> None:
    """All rows of theirs, and a line on the list of what a restored backup must not bring back."""
    erased.remember_account(user.pk)
    close(user, None)
    for model in (Call, Validation, Event):
        prune(_of_links(model)(user), "pk")
    links = Link.objects.filter(user=user)
    leaving.forget_in_admin(Link, [str(pk) for pk in links.values_list("pk", flat=True)])
    links.update(key=None, new_key=None)
    prune(_of_links(ApiKey)(user), "pk")
    prune(links, "pk")
