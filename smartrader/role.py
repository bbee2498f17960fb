"""What this process is, and which keys go with it. Said in code: an environment is easily copied from one tier to the other.

wsgi.py says that it is the web process, and celery.py asks for a worker's keys; commands, the scheduler and tests are neither.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from exchanges.sealing import PrivateRing, PublicHalf

# Who breaks into the web process must find nothing there that opens a credential or tells whose account it is.
WORKERS_ALONE = ("SEALING_PRIVATE_KEYS", "ACCOUNT_KEY")

_roles: list[str] = []


def declare(role: str) -> None:
    """To be called before the settings load, which then hold this process to its role."""
    _roles.append(role)


def is_web() -> bool:
    return "web" in _roles


def require_workers_keys() -> None:
    """A worker without them would claim links and open none. Raises ImproperlyConfigured."""
    for name in WORKERS_ALONE:
        if not getattr(settings, name):
            raise ImproperlyConfigured(f"{name} is missing in the environment of the workers.")
    if PublicHalf(settings.SEALING_PUBLIC_KEY).key_id not in PrivateRing(settings.SEALING_PRIVATE_KEYS).made:
        raise ImproperlyConfigured("SEALING_PUBLIC_KEY in the environment must be the public half of one of SEALING_PRIVATE_KEYS.")
