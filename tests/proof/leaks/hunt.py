"""The hunt: secrets × places, under every layer."""

from collections.abc import Iterable

from tests.proof.leaks.layers import DEEPEST, layers
from tests.proof.leaks.needles import Needles
from tests.proof.leaks.places import Place

# Copies of the project's own files, packed ones beside them, made before anybody came: looked at as they are.
COPIES = "var/static/"


def hunt(places: Iterable[Place], needles: Needles) -> list[str]:
    """Where a piece of a secret stands, e.g. "rows of django_session.session_data > base64 > zlib: Ana's password, hex"."""
    return sorted({
        f"{place}{way}: {name}, {form}"
        for place, content in places
        for way, under in layers(content, 0 if place.startswith(COPIES) else DEEPEST)
        for name, form in needles.found_in(under).items()
    })
