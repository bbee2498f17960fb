"""Second factors: allauth.mfa's, in our words, with their seeds under the at-rest ring (MFA_ADAPTER)."""

import base64
from dataclasses import dataclass
from itertools import groupby

import qrcode
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles import devices
from profiles.keyring import ring
from profiles.models import User

Kind = Authenticator.Type
# allauth seals a seed before it has a row, and opens it without naming one: one context for all of them.
CONTEXT = "mfa.Authenticator.data"
# Fewer recovery codes than this are worth a word.
FEW = 4


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("This cannot be switched off."),
        "cannot_generate_recovery_codes": _("First add an app or a passkey: the codes are for when you do not have it at hand."),
        "incorrect_code": _("This is not the code, or it has been used already. Write the one your app shows now."),
        "passkey_failed": _("We could not check the passkey. Try again, or choose another way."),
        "unverified_email": _("First confirm your e-mail. Then come back."),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(ring().seal(text.encode(), CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises keyring.Unreadable."""
        return ring().open(base64.b64decode(encrypted_text), CONTEXT).decode()

    def build_totp_svg(self, url: str) -> str:
        """Part of the page itself: its policy lets in no data: image."""
        size, path = drawn(url)
        return render_to_string("mfa/totp/_qr.html", {"size": size, "path": path})

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """What the person is offered to call a new passkey: most live in the device they are made on."""
        return devices.said(devices.name_of(context.request)) or gettext("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": app_settings.TOTP_ISSUER}


def drawn(text: str) -> tuple[int, str]:
    """`text` as a QR code: modules a side with the white margin, and the path of the dark ones, a box one wide each."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    matrix = code.get_matrix()
    boxes = []
    for y, row in enumerate(matrix):
        for is_dark, run in groupby(range(len(row)), row.__getitem__):
            first, *more = run
            if is_dark:
                boxes.append(f"M{first} {y}h{1 + len(more)}v1h-{1 + len(more)}z")
    return len(matrix), "".join(boxes)


@dataclass(frozen=True)
class Factors:
    """What an account has besides its password. `codes_left` is None where none were made, or nobody looked at them."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes_left: int | None

    @property
    def is_on(self) -> bool:
        return bool(self.app or self.passkeys)

    @property
    def lacks_codes(self) -> bool:
        return self.is_on and self.codes_left is None

    @property
    def has_few_codes(self) -> bool:
        return self.is_on and self.codes_left is not None and self.codes_left < FEW


def factors(user: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    app = next((row for row in rows if row.type == Kind.TOTP), None)
    codes = next((row for row in rows if row.type == Kind.RECOVERY_CODES), None)
    left = None
    if codes and codes.data.get("viewed_at"):
        left = app_settings.RECOVERY_CODE_COUNT - codes.data["used_mask"].bit_count()
    return Factors(app, [row for row in rows if row.type == Kind.WEBAUTHN], left)


def has_factor(user: User) -> bool:
    """Whether a login asks for more than the password."""
    return Authenticator.objects.filter(user=user, type__in=(Kind.TOTP, Kind.WEBAUTHN)).exists()
