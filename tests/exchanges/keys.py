"""The sandbox's keys, for tests: ready-made ones, new ones, and what the person does to them at the exchange."""
import requests

from exchanges import vault
from exchanges.connectors.base import Credentials
from exchanges.models import Exchange, Link

WRONG_SECRET = "d3JvbmcgYnV0IHdlbGwgZm9ybWVkLCB4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="


class SandboxKeys:
    def __init__(self, url: str, slug: str = "kraken") -> None:
        self.url, self.slug = url, slug

    def exchange(self) -> Exchange:
        return Exchange.objects.get_or_create(slug=self.slug, defaults={"name": self.slug.capitalize()})[0]

    def ready_made(self, name: str) -> Credentials:
        keys = requests.get(f"{self.url}/_keys", timeout=5).json()[self.slug]
        return next(_credentials(key) for key in keys if key["name"] == name)

    def new(self, permissions: list[str], **options) -> Credentials:
        return _credentials(self._post("_keys", {"exchange": self.slug, "permissions": permissions, **options}))

    def wrong_secret(self, name: str = "empty") -> Credentials:
        return self.with_wrong_secret(self.ready_made(name))

    def with_wrong_secret(self, key: Credentials) -> Credentials:
        return Credentials(key.api_key, WRONG_SECRET)

    def change(self, link: Link, **changes) -> None:
        """The person edits the key of `link` at the exchange."""
        self._post("_keys", {"exchange": self.slug, "api_key": vault.reveal(link.key).api_key, **changes})

    def fault(self, fault: str, link: Link | None = None, *, api_key: str = "", count: int = 1) -> None:
        api_key = api_key or vault.reveal(link.key).api_key
        self._post("_faults", {"exchange": self.slug, "api_key": api_key, "fault": fault, "count": count})

    def _post(self, where: str, body: dict) -> dict:
        answer = requests.post(f"{self.url}/{where}", json=body, timeout=5)
        answer.raise_for_status()
        return answer.json()


def _credentials(key: dict) -> Credentials:
    return Credentials(key["api_key"], key["secret"], key.get("passphrase") or "")
