"""What must be there before the processes of `make run` start: rows, static files, translations, the demo account.

Each step looks first and does only what is missing or old, so a second start is quick.
"""

import hashlib
import os
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email
from django.db import connections

from exchanges import connectors, rotation
from smartrader import env, messages


def prepare() -> None:
    settings.VAR_DIR.joinpath("log").mkdir(parents=True, exist_ok=True)
    settings.VAR_DIR.joinpath("broker").mkdir(exist_ok=True)
    for locale in settings.LOCALE_PATHS:
        messages.compile_stale(locale)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    rotation.seal_to_workers()  # rows from before there was a pair, or from an older one
    collect_static()
    connections.close_all()


def collect_static() -> None:
    """Collect, hash and compress the static files, if one of them changed since the last time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    stamp = settings.VAR_DIR / "static.stamp"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(digest.hexdigest())


def demo_account() -> tuple[str, str] | None:
    """E-mail and password of an account to look around with. In production only if DEMO_PASSWORD asks for it."""
    password = os.environ.get("DEMO_PASSWORD", "")
    if not password:
        return None
    people = get_user_model().objects
    email = env.text("DEMO_EMAIL", "demo@smartrader.local")
    try:
        validate_email(email)
    except ValidationError:
        env.refuse("DEMO_EMAIL", "an e-mail address")
    user = people.filter(email__iexact=email).first() or people.create_user(email=email, password=password)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return email, password


def point_exchanges_at(sandbox_url: str) -> dict[str, str]:
    """<SLUG>_API_URL and <SLUG>_<REGION>_API_URL for the sandbox, where the environment names no other address."""
    addresses = {}
    for slug, connector in connectors.all().items():
        for name in (slug, *(f"{slug}_{region.slug}" for region in connector.regions)):
            addresses[f"{name}_API_URL".upper()] = f"{sandbox_url}/{slug}"
    return {name: url for name, url in addresses.items() if not os.environ.get(name)}
