"""One exchange is four files: what is known of it stands in its own, and nothing else of the project names it."""

import re
from functools import cache
from pathlib import Path
from unittest import TestCase

from exchanges import connectors
from tests.environment import ROOT
from tests.test_house import files

# Words of all exchanges together, and what is said of them to people.
COMMON = ("locale/", "docs/", "CHANGELOG.md", "README.md", ".env.example", "requirements")
FOUR = (
    "exchanges/connectors/{slug}.py", "sandbox/dialects/{slug}.py", "templates/guides/{slug}.html",
    "tests/exchanges/connectors/test_{slug}.py",
)
PICTURES = (".png", ".ico", ".woff2")


@cache
def texts() -> dict[str, str]:
    """Path from the root, and below it what the file holds, in small letters."""
    names = [str(path.relative_to(ROOT)) for path in files() if path.suffix not in PICTURES]
    return {name: f"{name}\n{(ROOT / name).read_text()}".lower() for name in names if not name.startswith(COMMON)}


def naming(slug: str) -> set[str]:
    """The files with `slug` in their path or their text, as a word or a part of one like BITS_API_URL."""
    word = re.compile(rf"(?<![a-z]){slug}(?![a-z])")
    return {name for name, text in texts().items() if word.search(text)}


class OneExchangeTests(TestCase):
    def test_each_takes_four_files_or_parts_of_them(self):
        others = connectors.all().keys() - {"kraken"}       # the first one, which examples and tests of the rest are about
        self.assertTrue(others)
        for slug in others:
            four = {path.format(slug=slug) for path in FOUR}
            parts = {name for name in naming(slug) if self.is_part(name, four)}
            self.assertEqual((slug, naming(slug) - parts), (slug, four))

    def is_part(self, name: str, four: set[str]) -> bool:
        """Whether it is a file beside one of the four that only goes on with it: <slug>_<part>.py."""
        path = Path(name)
        whole = [Path(one) for one in four if one.endswith(".py")]
        return path.suffix == ".py" and any(
            path.parent == one.parent and path.stem.startswith(f"{one.stem}_") for one in whole)
