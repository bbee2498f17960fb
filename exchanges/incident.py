"""An incident at an exchange, or with its keys: staff stop all of them at once and later let them go on, bit by bit.

Meanwhile the exchange is switched off, so that no key gets past this: none is linked, replaced or resumed. Each key is a
transaction of its own; whatever is cut short is finished by doing it again.
"""
from django.db.models import F
from django.http import HttpRequest

from exchanges import actions
from exchanges.models import Exchange, Link, Status

# No herd when it is over: five keys a second, yet none waits so long that its turn would be taken for a mistake (exchanges.clock).
KEYS_A_SECOND, WITHIN_S = 5, 480


def begin(exchange: Exchange, request: HttpRequest | None = None) -> int:
    """Suspend the keys that are used or asked about; how many. No call starts from the first moment on; to tell all is long.

    Keys that nobody asks about, such as one with a wrong secret, say what is wrong with them and are left at that: checked
    again when all is over, many of them would get our address locked out.
    """
    Exchange.objects.filter(pk=exchange.pk).update(is_open=False)
    asked = Link.objects.filter(exchange=exchange, next_check_at__isnull=False)
    asked.filter(lease_token__isnull=False).update(**actions.NO_LEASE, version=F("version") + 1)
    actions.wait_for_calls(asked)
    return sum(actions.suspend(link, "incident", request) for link in asked.only("pk"))


def end(exchange: Exchange, request: HttpRequest | None = None) -> int:
    """Switch the exchange on and let its keys go on, each checked first; how many."""
    Exchange.objects.filter(pk=exchange.pk).update(is_open=True)
    held = list(Link.objects.filter(exchange=exchange, status=Status.SUSPENDED, reason="incident").only("pk"))
    every_s = min(1 / KEYS_A_SECOND, WITHIN_S / max(len(held), 1))
    return sum(actions.lift(link, request, after_s=turn * every_s) for turn, link in enumerate(held, 1))
