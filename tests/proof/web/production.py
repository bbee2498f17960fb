"""Run as a program with the environment of production: says as JSON which cookies and headers the site then sends.

As a test in the same process it would see settings that a test has put together, not those that production has.
"""

import json

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse

settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing is collected
django.setup()

from django.test import Client  # noqa: E402

from tests.profiles.people import PASSWORD, person  # noqa: E402

HOST = {"SERVER_NAME": "smartrader.example"}
HTTPS = {**HOST, "secure": True}
ATTRIBUTES = ("path", "domain", "secure", "httponly", "samesite")


def cookies(answer: HttpResponse) -> dict[str, list]:
    """Path, domain, whether for https only, whether kept from scripts, SameSite."""
    return {name: [cookie[attribute] for attribute in ATTRIBUTES] for name, cookie in answer.cookies.items()}


def facts() -> dict[str, object]:
    client = Client()
    person("ana@example.com")
    login = client.get("/cuenta/login/", **HTTPS)
    inside = client.post("/cuenta/login/", {"login": "ana@example.com", "password": PASSWORD, "remember": "on"}, **HTTPS)
    out = client.get("/perfil/", **HOST)
    return {
        "cookies": cookies(login) | cookies(inside) | cookies(client.post("/i18n/setlang/", {"language": "en"}, **HTTPS)),
        "hsts": login["Strict-Transport-Security"],
        "over http": [out.status_code, out["Location"], cookies(out)],
        "another host": client.get("/", SERVER_NAME="127.0.0.1", secure=True).status_code,
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    print(json.dumps(facts()))  # noqa: T201
