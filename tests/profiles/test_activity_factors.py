"""Second factors come, go and are used: each is an entry."""
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.test import TransactionTestCase

from profiles.models import Activity
from tests.profiles.people import PASSWORD, person


def code_of(secret: str) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, list(auth.yield_hotp_counters_from_time())[1]))


class FactorTests(TransactionTestCase):
    def setUp(self):
        self.addCleanup(cache.clear)
        self.ana = person("ana@example.com")

    def causes(self) -> list[str]:
        return list(Activity.objects.order_by("pk").values_list("cause", flat=True))

    def log_in(self) -> None:
        self.client.post("/cuenta/login/", {"login": "ana@example.com", "password": PASSWORD})

    def come_in(self) -> None:
        self.log_in()
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})

    def add_passkey(self, name: str) -> Authenticator:
        return Authenticator.objects.create(user=self.ana, type="webauthn", data={"name": name, "credential": {}})

    def test_an_app_with_its_codes_and_without(self):
        self.come_in()
        form = self.client.get("/cuenta/2fa/totp/activate/").context["form"]
        self.client.post("/cuenta/2fa/totp/activate/", {"code": code_of(form.secret)})
        self.assertEqual(set(self.causes()[1:]), {"totp_added", "recovery_codes_made"})
        self.client.post("/cuenta/2fa/totp/deactivate/")
        self.assertEqual(set(self.causes()[3:]) - {"frozen"}, {"totp_removed", "recovery_codes_removed"})

    def test_new_recovery_codes(self):
        self.come_in()
        self.add_passkey("Teléfono")
        self.client.post("/cuenta/2fa/recovery-codes/generate/")
        self.assertEqual(self.causes()[1:], ["recovery_codes_made"])

    def test_a_passkey_is_called_by_its_name(self):
        self.come_in()
        key = self.add_passkey("Teléfono de Ana")
        self.client.post(f"/cuenta/2fa/webauthn/keys/{key.pk}/remove/")
        self.assertEqual(Activity.objects.get(cause="passkey_removed").about, "Teléfono de Ana")

    def test_a_login_with_the_app(self):
        secret = auth.generate_totp_secret()
        auth.TOTP.activate(self.ana, secret)
        self.log_in()
        self.assertEqual(self.causes(), [])
        self.client.post("/cuenta/2fa/authenticate/", {"code": code_of(secret)})
        self.assertEqual(self.causes(), ["login_totp"])

    def test_a_login_with_a_recovery_code(self):
        auth.TOTP.activate(self.ana, auth.generate_totp_secret())
        code = RecoveryCodes.activate(self.ana).get_unused_codes()[0]
        self.log_in()
        self.client.post("/cuenta/2fa/authenticate/", {"code": code})
        self.assertIn("login_recovery_code", self.causes())
