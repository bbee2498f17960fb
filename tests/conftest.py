"""What every test needs before Django loads, and the fixtures: a sandbox, the whole portal, a browser."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import environment, portal

pytest_plugins = ["tests.browser"]
# What takes long, by a fixture or the file, the longest first. A few that start no portal come early, so that not all start at once.
LONGEST = (
    "scenes_of_class", "test_faults", "test_table", "story_of_class", "fire_of_class", "own_stack_of_class", "test_any_input", "stack",
    "browser", "sandbox_of_class",
)


def pytest_configure(config: pytest.Config) -> None:
    # Under xdist the workers inherit the folder that the first process made; that one removes it.
    if "SMARTRADER_TEST_DIR" not in os.environ:
        os.environ["SMARTRADER_TEST_DIR"] = tempfile.mkdtemp(prefix="smartrader-test-")
    environment.prepare(run_dir())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        portal.stop_shared(run_dir())
        shutil.rmtree(run_dir(), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: the short ones fill in what is left at the end."""
    def rank(item: pytest.Item) -> int:
        return min((LONGEST.index(name) for name in (item.path.stem, *item.fixturenames) if name in LONGEST), default=len(LONGEST))

    items.sort(key=rank)


def run_dir() -> Path:
    return Path(os.environ["SMARTRADER_TEST_DIR"])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What a machine lacks is skipped with the reason; with REQUIRE_ALL=1 the machine must lack nothing."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, but skipped: {report.longrepr[2]}"


@contextmanager
def sandbox_running() -> Iterator[object]:
    """A sandbox in this process, where the exchanges are reached meanwhile."""
    from django.conf import settings

    from sandbox import server

    running, before = server.start(), dict(settings.API_URLS)
    settings.API_URLS.update({slug: f"{running.url}/{slug}" for slug in running.dialects})
    try:
        yield running
    finally:
        settings.API_URLS.clear()
        settings.API_URLS.update(before)
        # Beside the next test: a server that closes waits for its own next look around.
        threading.Thread(target=running.close).start()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[object]:
    """One sandbox for all tests that use it."""
    with sandbox_running() as running:
        yield running


@pytest.fixture
def sandbox_of_class(request: pytest.FixtureRequest) -> Iterator[None]:
    """For test classes: `self.sandbox_url`. A new sandbox for each test: it counts the calls with a key."""
    with sandbox_running() as running:
        request.cls.sandbox_url = running.url
        yield


@pytest.fixture(scope="session")
def stack() -> portal.Portal:
    """The whole portal as `make run` runs it: one for all tests that use it, in whatever process they run."""
    return portal.shared(run_dir())


@pytest.fixture(scope="class")
def stack_of_class(request: pytest.FixtureRequest, stack: portal.Portal) -> None:
    """For test classes: `self.stack`."""
    request.cls.stack = stack
