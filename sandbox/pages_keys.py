"""A page like an exchange's key page: list the keys, create one, copy it once, change or delete it."""

import ipaddress
import time
from datetime import UTC, datetime
from html import escape

from sandbox import api
from sandbox.dialects.base import Dialect
from sandbox.pages_form import Wish, key_form, made
from sandbox.screen import Screen
from sandbox.state import Key, State

LONGEST_NAME = 60
KEYS_SHOWN = 50


class Moved(Exception):
    """Go on at the path in the text."""


class NotThere(Exception):
    """There is no such key."""


def list_keys(state: State, dialect: Dialect, screen: Screen) -> tuple[str, str]:
    keys = state.keys(dialect.slug)
    newest_first = [key for key in reversed(keys) if not key.ready_made]
    own = "".join(own_key(dialect, screen, key) for key in newest_first[:KEYS_SHOWN])
    nothing = screen.say("Todavía no has creado ninguna clave.", "You have not created a key yet.")
    button, *others = dialect.new_key_labels
    called = screen.say("En otras pantallas el botón se llama", "On other screens the button is called")
    hint = f'<p class="hint">{called} <b lang="en" translate="no">{escape(others[0])}</b>.</p>' if others else ""
    return f"{dialect.name}: API", f"""
<p><a class="btn btn-primary" href="{screen.url(f"/{dialect.slug}/_new")}" lang="en" translate="no">
{escape(button)}</a></p>
{hint}
<section aria-labelledby="own"><h2 id="own">{screen.say("Tus claves", "Your keys")}</h2>
{f'<ul class="keys">{own}</ul>' if own else f"<p>{nothing}</p>"}
</section>
<section aria-labelledby="ready"><h2 id="ready">{screen.say("Claves ya hechas", "Ready-made keys")}</h2>
<p>{screen.say("Cada una muestra un caso. Ábrela para copiarla.", "Each one shows a case. Open it to copy it.")}</p>
{"".join(ready_made_key(dialect, screen, key) for key in keys if key.ready_made)}
</section>
"""


def own_key(dialect: Dialect, screen: Screen, key: Key) -> str:
    is_over = bool(key.valid_until) and key.valid_until <= time.time()
    if key.disabled:
        state = screen.say("Borrada", "Deleted")
    else:
        state = screen.say("Caducada", "Expired") if is_over else screen.say("Activa", "Active")
    edit = screen.say("Cambiar", "Change")
    url = screen.url(f"/{dialect.slug}/_key", api_key=key.api_key)
    link = "" if key.disabled else f'<a class="btn" href="{url}">{edit}<span class="vh"> {escape(key.name)}</span></a>'
    count = screen.say("Permisos", "Permissions") + f": {len(key.permissions)}"
    return f"""
<li><div><h3>{escape(key.name)}</h3>
<p class="hint"><span class="mono" translate="no">…{escape(key.api_key[-8:])}</span> · {count} · {state}</p></div>
{link}</li>
"""


def ready_made_key(dialect: Dialect, screen: Screen, key: Key) -> str:
    return f"""
<details class="fold">
<summary><b class="mono" translate="no">{escape(key.name)}</b> <span>{screen.say(*key.about)}</span></summary>
{pair_fields(dialect, screen, key, f"-{key.name}")}
<p class="hint" translate="no">{escape(", ".join(key.permissions))}</p>
</details>
"""


def pair_fields(dialect: Dialect, screen: Screen, key: Key, suffix: str = "") -> str:
    fields = screen.copy_field(f"api_key{suffix}", dialect.api_key_label, key.api_key)
    fields += screen.copy_field(f"secret{suffix}", dialect.secret_label, key.secret)
    if key.passphrase:
        fields += screen.copy_field(f"passphrase{suffix}", "Passphrase", key.passphrase)
    return fields


def new_key(state: State, dialect: Dialect, screen: Screen) -> tuple[str, str]:
    return key_form(dialect, screen, Wish(), None, own_keys(state, dialect))


def generate_key(state: State, dialect: Dialect, screen: Screen) -> tuple[str, str]:
    """Make the key and show it: the only time its secret is on a page."""
    wish, others = read_wish(dialect, screen), own_keys(state, dialect)
    if wish.errors:
        return key_form(dialect, screen, wish, None, others)
    account = wish.account if any(wish.account == key.account for key in others) else ""
    key = api.make_key(state, dialect, clean(wish) | {"account": account})
    return made(dialect, screen, key, pair_fields(dialect, screen, key))


def edit_key(state: State, dialect: Dialect, screen: Screen) -> tuple[str, str]:
    key = own_key_of(state, dialect, screen)
    until = datetime.fromtimestamp(key.valid_until, UTC).strftime("%Y-%m-%dT%H:%M") if key.valid_until else ""
    return key_form(dialect, screen, Wish(key.name, key.permissions, until, ", ".join(key.ip_allowlist)), key)


def save_key(state: State, dialect: Dialect, screen: Screen) -> tuple[str, str]:
    key = own_key_of(state, dialect, screen)
    if screen.sent("do") == "delete":
        api.change_key(state, key, {"disabled": True})
        raise Moved(f"/{dialect.slug}/")
    wish = read_wish(dialect, screen)
    if wish.errors:
        return key_form(dialect, screen, wish, key)
    api.change_key(state, key, clean(wish))
    raise Moved(f"/{dialect.slug}/")


def own_keys(state: State, dialect: Dialect) -> list[Key]:
    return [key for key in state.keys(dialect.slug) if not key.ready_made and not key.disabled]


def own_key_of(state: State, dialect: Dialect, screen: Screen) -> Key:
    """The key that the address names. Raises NotThere, for ready-made and deleted ones too."""
    for key in own_keys(state, dialect):
        if key.api_key == screen.asked("api_key"):
            return key
    raise NotThere


def read_wish(dialect: Dialect, screen: Screen) -> Wish:
    """What was sent, with the errors found in it."""
    boxes = [name for group in dialect.permission_groups for name, _ in group.boxes]
    ticked = screen.form.get("permissions", [])
    wish = Wish(
        screen.sent("name").strip()[:LONGEST_NAME], [name for name in boxes if name in ticked],
        screen.sent("valid_until").strip(), screen.sent("ip_allowlist").strip(), screen.sent("account"),
    )
    if not wish.permissions:
        wish.errors["permissions"] = screen.say("Marca al menos un permiso.", "Tick at least one permission.")
    if not is_future(wish):
        wish.errors["valid_until"] = screen.say("Escribe una fecha que no haya pasado.", "Give a date still to come.")
    bad = next((text for text in wish.addresses() if not is_network(text)), None)
    if bad:
        wish.errors["ip_allowlist"] = screen.say(f"«{bad[:60]}» no es una dirección IP.",
                                                 f"“{bad[:60]}” is not an IP address.")
    return wish


def is_future(wish: Wish) -> bool:
    try:
        return not wish.valid_until or wish.expiry() > time.time()
    except ValueError:
        return False


def is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def clean(wish: Wish) -> dict[str, object]:
    """The fields of the key that the form describes."""
    named = {"name": wish.name} if wish.name else {}
    return named | {"permissions": wish.permissions, "valid_until": wish.expiry(), "ip_allowlist": wish.addresses()}
