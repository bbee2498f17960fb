r"""What people paste into Binance's two fields, made clean and in one form, or the sentence that says what is wrong with it.

A system-generated key is two texts of 64 letters and digits each, which look alike. Of a self-generated one Binance shows the API
key alone; in the place of the secret stands the private key that the person made, Ed25519 or RSA, in PKCS #8:
https://github.com/binance/binance-spot-api-docs/blob/master/faqs/api_key_types.md (read 2026-11-22)
"""
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.utils.translation import gettext as _

from .base import Credentials, Mispasted
from .paste import MAX_PEM, PEM, Token, joined, legible, pem, plain

# 64 of each wherever Binance shows one; nowhere promised, so others are let through.
API_KEY = Token("API Key", "[A-Za-z0-9]", 16, 128)
SECRET_KEY = Token("Secret Key", "[A-Za-z0-9]", 16, 128)
# The line between the first and the last one of every Ed25519 key: without them it looks like a system-generated secret.
LINE = "MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43}"
BARE_ED25519 = re.compile(f"(?<![A-Za-z0-9+/]){LINE}(?![A-Za-z0-9+/=])")
# With one of the two it has to stand whole: of a torn one, letters could pass for those that the key lost.
HALF_FRAMED = re.compile(f"BEGIN PRIVATE KEY[-–—]+ (?P<ends>{LINE})$|^(?P<begins>{LINE}) [-–—]+END PRIVATE KEY[-–—]+$")
PUBLIC = re.compile("PUBLIC KEY|MCowBQYDK2VwAyEA|MII[A-Za-z0-9+/]{4}NBgkqhkiG9w0BAQEFAAOC")
USUAL = re.compile("(?<![A-Za-z0-9+/])[A-Za-z0-9]{64}(?![A-Za-z0-9+/=])")
PART = re.compile("(?:BEGIN|END) [A-Z0-9 ]*KEY")
LEAST_BITS = 2048
STAND_IN = "0" * 64                         # for a secret, where only the API key is in question

system_generated = plain("Binance", API_KEY, SECRET_KEY)


def clean(api_key: str, secret: str, passphrase: str = "") -> Credentials:
    """The credentials in what was pasted. Raises Mispasted with a sentence per field at fault."""
    for name, pasted, other in (("secret", secret, api_key), ("api_key", api_key, secret)):
        if private_key := _private_key(pasted):
            named = system_generated(_usual(_beside(other) or _beside(pasted)), STAND_IN)
            return Credentials(named.api_key, private_key)
        if sentence := _fault_of_pem(legible(pasted)):
            raise Mispasted({name: sentence})
    return system_generated(_usual(api_key), _usual(secret), passphrase)


def _beside(text: str) -> str:
    """What is in `text` but private keys: the line of one has the letters of an API key, and just as many."""
    return BARE_ED25519.sub(" ", PEM.sub(" ", legible(PEM.sub(" ", text[:MAX_PEM])))).strip()


def _usual(text: str) -> str:
    """The one word of 64 letters and digits in `text`, or all of it: as others are let through, words behind it would join it."""
    words = {*USUAL.findall(legible(text))}
    return words.pop() if len(words) == 1 else text


def looks_like_secret(text: str) -> bool:
    """Whether `text` may hold a secret of either kind, whole or in part. An API key has the same letters."""
    whole = joined(legible(text))
    return SECRET_KEY.is_in(text) or "PRIVATE" in whole or bool(re.search("[A-Za-z0-9+/]{16}", whole))


def loaded(secret: str) -> ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | None:
    """The private key of a self-generated key, None where `secret` is of a system-generated one. Raises ValueError."""
    if "PRIVATE KEY" not in secret:
        return None
    # RSA's own numbers were checked when it was pasted; to do so for each request takes longer than the request.
    return load_pem_private_key(secret.encode("ascii"), None, unsafe_skip_rsa_key_validation=True)


def _private_key(text: str) -> str:
    """The private key in `text` as PEM of PKCS #8; "" where there is none that Binance takes, or it is locked with a password."""
    plain_text = legible(text)
    half = HALF_FRAMED.search(plain_text)
    bare = BARE_ED25519.search(half["ends"] or half["begins"]) if half else None
    if not half and "--" not in plain_text:
        bare = BARE_ED25519.search(joined(plain_text))
    armoured = pem(text) or pem(plain_text) or (f"-----BEGIN PRIVATE KEY-----\n{bare[0]}\n-----END PRIVATE KEY-----" if bare else "")
    try:
        key = load_pem_private_key(armoured.encode("ascii"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):   # none, cut, garbled, of another world
        return ""
    is_taken = isinstance(key, ed25519.Ed25519PrivateKey) or (isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() if is_taken else ""


def _fault_of_pem(text: str) -> str:
    """What is wrong with a PEM that is no private key of ours, and the cure; "" for what is no PEM. It never repeats the paste."""
    if PUBLIC.search(text):
        return _("This is the public key, the one that Binance needs. Here goes the private key, which you made together with it and "
                 "kept in a file of your own.")
    if not PART.search(text):
        return ""
    if "ENCRYPTED" in text:
        return _("This private key is locked with a password, so we cannot use it. Make another pair of keys without a password and "
                 "create the key at Binance again, or let Binance make it (System generated).")
    return _("This private key is not whole, or not one that Binance takes: Ed25519, or RSA of 2048 bits or more. Copy it again, from "
             "“-----BEGIN” to the last “-----”.")
