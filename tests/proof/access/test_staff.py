"""What staff can do in the admin, superusers included: nothing to links, keys, history and factors, and nothing above their rank."""

from urllib.parse import urlencode

from django.contrib.auth.models import Permission
from django.test import override_settings

from exchanges.models import Link
from profiles.models import User
from tests.profiles.people import OTHER_PASSWORD, PASSWORD
from tests.proof.access.addresses import patterns
from tests.proof.access.people import ProofTestCase
from tests.proof.access.sweep import stored

KEPT = {
    "exchanges_link", "exchanges_apikey", "exchanges_validation", "exchanges_call", "exchanges_event", "mfa_authenticator",
    "account_emailaddress", "usersessions_usersession",
}
NO_PAGE = (
    "exchanges/apikey", "exchanges/validation", "exchanges/call", "exchanges/event", "account/emailaddress", "mfa/authenticator",
    "usersessions/usersession", "sessions/session", "admin/logentry", "auth/permission",
)
ROWS = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1}
PASSWORDS = {"usable_password": "true", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
ADMIN = tuple(pattern for pattern in patterns() if pattern.startswith("admin/") and pattern not in ("admin/login/", "admin/logout/"))
# Questions by which one could find out, letter by letter, what is not shown.
ORACLES = (
    "exchanges/link/?key__sealed__startswith=a", "exchanges/link/?keys__hint=a", "exchanges/link/?key__fingerprint__startswith=a",
    "exchanges/link/?user__password__startswith=a", "profiles/user/?password__startswith=a", "exchanges/link/?_to_field=key",
    "profiles/user/?usersession__session_key__startswith=a", "profiles/user/?authenticator__data__contains=a",
    "profiles/activity/?user__password__startswith=a", "profiles/activity/?address__startswith=1",
)


class SuperuserTests(ProofTestCase):
    def changed_by(self, path: str, **fields: object) -> set[str]:
        """The tables in which a form that the superuser sends to the admin changed something."""
        before, changed = stored(), set()
        body = urlencode(fields, doseq=True)
        self.visit("superuser", "POST", f"/admin/{path}", body, look=lambda: changed.update(
            name for name, content in stored().items() if content != before[name]))
        return changed

    def test_a_link_is_added_changed_and_deleted_by_nobody(self):
        link = {"user": self.users["superuser"].pk, "exchange": "kraken", "label": "Mine", "status": "ready", "version": 1}
        history = {"validations-TOTAL_FORMS": 1, "validations-INITIAL_FORMS": 1, "validations-0-id": 1, "validations-0-DELETE": "on"}
        for path, fields in (
            ("exchanges/link/add/", link), (f"exchanges/link/{self.link.pk}/change/", {**link, **history}),
            (f"exchanges/link/{self.link.pk}/change/", {**link, "_saveasnew": "1"}),
            (f"exchanges/link/{self.link.pk}/delete/", {"post": "yes"}),
            ("exchanges/link/", {"action": "delete_selected", "_selected_action": self.link.pk, "post": "yes"}),
            ("exchanges/link/", {**ROWS, "form-0-id": self.link.pk, "form-0-label": "Mine", "_save": 1}),
            ("exchanges/exchange/kraken/delete/", {"post": "yes"}),
        ):
            self.assertEqual((path, self.changed_by(path, **fields) & KEPT), (path, set()))

    def test_nor_an_entry_of_the_activity(self):
        entry = self.users["owner"].activity.first()
        for path, fields in (
            ("add/", {"user": self.users["owner"].pk, "cause": "login", "actor": "person"}), (f"{entry.pk}/change/", {"cause": "login"}),
            (f"{entry.pk}/delete/", {"post": "yes"}),
            ("", {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}),
        ):
            self.assertEqual((path, self.changed_by(f"profiles/activity/{path}", **fields)), (path, set()))

    def test_nor_goes_one_with_its_person(self):
        for path, fields in (
            (f"profiles/user/{self.users['owner'].pk}/delete/", {"post": "yes"}),
            ("profiles/user/", {"action": "delete_selected", "_selected_action": self.users["owner"].pk, "post": "yes"}),
        ):
            self.assertEqual((path, self.changed_by(path, **fields)), (path, set()))

    def test_what_is_not_theirs_has_no_page(self):
        for model in NO_PAGE:
            for tail in ("", "add/", "1/change/", "1/delete/", "1/history/"):
                for method in ("GET", "POST"):
                    answer = self.visit("superuser", method, f"/admin/{model}/{tail}")
                    self.assertEqual((model, tail, method, answer.status_code), (model, tail, method, 404))

    def test_no_filter_tells_what_is_not_shown(self):
        for question in ORACLES:
            self.assertEqual((question, self.visit("superuser", "GET", f"/admin/{question}").status_code), (question, 400))

    def test_their_own_password_is_changed_where_everybodys_is(self):
        fields = {"old_password": PASSWORD, "new_password1": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
        self.assertEqual(self.changed_by("password_change/", **fields), set())
        self.assertEqual(self.visit("support", "GET", "/admin/password_change/")["Location"], "/cuenta/password/change/")


class RankTests(ProofTestCase):
    """Staff who may change people, and are no superusers."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.users["support"].user_permissions.set(Permission.objects.filter(content_type__app_label__in=("profiles", "auth")))

    def send(self, user: User, page: str, **fields: object) -> int:
        """The status; what it changed is not undone."""
        self.client.cookies["session"] = self.sessions["support"]
        return self.client.post(f"/admin/profiles/user/{user.pk}/{page}/", fields).status_code

    def test_they_cannot_raise_anybody(self):
        profile = {"profile-TOTAL_FORMS": 1, "profile-INITIAL_FORMS": 1, "profile-0-user": self.users["stranger"].pk,
                   "profile-0-language": "es", "profile-0-time_zone": "UTC"}
        powers = {"is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": Permission.objects.first().pk}
        self.assertEqual(self.send(self.users["stranger"], "change", **powers, **profile), 302)
        stranger = User.objects.get(pk=self.users["stranger"].pk)
        self.assertEqual((stranger.is_staff, stranger.is_superuser, stranger.user_permissions.count()), (False, False, 0))

    def test_they_cannot_touch_those_who_are_staff(self):
        for name in ("support", "reader", "superuser"):
            for page, fields in (("change", {"is_active": ""}), ("password", PASSWORDS)):
                self.assertEqual((name, page, self.send(self.users[name], page, **fields)), (name, page, 403))

    def test_they_can_help_a_person_who_is_locked_out(self):
        self.assertEqual(self.send(self.users["owner"], "password", **PASSWORDS), 302)
        self.assertTrue(User.objects.get(pk=self.users["owner"].pk).check_password(OTHER_PASSWORD))


class FactorTests(ProofTestCase):
    @override_settings(REQUIRE_MFA=True)
    def test_without_a_second_factor_no_page_of_the_admin_opens(self):
        self.users["superuser"].authenticator_set.all().delete()
        for pattern in ADMIN:
            for method in ("GET", "POST"):
                answer = self.visit("superuser", method, self.path(pattern))
                self.assertEqual((pattern, method, answer.status_code), (pattern, method, 302))
                self.assertTrue(answer["Location"].startswith("/admin/login/"), pattern)
        self.assertEqual(Link.objects.count(), 1)
