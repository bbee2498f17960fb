"""Compiles the message catalogues (locale/*/LC_MESSAGES/django.po) with Babel: no system gettext is needed.

As `pybabel compile -f -D django` does, a message marked fuzzy is taken too.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_stale(locale: Path) -> list[Path]:
    """Compile the catalogues under `locale` that are newer than their compiled form; returns those."""
    stale = [po for po in sorted(locale.glob("*/LC_MESSAGES/*.po")) if _is_stale(po)]
    for po in stale:
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        # Another process may be reading the old one: replaced whole, never half written.
        part = po.with_suffix(".part")
        with part.open("wb") as target:
            write_mo(target, catalogue, use_fuzzy=True)
        part.replace(po.with_suffix(".mo"))
    return stale


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime <= po.stat().st_mtime


if __name__ == "__main__":
    compile_stale(Path(__file__).resolve().parent.parent / "locale")
