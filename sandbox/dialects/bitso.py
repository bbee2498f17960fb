"""Bitso (REST v3, https://bitso.com/api/v3): keys, their checks, and which call exists and needs what.

https://docs.bitso.com/bitso-api/docs/create-signed-requests and …/nonce-v2-rollout (read 2026-11-23). Bitso tells nobody what
a key may do, so the names of the permissions are ours; the order of the checks is ours too. Not played: the limit of public
calls, 60 a minute for an address, which all that practise on this machine would share.
"""

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox import faults, wishes
from sandbox.dialects import bitso_account as account
from sandbox.dialects.base import Answer, Dialect, PermissionGroup, Request
from sandbox.dialects.bitso_account import Ask, BitsoError
from sandbox.state import Key, State

SLUG, ROOT = "bitso", "/api/v3/"
NEEDED = ("view_account", "view_balances", "place_orders")
BOXES = (("view_account", "View account information"), ("view_balances", "View balances"), ("place_orders", "Place orders"),
         ("withdrawals", "Withdrawals"))
CALLS_A_MINUTE, LOCKED_S = 300, 60
LETTERS = string.ascii_letters + string.digits
HEADER = re.compile(r"Bitso ([^:\s]+):([^:\s]+):([0-9a-f]{64})")

MESSAGES = {
    "0101": "Unknown Error", "0104": "Cannot perform request - nonce must be higher", "0201": "Check your credentials",
    "0202": "API key is not authorized to execute the requested method", "0206": "Invalid nonce type",
    "0207": "Invalid nonce value", "0208": "Authentication is required to execute requested operation",
    "0213": "IP address is not allowed to access this resource",
    "0215": "Incorrect request signature", "0301": "Unknown Order book", "0303": "Required field missing",
    "0326": "API key is not active", "0801": "You have hit the request rate-limit", "0901": "Unsupported HTTP method",
    "1000": "API temporarily disabled", "1003": "Operation timeout",
}
STATUSES = {"01": 500, "02": 401, "08": 420}                # by the category of the code, else 400


@dataclass
class BitsoKey(Key):
    """A key with the behaviours of the ready-made ones, and what Bitso remembers of it."""

    empty: bool = False                                     # its account holds nothing
    strict: bool = False                                    # takes no nonce of the old form, as announced for all
    error: str = ""                                         # what its calls are told, as for an account in trouble
    highest_old: int = 0                                    # nonce of the old form
    used: set[int] = field(default_factory=set)             # nonces of the new form


def error_code(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}", value):
        raise ValueError("must be a code of Bitso's, such as 0216")
    return value


def make_pair() -> tuple[str, str, str]:
    """A fresh (API key, API secret, ""): ten letters and digits, and 32 hexadecimal ones. Bitso has no passphrase."""
    return "".join(secrets.choice(LETTERS) for _ in range(10)), secrets.token_hex(16), ""


def derived_pair(name: str) -> tuple[str, str]:
    """The pair of a ready-made key, from its name, so that tests can compute it."""
    letters = hashlib.sha512(f"sim-bitso-key-{name}".encode()).digest()[:10]
    secret = hashlib.sha512(f"sim-bitso-secret-{name}".encode()).hexdigest()[:32]
    return "".join(LETTERS[letter % len(LETTERS)] for letter in letters), secret


Case = tuple[str, tuple[str, str], dict[str, Any]]          # name, what it shows (Spanish, English), what differs

CASES: tuple[Case, ...] = (
    ("ok", ("Los tres permisos y algo de saldo.", "The three permissions and some balance."), {}),
    ("empty", ("Una cuenta sin saldo.", "An account without balance."), {"empty": True}),
    ("read-only", ("No puede colocar órdenes.", "Cannot place orders."), {"permissions": ["view_account", "view_balances"]}),
    ("no-balances", ("No puede ver saldos.", "Cannot view balances."), {"permissions": ["view_account", "place_orders"]}),
    ("no-account", ("No puede ver la información de la cuenta.", "Cannot view account information."),
     {"permissions": ["view_balances", "place_orders"]}),
    ("withdraw", ("Puede retirar dinero, y Bitso no se lo dice a nadie.", "Can withdraw, and Bitso tells nobody."),
     {"permissions": [*NEEDED, "withdrawals"]}),
    ("ip", ("Solo admite otra dirección IP.", "Allows another IP address only."), {"ip_allowlist": ["198.51.100.7"]}),
    ("wrong-secret", ("Su secreto no es el suyo.", "Its secret is not its own."), {"error": "0215"}),
    ("inactive", ("Está desactivada.", "Is not active."), {"disabled": True}),
    ("terms", ("Su dueño debe aceptar los nuevos términos.", "Its owner has to accept the new terms."), {"error": "0346"}),
    ("restricted", ("De una cuenta restringida.", "Of a restricted account."), {"error": "0216"}),
    ("region", ("De un país que Bitso no atiende.", "Of a country that Bitso does not serve."), {"error": "0328"}),
    ("strict-nonce", ("Solo admite nonces nuevos, de 14 a 19 cifras.", "Takes new nonces only, of 14 to 19 digits."),
     {"strict": True}),
    ("limited", ("Bitso contesta que son demasiadas llamadas.", "Bitso answers that there are too many calls."),
     {"fault": "rate_limit"}),
    ("busy", ("Bitso contesta que no le dio tiempo.", "Bitso answers that it ran out of time."), {"fault": "busy"}),
    ("down", ("Bitso contesta que está en mantenimiento.", "Bitso answers that it is under maintenance."),
     {"fault": "unavailable"}),
    ("html403", ("Una página 403 en vez de respuesta.", "A 403 page instead of an answer."), {"fault": "html_403"}),
    ("slow", ("Contesta cuando ya nadie espera.", "Answers when nobody waits any more."), {"fault": "slow"}),
    ("disabled-later", ("Funciona hasta que alguien la desactive (POST /_keys, «disabled»).",
                        "Works until somebody disables it (POST /_keys, \"disabled\")."), {}),
)


def ready_made(now: float) -> list[Key]:
    """One key for each behaviour worth showing, otherwise with the three needed permissions."""
    expired: Case = ("expired", ("Ya caducó.", "Has expired."), {"valid_until": int(now) - 86_400})
    return [
        BitsoKey(*derived_pair(name), name=name, about=about, ready_made=True, **{"permissions": list(NEEDED), **fields})
        for name, about, fields in (*CASES, expired)
    ]


@dataclass(frozen=True)
class Method:
    """A call: who answers it and, where it is private, the permission it needs."""

    run: Callable[[Ask], Any]
    permission: str = ""


def withdraw(_: Ask) -> None:
    """Nothing leaves from here: whatever is asked, a field is missing."""
    raise BitsoError("0303")


METHODS = {
    ("GET", "available_books"): Method(account.available_books),
    ("GET", "catalogues"): Method(account.catalogues),
    ("GET", "ticker"): Method(account.ticker),
    ("GET", "account_status"): Method(account.account_status, "view_account"),
    ("GET", "balance"): Method(account.balance, "view_balances"),
    ("GET", "open_orders"): Method(account.open_orders, "place_orders"),
    ("GET", "user_trades"): Method(account.user_trades, "place_orders"),
    ("GET", "orders"): Method(account.look_up, "place_orders"),
    ("POST", "orders"): Method(account.place, "place_orders"),
    ("DELETE", "orders"): Method(account.cancel, "place_orders"),
    ("POST", "withdrawals"): Method(withdraw, "withdrawals"),
}
PUBLIC = {name for (_, name), method in METHODS.items() if not method.permission}


def parts(path: str) -> tuple[str, str]:
    """The method and what is named behind it: "orders", "all"."""
    method, _, name = path.removeprefix(ROOT).strip("/").partition("/")
    return method, name


def failure(code: str) -> Answer:
    """Bitso's own codes have four digits; an old one goes without its zero."""
    shown = "104" if code == "0104" else code
    error = {"code": shown, "message": MESSAGES.get(code, "Not possible")}
    body = json.dumps({"success": False, "error": error}, separators=(",", ":")).encode()
    return Answer(body, 400 if code == "0104" else STATUSES.get(code[:2], 400), outcome=shown)


def answer(state: State, request: Request) -> Answer:
    """Answer any request to Bitso; runs under the state's lock."""
    name, below = parts(request.path)
    known = {method for method, known in METHODS if known == name}
    if not request.path.startswith(ROOT) or not known:
        return faults.html(404, "Not found", "not found")
    try:
        if state.condition(SLUG).status == "maintenance":
            raise BitsoError("1000")
        if request.method not in known:
            raise BitsoError("0901")
        method = METHODS[request.method, name]
        payload = method.run(ask_of(state, request, method, below))
    except BitsoError as exc:
        return failure(str(exc))
    return Answer(json.dumps({"success": True, "payload": payload}, separators=(",", ":")).encode())


def ask_of(state: State, request: Request, method: Method, below: str) -> Ask:
    """The call with the account it is about, after all checks of its credentials. Raises BitsoError."""
    now = state.now(SLUG)
    if not method.permission:
        return Ask(account.Account(""), below, dict(parse_qsl(request.query)), now)
    key = authenticate(state, request, now)
    owner = state.account(SLUG, key.account, lambda: account.made(key.account, key.empty, now))
    charge(owner, now)
    if method.permission not in key.permissions:
        raise BitsoError("0202")
    return Ask(owner, below, read_params(request), now)


def authenticate(state: State, request: Request, now: float) -> BitsoKey:
    """Whose call this is. Raises BitsoError: unknown key · not active · address · signature · nonce."""
    header = request.headers.get("Authorization", "")
    found = HEADER.fullmatch(header)
    key = state.key(SLUG, found[1]) if found else None
    if found is None or not isinstance(key, BitsoKey):
        raise BitsoError("0201" if header else "0208")
    if key.disabled or 0 < key.valid_until <= now:
        raise BitsoError("0326")
    if not may_call_from(key, request.address):
        raise BitsoError("0213")
    if not hmac.compare_digest(sign(key.secret, found[2], request), found[3]):
        raise BitsoError("0215")
    use_nonce(key, found[2])
    if key.error:
        raise BitsoError(key.error)
    key.last_used = now
    return key


def sign(secret: str, nonce: str, request: Request) -> str:
    """Hexadecimal HMAC-SHA256 over nonce + method + path with its query + body."""
    path = f"{request.path}?{request.query}" if request.query else request.path
    return hmac.digest(secret.encode(), f"{nonce}{request.method}{path}".encode(errors="replace") + request.body, "sha256").hex()


def may_call_from(key: BitsoKey, address: str) -> bool:
    caller = ipaddress.ip_address(address)
    return not key.ip_allowlist or any(caller in ipaddress.ip_network(net, strict=False) for net in key.ip_allowlist)


def use_nonce(key: BitsoKey, text: str) -> None:
    """Take the nonce, once. New form: 14 to 19 digits in any order; the old one has to rise. Raises BitsoError."""
    if not (text.isascii() and text.isdigit()):
        raise BitsoError("0206")
    nonce = int(text[:20])
    if len(text) > 13:
        if len(text) > 19 or nonce in key.used:
            raise BitsoError("0207")
        key.used.add(nonce)
        return
    if key.strict:
        raise BitsoError("0207")
    if nonce <= key.highest_old:
        raise BitsoError("0104")
    key.highest_old = nonce


def charge(owner: account.Account, now: float) -> None:
    """Count a call of the account; one too many within a minute locks it out for the next. Raises BitsoError."""
    owner.calls = [moment for moment in owner.calls if moment > now - 60] + [now]
    if len(owner.calls) > CALLS_A_MINUTE and now >= owner.locked_until:
        owner.calls, owner.locked_until = [], now + LOCKED_S
    if now < owner.locked_until:
        raise BitsoError("0801")


def read_params(request: Request) -> dict[str, Any]:
    """The fields of the query, or of the JSON object in the body. Raises BitsoError for a body that is none."""
    if not request.body:
        return dict(parse_qsl(request.query))
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise BitsoError("0304")
    return fields


def api_key_of(request: Request) -> str | None:
    if parts(request.path)[0] in PUBLIC:
        return None
    found = HEADER.fullmatch(request.headers.get("Authorization", ""))
    return found[1] if found else ""


dialect = Dialect(
    slug=SLUG,
    name="Bitso",
    root_paths=(),                                          # /api/v3/ is not Bitso's alone
    permission_groups=(PermissionGroup("Permissions", BOXES),),
    key_type=BitsoKey,
    key_fields={"empty": wishes.boolean, "strict": wishes.boolean, "error": error_code},
    make_pair=make_pair,
    ready_made=ready_made,
    api_key_of=api_key_of,
    answer=answer,
    errors={"busy": failure("1003"), "unavailable": failure("1000"), "rate_limit": failure("0801")},
    statuses=("online", "maintenance"),
    new_key_labels=("Add new API key",),
    secret_label="API secret",
    server_header="cloudflare",
)
