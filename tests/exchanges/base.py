"""A person, the sandbox over real HTTP, and a worker's look at a link: what tests of the flow start from."""
from unittest import mock

import pytest
from django.utils import timezone

from exchanges import actions, validation
from exchanges.connectors.base import Credentials
from exchanges.models import Link
from tests.base import CommittingTestCase, make_people
from tests.exchanges.keys import SandboxKeys

SIX = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger"]
SIX_CALLS = ["GetApiKeyInfo", "Balance", "OpenOrders", "ClosedOrders", "Ledgers", "AddOrder"]


@pytest.mark.usefixtures("sandbox_of_class")
class ValidationTestCase(CommittingTestCase):
    sandbox_url: str

    def setUp(self):
        self.keys = SandboxKeys(self.sandbox_url)
        self.ana, self.bea, _celia = make_people()
        self.exchange = self.keys.exchange()

    def paste(self, name: str, user=None, label: str = "") -> Link:
        """Link the sandbox's ready-made key `name` and let a worker look at it once."""
        return self.give(self.keys.ready_made(name), user, label)

    def give(self, credentials: Credentials, user=None, label: str = "") -> Link:
        with mock.patch("exchanges.tasks.nudge"), mock.patch("exchanges.actions.nudge"):
            link = actions.add_link(user or self.ana, self.exchange, credentials, label)
        return self.look(link)

    def look(self, link: Link) -> Link:
        validation.validate(str(link.pk))
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=link.pk)

    def look_later(self, link: Link, **changes) -> Link:
        """Look again when it is due by itself."""
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now(), **changes)
        return self.look(link)

    def ask(self, link: Link) -> Link:
        with mock.patch("exchanges.actions.nudge"):
            actions.ask(link)
        return self.look(link)

    def calls(self, link: Link) -> list[str]:
        return list(link.calls.order_by("id").values_list("endpoint", flat=True))

    def steps(self, link: Link) -> list[str]:
        return [step["state"] for step in link.validations.first().steps]
