r"""What people paste into Coinbase's two fields, made clean and in one form, or the sentence that says what is wrong with it.

A key name is organizations/<uuid>/apiKeys/<uuid>, of newer keys the last <uuid> alone. The private key of an ECDSA key is PEM
(SEC1, curve P-256), in the downloaded file with its line ends written out as \n; that of an Ed25519 key is base64 of 64 bytes:
the seed and, behind it, the public half. https://github.com/coinbase/coinbase-advanced-py and
https://coinbase.github.io/cdp-sdk/typescript/interfaces/JWT.JwtOptions.html (read 2026-11-22). Both texts show what they are, so
that each is taken from whichever field has it: people paste the whole file, or the two the other way round.
"""
import base64
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key
from django.utils.translation import gettext as _

from .base import Credentials, Mispasted
from .paste import joined, legible, no_key, other_thing, pem

NAMES = {"api_key": "API key name", "secret": "Private key"}
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
FULL_NAME = re.compile(f"organizations/({UUID})/apiKeys/({UUID})", re.IGNORECASE)
KEY_ID = re.compile(f"(?<![0-9a-z]){UUID}(?![0-9a-z])", re.IGNORECASE)
ED25519 = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{86}|[A-Za-z0-9+/]{43})={0,2}(?![A-Za-z0-9+/=])")
BARE_DER = re.compile(r"(?<![A-Za-z0-9+/])M[A-Za-z0-9+/]{60,400}={0,2}(?![A-Za-z0-9+/=])")     # a PEM without its first and last line
LABEL = re.compile(r"^\W*(?:\b(?:api|private|key|secret|clave|llave|privada|secreta|coinbase|de|la|mi|my)\b\W+)+", re.IGNORECASE)
OLD_KEY = {"api_key": "[A-Za-z0-9]{16}", "secret": "[A-Za-z0-9]{32}"}
LONGEST_NAME = 200                          # with its label; nothing longer is shown again


def clean(api_key: str, secret: str, passphrase: str = "") -> Credentials:
    """The credentials in what was pasted. Raises Mispasted with a sentence per field at fault."""
    texts = {"api_key": _unescaped(api_key), "secret": _unescaped(secret)}
    found = {
        "api_key": _name(texts["api_key"]) or _name(texts["secret"]),
        "secret": _private_key(texts["secret"]) or _private_key(texts["api_key"]),
    }
    faults = {"api_key": _fault_of_name, "secret": _fault_of_private_key}
    errors = {name: faults[name](texts[name]) for name, text in found.items() if not text}
    if errors:
        raise Mispasted(errors)
    return Credentials(found["api_key"], found["secret"])


def looks_like_secret(text: str) -> bool:
    """Whether `text` may hold a private key, whole or in part, and so must never be shown again."""
    whole = joined(legible(text))
    return len(text) > LONGEST_NAME or "BEGIN" in whole or bool(re.search("[A-Za-z0-9+/]{32}", whole))


def loaded(secret: str) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """The private key in its one form, see `clean`. Raises ValueError."""
    body = "".join(line for line in secret.splitlines() if not line.startswith("-"))
    if secret.startswith("-"):
        return load_der_private_key(base64.b64decode(body, validate=True), None)
    return ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(body, validate=True)[:32])


def _unescaped(text: str) -> str:
    r"""As legible, without JSON's ways to write / and the end of a line; only inside a PEM \n is one."""
    return legible(text).replace("\\/", "/")


def _name(text: str) -> str:
    full = {f"organizations/{one.lower()}/apiKeys/{two.lower()}" for one, two in FULL_NAME.findall(joined(text))}
    found = full if full or "organizations" in text.lower() else {one.lower() for one in KEY_ID.findall(text)}
    return found.pop() if len(found) == 1 else ""


def _private_key(text: str) -> str:
    """The private key in `text` in its one form: SEC1 PEM, or base64 of seed and public half. "" where there is none."""
    if armoured := pem(text):
        return _from_der("".join(armoured.splitlines()[1:-1]))
    shapes = ((BARE_DER, _from_der),) if "PRIVATE KEY" in text else ((ED25519, _from_raw), (BARE_DER, _from_der))
    for shown in (text, joined(LABEL.sub("", text))):
        for shape, read in shapes:
            tokens = {*shape.findall(shown)}
            if len(tokens) == 1 and (found := read(tokens.pop())):
                return found
    return ""


def _from_der(body: str) -> str:
    try:
        key = load_der_private_key(base64.b64decode(body, validate=True), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):   # cut, garbled, locked with a password, a curve of another world
        return ""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return _text_of(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return ""


def _from_raw(token: str) -> str:
    """The seed, or the seed and the public half that belongs to it."""
    bare = token.rstrip("=")
    raw = base64.b64decode(bare + "=" * (-len(bare) % 4))
    text = _text_of(ed25519.Ed25519PrivateKey.from_private_bytes(raw[:32]))
    return text if len(raw) == 32 or base64.b64decode(text) == raw else ""


def _text_of(key: ed25519.Ed25519PrivateKey) -> str:
    return base64.b64encode(
        key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _fault_of_name(text: str) -> str:
    """What is wrong with the first field, and the cure. It never repeats what was pasted."""
    if not text:
        return _("Paste the API key name, or the whole file that Coinbase lets you download.")
    if "organizations" in text.lower() or len(KEY_ID.findall(text)) > 1:
        return _("The key name is not whole, or there are two. It looks like “organizations/…/apiKeys/…”: copy it again with the "
                 "copy button of Coinbase.")
    if "PRIVATE KEY" in text or _private_key(text):
        return _("This is the private key. Here goes the key name, which looks like “organizations/…/apiKeys/…”. For your safety "
                 "we have emptied the field.")
    return _public_key(text) or _old_key("api_key", text) or _no_key("api_key", text)


def _fault_of_private_key(text: str) -> str:
    """The same for the second one."""
    if not text:
        return _("Paste the private key. We do not keep it between one try and the next, so it has to be pasted again.")
    if "PRIVATE KEY" in text:
        return _("This private key is not whole, or not one of Coinbase. Copy it again, from “-----BEGIN” to the last “-----”, or "
                 "paste here the whole file that Coinbase lets you download.")
    if _name(text) or "organizations" in text.lower():
        return _("This is the key name. Here goes the private key, the long one.")
    if ED25519.search(joined(LABEL.sub("", text))):
        return _("This private key is not whole, or it is from Coinbase Exchange or Prime, which have keys of their own. Copy it "
                 "again, or create one as the guide shows.")
    return _public_key(text) or _old_key("secret", text) or _no_key("secret", text)


def _public_key(text: str) -> str:
    if "PUBLIC KEY" not in text:
        return ""
    return _("This is a public key, which we do not need. Coinbase shows two other texts when you create the key: its name and the "
             "private key.")


def _old_key(name: str, text: str) -> str:
    if not re.fullmatch(OLD_KEY[name], joined(LABEL.sub("", text))):
        return ""
    return _("This looks like a key of the kind that Coinbase had before. Create a new one in its developer portal, as the guide shows.")


def _no_key(name: str, text: str) -> str:
    return other_thing("Coinbase", NAMES[name], text) or no_key("Coinbase", NAMES[name])
