"""Fill a running portal with people's links in one stroke: `python -m tests.road.crowd SANDBOX_URL COUNT` with its VAR_DIR.

Each has a key of its own at the sandbox, proven before and due for its daily look since a year ago.
"""

import os
import sys
from datetime import timedelta

import django
import requests

from smartrader import local
from tests.road.person import SIX

EMAIL = "crowd@example.com"


def main(sandbox_url: str, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "smartrader.settings"
    os.environ.update(local.environment(os.environ))
    django.setup()
    # What follows needs the settings.
    from django.db import transaction

    from profiles.models import User

    asked = requests.Session()
    wish = {"exchange": "kraken", "permissions": SIX}
    keys = [asked.post(f"{sandbox_url}/_keys", json=wish, timeout=30).json() for _ in range(count)]
    with transaction.atomic():
        owner = User.objects.create_user(EMAIL)
        for key in keys:
            make_link(owner, key)


def make_link(owner: object, key: dict) -> None:
    from django.utils import timezone

    from exchanges import vault
    from exchanges.connectors.base import Credentials
    from exchanges.models import ApiKey, Link, Trigger

    year_ago = timezone.now() - timedelta(days=365)
    link = Link.objects.create(
        user=owner, exchange_id="kraken", status="ready", trigger=Trigger.SCHEDULE, checked_at=year_ago, next_check_at=year_ago
    )
    row = ApiKey(link=link, proven_at=year_ago, permissions=SIX)
    vault.seal(row, Credentials(key["api_key"], key["secret"]))
    row.save()
    Link.objects.filter(pk=link.pk).update(key=row)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
