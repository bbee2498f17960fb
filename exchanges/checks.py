"""What must hold before the site starts."""
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone

from exchanges import connectors, vault
from exchanges.sealing import TURN_DAYS


@register()
def guides(**kwargs: object) -> list[CheckMessage]:
    """Every exchange needs its guide: people cannot be asked for a key that nobody tells them how to make."""
    missing = []
    for slug in connectors.all():
        try:
            get_template(f"guides/{slug}.html")
        except TemplateDoesNotExist:
            missing.append(Error(f"{slug} has a connector but no templates/guides/{slug}.html.", id="exchanges.E001"))
    return missing


@register(deploy=True)
def sealing_pair(**kwargs: object) -> list[CheckMessage]:
    """A pair that is never turned keeps every backup that was ever taken worth stealing."""
    days = vault.public_half().age_days(timezone.now().date())
    if days <= TURN_DAYS:
        return []
    return [checks.Warning(f"The sealing pair is {days} days old: turn it (docs/custody.md).", id="exchanges.W001")]
