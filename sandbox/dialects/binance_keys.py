"""Binance's keys: what they may do, the boxes of the key page, and the ready-made ones that each show one behaviour.

Kinds of keys: https://github.com/binance/binance-spot-api-docs/blob/master/faqs/api_key_types.md; rights, by the names of the
answer that tells them: https://developers.binance.com/docs/wallet/account/api-key-permission (read 2026-11-22)
"""

import base64
import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from sandbox import wishes
from sandbox.dialects.base import PermissionGroup
from sandbox.state import Key

SLUG = "binance"
BOXES = (
    ("enableReading", "Enable Reading"), ("enableSpotAndMarginTrading", "Enable Spot & Margin Trading"),
    ("enableMargin", "Enable Margin Loan, Repay & Transfer"), ("enableFutures", "Enable Futures"),
    ("enableVanillaOptions", "Enable European Options"), ("enableWithdrawals", "Enable Withdrawals"),
    ("enableInternalTransfer", "Enable Internal Transfer"), ("permitsUniversalTransfer", "Permits Universal Transfer"),
    ("enablePortfolioMarginTrading", "Enable Portfolio Margin Trading"), ("enableFixApiTrade", "Enable FIX API Trading"),
    ("enableFixReadOnly", "Enable FIX API Read Only"),
)
GROUPS = (PermissionGroup("API restrictions", BOXES),)
NAMES = tuple(name for name, _ in BOXES)
NEEDED = NAMES[:2]
HERE = ["127.0.0.1", "::1"]
ELSEWHERE = ["198.51.100.7"]
LETTERS = string.ascii_letters + string.digits
DAY_S = 86_400
TROUBLES = ("", "region", "banned", "overload", "timeout", "unauthorized")      # see ERRORS in binance.py
# Of the one RSA key here, which is made from them in no time. It opens nothing.
RSA_PRIMES = [int(digits, 16) for digits in (
    "da23feee48e219b11373325b1b0fbca45e97b0f9deedb7a1cd77db5de8fd3eebfa5bdb8ceb7f60ee19a56e7d6f0ab479e6080b3f7023d9934882"
    "72221196b9d52779654f748ea10544681d0fa66092cec08029bc485d71a1c0bad0ca8b856dea68262bd20e97820bf5b81f406a3152de21cec7cb"
    "66898278829d6c7bd28bb0e1",
    "d825c5d37c43db39da24a2fdfcb3454e535476b346eaa7eaf2819b64ea2c8a5bee945efce4e0ac1c92d998d4c64873df7e44e95e6801674da8b0"
    "51c53e0d259a93dbc89307f6ec342bdb7ff3d7e7201c44ea68916b5522957b7c5a5d22f30e0ea4253c49a893f21e33391648e4b1fcf65f67f3f4"
    "37403b0dc04505b2092c9bfb",
)]


@dataclass
class BinanceKey(Key):
    """A key with the behaviours of the ready-made ones. Of Ed25519 and RSA keys `secret` is the private key, as PEM."""

    registered: str = field(default="", repr=False)         # the secret that calls are checked against, if not `secret`
    empty: bool = False                                     # its account holds nothing
    restricted: bool = False                                # its account may not trade
    boasts: bool = False                                    # said to trade, and then refused
    untold: str = ""                                        # a right that is not told
    trade_until: float = 0                                  # when the right to trade lapses; 0: not told
    trouble: str = ""                                       # what all its calls are told


FIELDS = {
    "empty": wishes.boolean, "restricted": wishes.boolean, "boasts": wishes.boolean, "untold": wishes.one_of(NAMES),
    "trade_until": wishes.moment, "trouble": wishes.one_of(TROUBLES),
}

Case = tuple[str, tuple[str, str], dict[str, Any]]          # name, what it shows (Spanish, English), what differs


def make_pair() -> tuple[str, str, str]:
    """A fresh system-generated (API key, secret key, ""): 64 letters and digits each. Binance has no passphrase."""
    api_key, secret = ("".join(secrets.choice(LETTERS) for _ in range(64)) for _ in range(2))
    return api_key, secret, ""


def derived(what: str, name: str) -> str:
    """64 letters and digits for a ready-made key, from its name, so that tests can compute them."""
    digest = hashlib.sha512(f"sim-binance-{what}-{name}".encode()).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest)


def derived_pair(name: str) -> tuple[str, str]:
    made = {"ed25519": ed25519_text, "rsa": rsa_text}
    return derived("key", name), made[name]() if name in made else derived("secret", name)


@cache
def ed25519_text() -> str:
    return pem(ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"sim-binance-ed25519").digest()))


@cache
def rsa_text() -> str:
    p, q = RSA_PRIMES
    e, d = 65_537, pow(65_537, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q))
    return pem(numbers.private_key(unsafe_skip_rsa_key_validation=True))


def pem(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def is_signed(key: BinanceKey, payload: bytes, signature: str) -> bool:
    """HMAC-SHA256 in hexadecimal of either case; base64 of Ed25519, or of RSA (PKCS #1 v1.5, SHA-256)."""
    secret = key.registered or key.secret
    if "PRIVATE KEY" not in secret:
        right = hmac.digest(secret.encode(), payload, "sha256").hex()
        return hmac.compare_digest(right.encode(), signature.lower().encode())
    public = load_pem_private_key(secret.encode(), None, unsafe_skip_rsa_key_validation=True).public_key()
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(raw, payload, padding.PKCS1v15(), SHA256())
        else:
            public.verify(raw, payload)
    except (ValueError, InvalidSignature):
        return False
    return True


def also(*names: str) -> dict[str, Any]:
    return {"permissions": [*NEEDED, *names]}


CASES: tuple[Case, ...] = (
    ("ok", ("Leer y operar, solo desde aquí, y algo de saldo.", "Reading and trading, from here only, and some balance."), {}),
    ("ed25519", ("Lo mismo, autogenerada: Ed25519.", "The same, self-generated: Ed25519."), {}),
    ("rsa", ("Lo mismo, autogenerada: RSA.", "The same, self-generated: RSA."), {}),
    ("empty", ("Una cuenta sin nada.", "An account that holds nothing."), {"empty": True}),
    ("open", ("Sin límite de direcciones IP.", "No limit of IP addresses."), {"ip_allowlist": []}),
    ("read-only", ("Solo puede leer.", "Can only read."), {"permissions": ["enableReading"]}),
    ("no-reading", ("Opera sin poder leer: Binance la rechaza.", "Trades without reading: Binance refuses it."),
     {"permissions": ["enableSpotAndMarginTrading"]}),
    ("withdraw", ("Puede retirar dinero.", "Can withdraw."), also("enableWithdrawals")),
    ("internal", ("Puede mover dinero a una subcuenta.", "Can move money to a sub-account."), also("enableInternalTransfer")),
    ("universal", ("Puede mover dinero entre cuentas.", "Can move money between accounts."), also("permitsUniversalTransfer")),
    ("all", ("Puede todo.", "Can do everything."), {"permissions": [*NAMES]}),
    ("futures", ("También opera con futuros.", "Trades futures too."), also("enableFutures")),
    ("margin", ("También pide préstamos de margen.", "Takes margin loans too."), also("enableMargin")),
    ("fix", ("También lee por FIX.", "Reads through FIX too."), also("enableFixReadOnly")),
    ("extra", ("Un permiso de más que nadie conoce.", "One permission too many, which nobody knows."), also("enableStaking")),
    ("new-danger", ("Un permiso desconocido que mueve dinero.", "An unknown permission that moves money."),
     also("permitsSubAccountTransfer")),
    ("unknown", ("Binance no dice si puede retirar.", "Binance does not say whether it can withdraw."),
     {"untold": "enableWithdrawals"}),
    ("boasts", ("Dice que opera, y luego no le dejan.", "Said to trade, and then not allowed."), {"boasts": True}),
    ("restricted", ("Su cuenta no puede operar.", "Its account may not trade."), {"restricted": True}),
    ("ip", ("Solo admite otra dirección IP.", "Allows another IP address only."), {"ip_allowlist": ELSEWHERE}),
    ("deleted", ("Borrada en Binance.", "Deleted at Binance."), {"disabled": True}),
    ("wrong-secret", ("Su secreto no es el suyo.", "Its secret is not its own."), {"registered": derived("secret", "another")}),
    ("region", ("Binance no atiende desde este país.", "Binance does not serve from this country."), {"trouble": "region"}),
    ("banned", ("Nos cierra la puerta un rato.", "Shuts us out for a while."), {"trouble": "banned"}),
    ("busy", ("Binance contesta que está saturado.", "Binance answers that it is overloaded."), {"fault": "busy"}),
    ("down", ("Binance está en mantenimiento.", "Binance is under maintenance."), {"fault": "unavailable"}),
    ("limit", ("Binance pide ir más despacio.", "Binance asks to slow down."), {"fault": "rate_limit"}),
    ("html403", ("Una página 403 en vez de respuesta.", "A 403 page instead of an answer."), {"fault": "html_403"}),
    ("slow", ("Contesta cuando ya nadie espera.", "Answers when nobody waits any more."), {"fault": "slow"}),
    ("disabled-later", ("Funciona hasta que alguien la borre (POST /_keys, «disabled»).",
                        "Works until somebody deletes it (POST /_keys, \"disabled\")."), {}),
)


def ready_made(now: float) -> list[Key]:
    """One key for each behaviour worth showing, otherwise with both needed rights and from this machine only."""
    ends: tuple[Case, ...] = (
        ("soon", ("Sin lista de IP: deja de operar en 9 días.", "No IP list: stops trading in 9 days."),
         {"ip_allowlist": [], "trade_until": now + 9 * DAY_S + 3600}),
        ("lapsed", ("Sin lista de IP: dejó de operar ayer.", "No IP list: stopped trading yesterday."),
         {"ip_allowlist": [], "trade_until": now - DAY_S}),
    )
    return [
        BinanceKey(*derived_pair(name), name=name, about=about, ready_made=True,
                   **{"permissions": list(NEEDED), "ip_allowlist": list(HERE), **fields})
        for name, about, fields in (*CASES, *ends)
    ]
