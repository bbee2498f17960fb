"""What Django and allauth tell of logins, passwords, addresses and second factors, written into the activity of whom it is about."""
from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from profiles.activity import note, note_failure
from profiles.models import User

# How allauth calls the last proof of a login, and the cause we make of it.
LOGINS = {
    "password": "login_password", "code": "login_code", "password_reset": "login_reset", "totp": "login_totp",
    "recovery_codes": "login_recovery_code", "webauthn": "login_passkey",
}
FACTORS = {"totp": "totp", "webauthn": "passkey", "recovery_codes": "recovery_codes"}


@receiver(account.user_signed_up, dispatch_uid="activity")
def signed_up(request: HttpRequest, user: User, **_more: object) -> None:
    note(user, "signup", request=request)


@receiver(account.user_logged_in, dispatch_uid="activity")
def logged_in(request: HttpRequest, user: User, **_more: object) -> None:
    proofs = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
    note(user, LOGINS.get(proofs[-1], "login") if proofs else "login", request=request)


@receiver(user_logged_out, dispatch_uid="activity")
def logged_out(request: HttpRequest, user: User | None, **_more: object) -> None:
    if user is not None:
        note(user, "logout", request=request)


@receiver(user_login_failed, dispatch_uid="activity")
def login_failed(credentials: dict[str, str], request: HttpRequest | None = None, **_more: object) -> None:
    """A wrong password, at the login or where it is asked again. Whoever tries sees and waits the same where there is no account."""
    if request is not None:
        email = User.objects.normalize_email(credentials.get("email"))
        note_failure(User.objects.filter(email=email, is_active=True), "login_failed", request)


@receiver(mfa.authentication_failed, dispatch_uid="activity")
def factor_failed(request: HttpRequest, user: User, **_more: object) -> None:
    note_failure(User.objects.filter(pk=user.pk), "factor_failed", request)


@receiver((account.password_changed, account.password_set), dispatch_uid="activity")
def password_changed(request: HttpRequest, user: User, **_more: object) -> None:
    note(user, "password_changed", request=request)


@receiver(account.password_reset, dispatch_uid="activity")
def password_reset(request: HttpRequest, user: User, **_more: object) -> None:
    note(user, "password_reset", request=request)


@receiver(account.email_changed, dispatch_uid="activity")
def email_changed(
    request: HttpRequest, user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_more: object
) -> None:
    """Also sent for the first address of an account, when it is confirmed."""
    note(user, "email_changed" if from_email_address else "email_confirmed", request=request, about=to_email_address.email)


@receiver((mfa.authenticator_added, mfa.authenticator_reset), dispatch_uid="activity")
def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_more: object) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    cause = "recovery_codes_made" if is_codes else f"{FACTORS[authenticator.type]}_added"
    note(user, cause, request=request, about=_name(authenticator))


@receiver(mfa.authenticator_removed, dispatch_uid="activity")
def factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_more: object) -> None:
    note(user, f"{FACTORS[authenticator.type]}_removed", request=request, about=_name(authenticator))


def _name(authenticator: Authenticator) -> str:
    """Passkeys have one, given by the person."""
    return str(authenticator) if authenticator.type == Authenticator.Type.WEBAUTHN else ""
