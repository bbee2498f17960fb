"""The form of a key and the page that shows a new one: words and layout only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape

from sandbox.dialects.base import Dialect, PermissionGroup
from sandbox.screen import Screen
from sandbox.state import Key


@dataclass
class Wish:
    """What stands in the form, as typed, and what is wrong with it by field."""

    name: str = ""
    permissions: list[str] = field(default_factory=list)
    valid_until: str = ""                                   # as <input type="datetime-local"> writes it, UTC
    ip_allowlist: str = ""
    account: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def addresses(self) -> list[str]:
        return [text for text in re.split(r"[\s,;]+", self.ip_allowlist) if text]

    def expiry(self) -> float:
        """Unix seconds, 0 for none. Raises ValueError."""
        if not self.valid_until:
            return 0
        return datetime.fromisoformat(self.valid_until).replace(tzinfo=UTC).timestamp()


def key_form(
    dialect: Dialect, screen: Screen, wish: Wish, key: Key | None, accounts: Iterable[Key] = (),
) -> tuple[str, str]:
    """The form for a new key, or for changing `key`. `accounts`: keys whose account a new one may share."""
    if key:
        title, button = screen.say("Cambiar clave", "Change key"), "Save"
        action = screen.url(f"/{dialect.slug}/_key", api_key=key.api_key)
    else:
        title, button = screen.say("Crear clave", "Create key"), "Generate key"
        action = screen.url(f"/{dialect.slug}/_new")
    return f"{dialect.name}: {title}", f"""
{summary(screen, wish)}
<form class="card" method="post" action="{action}">
<input type="hidden" name="token" value="{escape(screen.token)}">
{name_field(screen, wish)}
{boxes(dialect, screen, wish)}
{expiry_field(screen, wish)}
{addresses_field(screen, wish)}
{account_choice(screen, wish, accounts)}
<p class="row">
<button class="btn btn-primary" type="submit" name="do" value="save" lang="en" translate="no">{button}</button>
<a class="btn" href="{screen.url(f"/{dialect.slug}/")}">{screen.say("Cancelar", "Cancel")}</a></p>
</form>
{delete_form(screen, action) if key else ""}
"""


def summary(screen: Screen, wish: Wish) -> str:
    if not wish.errors:
        return ""
    lines = "".join(f'<li><a href="#{name}">{escape(text)}</a></li>' for name, text in wish.errors.items())
    title = screen.say("Revisa esto antes de seguir", "Look at this before going on")
    return f'<div class="alert stop" role="alert"><h2>{title}</h2><ul>{lines}</ul></div>'


def name_field(screen: Screen, wish: Wish) -> str:
    control = f'<input type="text" maxlength="60" {{}} value="{escape(wish.name)}" autocomplete="off">'
    hint = screen.say("Por ejemplo, Smartrader.", "For example, Smartrader.")
    return field_of(screen, wish, "name", "API key name", control, hint)


def expiry_field(screen: Screen, wish: Wish) -> str:
    control = f'<input type="datetime-local" {{}} value="{escape(wish.valid_until)}">'
    return field_of(screen, wish, "valid_until", "Key expiration", control, screen.say("En hora UTC.", "In UTC."))


def addresses_field(screen: Screen, wish: Wish) -> str:
    control = f'<textarea rows="2" {{}} autocomplete="off">{escape(wish.ip_allowlist)}</textarea>'
    hint = screen.say("Una o varias, separadas por comas.", "One or more, separated by commas.")
    return field_of(screen, wish, "ip_allowlist", "IP address restriction", control, hint)


def field_of(screen: Screen, wish: Wish, name: str, label: str, control: str, hint: str) -> str:
    """One labelled, optional control with its hint and error. `control` has a {} for its attributes."""
    error, note = wish.errors.get(name, ""), screen.say("opcional", "optional")
    described = f"{name}-hint {name}-error" if error else f"{name}-hint"
    invalid = ' aria-invalid="true"' if error else ""
    attributes = f'id="{name}" name="{name}" aria-describedby="{described}"{invalid}'
    shown = f'<p class="error" id="{name}-error">{escape(error)}</p>' if error else ""
    return f"""
<div class="field">
<label for="{name}"><span lang="en" translate="no">{escape(label)}</span> <span class="hint">({note})</span></label>
{control.replace("{}", attributes, 1)}
<p class="hint" id="{name}-hint">{escape(hint)}</p>
{shown}
</div>
"""


def boxes(dialect: Dialect, screen: Screen, wish: Wish) -> str:
    """The permissions in the exchange's groups, with its labels."""
    error = wish.errors.get("permissions", "")
    shown = f'<p class="error" id="permissions-error">{escape(error)}</p>' if error else ""
    described = ' aria-describedby="permissions-error"' if error else ""
    groups = "".join(group_of(group, wish) for group in dialect.permission_groups)
    title = screen.say("Permisos", "Permissions")
    return f"""
<div id="permissions" role="group" aria-label="{title}"{described}>
<h2>{title}</h2>{shown}<div class="groups">{groups}</div></div>
"""


def group_of(group: PermissionGroup, wish: Wish) -> str:
    lines = "".join(
        f'<li><label class="box"><input type="checkbox" name="permissions" value="{escape(name)}"'
        f'{" checked" if name in wish.permissions else ""}> <span>{escape(label)}</span></label></li>'
        for name, label in group.boxes
    )
    return f'<fieldset lang="en" translate="no"><legend>{escape(group.label)}</legend><ul>{lines}</ul></fieldset>'


def account_choice(screen: Screen, wish: Wish, keys: Iterable[Key]) -> str:
    """Whose key it is to be: by default each key has an account of its own. Nothing to choose for the first key."""
    names = {key.account: f"{key.name} (…{key.api_key[-8:]})" for key in keys}
    if not names:
        return ""
    options = "".join(
        f'<option value="{escape(account)}"{" selected" if account == wish.account else ""}>'
        f'{screen.say("La de", "That of")} {escape(name)}</option>' for account, name in names.items()
    )
    return f"""
<div class="field"><label for="account">{screen.say("Cuenta de práctica", "Practice account")}</label>
<select id="account" name="account" aria-describedby="account-hint">
<option value="">{screen.say("Una cuenta nueva", "A new account")}</option>{options}</select>
<p class="hint" id="account-hint">{screen.say("Para reemplazar una clave, elige su misma cuenta.",
                                               "To replace a key, choose the account it belongs to.")}</p></div>
"""


def delete_form(screen: Screen, action: str) -> str:
    return f"""
<form method="post" action="{action}">
<input type="hidden" name="token" value="{escape(screen.token)}">
<button class="btn btn-danger" type="submit" name="do" value="delete">
{screen.say("Borrar esta clave", "Delete this key")}</button>
</form>
"""


def made(dialect: Dialect, screen: Screen, key: Key, fields: str) -> tuple[str, str]:
    """The page after creating `key`; `fields` are the texts to copy."""
    once = screen.say("La clave secreta no se vuelve a mostrar.", "The private key is not shown again.")
    how = screen.say("Copia los textos, pégalos en Smartrader y termina con",
                     "Copy the texts, paste them in Smartrader and finish with")
    return f"{dialect.name}: {screen.say('tu clave nueva', 'your new key')}", f"""
<div class="alert warn"><h2>{once}</h2><p>{how} <b lang="en" translate="no">Save</b>.</p></div>
<form class="card" method="get" action="/{dialect.slug}/">
{'<input type="hidden" name="lang" value="en">' if screen.english else ""}
<h2>{escape(key.name)}</h2>
{fields}
<p class="hint" translate="no">{escape(", ".join(key.permissions))}</p>
<p><button class="btn btn-primary" type="submit" lang="en" translate="no">Save</button></p>
</form>
"""
