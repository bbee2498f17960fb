"""A connector and an ordinary session against the sandbox over real HTTP: no database, no portal."""
from dataclasses import replace
from typing import Any

import requests
from django.test import SimpleTestCase

from exchanges.connectors.base import Connector, Credentials, Refused, Unavailable
from sandbox.server import start
from tests.exchanges.connectors.wire import Diary, open_session


class ProvingTestCase(SimpleTestCase):
    """`connector` is the test's own; `self.listed` and `self.keys` are the sandbox's keys, as `/_keys` has them and by name."""

    connector: Connector

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server = start(slow_s=0.5, hang_s=2, huge_bytes=2_100_000)
        cls.addClassCleanup(cls.server.close)
        cls.listed = requests.get(f"{cls.server.url}/_keys", timeout=5).json()[cls.connector.slug]
        cls.keys = {key["name"]: Credentials(key["api_key"], key["secret"]) for key in cls.listed}

    def prove(self, name: str, deadline_s: float = 8.0, url: str = "", **changes: str) -> tuple[list[Any], Diary]:
        """What a whole first proof says step by step, the last one the reason where it failed; and the diary of its calls."""
        diary, said = Diary(), []
        options = {"connector": self.connector, "credentials": replace(self.keys[name], **changes), "deadline_s": deadline_s}
        with open_session(self.base_url(url), diary, self.connector.nonce_now(), **options) as session:
            for ask in (self.connector.describe_key, *(read.call for read in self.connector.reads), self.connector.dry_run.call):
                try:
                    said.append(ask(session))
                except (Refused, Unavailable) as failure:
                    said.append(failure.reason)
                    break
        return said, diary

    def public(self, ask: Any) -> Any:
        with open_session(self.base_url(), connector=self.connector, credentials=None) as session:
            return ask(session)

    def base_url(self, url: str = "") -> str:
        return f"{url or self.server.url}/{self.connector.slug}"

    def status(self, url: str, **wish: Any) -> None:
        self._post(f"{url}/_status", wish)

    def fault(self, name: str, fault: str, count: int = 1) -> None:
        """What the next calls of this key meet."""
        self._post(f"{self.server.url}/_faults", {"api_key": self.keys[name].api_key, "fault": fault, "count": count})

    def _post(self, url: str, wish: dict[str, Any]) -> None:
        requests.post(url, json={"exchange": self.connector.slug, **wish}, timeout=5).raise_for_status()
