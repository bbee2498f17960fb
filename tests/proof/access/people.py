"""Everybody who may come to an address, and what is the owner's there."""

import base64
import json
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client, TestCase, override_settings

from exchanges.models import Call, Event, Link, Validation
from profiles.models import Activity, Mail, User
from tests.base import KEY, SECRET, make_ready_link
from tests.profiles import factors
from tests.profiles.passkey import Passkey
from tests.profiles.people import PASSWORD, person
from tests.proof.access.addresses import filled

PEOPLE = ("anonymous", "stranger", "owner", "support", "reader", "superuser")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FORM = "application/x-www-form-urlencoded"
ADD_PASSKEY = "/cuenta/2fa/webauthn/add/"
LABEL = "Cajón de sastre"


@override_settings(REQUIRE_MFA=True)
class ProofTestCase(TestCase):
    """The owner has a link with its history, an app, recovery codes, a passkey and a session; the stranger has an account.

    Of staff the support may see nothing, the reader may see all there is, the superuser may do all there is; each has an app.
    """

    users: dict[str, User]
    sessions: dict[str, str]
    link: Link

    @classmethod
    def setUpTestData(cls) -> None:
        cls.users = {name: person(f"{name}@example.com") for name in PEOPLE[1:]}
        cls.sessions = {name: _log_in(user) for name, user in cls.users.items()}
        for name in PEOPLE[2:]:
            factors.add_app(cls.users[name])
        _add_passkey(cls.sessions["owner"])
        User.objects.filter(email__in=("support@example.com", "reader@example.com")).update(is_staff=True)
        User.objects.filter(email="superuser@example.com").update(is_staff=True, is_superuser=True)
        cls.users["reader"].user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        cls.link = _make_link(cls.users["owner"])
        cls.arguments = _arguments(cls.users["owner"], cls.link)

    def setUp(self) -> None:
        self.client = Client(raise_request_exception=False)

    def visit(
        self, who: str, method: str, path: str, body: str | bytes = "", content_type: str = FORM,
        look: Callable[[], None] | None = None, **extra: object,
    ) -> HttpResponseBase:
        """What `who` is answered. What it changed is undone, after a `look`: each visit finds the site as it was."""
        self.client.cookies.clear()
        if who in self.sessions:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        with transaction.atomic():
            response = self.client.generic(method, path, body, content_type, **extra)
            response.text_sent = response.getvalue().decode()
            if look:
                look()
            transaction.set_rollback(True)
        return response

    def path(self, pattern: str, **others: object) -> str:
        """The address, with what is the owner's in it but for `others`."""
        own = next((value for part, value in self.arguments.items() if "/" in part and part in pattern), {})
        return filled(pattern, self.arguments[""] | own | others)


def _log_in(user: User) -> str:
    client = Client()
    client.post("/cuenta/login/", {"login": user.email, "password": PASSWORD})
    return client.session.session_key


def _add_passkey(session: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    options = json.loads(json.dumps(client.get(ADD_PASSKEY).context["js_data"]["creation_options"]))
    client.post(ADD_PASSKEY, {"name": "Phone", "credential": Passkey().register(options), "passwordless": "on"})


def _make_link(owner: User) -> Link:
    link = make_ready_link(owner, LABEL)
    Validation.objects.create(link=link, key=link.key, trigger="link", status="ready")
    Call.objects.create(link=link, key=link.key, endpoint="GetApiKeyInfo", purpose="link", outcome="ok", ms=3)
    Event.objects.create(link=link, actor="worker", cause="link", to_status="ready")
    return link


def _arguments(owner: User, link: Link) -> dict[str, dict[str, object]]:
    """What stands in an address, by what the address holds; "" is for all of them."""
    return {
        "": {"link_id": link.pk, "slug": "kraken", "id": owner.pk, "app_label": "exchanges", "url": "exchanges/apikey/"},
        "perfil/datos/": {"name": "calls"},
        "seguridad/sesiones/": {"pk": UserSession.objects.get(user=owner).pk},
        "2fa/webauthn/": {"pk": Authenticator.objects.get(user=owner, type="webauthn").pk},
        "admin/auth/group/": {"object_id": Group.objects.create(name="Support").pk},
        "admin/profiles/user/": {"object_id": owner.pk},
        "admin/profiles/activity/": {"object_id": Activity.objects.filter(user=owner).latest("pk").pk},
        "admin/profiles/mail/": {"object_id": Mail.objects.create(user=owner, kind="left", cause="left").pk},
        "admin/exchanges/exchange/": {"object_id": link.exchange.pk},
        "admin/exchanges/link/": {"object_id": link.pk},
    }


def secrets_of(owner: User, link: Link) -> dict[str, str]:
    """What no page shows, by name, as it might be written there."""
    sealed = bytes(link.key.sealed)
    return {
        "API key": KEY, "secret": SECRET, "half of the secret": SECRET[:44], "sealed": sealed.hex()[-40:],
        "sealed, base64": base64.b64encode(sealed).decode()[:40], "sealed, as Python shows it": repr(sealed)[-40:-1],
        "seed of the app": factors.SECRET, "seed of the codes": factors.SEED, "password": PASSWORD,
        "password's hash": owner.password.rpartition("$")[2],
    }
