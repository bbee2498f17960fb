"""The weather at an exchange: its public status call, asked without any key about once a minute, more often when it is broken."""
import time

from django.conf import settings

from exchanges import breaker, clock, connectors
from exchanges.connectors.base import Refused, Unavailable
from exchanges.connectors.line import address_family
from exchanges.connectors.session import ExchangeSession
from exchanges.models import Exchange

SLOW_S = 3.0
UP = ("ok", "slow", "limited")
# Of a public call: nobody there. Another failure may be a call that this exchange does not have.
NOBODY = ("network", "timeout", "maintenance")


def look(slug: str) -> None:
    """Ask how `slug` is and write it down, if it is time. Two workers at once, or an exchange that is gone, do no harm."""
    now = clock.now()
    exchange = Exchange.objects.status_due(now).filter(pk=slug).first()
    if exchange is None or exchange.connector.system_status is None:
        return
    if not Exchange.objects.status_due(now).filter(pk=slug).update(weather_at=now):
        return
    weather = _ask(exchange)
    Exchange.objects.filter(pk=slug).update(weather=weather)
    if weather in UP:
        breaker.note_status(exchange, clock.now())  # the call may have taken its time


def _ask(exchange: Exchange) -> str:
    """"ok", "slow", "limited", "maintenance", "silent" (the second time nobody is there), or "" where it cannot be told."""
    connector, started = exchange.connector, time.monotonic()
    session = ExchangeSession(
        connector, None, base_url=connectors.api_url(connector), family=address_family(settings.EGRESS_IPS))
    with session:
        try:
            status = connector.system_status(session)
        except (Refused, Unavailable) as failure:
            again = exchange.weather_at is not None and exchange.weather in ("", "silent")
            return "silent" if again and failure.reason in NOBODY else ""
    return "slow" if status == "ok" and time.monotonic() - started > SLOW_S else status
