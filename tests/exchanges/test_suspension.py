"""Staff stop a key, or every key of an exchange, and let them go on."""
from datetime import timedelta
from unittest import mock

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from exchanges import actions, incident
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Event, Exchange, Link
from profiles.models import Activity, Mail, User
from tests.base import SECRET, SmartraderTestCase
from tests.exchanges.base import SIX, ValidationTestCase

LINKS, EXCHANGES = "/admin/exchanges/link/", "/admin/exchanges/exchange/"


class StaffTestCase(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.celia)
        self.nudge = self.enterContext(mock.patch("exchanges.actions.nudge"))

    def do(self, action: str, *links: Link):
        """Staff choose an action in the list."""
        chosen = [str(link.pk) for link in links or (self.link,)]
        return self.client.post(LINKS, {"action": action, "_selected_action": chosen}, follow=True)

    def become(self, status: str, **fields) -> None:
        Link.objects.filter(pk=self.link.pk).update(status=status, **fields)

    def now(self) -> Link:
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=self.link.pk)

    def newest(self) -> tuple:
        return Event.objects.values_list("link", "actor", "cause", "from_status", "to_status", "reason").first()


class SuspendTests(StaffTestCase):
    def test_a_key_is_stopped_and_its_owner_reads_who_did_it(self):
        answer = self.do("suspend")
        self.assertContains(answer, "Suspended. 1 done; 0 left alone")
        self.assertEqual((self.now().state, self.now().next_check_at), ("suspended/by_staff", None))
        self.assertEqual(self.newest(), (self.link.pk, "staff", "suspend", "ready", "suspended", "by_staff"))
        self.assertEqual(Activity.objects.values_list("user", "actor", "cause", "about").first(), (
            self.ana.pk, "staff", "suspend", "Kraken · Principal"))
        self.assertEqual(LogEntry.objects.values_list("user", "object_id", "change_message").get(), (
            self.celia.pk, str(self.link.pk), "Suspended."))
        self.assertEqual(Mail.objects.get().user, self.ana)

    def test_what_staff_may_stop(self):
        for status, reason in (
            ("queued", ""), ("checking", ""), ("action_required", "bad_secret"), ("exchange_down", "timeout"), ("expired", ""),
            ("revoked", ""), ("paused", ""), ("suspended", "incident"),
        ):
            self.become(status, reason=reason)
            self.do("suspend")
            self.assertEqual(self.now().state, "suspended/by_staff")

    def test_where_there_is_nothing_to_stop(self):
        ApiKey.objects.update(erased_at=timezone.now(), sealed=None)
        for status, reason in (("refused", "dangerous_permissions"), ("suspended", "dangerous_permissions"), ("unlinked", "")):
            self.become(status, reason=reason)
            self.assertContains(self.do("suspend"), "Suspended. 0 done; 1 left alone")
            self.assertEqual((self.now().status, self.now().reason), (status, reason))

    def test_twice_is_once(self):
        self.do("suspend")
        self.assertContains(self.do("suspend"), "0 done; 1 left alone")
        self.assertEqual(Event.objects.filter(cause="suspend").count(), 1)

    def test_its_page_says_whom_to_ask(self):
        self.do("suspend")
        self.client.force_login(self.ana)
        self.assertContains(self.client.get(f"/perfil/exchanges/{self.link.pk}/"), f"con la referencia {self.link.reference}")

    def test_it_takes_the_permission_to_change_links(self):
        support = User.objects.create_user("support@example.com", is_staff=True)
        support.user_permissions.set(Permission.objects.filter(codename="view_link"))
        self.client.force_login(support)
        self.assertNotContains(self.client.get(LINKS), 'value="suspend"')
        self.do("suspend")
        self.assertEqual(self.now().state, "ready")
        support.user_permissions.add(Permission.objects.get(codename="change_link"))
        self.do("suspend")
        self.assertEqual(self.now().state, "suspended/by_staff")
        self.assertEqual(self.client.post(f"{LINKS}{self.link.pk}/change/", {"status": "ready"}).status_code, 403)

    def test_its_owner_cannot_end_it_with_another_key(self):
        for proven_at, candidate, letter in ((timezone.now(), "queued", "B"), (None, "", "C")):
            self.link.keys.update(proven_at=proven_at)
            self.become("suspended", reason="by_staff", next_check_at=None)
            actions.add_key(self.now(), Credentials(letter * 56, SECRET))
            link = self.now()
            self.assertEqual((link.state, link.candidate, link.next_check_at), ("suspended/by_staff", candidate, None))
            self.assertEqual(str(link.new_key or link.key), f"…{letter * 4}")
        self.nudge.assert_not_called()

    def test_the_page_says_that_the_other_key_waits(self):
        self.do("suspend")
        actions.add_key(self.now(), Credentials("B" * 56, SECRET))
        self.client.force_login(self.ana)
        page = self.client.get(f"/perfil/exchanges/{self.link.pk}/")
        self.assertContains(page, "La clave nueva espera su comprobación")
        self.assertNotContains(page, "La actual sigue en uso")


class LiftTests(StaffTestCase):
    def test_it_is_checked_first(self):
        self.do("suspend")
        self.assertContains(self.do("lift"), "Lifted the suspension. 1 done; 0 left alone")
        self.assertEqual((self.now().state, self.now().trigger, self.now().checking), ("queued", "staff", True))
        self.assertEqual(self.newest(), (self.link.pk, "staff", "lift", "suspended", "queued", ""))
        self.assertEqual(Activity.objects.values_list("user", "actor", "cause").first(), (self.ana.pk, "staff", "lift"))
        self.assertEqual(LogEntry.objects.values_list("change_message", flat=True).first(), "Lifted the suspension.")
        self.nudge.assert_called_once_with(self.link.pk)

    def test_what_its_owner_had_paused_is_paused_again(self):
        self.become("paused", next_check_at=None)
        self.do("suspend")
        self.do("lift")
        self.assertEqual((self.now().state, self.now().next_check_at), ("paused", None))

    def test_only_what_staff_stopped(self):
        for status, reason in (("ready", ""), ("paused", ""), ("suspended", "dangerous_permissions"), ("unlinked", "")):
            self.become(status, reason=reason)
            self.assertContains(self.do("lift"), "0 done; 1 left alone")
            self.assertEqual((self.now().status, self.now().reason), (status, reason))


class IncidentTests(StaffTestCase):
    def setUp(self):
        super().setUp()
        kraken = Exchange.objects.get(slug="kraken")
        self.others = [actions.add_link(self.bea, kraken, Credentials(letter * 56, SECRET), "") for letter in "CDEFG"]

    def do_all(self, action: str):
        return self.client.post(EXCHANGES, {"action": action, "_selected_action": ["kraken"]}, follow=True)

    def states(self) -> list[str]:
        return [link.state for link in Link.objects.order_by("created_at")]

    def test_every_key_is_stopped_and_no_other_gets_past(self):
        self.assertContains(self.do_all("begin_incident"), "6 keys suspended, and the exchange is off")
        self.assertEqual(self.states(), ["suspended/incident"] * 6)
        self.assertFalse(Exchange.objects.get(slug="kraken").is_open)
        self.assertEqual(Event.objects.filter(actor="staff", cause="suspend", reason="incident").count(), 6)
        self.assertEqual(Activity.objects.filter(user=self.bea, actor="staff", cause="suspend").count(), 5)
        self.assertEqual(LogEntry.objects.values_list("object_id", "change_message").get(), ("kraken", "Incident: suspended 6 keys."))

    def test_what_nobody_asks_about_says_on_what_is_wrong_with_it(self):
        Link.objects.filter(pk=self.others[0].pk).update(status="action_required", reason="bad_secret", next_check_at=None)
        Link.objects.filter(pk=self.others[1].pk).update(status="paused", next_check_at=None)
        actions.unlink(self.others[2])
        self.do_all("begin_incident")
        self.assertEqual(self.states(), [
            "suspended/incident", "action_required/bad_secret", "paused", "unlinked", "suspended/incident", "suspended/incident"])

    def test_it_ends_bit_by_bit(self):
        self.do_all("begin_incident")
        self.nudge.reset_mock()
        self.assertContains(self.do_all("end_incident"), "6 keys are checked, one after another")
        self.assertTrue(Exchange.objects.get(slug="kraken").is_open)
        self.assertEqual(self.states(), ["queued"] * 6)
        turns = list(Link.objects.order_by("next_check_at").values_list("next_check_at", flat=True))
        self.assertGreater(turns[-1] - turns[0], timedelta(seconds=0.9))
        self.assertLess(turns[-1] - timezone.now(), timedelta(seconds=1.3))
        self.assertEqual(set(Link.objects.values_list("trigger", flat=True)), {"schedule"})
        self.nudge.assert_not_called()

    def test_even_of_very_many_none_waits_for_more_than_eight_minutes(self):
        self.do_all("begin_incident")
        with mock.patch.object(incident, "KEYS_A_SECOND", 0.0001):
            self.do_all("end_incident")
        self.assertLess(Link.objects.latest("next_check_at").next_check_at - timezone.now(), timedelta(minutes=8))

    def test_what_staff_stopped_one_by_one_stays_stopped(self):
        self.do("suspend")
        self.do_all("begin_incident")
        self.do_all("end_incident")
        self.assertEqual(self.now().state, "suspended/by_staff")

    def test_it_is_for_who_may_change_exchanges(self):
        support = User.objects.create_user("support@example.com", is_staff=True)
        support.user_permissions.set(Permission.objects.filter(codename="view_exchange"))
        self.client.force_login(support)
        self.do_all("begin_incident")
        self.assertEqual((self.now().state, Exchange.objects.get(slug="kraken").is_open), ("ready", True))


class RealKeyTests(ValidationTestCase):
    def test_a_key_that_was_stopped_works_again(self):
        link = self.give(self.keys.new(SIX))
        with mock.patch("exchanges.actions.nudge"):
            actions.suspend(link, "by_staff")
            self.assertEqual((self.look(link).state, len(self.calls(link))), ("suspended/by_staff", 6))
            actions.lift(link)
        self.assertEqual((self.look(link).state, len(self.calls(link))), ("ready", 7))

    def test_the_other_key_is_tried_once_it_goes_on(self):
        account = "AA11 SUSP ENDE DAC1"
        link = self.give(self.keys.new(SIX, account=account))
        new = self.keys.new(SIX, account=account)
        with mock.patch("exchanges.actions.nudge"):
            actions.suspend(link, "by_staff")
            actions.add_key(link, new)
            self.assertEqual(self.look(link).state, "suspended/by_staff")
            actions.lift(link)
        link = self.look(link)
        self.assertEqual((link.state, link.candidate, str(link.key)), ("ready", "", f"…{new.api_key[-4:]}"))
