"""A button is pressed while a worker waits for the exchange's answer about that key: the button counts, the answer is lost."""
import threading
from contextlib import contextmanager
from unittest import mock

import requests
from django.db import connections
from django.utils import timezone

from exchanges import actions, incident, validation
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Event, Link
from tests.exchanges.base import SIX, ValidationTestCase

LONG_S = 30


class InFlightTestCase(ValidationTestCase):
    """self.key, of Ana, is linked as self.link and was not looked at yet; self.other is of the same account."""

    def setUp(self):
        super().setUp()
        self.client.force_login(self.ana)
        self.key = self.keys.new(SIX, account="AA11 INFL IGHT TST1")
        self.other = self.keys.new(SIX, account="AA11 INFL IGHT TST1")
        self.enterContext(mock.patch("exchanges.actions.nudge"))
        self.link = actions.add_link(self.ana, self.exchange, self.key, "")
        self.url = f"/perfil/exchanges/{self.link.pk}/"

    @contextmanager
    def under_way(self, key: Credentials | None = None, **changes):
        """A call with the key is at the exchange; when this ends it is answered, and the worker is done."""
        key = key or self.key
        arrived, go = threading.Event(), threading.Event()

        def hold(_connection, _seconds):
            arrived.set()
            return go.wait(LONG_S)

        def work():
            validation.validate(str(self.link.pk))
            connections.close_all()

        self.keys.fault("slow", api_key=key.api_key)
        Link.objects.filter(pk=self.link.pk).update(next_check_at=timezone.now(), **changes)
        worker = threading.Thread(target=work)
        with mock.patch("sandbox.faults.client_waits", hold):
            worker.start()
            self.assertTrue(arrived.wait(LONG_S))
            try:
                yield
            finally:
                go.set()
                worker.join(LONG_S)

    def press(self, verb: str, **fields: str) -> None:
        """Press a button; from its answer on, the worker must change nothing."""
        answer = self.client.post(f"{self.url}{verb}/", fields)
        self.assertEqual(answer.status_code, 302)
        self.before = self.row()

    def row(self) -> dict:
        return Link.objects.filter(pk=self.link.pk).values().get()

    def now(self) -> Link:
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=self.link.pk)

    def seen(self, key: Credentials) -> int:
        """How many calls with `key` the exchange has seen."""
        return len(requests.get(f"{self.sandbox_url}/_calls", {"api_key": key.api_key}, timeout=5).json())

    def assert_lost(self) -> None:
        """The worker's answer left no trace but that its call is over, and that it was made."""
        self.assertEqual({**self.row(), "call_at": None}, {**self.before, "call_at": None})


class FirstProofTests(InFlightTestCase):
    """The key has never been looked at: six calls were to come, the first is under way."""

    def test_unlink(self):
        with self.under_way():
            self.press("desvincular")
        self.assert_lost()
        key = self.link.keys.get()
        self.assertEqual((self.now().state, key.sealed, key.fingerprint, key.permissions), ("unlinked", None, None, None))
        self.assertEqual((self.seen(self.key), self.link.validations.filter(finished_at__isnull=False).count()), (1, 0))

    def test_replace(self):
        with self.under_way():
            self.press("reemplazar", api_key=self.other.api_key, secret=self.other.secret)
        self.assert_lost()
        link = self.now()
        self.assertEqual((link.state, link.key.hint), ("queued", self.other.api_key[-4:]))
        self.assertEqual((self.seen(self.key), self.look_later(link).state, self.seen(self.other)), (1, "ready", 6))
        self.assertEqual(ApiKey.objects.filter(sealed__isnull=False).count(), 1)

    def test_the_same_key_again_is_a_double_click(self):
        with self.under_way():
            self.press("reemplazar", api_key=self.key.api_key, secret=self.key.secret)
        self.assertEqual((self.now().state, self.seen(self.key), self.link.keys.count()), ("ready", 6, 1))

    def test_rename(self):
        with self.under_way():
            self.press("renombrar", label="Ahorro")
        self.assertEqual((self.now().state, self.now().label), ("ready", "Ahorro"))

    def test_validate(self):
        with self.under_way():
            self.press("validar")
        self.assertEqual((self.now().state, self.seen(self.key), self.link.validations.count()), ("ready", 6, 1))

    def test_pause_is_not_for_what_was_never_proven(self):
        with self.under_way():
            self.press("pausar")
        self.assertEqual((self.now().state, self.seen(self.key)), ("ready", 6))

    def test_staff_suspend_it(self):
        with self.under_way():
            actions.suspend(self.link, "by_staff")
            self.before = self.row()
        self.assert_lost()
        self.assertEqual((self.now().state, self.seen(self.key)), ("suspended/by_staff", 1))

    def test_an_incident(self):
        with self.under_way():
            self.assertEqual(incident.begin(self.exchange), 1)
            self.before = self.row()
        self.assert_lost()
        self.assertEqual((self.now().state, self.seen(self.key)), ("suspended/incident", 1))


class ReCheckTests(InFlightTestCase):
    """The key is proven; the one call of a scheduled check is under way and would find that it can take money out."""

    def setUp(self):
        super().setUp()
        self.link = self.look(self.link)
        self.keys.change(self.link, permissions=[*SIX, "withdraw-funds"])

    def test_pause(self):
        with self.under_way():
            self.press("pausar")
        self.assert_lost()
        self.assertEqual((self.now().state, self.look(self.link).state, self.seen(self.key)), ("paused", "paused", 7))

    def test_the_key_is_resumed_only_when_that_call_must_be_over(self):
        with self.under_way():
            self.press("pausar")
            self.press("reanudar")
        self.assert_lost()
        self.assertEqual((self.look(self.link).state, self.seen(self.key)), ("queued", 7))
        self.assertEqual(self.look_later(self.link).state, "suspended/dangerous_permissions")

    def test_unlink(self):
        with self.under_way():
            self.press("desvincular")
        self.assert_lost()
        self.assertEqual((self.now().state, self.link.keys.get().sealed, self.seen(self.key)), ("unlinked", None, 7))

    def test_replace(self):
        with self.under_way():
            self.press("reemplazar", api_key=self.other.api_key, secret=self.other.secret)
        self.assert_lost()
        link = self.now()
        self.assertEqual((link.state, link.candidate, link.key.hint), ("ready", "queued", self.key.api_key[-4:]))
        link = self.look_later(link)
        self.assertEqual((link.state, link.key.hint, self.seen(self.key)), ("ready", self.other.api_key[-4:], 7))

    def test_i_have_changed_it(self):
        with self.under_way(status="action_required", reason="missing_permissions"):
            self.keys.change(self.link, permissions=SIX)
            self.press("validar")
            self.press("validar")
        self.assertEqual(self.now().state, "suspended/dangerous_permissions")
        self.assertEqual(list(Event.objects.values_list("actor", "cause")[:3]), [
            ("exchange", "drift"), ("person", "validate"), ("worker", "link")])
        self.assertEqual(self.link.validations.values_list("trigger", "status").first(), ("person", "suspended"))

    def test_a_check_of_ours_that_the_person_asked_for_is_kept_though_nothing_changed(self):
        self.keys.change(self.link, permissions=SIX)
        with self.under_way():
            self.press("validar")
        self.assertEqual(self.link.validations.values_list("trigger", "status").first(), ("person", "ready"))

    def test_staff_suspend_it(self):
        with self.under_way():
            actions.suspend(self.link, "by_staff")
            self.before = self.row()
        self.assert_lost()
        self.assertEqual((self.now().state, self.look(self.link).state, self.seen(self.key)), (
            "suspended/by_staff", "suspended/by_staff", 7))


class TrialTests(InFlightTestCase):
    """Beside the key that works another one is on trial; the first of its calls is under way."""

    def setUp(self):
        super().setUp()
        self.link = self.look(self.link)
        actions.add_key(self.link, self.other)

    def test_a_double_click_starts_no_second_trial(self):
        with self.under_way(self.other):
            self.press("reemplazar", api_key=self.other.api_key, secret=self.other.secret)
        link = self.now()
        self.assertEqual((link.state, link.key.hint, self.seen(self.other)), ("ready", self.other.api_key[-4:], 6))
        self.assertEqual((self.link.keys.count(), self.link.events.filter(cause="replace", actor="person").count()), (2, 1))

    def test_a_third_key_takes_its_place(self):
        third = self.keys.new(SIX, account="AA11 INFL IGHT TST1")
        with self.under_way(self.other):
            self.press("reemplazar", api_key=third.api_key, secret=third.secret)
        self.assert_lost()
        self.assertEqual((self.now().candidate, self.seen(self.other)), ("queued", 1))
        link = self.look_later(self.link)
        self.assertEqual((link.state, link.key.hint), ("ready", third.api_key[-4:]))
        self.assertEqual(self.link.keys.filter(sealed__isnull=False).get(), link.key)

    def test_pause_and_resume(self):
        with self.under_way(self.other):
            self.press("pausar")
        self.assert_lost()
        self.assertEqual((self.now().state, self.now().candidate, self.seen(self.other)), ("paused", "queued", 1))
        self.client.post(f"{self.url}reanudar/")
        link = self.look_later(self.link)
        self.assertEqual((link.state, link.candidate, link.key.hint), ("ready", "", self.other.api_key[-4:]))

    def test_unlink(self):
        with self.under_way(self.other):
            self.press("desvincular")
        self.assert_lost()
        self.assertEqual((self.now().state, self.now().candidate, self.seen(self.other)), ("unlinked", "", 1))
        self.assertEqual(self.link.keys.filter(sealed__isnull=False).count(), 0)


class DeadWorkerTests(InFlightTestCase):
    """The worker was killed while the exchange was answering: its lease lasts, its call seems to be under way."""

    def setUp(self):
        super().setUp()
        self.link = self.look(self.link)
        Link.objects.update(next_check_at=timezone.now())
        with mock.patch("exchanges.claim.Claim.after_call", side_effect=SystemExit), self.assertRaises(SystemExit):
            validation.validate(str(self.link.pk))

    def test_it_can_be_unlinked(self):
        self.press("desvincular")
        self.assertEqual((self.look(self.link).state, self.now().lease_token, self.now().next_check_at), ("unlinked", None, None))

    def test_it_can_be_paused_and_goes_on_when_resumed(self):
        self.press("pausar")
        self.assertEqual((self.look(self.link).state, self.now().lease_token, self.now().next_check_at), ("paused", None, None))
        self.press("reanudar")
        self.assertEqual((self.look(self.link).state, self.look_later(self.link).state), ("queued", "ready"))

    def test_a_stale_tab_changes_nothing(self):
        self.press("pausar")
        self.press("reanudar")
        before = self.row()
        self.press("reanudar")
        self.press("desvincular")
        self.assertEqual(before["status"], "queued")
        stands = self.row()
        for verb in ("validar", "pausar", "reanudar", "reemplazar", "desvincular"):
            self.press(verb)
        self.assertEqual(self.row(), stands)
