"""Every address of the site, by everybody, with a secret in each field that could hold one."""

from tests.proof.access.addresses import filled, patterns
from tests.proof.leaks.run import Run
from tests.proof.leaks.watched import LOGIN, Watched

ENDS_SESSIONS = ("logout", "cerrar", "sessions")
FIELDS = (
    "secret", "passphrase", "password", "oldpassword", "old_password", "password1", "password2", "new_password1", "code", "credential",
    "note", "q",
)


def addresses(link: str) -> list[str]:
    """All paths: of this link, and of an exchange in the admin."""
    arguments = {
        "link_id": link.strip("/").rpartition("/")[2], "slug": "kraken", "pk": 1, "id": 1, "object_id": "kraken", "content_type_id": 1,
        "app_label": "exchanges", "url": "no-such-page/", "name": "keys"}
    return sorted({filled(pattern, arguments) for pattern in patterns()})


def look(person: Watched, link: str) -> None:
    for path in addresses(link):
        person.http.get(person.stack.url + path, timeout=30, allow_redirects=False)


def send(run: Run, person: Watched, link: str, name: str) -> None:
    """A key to each address but those that would end the session, in whatever field."""
    key, token = run.key(f"sent everywhere by {name}"), person.token("/perfil/" if person.email else LOGIN)
    sent = dict.fromkeys(FIELDS, key["secret"]) | {"api_key": key["api_key"]}
    for path in addresses(link):
        if not any(word in path for word in ENDS_SESSIONS):
            person.send(path, token, **sent)
    run.note(f"after {name} sent a key everywhere")
