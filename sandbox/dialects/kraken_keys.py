"""Kraken's keys: what they may do, the boxes of the key page, and the ready-made ones that each show one behaviour.

Permissions: https://docs.kraken.com/exchange/guides/rest/api-keys.md
Formats: a key has 56 characters of base64 (42 bytes), a private key 88 (64 bytes). (read 2026-11-22)
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox import wishes
from sandbox.dialects.base import PermissionGroup
from sandbox.dialects.kraken_limits import CALLS, Counter
from sandbox.state import Key

SLUG = "kraken"
NEEDED = (
    "query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger",
)
GROUPS = (
    PermissionGroup("Funds permissions", (
        ("query-funds", "Query"), ("add-funds", "Deposit"), ("withdraw-funds", "Withdraw"), ("earn-funds", "Earn"),
        ("add-withdraw-address", "Add withdrawal addresses"),
        ("update-withdraw-address", "Update withdrawal addresses"),
    )),
    PermissionGroup("Orders and trades", (
        ("query-open-trades", "Query open orders & trades"), ("query-closed-trades", "Query closed orders & trades"),
        ("modify-trades", "Create & modify orders"), ("close-trades", "Cancel & close orders"),
    )),
    PermissionGroup("Data", (("query-ledger", "Query ledger entries"), ("export-data", "Export data"))),
    PermissionGroup("WebSocket interface", (("create-ws-token", "On"),)),
)
BURNT_NONCE = 2**63 - 1
DAY_S = 86_400


@dataclass
class KrakenKey(Key):
    """A key with Kraken's options, the behaviours of the ready-made ones, and what Kraken remembers of it."""

    query_from: int = 0                                     # unix seconds, 0: no limit; the same for query_to
    query_to: int = 0
    nonce_window: int = 0                                   # in units of the nonce
    otp: str = ""                                           # the static password of a key with 2FA
    tier: str = "intermediate"
    spelling: str = "snake"                                 # of GetApiKeyInfo: as seen live, or "camel" as documented
    empty: bool = False                                     # its account never held anything
    late: bool = False                                      # unknown for the first seconds after its first call
    locked: bool = False                                    # locked out until it is left alone
    no_method: bool = False                                 # GetApiKeyInfo is not offered
    error: str = ""                                         # what its calls are told, as for an account in trouble
    nonce: int = 0                                          # the highest one accepted

    first_call: float = 0
    recent_nonces: set[int] = field(default_factory=set)    # inside the window, or they could be used twice
    bad_calls: list[float] = field(default_factory=list)
    lockout_ends: float = 0
    calls_counter: Counter = field(default_factory=Counter)


def error_text(value: Any) -> str:
    """An error as Kraken writes them, severity and category first."""
    if not isinstance(value, str) or not re.fullmatch(r"E[A-Z]\w+:[ -~]{1,100}", value):
        raise ValueError("must be an error of Kraken's, such as EAuth:Account temporary disabled")
    return value


FIELDS = {
    "query_from": wishes.whole, "query_to": wishes.whole, "nonce_window": wishes.whole, "nonce": wishes.whole,
    "otp": wishes.text, "tier": wishes.one_of(tuple(CALLS)), "spelling": wishes.one_of(("snake", "camel")),
    "empty": wishes.boolean, "late": wishes.boolean, "locked": wishes.boolean, "no_method": wishes.boolean,
    "error": error_text,
}

Case = tuple[str, tuple[str, str], dict[str, Any]]          # name, what it shows (Spanish, English), what differs


def make_pair() -> tuple[str, str, str]:
    """A fresh (API key, private key, ""): Kraken has no passphrase."""
    return encode(secrets.token_bytes(42)), encode(secrets.token_bytes(64)), ""


def derived_pair(name: str) -> tuple[str, str]:
    """The pair of a ready-made key, from its name, so that tests can compute it."""
    key = hashlib.sha512(f"sim-kraken-key-{name}".encode()).digest()[:42]
    secret = hashlib.sha512(f"sim-kraken-secret-{name}".encode()).digest()
    return encode(key), encode(secret)


def encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def without(name: str) -> list[str]:
    return [needed for needed in NEEDED if needed != name]


PERMISSION_CASES: list[Case] = [
    ("ok", ("Los seis permisos y algo de saldo.", "The six permissions and some balance."), {}),
    ("ok-camel", ("Igual, con los nombres de la documentación.", "The same, in the documented spelling."),
     {"spelling": "camel"}),
    ("empty", ("Una cuenta que nunca tuvo nada.", "An account that never held anything."), {"empty": True}),
    ("no-ledger", ("Le falta consultar movimientos.", "Lacks Query ledger entries."),
     {"permissions": without("query-ledger")}),
    ("no-open", ("Le falta consultar órdenes abiertas.", "Lacks Query open orders & trades."),
     {"permissions": without("query-open-trades")}),
    ("no-trade", ("Le falta crear órdenes.", "Lacks Create & modify orders."),
     {"permissions": without("modify-trades")}),
    ("withdraw", ("Puede retirar dinero.", "Can withdraw funds."), {"permissions": [*NEEDED, "withdraw-funds"]}),
    ("address", ("Puede cambiar direcciones de retiro.", "Can change withdrawal addresses."),
     {"permissions": [*NEEDED, "add-withdraw-address", "update-withdraw-address"]}),
    ("unknown-perm", ("Un permiso que nadie conoce.", "A permission nobody knows."),
     {"permissions": [*NEEDED, "future-transfer-funds"]}),
]
BEHAVIOUR_CASES: list[Case] = [
    ("ip", ("Solo admite otra dirección IP.", "Allows another IP address only."), {"ip_allowlist": ["198.51.100.7"]}),
    ("otp", ("Tiene 2FA propia: contraseña 482913.", "Has a 2FA of its own: password 482913."), {"otp": "482913"}),
    ("window", ("Ventana de nonce de 15.", "Nonce window of 15."), {"nonce_window": 15}),
    ("burnt", ("Su nonce llegó al máximo: no tiene arreglo.", "Its nonce is at the maximum: beyond repair."),
     {"nonce": BURNT_NONCE}),
    ("late", ("No existe hasta 30 segundos después de su primera llamada.",
              "Unknown until 30 seconds after its first call."), {"late": True}),
    ("locked", ("Bloqueada hasta 5 minutos de silencio.", "Locked out until 5 minutes of silence."),
     {"locked": True}),
    ("busy", ("Kraken contesta que está ocupado.", "Kraken answers that it is busy."), {"fault": "busy"}),
    ("down", ("Kraken contesta que no está disponible.", "Kraken answers that it is unavailable."),
     {"fault": "unavailable"}),
    ("html403", ("Una página 403 en vez de respuesta.", "A 403 page instead of an answer."), {"fault": "html_403"}),
    ("html520", ("Una página 520 en vez de respuesta.", "A 520 page instead of an answer."), {"fault": "html_520"}),
    ("slow", ("Contesta cuando ya nadie espera.", "Answers when nobody waits any more."), {"fault": "slow"}),
    ("no-method", ("Kraken no dice qué permite la clave.", "Kraken does not tell what the key may do."),
     {"no_method": True}),
    ("disabled-later", ("Funciona hasta que alguien la desactive (POST /_keys, «disabled»).",
                        "Works until somebody disables it (POST /_keys, \"disabled\")."), {}),
]


def dated_cases(now: float) -> list[Case]:
    return [
        ("expiring", ("Caduca en 7 días.", "Expires in 7 days."), {"valid_until": int(now) + 7 * DAY_S}),
        ("expired", ("Ya caducó.", "Has expired."), {"valid_until": int(now) - DAY_S}),
        ("dates", ("Solo deja ver los últimos 30 días.", "Shows the last 30 days only."),
         {"query_from": int(now) - 30 * DAY_S}),
    ]


def ready_made(now: float) -> list[Key]:
    """One key for each behaviour worth showing, otherwise with the six needed permissions."""
    keys: list[Key] = []
    for name, about, fields in (*PERMISSION_CASES, *dated_cases(now), *BEHAVIOUR_CASES):
        api_key, secret = derived_pair(name)
        keys.append(KrakenKey(api_key, secret, name=name, about=about, ready_made=True,
                              **{"permissions": list(NEEDED), **fields}))
    return keys
