"""Logins, passwords, addresses: each is an entry, made where it happens."""
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import context
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore

from profiles.models import Activity, User
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code
from tests.profiles.test_activity_log import CHROME, request_from


class ActivityTestCase(PeopleTestCase):
    def causes(self, user: User | None = None) -> list[str]:
        return list(Activity.objects.filter(user=user or self.ana).order_by("pk").values_list("cause", flat=True))

    def newest(self) -> tuple[str, str, str | None, str]:
        return Activity.objects.values_list("cause", "actor", "address", "device").first()


class LoginTests(ActivityTestCase):
    def test_signing_up_confirming_and_being_in(self):
        self.sign_up()
        self.confirm(sent_code())
        new = User.objects.get(email="new@example.com")
        self.assertEqual(self.causes(new), ["signup", "email_confirmed", "login"])
        self.assertEqual(Activity.objects.get(cause="email_confirmed").about, "new@example.com")

    def test_login_and_logout_tell_from_where(self):
        self.client.post("/cuenta/login/", {"login": "ana@example.com", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7",
                         headers={"User-Agent": CHROME})
        self.assertEqual(self.newest(), ("login_password", "person", "192.0.2.7", "Chrome · Windows"))
        self.client.post("/cuenta/logout/", REMOTE_ADDR="192.0.2.8")
        self.assertEqual(self.newest(), ("logout", "person", "192.0.2.8", ""))

    def test_the_last_proof_names_the_login(self):
        for proofs, cause in (
            ([("code", {})], "login_code"),
            ([("password", {}), ("mfa", {"type": "totp"})], "login_totp"),
            ([("password", {}), ("mfa", {"type": "recovery_codes"})], "login_recovery_code"),
            ([("mfa", {"type": "webauthn", "passwordless": True})], "login_passkey"),
            ([], "login"),
        ):
            self.prove(proofs)
            self.assertEqual((proofs, self.newest()[0]), (proofs, cause))

    def prove(self, proofs) -> None:
        """What allauth does once somebody has proven who they are; a passkey needs a browser."""
        request = request_from("192.0.2.7")
        request.session, request.user = SessionStore(), AnonymousUser()
        request._messages = CookieStorage(request)
        with context.request_context(request):
            for method, more in proofs:
                record_authentication(request, self.ana, method, **more)
            perform_login(request, Login(user=self.ana, email=self.ana.email))


class PasswordTests(ActivityTestCase):
    def test_a_new_password(self):
        self.log_in()
        self.client.post("/cuenta/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD})
        self.assertEqual(self.causes(), ["login_password", "password_changed"])

    def test_a_password_by_mail(self):
        self.client.post("/cuenta/password/reset/", {"email": "ana@example.com"})
        self.client.post("/cuenta/password/reset/confirm/", {"code": sent_code()})
        self.client.post("/cuenta/password/reset/complete/", {"password1": OTHER_PASSWORD}, follow=True)
        self.assertIn("password_reset", self.causes())
        self.assertEqual(self.newest()[0], "login_reset")

    def test_another_address(self):
        self.log_in()
        self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        self.client.post("/cuenta/email/", {"email": "otra@example.com", "action_add": ""})
        self.confirm(sent_code())
        self.assertEqual(Activity.objects.get(cause="email_changed").about, "otra@example.com")


class StaffTests(ActivityTestCase):
    def setUp(self):
        self.client.force_login(User.objects.create_superuser("root@example.com", "x"))

    def test_what_staff_do_to_an_account_its_owner_reads(self):
        form = {"is_active": "on", "profile-TOTAL_FORMS": "1", "profile-INITIAL_FORMS": "1", "profile-0-user": self.ana.pk,
                "profile-0-language": "es", "profile-0-time_zone": "Europe/Madrid"}
        self.client.post(f"/admin/profiles/user/{self.ana.pk}/change/", form)
        self.assertEqual(self.newest()[:2], ("account_changed", "staff"))

    def test_a_password_set_by_staff_is_called_that(self):
        url = f"/admin/profiles/user/{self.ana.pk}/password/"
        self.client.post(url, {"usable_password": "true", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})
        self.assertIn(("password_changed", "staff"), Activity.objects.filter(user=self.ana).values_list("cause", "actor"))

    def test_an_account_that_staff_made(self):
        form = {"email": "carla@example.com", "usable_password": "false", "password1": "", "password2": ""}
        inline = {"profile-TOTAL_FORMS": "1", "profile-INITIAL_FORMS": "0", "profile-0-language": "es"}
        self.client.post("/admin/profiles/user/add/", form | inline | {"profile-0-time_zone": "Europe/Madrid"})
        self.assertEqual(self.newest()[:2], ("signup", "staff"))
