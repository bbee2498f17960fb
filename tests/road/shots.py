"""The pictures of the README, from a portal of its own: `python -m tests.road.shots OUT_DIR`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests import portal
from tests.browser import launched
from tests.road.person import NEW, Kraken, Person

ADDRESSES = ["127.0.0.1", "203.0.113.10", "203.0.113.11"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var, portal.running(Path(var, "var")) as stack, launched() as browser:
        ana = Person(stack).sign_up("ana@example.com")
        for name, path, viewport, scheme in pictures(ana, Kraken(stack)):
            take(browser, ana, path, folder / f"{name}.png", viewport=viewport, color_scheme=scheme)


def pictures(ana: Person, kraken: Kraken) -> list[tuple[str, str, dict, str]]:
    """Name, path, window and colours of each, with the links that they show."""
    ready = ana.link(kraken.new_key(name="Smartrader", ip_allowlist=ADDRESSES), "Principal")
    missing = ana.link(kraken.new_key("query-ledger", name="Smartrader 2", ip_allowlist=ADDRESSES), "Ahorro")
    for link in (ready, missing):
        ana.settled(link)
    return [
        ("link-ready", ready, DESKTOP, "light"),
        ("link-missing", missing, DESKTOP, "light"),
        ("phone-guide", f"{NEW}#paso-3", PHONE, "light"),
        ("phone-ready-dark", ready, PHONE, "dark"),
    ]


def take(browser: Browser, person: Person, path: str, file: Path, **options: object) -> None:
    context = browser.new_context(reduced_motion="reduce", **options)
    context.add_cookies([{"name": c.name, "value": c.value, "url": person.stack.url} for c in person.http.cookies])
    page = context.new_page()
    page.goto(person.stack.url + path)
    page.screenshot(path=file, animations="disabled")
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
