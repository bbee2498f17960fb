"""The environment of the tests: nothing of the developer's own, nowhere to go outside."""

import os
from pathlib import Path

from exchanges import sealing

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
# Of the bytes "tests only: the private half 123".
PRIVATE_HALF = "2026-11-22.a2f2d1b5.dGVzdHMgb25seTogdGhlIHByaXZhdGUgaGFsZiAxMjM="
PUBLIC_HALF = sealing.public_half(PRIVATE_HALF)
# Where it is set, each of a hundred processes compiles all of ours anew.
COMPILES_ANEW = "PYTHONDONTWRITEBYTECODE"
# Playwright's loop runs in the thread of the tests, where Django would refuse to ask the database.
ONLY_TESTS = {"DJANGO_SETTINGS_MODULE": "smartrader.settings", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}


def documented() -> list[str]:
    """The variables that .env.example lists."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [line.lstrip("# ").partition("=")[0] for line in lines if "=" in line.partition(" ")[0].lstrip("#")]


def bare() -> dict[str, str]:
    """This process's environment without the variables that Smartrader reads and those that only tests set."""
    ours = {*documented(), *ONLY_TESTS, COMPILES_ANEW}
    return {name: value for name, value in os.environ.items() if name not in ours and not name.endswith("_API_URL")}


def prepare(folder: Path) -> None:
    """Point this process at the settings, with a VAR_DIR below `folder`; then load them, as pytest-django expects."""
    kept = bare()
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        ONLY_TESTS,
        VAR_DIR=str(folder),
        SITE_URL="http://127.0.0.1:8000",
        EGRESS_IPS="203.0.113.10,203.0.113.11",
        SECRET_KEY="tests only",
        CREDENTIALS_KEYS=EXAMPLE_KEY,
        FINGERPRINT_KEY="tests only: fingerprints",
        ACCOUNT_KEY="tests only: accounts",
        SEALING_PUBLIC_KEY=PUBLIC_HALF,
        SEALING_PRIVATE_KEYS=PRIVATE_HALF,
        CELERY_BROKER_URL="memory://",
        # The discard port: a test that asks an exchange without a sandbox is refused, and nothing leaves.
        **{name: "http://127.0.0.1:9" for name in documented() if name.endswith("_API_URL")},
    )
    from django.conf import settings

    from smartrader import messages

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    for locale in settings.LOCALE_PATHS:
        messages.compile_stale(locale)
