"""What other apps show on our pages. They add to these lists in AppConfig.ready(); we know none of them."""

from collections.abc import Callable, Iterable
from typing import Any, TypedDict

from profiles.models import User


class Offer(TypedDict):
    name: str
    monogram: str
    tile: int
    url: str                                # where more is said of it


# Each gives one section of the profile page: {"template": "app/_glance.html", ...what that template needs}.
# A "lead" among it is said under the greeting.
sections: list[Callable[[User], dict[str, Any]]] = []

# Each gives names for "Exchanges you can link" on the landing page.
offers: list[Callable[[], Iterable[Offer]]] = []
