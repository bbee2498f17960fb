"""Strict readers of the environment: what is missing or misspelt stops the start and names itself.

A variable that is set but empty counts as unset, as in a `.env` file with nothing behind the `=`.
"""

import base64
import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from exchanges.sealing import PrivateRing, PublicHalf

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

BASE_DIR = Path(__file__).resolve().parent.parent
FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
CACHE_SCHEMES = ("dbcache", "locmemcache", "redis", "rediss")
EMAIL_SCHEMES = ("smtp", "smtp+tls", "smtp+ssl", "filemail", "consolemail", "memorymail")
# Django's own number is 300, and past it entries go that still count: tries, used codes, the heartbeat of the workers.
CACHE_ENTRIES = 50_000
BROKER_SCHEMES = ("redis", "rediss", "redis+socket", "amqp", "amqps", "memory")


def refuse(name: str, wanted: str) -> NoReturn:
    """Say which variable is wrong and what it should be; its value stays unsaid, it may hold a password."""
    raise ImproperlyConfigured(f"{name} in the environment must be {wanted}.")


def text(name: str, default: str | None = None) -> str:
    """The variable as it is; without a default it is required."""
    value = os.environ.get(name, "").strip()
    if not value and default is None:
        raise ImproperlyConfigured(f"{name} is missing in the environment.")
    return value or str(default)


def folder(name: str, default: str) -> Path:
    """A folder; a relative one is taken from the project's."""
    return BASE_DIR / text(name, default)


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in FLAGS:
        refuse(name, "1 or 0")
    return FLAGS[value]


def number(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        refuse(name, f"a whole number from {least} to {most}")
    return int(value)


def key(name: str, *, least: int, default: str | None = None) -> str:
    """A secret of at least `least` characters."""
    value = text(name, default)
    if value and len(value) < least:
        refuse(name, f"a random text of at least {least} characters")
    return value


def sealing_half(name: str) -> str:
    """The public half of a sealing pair."""
    value = text(name)
    if not _is_made_by(PublicHalf, value):
        refuse(name, "the public half of a pair that `python -m exchanges.sealing` made")
    return value


def sealing_ring(name: str) -> str:
    """Private halves of sealing pairs; "" where there are none."""
    value = text(name, "")
    if not _is_made_by(PrivateRing, value):
        refuse(name, "the private halves of pairs that `python -m exchanges.sealing` made, newest first, comma-separated")
    return value


def forbid(name: str, where: str) -> None:
    """Stop the start where `name` is set: it must not be in this process."""
    if text(name, ""):
        raise ImproperlyConfigured(f"{name} must not be in the environment of {where}. Unset it there.")


def ring(name: str) -> str:
    """Keys of 32 bytes in base64, comma-separated."""
    value = text(name)
    if not all(_is_key(part.strip()) for part in value.split(",") if part.strip()) or not value.strip(", "):
        refuse(name, "the base64 of 32 random bytes for each key, newest first, comma-separated")
    return value


def _is_key(part: str) -> bool:
    try:
        return len(base64.b64decode(part, validate=True)) == 32
    except ValueError:
        return False


def _is_made_by(kind: type[PublicHalf] | type[PrivateRing], value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


def words(name: str, default: str | None = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def addresses(name: str, default: str | None = "") -> list[str]:
    """A comma-separated list of IP addresses, in their usual spelling; without a default one at least."""
    given = words(name, default)
    try:
        found = [str(ipaddress.ip_address(word)) for word in given]
    except ValueError:
        found = []
    if len(found) < len(given) or (default is None and not found):
        refuse(name, "a comma-separated list of IP addresses")
    return found


def networks(name: str) -> list[Network]:
    """A comma-separated list of IP addresses or networks such as 10.0.0.0/8."""
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError:
        refuse(name, "a comma-separated list of IP addresses or networks")


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url(name: str, default: str | None = None) -> str:
    """An https address; plain http is for this machine only. Without a slash at its end."""
    value = text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        host, port_is_fine = parts.hostname or "", parts.port != 0
    except ValueError:
        refuse(name, "an https address")
    extras = parts.username or parts.query or parts.fragment or re.search(r"\s", value)
    if not host or extras or not port_is_fine or parts.scheme not in ("http", "https"):
        refuse(name, "an https address")
    if parts.scheme == "http" and not is_loopback(host):
        refuse(name, "an https address; plain http is for this machine only")
    return value


def contact(name: str, default: str) -> str:
    """Where people write to: a mailto: or https: address."""
    value = text(name, default)
    if not re.fullmatch(r"mailto:[!-~]+@[!-~]+|https://[!-~]+", value):
        refuse(name, "a mailto: or https: address")
    return value


def api_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """Where exchanges are reached: KRAKEN_API_URL gives `kraken`, ACME_US_API_URL gives `acme_us`."""
    names = [name for name, value in environment.items() if name.endswith("_API_URL") and value.strip()]
    return {name.removesuffix("_API_URL").lower(): url(name) for name in names}


def service(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """The address of a database, cache, mail server or broker, of one of these schemes."""
    value = text(name, default)
    wanted = "an address that starts with one of " + ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts, port_is_fine = urlsplit(value), urlsplit(value).port != 0
    except ValueError:
        refuse(name, wanted)
    if parts.scheme not in schemes or "://" not in value or not port_is_fine:
        refuse(name, wanted)
    return value


def database(name: str, default: str) -> dict[str, object]:
    """A Django database. SQLite: many readers beside one writer, deleted bytes overwritten."""
    config = dict(environ.Env.db_url_config(service(name, default, DATABASE_SCHEMES)))
    options = dict(config.get("OPTIONS", {}))
    if str(config["ENGINE"]).endswith("sqlite3"):
        options |= {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        }
    else:
        options.setdefault("connect_timeout", 5)
    return {**config, "OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def cache(name: str, default: str) -> dict[str, object]:
    """A Django cache. Where Django itself counts the entries, room for the limits that many people use up at once."""
    config = dict(environ.Env.cache_url_config(service(name, default, CACHE_SCHEMES)))
    if str(config["BACKEND"]).endswith("DatabaseCache"):
        config["BACKEND"] = "smartrader.cache.CountingDatabaseCache"
    if str(config["BACKEND"]).endswith(("DatabaseCache", "LocMemCache")):
        config["OPTIONS"] = {"MAX_ENTRIES": CACHE_ENTRIES, **dict(config.get("OPTIONS", {}))}
    if str(config["BACKEND"]).endswith("RedisCache"):
        config["OPTIONS"] = {"socket_timeout": 2, "socket_connect_timeout": 2, **dict(config.get("OPTIONS", {}))}
    return config


def email(name: str, default: str) -> dict[str, object]:
    """Django's EMAIL_… settings; those that the address does not name stay Django's own."""
    config = environ.Env.email_url_config(service(name, default, EMAIL_SCHEMES))
    return {setting: value for setting, value in config.items() if value}


def broker(name: str, default: str) -> str:
    return service(name, default, BROKER_SCHEMES)
