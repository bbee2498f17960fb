"""Pausar, reanudar, validar, renombrar, desvincular: what is particular to each. The whole table is in test_action_table."""
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from exchanges.models import Event, Exchange, Link, Validation
from tests.base import SECRET, SmartraderTestCase


class ActionTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.ana)
        self.url = f"/perfil/exchanges/{self.link.id}/"
        nudge = mock.patch("exchanges.actions.nudge")
        self.nudge = nudge.start()
        self.addCleanup(nudge.stop)

    def become(self, status, **fields):
        Link.objects.filter(pk=self.link.pk).update(status=status, next_check_at=None, **fields)

    def now(self) -> Link:
        return Link.objects.select_related("key").get(pk=self.link.pk)

    def test_resume_queues_it(self):
        self.become("paused")
        self.assertRedirects(self.client.post(f"{self.url}reanudar/"), self.url, fetch_redirect_response=False)
        self.assertEqual(self.now().status, "queued")
        self.assertLessEqual(self.now().next_check_at, timezone.now())
        self.nudge.assert_called_once_with(self.link.pk)

    def test_a_proven_link_keeps_its_state_while_it_is_checked(self):
        for status in ("ready", "expired", "revoked"):
            self.become(status, trigger="schedule")
            self.client.post(f"{self.url}validar/")
            self.assertEqual((self.now().status, self.now().checking), (status, True))

    def test_an_unproven_one_starts_again(self):
        self.link.keys.update(proven_at=None)
        self.become("action_required", reason="bad_secret")
        self.client.post(f"{self.url}validar/")
        self.assertEqual((self.now().status, self.now().reason), ("queued", ""))

    def test_a_click_during_a_lockout_waits_for_its_end(self):
        later = timezone.now() + timedelta(minutes=10)
        Link.objects.update(status="exchange_down", reason="lockout", next_check_at=later, failures=1)
        self.client.post(f"{self.url}validar/")
        self.assertEqual((self.now().status, self.now().next_check_at), ("exchange_down", later))
        self.nudge.assert_not_called()

    def test_ten_wrong_keys_in_an_hour_are_enough_for_clicks_too(self):
        Validation.objects.bulk_create(
            Validation(link=self.link, key=self.link.key, trigger="person", status="action_required", reason="bad_secret")
            for _ in range(10))
        self.become("action_required", reason="bad_secret")
        response = self.client.post(f"{self.url}validar/", follow=True)
        self.assertContains(response, "Demasiadas claves que no funcionaron en una hora")
        self.nudge.assert_not_called()

    def test_a_click_during_a_check_of_ours_makes_it_the_persons(self):
        Link.objects.update(lease_token=self.link.pk, lease_until=timezone.now() + timedelta(minutes=1), trigger="schedule")
        self.client.post(f"{self.url}validar/")
        self.assertEqual(self.now().trigger, "person")

    def test_a_switched_off_exchange_leaves_everything_as_it_is(self):
        Exchange.objects.update(is_open=False)
        for action, status in (("validar", "ready"), ("reanudar", "paused"), ("reemplazar", "ready")):
            self.become(status)
            response = self.client.post(f"{self.url}{action}/", follow=True)
            self.assertContains(response, "Por ahora no preguntamos a Kraken.")
            self.assertEqual((self.now().status, self.now().checking), (status, False))

    def test_another_key_does_not_end_a_pause(self):
        self.link.keys.update(proven_at=None)
        self.become("paused")
        self.client.post(f"{self.url}reemplazar/", {"api_key": "B" * 56, "secret": SECRET})
        self.assertEqual((self.now().status, self.now().key.hint, self.now().next_check_at), ("paused", "BBBB", None))

    def test_unlink_erases_the_secret_and_keeps_the_history(self):
        response = self.client.post(f"{self.url}desvincular/")
        self.assertRedirects(response, "/perfil/exchanges/", fetch_redirect_response=False)
        key = self.link.keys.get()
        self.assertEqual((key.sealed, key.fingerprint, key.account_hash), (None, None, None))
        self.assertIsNotNone(key.erased_at)
        self.assertEqual((self.now().status, self.now().next_check_at), ("unlinked", None))
        self.assertEqual(Event.objects.filter(link=self.link).first().cause, "unlink")

    def test_unlink_says_where_to_delete_the_key(self):
        response = self.client.post(f"{self.url}desvincular/", follow=True)
        self.assertContains(response, "Ahora borra la clave también en Kraken")
        self.assertContains(response, f'href="{self.link.exchange.keys_url}"')

    def test_unlink_by_get_only_asks(self):
        self.assertContains(self.client.get(f"{self.url}desvincular/"), "No se puede deshacer")
        self.assertEqual(self.now().status, "ready")

    def test_rename(self):
        self.client.post(f"{self.url}renombrar/", {"label": "  Ahorro\u202e 🐙 \n largo  "})
        self.assertEqual(self.now().label, "Ahorro 🐙 largo")

    def test_a_name_too_long_is_said_at_the_field_and_kept_there(self):
        response = self.client.post(f"{self.url}renombrar/", {"label": "x" * 41})
        self.assertContains(response, 'data-error="label"')
        self.assertContains(response, "x" * 41)

    def test_each_change_raises_the_version(self):
        before = self.now().version
        self.client.post(f"{self.url}pausar/")
        self.assertGreater(self.now().version, before)
