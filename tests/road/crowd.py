"""Fill a running portal with people's links in one stroke: `python -m tests.road.crowd SANDBOX_URL COUNT` with its VAR_DIR.

Each has a key of its own at the sandbox, proven before and due for its daily look since a year ago.
"""

import http.client
import json
import os
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import django

from smartrader import local
from tests.road.person import SIX

EMAIL = "crowd@example.com"
AT_ONCE = 500


def main(sandbox_url: str, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "smartrader.settings"
    os.environ.update(local.environment(os.environ))
    django.setup()
    # What follows needs the settings.
    from profiles.models import User

    keys = new_keys(sandbox_url, count)
    owner = User.objects.create_user(EMAIL)
    # The portal runs meanwhile: nobody waits long for the right to write.
    for first in range(0, count, AT_ONCE):
        make_links(owner, keys[first:first + AT_ONCE])


def new_keys(sandbox_url: str, count: int) -> list[dict]:
    """Over one bare connection: three times as fast as with requests, which counts where they are ten thousand."""
    sandbox, keys = http.client.HTTPConnection(urlsplit(sandbox_url).netloc, timeout=30), []
    wish = json.dumps({"exchange": "kraken", "permissions": SIX})
    for _key in range(count):
        sandbox.request("POST", "/_keys", wish, {"Content-Type": "application/json"})
        keys.append(json.load(sandbox.getresponse()))
    return keys


def make_links(owner: object, keys: list[dict]) -> None:
    from django.db import transaction
    from django.utils import timezone

    from exchanges import vault
    from exchanges.connectors.base import Credentials
    from exchanges.models import ApiKey, Link, Trigger

    year_ago = timezone.now() - timedelta(days=365)
    links = [
        Link(user=owner, exchange_id="kraken", status="ready", trigger=Trigger.SCHEDULE, checked_at=year_ago, next_check_at=year_ago)
        for _key in keys
    ]
    rows = [ApiKey(link=link, proven_at=year_ago, permissions=SIX) for link in links]
    for row, key in zip(rows, keys, strict=True):
        vault.seal(row, Credentials(key["api_key"], key["secret"]))
    with transaction.atomic():
        Link.objects.bulk_create(links)
        ApiKey.objects.bulk_create(rows)
        for row in rows:
            Link.objects.filter(pk=row.link_id).update(key=row)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
