"""Links of several people, straight into a portal's rows: `python -m tests.trials.chaos.people < keys.json` with its environment.

Each key says whose it is, and whether it was proven a year ago and is due for its daily look. Prints the ids of the links.
"""

import json
import sys
from datetime import timedelta

import django


def main() -> None:
    django.setup()
    # What follows needs the settings.
    from exchanges.models import Exchange
    from profiles.models import User

    kraken = Exchange.objects.get(slug="kraken")
    keys = json.load(sys.stdin)
    people = {email: User.objects.get_or_create(email=email)[0] for email in sorted({key["email"] for key in keys})}
    sys.stdout.write(json.dumps([make_link(people[key["email"]], kraken, key) for key in keys]))


def make_link(owner: object, kraken: object, key: dict) -> str:
    from exchanges import actions
    from exchanges.connectors.base import Credentials

    pair = Credentials(key["api_key"], key["secret"])
    link = make_old(owner, pair) if key["proven"] else actions.add_link(owner, kraken, pair, "")
    return str(link.pk)


def make_old(owner: object, pair: object) -> object:
    from django.utils import timezone

    from exchanges import vault
    from exchanges.models import ApiKey, Link, Trigger
    from tests.road.person import SIX

    year_ago = timezone.now() - timedelta(days=365)
    link = Link.objects.create(
        user=owner, exchange_id="kraken", status="ready", trigger=Trigger.SCHEDULE, checked_at=year_ago, next_check_at=None)
    key = ApiKey(link=link, proven_at=year_ago, permissions=SIX)
    vault.seal(key, pair)
    key.save()
    Link.objects.filter(pk=link.pk).update(key=key, next_check_at=year_ago)
    return link


if __name__ == "__main__":
    main()
