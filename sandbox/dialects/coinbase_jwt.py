"""Coinbase's authentication: a JWT for each request, good for two minutes, signed with ES256 or EdDSA.

https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication and the clients in use, whose
claims come in three shapes (read 2026-11-22). Whatever is wrong, the answer is the same.
"""

import base64
import ipaddress
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.dialects.base import Request
from sandbox.dialects.coinbase_keys import SLUG, CoinbaseKey, private_key
from sandbox.state import State

LIFE_S = 120
EARLY_S = 5                                                 # ours: Coinbase publishes none
# What clients say of themselves: (issuer, audience, the claim with the request).
SHAPES = (
    ("coinbase-cloud", ["retail_rest_api_proxy"], "uri"),   # ccxt, EC
    ("cdp", ["cdp_service"], "uris"),                       # ccxt, Ed25519
    ("cdp", None, "uri"),                                   # Coinbase's own SDK
)


def decode(text: str) -> bytes:
    """base64url without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def read_token(request: Request) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """(header, claims, what is signed, signature) of the Bearer token. Raises ValueError where there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    head, body, signature = token.split(".")
    header, claims = (json.loads(decode(part)) for part in (head, body))
    if kind != "Bearer" or not (isinstance(header, dict) and isinstance(claims, dict)):
        raise ValueError
    return header, claims, f"{head}.{body}".encode(), decode(signature)


def named_in(request: Request) -> str:
    """The key that a request says it is from, "" where it says none."""
    try:
        return str(read_token(request)[0].get("kid", ""))
    except (ValueError, RecursionError):
        return ""


def authenticate(state: State, request: Request, now: float) -> CoinbaseKey | None:
    """Whose call this is; None for whatever is not in order, which Coinbase does not tell apart."""
    key = state.key(SLUG, named_in(request))
    if not isinstance(key, CoinbaseKey) or key.disabled or 0 < key.valid_until <= now:
        return None
    header, claims, signed, signature = read_token(request)
    caller = ipaddress.ip_address(request.address)
    in_order = (
        (not key.ip_allowlist or any(caller in ipaddress.ip_network(net, strict=False) for net in key.ip_allowlist))
        and claims.get("sub") == key.api_key and is_current(claims, now) and names_request(claims, request)
        and is_signed(key, header, signed, signature)
    )
    if not in_order:
        return None
    key.last_used = now
    return key


def is_current(claims: dict[str, Any], now: float) -> bool:
    begins, ends = claims.get("nbf"), claims.get("exp")
    if type(begins) is not int or type(ends) is not int:
        return False
    return begins <= now + EARLY_S and now < ends <= begins + LIFE_S


def names_request(claims: dict[str, Any], request: Request) -> bool:
    """Whether the claims have a known shape and are for this request; whatever host and scheme they name."""
    said = (claims.get("iss"), claims.get("aud"))
    fields = [field for issuer, audience, field in SHAPES if said == (issuer, audience) and field in claims]
    if len(fields) != 1:
        return False
    named = claims[fields[0]]
    if fields[0] == "uris":
        named = named[0] if isinstance(named, list) and len(named) == 1 else ""
    method, _, address = str(named).partition(" ")
    host_and_path = address.partition("://")[2] or address  # ccxt drops "https://" only
    path = "/" + host_and_path.partition("/")[2]
    return method == request.method and path.removeprefix(f"/{SLUG}") == request.path


def is_signed(key: CoinbaseKey, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
    public = private_key(key.registered or key.secret).public_key()
    try:
        if not isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, signed)
            return header.get("alg") == "EdDSA"
        halves = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
        public.verify(encode_dss_signature(*halves), signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return header.get("alg") == "ES256" and len(signature) == 64
