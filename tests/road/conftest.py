"""Somebody who has just signed up; and a portal of one's own, for what would disturb others."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import portal
from tests.road.person import Person


@pytest.fixture(scope="class")
def ana_of_class(request: pytest.FixtureRequest, stack: portal.Portal) -> None:
    """For test classes: `self.ana`, who signed up for this class alone as `self.email`, and is in."""
    of_file = request.cls.__module__.rpartition(".")[2]
    request.cls.email = f"{of_file}.{request.cls.__name__.lower()}@example.com"
    request.cls.ana = Person(stack).sign_up(request.cls.email)


@pytest.fixture(scope="class")
def own_stack_of_class(request: pytest.FixtureRequest) -> Iterator[None]:
    """For test classes: `self.stack` that nobody else uses, and `self.ana` in it, who may link as much as she likes."""
    folder = Path(os.environ["SMARTRADER_TEST_DIR"], request.cls.__name__.lower())
    with portal.running(folder, MAX_LINKS="0") as running:
        request.cls.stack, request.cls.email = running, "ana@example.com"
        request.cls.ana = Person(running).sign_up("ana@example.com")
        yield
