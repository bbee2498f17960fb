"""Coinbase's keys: what they may do, the boxes of the key page, and the ready-made ones that each show one behaviour.

Permissions: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions.md
Formats: an EC private key is PEM (SEC1, P-256), one of Ed25519 base64 of 64 bytes, seed and public half. (read 2026-11-22)
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from sandbox import wishes
from sandbox.dialects.base import PermissionGroup
from sandbox.state import Key

SLUG = "coinbase"
NAMES = ("can_view", "can_trade", "can_transfer")
NEEDED = ("can_view", "can_trade")
GROUPS = (PermissionGroup("API restrictions", (("can_view", "View"), ("can_trade", "Trade"), ("can_transfer", "Transfer"))),)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass
class CoinbaseKey(Key):
    """A key with the behaviours of the ready-made ones."""

    registered: str = field(default="", repr=False)         # the private key that calls are checked against, if not `secret`
    empty: bool = False                                     # its account holds nothing
    boasts: bool = False                                    # said to trade, and then refused
    untold: str = ""                                        # a permission that key_permissions does not mention
    old_errors: bool = False                                # in the words of some years ago
    restricted: bool = False                                # its account lacks the product


FIELDS = {
    "empty": wishes.boolean, "boasts": wishes.boolean, "untold": wishes.one_of(NAMES), "old_errors": wishes.boolean,
    "restricted": wishes.boolean,
}

Case = tuple[str, tuple[str, str], dict[str, Any]]          # name, what it shows (Spanish, English), what differs


def private_key(secret: str) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """The key in a text that this sandbox gave out."""
    if secret.startswith("-----BEGIN"):
        return load_pem_private_key(secret.encode(), None)
    return ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret)[:32])


def ec_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def ed25519_text(seed: bytes) -> str:
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return base64.b64encode(seed + public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def key_name(organization: uuid.UUID, key: uuid.UUID) -> str:
    return f"organizations/{organization}/apiKeys/{key}"


def make_pair() -> tuple[str, str, str]:
    """A fresh (key name, EC private key, ""): Coinbase has no passphrase."""
    return key_name(uuid.uuid4(), uuid.uuid4()), ec_text(ec.generate_private_key(ec.SECP256R1())), ""


def derived_pair(name: str) -> tuple[str, str]:
    """The EC pair of a ready-made key, from its name, so that tests can compute it."""
    organization, key = (uuid.UUID(bytes=digest(what, name)[:16], version=4) for what in ("organization", "key"))
    return key_name(organization, key), ec_text(ec.derive_private_key(
        int.from_bytes(digest("secret", name)) % (P256_ORDER - 1) + 1, ec.SECP256R1()))


def derived_ed25519_pair(name: str) -> tuple[str, str]:
    """The same for Ed25519, with the short name of newer keys."""
    return str(uuid.UUID(bytes=digest("key", name)[:16], version=4)), ed25519_text(digest("secret", name))


def digest(what: str, name: str) -> bytes:
    return hashlib.sha256(f"sim-coinbase-{what}-{name}".encode()).digest()


CASES: list[Case] = [
    ("ok", ("Ver y operar, y algo de saldo.", "View and Trade, and some balance."), {}),
    ("ed25519", ("Lo mismo con una clave Ed25519.", "The same with an Ed25519 key."), {}),
    ("empty", ("Una cuenta sin nada.", "An account that holds nothing."), {"empty": True}),
    ("view-only", ("Solo puede ver.", "Can only view."), {"permissions": ["can_view"]}),
    ("no-view", ("Opera sin poder ver.", "Trades without View."), {"permissions": ["can_trade"]}),
    ("nothing", ("Sin ningún permiso.", "Without any permission."), {"permissions": []}),
    ("transfer", ("Puede enviar dinero.", "Can send money."), {"permissions": [*NAMES]}),
    ("withdraw", ("Puede retirar, con un nombre que no está en la lista.", "Can withdraw, by a name that is not listed."),
     {"permissions": [*NEEDED, "can_withdraw"]}),
    ("extra", ("Un permiso de más que nadie conoce.", "One permission too many, which nobody knows."),
     {"permissions": [*NEEDED, "can_stake"]}),
    ("unknown", ("Coinbase no dice si puede enviar dinero.", "Coinbase does not say whether it can send money."),
     {"untold": "can_transfer"}),
    ("boasts", ("Dice que opera, y luego no le dejan.", "Said to trade, and then not allowed."),
     {"permissions": ["can_view"], "boasts": True}),
    ("boasts-old", ("Lo mismo, con los errores de antes.", "The same, with the errors of some years ago."),
     {"permissions": ["can_view"], "boasts": True, "old_errors": True}),
    ("restricted", ("Su cuenta no tiene este servicio.", "Its account does not have this service."), {"restricted": True}),
    ("ip", ("Solo admite otra dirección IP.", "Allows another IP address only."), {"ip_allowlist": ["198.51.100.7"]}),
    ("deleted", ("Borrada en Coinbase.", "Deleted at Coinbase."), {"disabled": True}),
    ("wrong-secret", ("La clave privada es de otra.", "The private key is another's."), {"registered": derived_pair("other")[1]}),
    ("busy", ("Coinbase contesta con un error interno.", "Coinbase answers with an internal error."), {"fault": "busy"}),
    ("down", ("Coinbase está en mantenimiento.", "Coinbase is under maintenance."), {"fault": "unavailable"}),
    ("limit", ("Coinbase pide ir más despacio.", "Coinbase asks to slow down."), {"fault": "rate_limit"}),
    ("html403", ("Una página 403 en vez de respuesta.", "A 403 page instead of an answer."), {"fault": "html_403"}),
    ("slow", ("Contesta cuando ya nadie espera.", "Answers when nobody waits any more."), {"fault": "slow"}),
    ("disabled-later", ("Funciona hasta que alguien la borre (POST /_keys, «disabled»).",
                        "Works until somebody deletes it (POST /_keys, \"disabled\")."), {}),
]


def ready_made(_now: float) -> list[Key]:
    """One key for each behaviour worth showing, otherwise with View and Trade."""
    keys: list[Key] = []
    for name, about, fields in CASES:
        api_key, secret = derived_ed25519_pair(name) if name == "ed25519" else derived_pair(name)
        keys.append(CoinbaseKey(api_key, secret, name=name, about=about, ready_made=True,
                                **{"permissions": list(NEEDED), **fields}))
    return keys
