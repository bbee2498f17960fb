"""Every form of the site: where it is sent, who is there at that moment, and which fields may be shown again."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from profiles.models import User
from tests.base import grow_stale
from tests.profiles.people import PASSWORD, sent_code
from tests.proof.access.people import ProofTestCase


@dataclass(frozen=True)
class Form:
    """`typed` comes back as it was typed, `secret` never does; of `other` nothing is promised."""

    who: str
    pattern: str
    typed: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


LINK = "perfil/exchanges/<uuid:link_id>/"
KEY = ("secret", "passphrase", "password", "code", "credential")
FACTOR = ("code", "credential")
FORMS = (
    Form("owner", "perfil/exchanges/vincular/<slug:slug>/", ("label",), KEY, ("api_key",)),
    Form("left open", "perfil/exchanges/vincular/<slug:slug>/", ("label",), KEY, ("api_key",)),
    Form("owner", f"{LINK}reemplazar/", (), KEY, ("api_key", "label")),
    Form("left open", f"{LINK}reemplazar/", (), KEY, ("api_key",)),
    Form("owner", f"{LINK}renombrar/", ("label",)),
    Form("left open", f"{LINK}desvincular/", (), KEY),
    Form("owner", "perfil/", ("name",), (), ("language", "time_zone")),
    Form("owner", "i18n/setlang/", (), (), ("language", "next")),
    Form("anonymous", "cuenta/signup/", ("email",), ("password1", "password2"), ("time_zone", "next", "username")),
    Form("signing up", "cuenta/confirm-email/", ("code",), (), ("action", "email")),
    Form("anonymous", "cuenta/login/", ("login",), ("password",), ("remember", "next")),
    Form("half in", "cuenta/2fa/authenticate/", (), FACTOR, ("next",)),
    Form("anonymous", "cuenta/2fa/webauthn/login/", (), ("credential",), ("next",)),
    Form("owner", "cuenta/logout/", (), (), ("next",)),
    Form("anonymous", "cuenta/password/reset/", ("email",), (), ("next",)),
    Form("forgetful", "cuenta/password/reset/confirm/", ("code",), (), ("action",)),
    Form("choosing", "cuenta/password/reset/complete/", (), ("password1", "password2")),
    Form("owner", "cuenta/password/change/", (), ("oldpassword", "password1", "password2"), ("next",)),
    Form("without password", "cuenta/password/set/", (), ("password1", "password2")),
    Form("owner", "cuenta/email/", (), (), ("email", "action_add", "action_primary", "action_send", "action_remove")),
    Form("left open", "cuenta/reauthenticate/", (), ("password",), ("next",)),
    Form("left open", "cuenta/2fa/reauthenticate/", (), ("code",), ("next",)),
    Form("left open", "cuenta/2fa/webauthn/reauthenticate/", (), ("credential",), ("next",)),
    Form("stranger", "cuenta/2fa/totp/activate/", (), ("code",)),
    Form("owner", "cuenta/2fa/totp/deactivate/", (), ("code",)),
    Form("owner", "cuenta/2fa/webauthn/add/", ("name",), ("credential",), ("passwordless",)),
    Form("owner", "cuenta/2fa/webauthn/keys/<int:pk>/edit/", ("name",)),
    Form("owner", "cuenta/2fa/recovery-codes/generate/", (), (), ("code",)),
    Form("owner", "cuenta/sessions/", (), (), ("session",)),
)


class FormsTestCase(ProofTestCase):
    """Beside the people of the table: those who are in the middle of something."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        begun = {
            "signing up": ("/cuenta/signup/", {"email": "new@example.com", "password1": PASSWORD}),
            "half in": ("/cuenta/login/", {"login": "owner@example.com", "password": PASSWORD}),
            "forgetful": ("/cuenta/password/reset/", {"email": "stranger@example.com"}),
            "choosing": ("/cuenta/password/reset/", {"email": "reader@example.com"}),
        }
        cls.sessions |= {who: _begun(who, *form) for who, form in begun.items()}
        cls.sessions |= {"without password": _in(_without_password()), "left open": _in(cls.users["owner"], stale=True)}


def _begun(who: str, path: str, fields: dict[str, str]) -> str:
    client = Client()
    client.post(path, fields)
    if who == "choosing":
        client.post("/cuenta/password/reset/confirm/", {"code": sent_code()})
    mail.outbox.clear()
    return client.session.session_key


def _without_password() -> User:
    user = User.objects.create_user("dora@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _in(user: User, *, stale: bool = False) -> str:
    client = Client()
    client.force_login(user)
    if stale:
        grow_stale(client)
    return client.session.session_key
