"""What must hold before the site starts."""
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from exchanges import connectors


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
