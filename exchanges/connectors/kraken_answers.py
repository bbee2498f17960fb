"""What Kraken's answers mean. Every application error comes with HTTP 200 as {"error": ["ECategory:Text[:detail]"]}.

https://docs.kraken.com/exchange/guides/general/errors.md and
https://support.kraken.com/hc/en-us/articles/360001491786-API-error-messages (read 2026-11-22). The text after a second colon
and the blanks vary ("EService:Throttled:<unix>", "EService: Throttled: [<unix>]"), so a code is known by how it begins.
"""
import re
import time
from typing import Any

from .base import Answer, Endpoint, Refused, Unavailable, read_object, status_failure
from .kraken_endpoints import CLOSED_ORDERS, DRY_ORDER, KEY_INFO, LEDGERS

HISTORY = (CLOSED_ORDERS, LEDGERS)
# GetApiKeyInfo is asked first: where it knew the key and its signature, another call that does not is at odds with Kraken itself.
JUDGES_KEY = ("EAPI:Invalid key", "EAPI:Invalid signature")
WARNING = re.compile(r"W[A-Z][A-Za-z]*\s*:")                # nothing else that begins with W: "Website: down"

REFUSED = {
    "EAPI:Invalid key": "bad_key",                          # unknown, deleted, disabled, expired, or one of Kraken Futures
    "ESession:Invalid session": "bad_key",                  # an old key gone stale; only a new one helps (ccxt PR #9924)
    "EAPI:Invalid signature": "bad_secret",
    "EAPI:Invalid otp": "otp_on_key",                       # in other people's code only, never seen live
    "EAPI:Invalid nonce": "nonce_conflict",
    "EGeneral:Permission denied": "missing_permissions",
    "EAPI:Feature disabled": "account_restricted",
    "EAccount:Invalid permissions": "region_blocked",       # the account, not the key: a product its country may not use
    "ETrade:User Locked": "account_restricted",
    "ETrade:Locked": "account_restricted",
    "EAuth:": "account_restricted",                         # temporary disabled, unconfirmed, failed
    "EAccount:": "account_restricted",
}
UNAVAILABLE = {                                             # the first here wins where an answer names several
    "EGeneral:Temporary lockout": "lockout",
    "EAPI:Rate limit exceeded": "rate_limited",
    "EService:Throttled": "rate_limited",
    "EGeneral:Too many requests": "rate_limited",
    "EAuth:Rate limit exceeded": "rate_limited",
    "EAuth:Too many requests": "rate_limited",
    "EOrder:Rate limit exceeded": "rate_limited",
    "EService:Timeout": "timeout",
    "EService:Deadline elapsed": "timeout",
    "EService:": "maintenance",                             # Unavailable, Busy, Market in … mode
    "EGeneral:Internal error": "maintenance",
    "EDatabase:": "maintenance",
    "EAPI:Bad request": "internal",                         # from here on our fault, not Kraken's
    "EGeneral:Invalid arguments": "internal",
    "ETrade:Invalid request": "internal",
    "EQuery:": "internal",
    "EGeneral:Unknown method": "unreadable_answer",         # some accounts are said not to have GetApiKeyInfo
    "EBM:limit exceeded": "unreadable_answer",              # a limit on orders: none of ours is placed
}
PATIENCE_S = 900                                            # the longest wait we take from Kraken; older texts say 15 minutes


def read_answer(endpoint: Endpoint, answer: Answer) -> Any:
    """The `result` of an answer, None where it has none. Raises Refused or Unavailable.

    An HTTP status other than 200 never reached Kraken itself (docs, REST intro), so its body is not read.
    """
    if answer.status != 200:
        raise status_failure(answer)
    envelope = read_object(answer.body)
    errors = envelope.get("error")
    if not isinstance(errors, list) or len(errors) > 20 or not all(isinstance(error, str) for error in errors):
        raise Unavailable("unreadable_answer")
    errors = [error.strip() for error in errors if not WARNING.match(error.strip())]
    if errors and not (endpoint == DRY_ORDER and all(_plain(error).startswith("eorder:") for error in errors)):
        raise judge(endpoint, errors)
    return envelope.get("result")


def judge(endpoint: Endpoint, errors: list[str]) -> Refused | Unavailable:
    """The failure that `errors` mean. Where they disagree the key gets the benefit of the doubt: Unavailable wins."""
    failures = [_judge_one(endpoint, error) for error in errors]
    unavailable = [failure for failure in failures if isinstance(failure, Unavailable)]
    order = list(UNAVAILABLE.values())
    return min(unavailable, key=lambda failure: order.index(failure.reason), default=failures[0])


def _judge_one(endpoint: Endpoint, error: str) -> Refused | Unavailable:
    code = _known(error)
    if code == "EGeneral:Permission denied" and endpoint == KEY_INFO:
        return Refused("ip_blocked", code)                  # asks for no right: our address, or 2FA on the key
    if code == "EGeneral:Invalid arguments" and endpoint in HISTORY:
        return Refused("query_window", code)                # dates on the key that leave these out (rotki #1438)
    if code in JUDGES_KEY and endpoint != KEY_INFO:
        return Unavailable("internal", code)                # a body signed wrongly, or a fault of theirs (krakenex #134)
    if code in REFUSED:
        return Refused(REFUSED[code], _shown(error, code))
    if code in UNAVAILABLE:
        return Unavailable(UNAVAILABLE[code], _shown(error, code), _wait_s(error) if "Throttled" in code else None)
    return Unavailable("unreadable_answer", _shown(error, code))


def _known(error: str) -> str:
    """The longest code of our tables that `error` begins with, whatever its case and blanks; "" where there is none."""
    plain = _plain(error)
    found = [
        code for code in (*REFUSED, *UNAVAILABLE)
        if re.match(re.escape(_plain(code)) + ("" if code.endswith(":") else r"(?![a-z])"), plain)
    ]
    return max(found, key=len, default="")


def _plain(text: str) -> str:
    return re.sub(r"\s*:\s*", ":", " ".join(text.lower().split()))


def _shown(error: str, code: str) -> str:
    """`error` for our staff: a code of our tables, or the words that can only be a code. Never a detail, which may echo."""
    if code and not code.endswith(":"):
        return code
    words = re.match(r"(E[A-Za-z]{2,12})\s*:\s*([A-Z][a-z_]{0,15}(?: [a-z_]{1,15}){0,4})(?![^\s:])", error)
    return f"{words[1]}:{words[2]}" if words else code + "?"


def _wait_s(error: str) -> float | None:
    """Seconds from now to the Unix time that a throttled answer names."""
    until = re.search(r"(?<!\d)(\d{10})(?:\d{3})?(?!\d)", error)      # seconds, or milliseconds
    return min(max(int(until[1]) - time.time(), 0.0), PATIENCE_S) if until else None
