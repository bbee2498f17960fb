"""Receivers of Django's own signals."""
from exchanges import connectors
from exchanges.models import Exchange


def make_exchanges(**kwargs: object) -> None:
    """After migrate: one Exchange row for each connector; what staff switched stays as it is."""
    for slug, connector in connectors.all().items():
        Exchange.objects.update_or_create(slug=slug, defaults={"name": connector.name})
