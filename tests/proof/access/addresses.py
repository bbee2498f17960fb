"""Every address of the site, as Django's resolver knows them: the admin's and allauth's too."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def patterns(of: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """"perfil/exchanges/<uuid:link_id>/", …: as written in the URL lists, each once for each view that stands there."""
    for entry in (of or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address
        else:
            yield from patterns(entry, address)


def filled(pattern: str, arguments: dict[str, object]) -> str:
    """The path with each argument in its place."""
    return "/" + ARGUMENT.sub(lambda found: str(arguments[found[1] or found[2]]), pattern.replace("^", "").replace("$", ""))
