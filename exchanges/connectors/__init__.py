"""The exchanges we can ask. A module here that defines `connector` is one; nothing else lists them."""
import pkgutil
from functools import cache
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings

from .base import Connector
from .line import is_loopback


@cache
def all() -> dict[str, Connector]:
    """Every connector by slug, in the order of the slugs."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    connectors = [module.connector for module in modules if hasattr(module, "connector")]
    return {connector.slug: connector for connector in sorted(connectors, key=lambda connector: connector.slug)}


def get(slug: str) -> Connector:
    """Raises KeyError where there is none."""
    return all()[slug]


def api_url(connector: Connector, region: str = "") -> str:
    """Where this exchange is reached: `<SLUG>_<REGION>_API_URL` or `<SLUG>_API_URL` of the environment, else the real one."""
    names = (f"{connector.slug}_{region}".lower(), connector.slug)
    return next((settings.API_URLS[name] for name in names if name in settings.API_URLS), connector.own_url(region))


def practice_url(connector: Connector) -> str:
    """The key page of a stand-in on this machine, where one is asked instead of the exchange; else ""."""
    url = api_url(connector)
    return f"{url}/" if is_loopback(urlsplit(url).hostname) else ""
