"""Second factors of the people of tests: an app whose codes we can compute, recovery codes."""

import time
import zlib

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import signing

from profiles.mfa import MFAAdapter
from profiles.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEED = "5eed" * 20
PERIOD_S = 30


def code_of(secret: str = SECRET, periods_from_now: int = 0) -> str:
    """What an app with this secret shows, e.g. "081804"."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_S + periods_from_now))


def add_app(user: User) -> Authenticator:
    """An app with SECRET, and recovery codes from SEED that were looked at."""
    seal = MFAAdapter().encrypt
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": seal(SEED), "used_mask": 0, "viewed_at": 1.0})
    return Authenticator.objects.create(user=user, type="totp", data={"secret": seal(SECRET)})


def recovery_codes(user: User) -> list[str]:
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


def decoded(session_data: str) -> bytes:
    """What a row of sessions holds, readable to whoever has the database alone: it is signed, not sealed."""
    payload = session_data.rsplit(":", 2)[0]
    packed = payload.startswith(".")
    raw = signing.b64_decode(payload.lstrip(".").encode())
    return zlib.decompress(raw) if packed else raw
