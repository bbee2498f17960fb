"""What the tests of the road share: the running portal, a person in it, and a browser that watches what goes wrong."""

import fcntl
import os
import re
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest import TestCase

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.portal import Portal
from tests.road.person import NEW, PASSWORD, Kraken, Person, mailed_code

LINK_PAGE = re.compile(r"/perfil/exchanges/[0-9a-f-]{36}/")
WAIT_MS = 15_000
expect.set_options(timeout=WAIT_MS)
TELL_REFUSALS = """
document.addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));
"""


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The process stands still meanwhile: it accepts connections (the kernel does) and answers nothing.

    One at a time: the other process of a test run may want the same.
    """
    with Path(os.environ["SMARTRADER_TEST_DIR"], "frozen.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("stack_of_class")
class RoadTestCase(TestCase):
    """self.stack is the running portal, self.kraken the exchange that plays with it."""

    stack: Portal

    @property
    def kraken(self) -> Kraken:
        return Kraken(self.stack)


@pytest.mark.usefixtures("browser_of_class")
class BrowserTestCase(RoadTestCase):
    """Every window is watched: an error on the console or a request to anywhere else fails the test."""

    browser: Browser
    ana: Person
    email: str

    def sign_up(self, page: Page, email: str) -> None:
        self.visit(page, "/")
        page.locator(".hero").get_by_role("link", name="Crear cuenta").click()
        page.get_by_label("Correo").fill(email)
        page.locator("#id_password1").fill(PASSWORD)
        page.get_by_role("button", name="Crear cuenta").click()
        page.get_by_label("Código").wait_for()
        page.get_by_label("Código").fill(mailed_code(self.stack, email))
        page.get_by_role("button", name="Confirmar").click()
        page.wait_for_url("**/perfil/")

    def open(self, person: Person | None = None, *, width: int = 1280, **options: object) -> Page:
        """A window of a browser of its own, with `person` logged in, closed and judged after the test."""
        viewport = {"width": width, "height": 844 if width < 500 else 900}
        context = self.browser.new_context(viewport=viewport, **options)
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(TELL_REFUSALS)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        if person is not None:
            context.add_cookies([{"name": c.name, "value": c.value, "url": self.stack.url} for c in person.http.cookies])
        self.watch(context)
        return context.new_page()

    def watch(self, context: BrowserContext) -> None:
        seen: list[str] = []

        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                seen.append(message.text)

        def on_request(request: Request) -> None:
            if not request.url.startswith((f"{self.stack.url}/", f"{self.stack.sandbox_url}/")):
                seen.append(f"asks {request.url}")

        context.on("console", on_console)
        context.on("weberror", lambda error: seen.append(str(error.error)))
        context.on("request", on_request)
        self.addCleanup(lambda: self.assertEqual(seen, []))
        self.addCleanup(context.close)

    def visit(self, page: Page, path: str) -> Page:
        page.goto(self.stack.url + path)
        return page

    def fill_key(self, page: Page, key: dict, label: str = "") -> None:
        """Type a key into the form that `page` shows."""
        if label:
            page.fill("#id_label", label)
        page.fill("#id_api_key", key["api_key"])
        page.fill("#id_secret", key["secret"])

    def paste(self, page: Page, key: dict) -> str:
        """Link `key` in `page`; the address it led to."""
        self.visit(page, NEW)
        self.fill_key(page, key)
        page.get_by_role("button", name="Vincular y comprobar").click()
        page.wait_for_url(LINK_PAGE)
        return page.url

    def shows(self, page: Page, status: str, reason: str = "") -> None:
        """Wait until the link's page shows this state."""
        state = page.locator("#estado")
        expect(state).to_have_attribute("data-status", status)
        expect(state).to_have_attribute("data-reason", reason)
        expect(state).to_have_attribute("data-checking", "false")

    def freeze_kraken(self) -> AbstractContextManager[None]:
        return frozen(self.stack.pids()["sandbox"])
