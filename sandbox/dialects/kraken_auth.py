"""Kraken's authentication: signature, nonce, key 2FA, IP list and the lockout after bad credentials.

https://docs.kraken.com/api/docs/guides/spot-rest-auth (read 2026-11-22). The order of the checks and the numbers of
the lockout are ours: Kraken does not publish them.
"""

import base64
import hashlib
import hmac
import ipaddress
import json
from typing import Any
from urllib.parse import parse_qsl

from sandbox.dialects.base import Request
from sandbox.dialects.kraken_errors import KrakenError
from sandbox.dialects.kraken_keys import BURNT_NONCE, SLUG, KrakenKey
from sandbox.state import State

BAD_CALLS_ALLOWED = 4                                       # the fifth bad one in a row …
BAD_CALLS_WITHIN_S = 300                                    # … within five minutes locks the key out


def sign(secret: str, path: str, nonce: str, body: bytes) -> str:
    """The API-Sign header of a call: base64(HMAC-SHA512(secret, path + SHA256(nonce + body)))."""
    inner = hashlib.sha256(nonce.encode(errors="replace") + body).digest()
    return base64.b64encode(hmac.digest(base64.b64decode(secret), path.encode() + inner, "sha512")).decode()


def read_params(request: Request) -> dict[str, str]:
    """The body's fields as text, from a form or a JSON object. Raises KrakenError for a body that is neither."""
    if request.headers.get_content_subtype() != "json":
        try:
            return dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200))
        except ValueError:
            raise KrakenError("EAPI:Bad request") from None
    try:
        fields = json.loads(request.body)
        if isinstance(fields, dict):
            return as_form(fields)
    except (ValueError, RecursionError):
        pass
    raise KrakenError("EAPI:Bad request")


def as_form(fields: dict[str, Any]) -> dict[str, str]:
    """A JSON object's fields as a form would hold them: {"close": {"price": 1}} is {"close[price]": "1"}."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        flat |= {f"{name}[{inner}]": deep for inner, deep in value.items()} if isinstance(value, dict) else {name: value}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in flat.items() if value is not None}


def authenticate(state: State, request: Request, now: float) -> tuple[KrakenKey, dict[str, str]]:
    """Whose call this is, and its parameters. Raises KrakenError.

    In this order: unknown, disabled or expired key · lockout · IP list · 2FA · signature · nonce.
    """
    key = state.key(SLUG, request.headers.get("API-Key", ""))
    if not isinstance(key, KrakenKey):
        raise KrakenError("EAPI:Invalid key")
    key.first_call = key.first_call or now
    if not exists(key, state.options.late_s, now):
        raise KrakenError("EAPI:Invalid key")
    params = read_params(request)
    flaw = flaw_of(key, request, params)
    if is_locked_out(key, bool(flaw), state.options.lockout_s, now):
        raise KrakenError("EGeneral:Temporary lockout")
    if not may_call_from(key, request.address):
        raise KrakenError(state.options.ip_error or "EGeneral:Permission denied")
    if flaw:
        count_bad_call(key, flaw, state.options.lockout_s, now)
        raise KrakenError(flaw)
    key.bad_calls.clear()
    key.last_used = now
    remember_nonce(key, int(params["nonce"]))
    return key, params


def exists(key: KrakenKey, late_s: float, now: float) -> bool:
    if key.late and now < key.first_call + late_s:
        return False
    return not key.disabled and (not key.valid_until or now < key.valid_until)


def is_locked_out(key: KrakenKey, flawed: bool, lockout_s: float, now: float) -> bool:
    """Whether the lockout holds; every further bad call renews it, and every call that of the key "locked"."""
    if key.locked and not key.lockout_ends:
        key.lockout_ends = now + lockout_s
    if now >= key.lockout_ends:
        return False
    if flawed or key.locked:
        key.lockout_ends = now + lockout_s
    return True


def may_call_from(key: KrakenKey, address: str) -> bool:
    caller = ipaddress.ip_address(address)
    return not key.ip_allowlist or any(caller in ipaddress.ip_network(net, strict=False) for net in key.ip_allowlist)


def flaw_of(key: KrakenKey, request: Request, params: dict[str, str]) -> str:
    """The error of a call whose credentials are not right, "" when they are."""
    if key.otp and "otp" not in params:
        return "EGeneral:Permission denied"
    if "otp" in params and not key.otp:
        return "EAPI:Invalid key"
    expected = sign(key.secret, request.path, params.get("nonce", ""), request.body)
    if not hmac.compare_digest(expected.encode(), request.headers.get("API-Sign", "").encode()):
        return "EAPI:Invalid signature"
    if params.get("otp", "") != key.otp:
        return "EAPI:Invalid signature"
    return "" if is_fresh(key, params.get("nonce", "")) else "EAPI:Invalid nonce"


def is_fresh(key: KrakenKey, nonce: str) -> bool:
    """Whether `nonce` is a 64-bit number above the highest one, or inside the key's window and not used yet."""
    if key.nonce >= BURNT_NONCE:
        return False
    if not (nonce.isascii() and nonce.isdigit() and len(nonce) <= 20 and int(nonce) < 2**64):
        return False
    return int(nonce) > key.nonce - key.nonce_window and int(nonce) not in key.recent_nonces | {key.nonce}


def remember_nonce(key: KrakenKey, nonce: int) -> None:
    key.nonce = max(key.nonce, nonce)
    key.recent_nonces = {used for used in key.recent_nonces | {nonce} if used > key.nonce - key.nonce_window}


def count_bad_call(key: KrakenKey, flaw: str, lockout_s: float, now: float) -> None:
    """Lock the key out when this is one bad call too many."""
    if flaw == "EGeneral:Permission denied" or key.nonce >= BURNT_NONCE:
        return                                              # a burnt key has to go on showing its own error
    key.bad_calls = [moment for moment in key.bad_calls if moment > now - BAD_CALLS_WITHIN_S] + [now]
    if len(key.bad_calls) > BAD_CALLS_ALLOWED:
        key.bad_calls.clear()
        key.lockout_ends = now + lockout_s
