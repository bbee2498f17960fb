"""What a person does to a link, and staff for them, is in their activity, in the same transaction."""
from unittest import mock

from django.contrib.admin.models import LogEntry
from django.db import DatabaseError
from django.test import RequestFactory

from exchanges import actions
from exchanges.connectors.base import Credentials
from exchanges.models import Exchange, Link
from profiles.models import Activity
from tests.base import SECRET, SmartraderTestCase

IPHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
          "Mobile/15E148 Safari/604.1")


class OwnActsTests(SmartraderTestCase):
    def setUp(self):
        nudge = mock.patch("exchanges.actions.nudge")
        nudge.start()
        self.addCleanup(nudge.stop)
        self.request = RequestFactory(headers={"user-agent": IPHONE}).post("/", REMOTE_ADDR="192.0.2.7")
        self.request.user = self.ana

    def newest(self) -> tuple:
        return Activity.objects.values_list("user", "actor", "cause", "about", "address", "device").first()

    def of_ana(self, cause: str, about: str = "Kraken · Principal") -> tuple:
        return self.ana.pk, "person", cause, about, "192.0.2.7", "Safari · iPhone"

    def test_each_act_is_an_entry(self):
        for act, cause in (
            (lambda: actions.ask(self.link, request=self.request), "validate"),
            (lambda: actions.pause(self.link, request=self.request), "pause"),
            (lambda: actions.resume(self.link, request=self.request), "resume"),
            (lambda: actions.add_key(self.link, Credentials("B" * 56, SECRET), request=self.request), "replace"),
            (lambda: actions.unlink(self.link, request=self.request), "unlink"),
        ):
            Link.objects.exclude(status="paused").update(status="ready")
            act()
            self.assertEqual(self.newest(), self.of_ana(cause))

    def test_a_new_link(self):
        exchange = Exchange.objects.get(slug="kraken")
        actions.add_link(self.ana, exchange, Credentials("C" * 56, SECRET), "Ahorro", request=self.request)
        self.assertEqual(self.newest(), self.of_ana("link", "Kraken · Ahorro"))

    def test_the_same_key_again_is_another_key_of_that_link(self):
        Link.objects.update(status="action_required", reason="extra_permissions")
        self.link.keys.update(proven_at=None)
        key = Credentials("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp", SECRET)
        actions.add_link(self.ana, self.link.exchange, key, "", request=self.request)
        self.assertEqual(self.newest(), self.of_ana("replace"))

    def test_another_name_is_told_once(self):
        actions.rename(self.link, "Ahorro", request=self.request)
        self.assertEqual(self.newest(), self.of_ana("rename", "Kraken · Ahorro"))
        before = Activity.objects.count()
        actions.rename(self.link, "Ahorro", request=self.request)
        self.assertEqual(Activity.objects.count(), before)

    def test_what_was_not_allowed_is_not_told(self):
        Link.objects.update(status="unlinked")
        before = Activity.objects.count()
        for act in (actions.ask, actions.pause, actions.resume, actions.unlink):
            self.assertFalse(act(self.link, request=self.request))
        self.assertEqual(Activity.objects.count(), before)

    def test_no_act_without_its_entry(self):
        with mock.patch("profiles.activity.note", side_effect=DatabaseError), self.assertRaises(DatabaseError):
            actions.pause(self.link, request=self.request)
        self.assertEqual(Link.objects.get().status, "ready")


class StaffTests(SmartraderTestCase):
    def test_a_check_that_staff_started(self):
        self.client.force_login(self.celia)
        with mock.patch("exchanges.actions.nudge"):
            self.client.post("/admin/exchanges/link/", {"action": "start_validation", "_selected_action": [str(self.link.pk)]},
                             REMOTE_ADDR="198.51.100.4")
        entry = Activity.objects.first()
        self.assertEqual((entry.user, entry.actor, entry.cause, entry.about), (self.ana, "staff", "validate", "Kraken · Principal"))
        self.assertEqual(entry.address, "198.51.100.4")
        self.assertEqual(LogEntry.objects.values_list("user", "object_id").get(), (self.celia.pk, str(self.link.pk)))


class ViewTests(SmartraderTestCase):
    def test_the_pages_tell_from_where(self):
        self.client.force_login(self.ana)
        self.client.post(f"/perfil/exchanges/{self.link.pk}/pausar/", REMOTE_ADDR="192.0.2.7", headers={"User-Agent": IPHONE})
        self.assertEqual(
            Activity.objects.values_list("cause", "address", "device").first(), ("pause", "192.0.2.7", "Safari · iPhone"))
