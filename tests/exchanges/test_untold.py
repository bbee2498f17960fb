"""An exchange that does not tell what a key may do: the probes, the person's word, what is shown as known and what is not."""
from unittest import mock

from django.conf import settings
from django.test import TestCase
from django.utils import timezone

from exchanges import actions, connectors, validation
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Event, Exchange, Link
from tests.base import make_people
from tests.exchanges.made_up import GOOD, KEY, OTHER_KEY, SECRET, MadeUp, connector


class UntoldTestCase(TestCase):
    made_up = connector

    def setUp(self):
        self.enterContext(mock.patch.dict(connectors.all(), {"madeup": self.made_up}))
        self.wire = self.enterContext(MadeUp())
        self.enterContext(mock.patch.dict(settings.API_URLS, {"madeup": self.wire.url}))
        self.enterContext(mock.patch("exchanges.actions.nudge"))
        self.exchange = Exchange.objects.create(slug="madeup", name="Made Up")
        self.ana, self.bea, _celia = make_people()
        self.client.force_login(self.ana)

    def paste(self, **said) -> Link:
        return self.look(actions.add_link(self.ana, self.exchange, Credentials(KEY, SECRET), "", **said))

    def look(self, link: Link) -> Link:
        validation.validate(str(link.pk))
        return Link.objects.locked(link.pk)

    def look_later(self, link: Link) -> Link:
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now())
        return self.look(link)

    def state(self, link: Link) -> tuple[str, str, list[str]]:
        return link.status, link.reason, link.notices

    def page(self, link: Link) -> str:
        return self.client.get(f"/perfil/exchanges/{link.pk}/").content.decode()

    def assert_rows(self, page: str, **verdicts: str) -> None:
        for name, verdict in verdicts.items():
            self.assertIn(f'data-permission="{name}" data-verdict="{verdict}"', page)


class WordTests(UntoldTestCase):
    def test_without_the_persons_word_nothing_operates(self):
        link = self.paste()
        self.assertEqual(self.state(link), ("action_required", "unverifiable_permissions", []))
        self.assertIsNone(link.key.proven_at)
        self.assertEqual(self.wire.asked(), ["GET /v1/me", "GET /v1/orders?book=a_b"])      # no proof before it
        self.assert_rows(self.page(link), look="unknown", trade="unknown", pay="unknown")

    def test_with_it_the_key_is_proven_and_told_as_what_it_is(self):
        link = self.paste(withdrawals_off=True)
        self.assertEqual(self.state(link), ("ready", "", ["unverifiable_permissions", "empty_account"]))
        self.assertEqual(self.wire.asked()[-1], "POST /v1/test")
        page = self.page(link)
        self.assert_rows(page, look="unknown", trade="unknown", pay="unknown")
        self.assertEqual(page.count("Funciona: lo hemos probado"), 2)
        self.assertEqual(page.count("No comprobable"), 1)
        self.assertIn("tenemos tu palabra", page)
        self.assertNotIn("ninguno para sacar dinero", page)

    def test_it_is_given_on_the_links_page(self):
        link = self.paste()
        self.assertIn('name="withdrawals_off"', self.page(link))
        r = self.client.post(f"/perfil/exchanges/{link.pk}/validar/", {"withdrawals_off": "on"})
        self.assertRedirects(r, f"/perfil/exchanges/{link.pk}/", fetch_redirect_response=False)
        link = self.look(link)
        self.assertEqual(self.state(link)[0], "ready")
        self.assertEqual(Event.objects.filter(link=link, actor="person", cause="confirm").count(), 1)
        page = self.page(link)
        self.assertIn("Confirmaste que la clave no puede retirar", page)
        self.assertNotIn('name="withdrawals_off"', page)

    def test_a_word_on_one_key_is_none_on_another(self):
        link = self.paste()
        url = f"/perfil/exchanges/{link.pk}/validar/"
        self.assertIn(f'name="key" value="{link.key_id}"', self.page(link))
        self.client.post(url, {"withdrawals_off": "on", "key": "00000000-0000-0000-0000-000000000000"})
        self.assertFalse(ApiKey.objects.get(link=link).withdrawals_off)
        self.client.post(url, {"withdrawals_off": "on", "key": str(link.key_id)})
        self.assertTrue(ApiKey.objects.get(link=link).withdrawals_off)

    def test_a_check_without_it_changes_nothing(self):
        link = self.paste()
        self.client.post(f"/perfil/exchanges/{link.pk}/validar/")
        self.assertEqual(self.state(self.look(link)), ("action_required", "unverifiable_permissions", []))

    def test_nobody_else_can_give_it(self):
        link = self.paste()
        self.client.force_login(self.bea)
        self.assertEqual(self.client.post(f"/perfil/exchanges/{link.pk}/validar/", {"withdrawals_off": "on"}).status_code, 404)
        self.assertFalse(ApiKey.objects.get(link=link).withdrawals_off)

    def test_it_says_nothing_where_the_state_does_not_ask_for_it(self):
        link = self.paste(withdrawals_off=True)
        self.assertFalse(actions.confirm(link))
        actions.pause(link)
        self.client.post(f"/perfil/exchanges/{link.pk}/validar/", {"withdrawals_off": "on"})
        self.assertEqual(Link.objects.get(pk=link.pk).status, "paused")

    def test_the_same_paste_with_it_goes_on_in_the_same_link(self):
        link = self.paste()
        self.assertEqual(self.paste(withdrawals_off=True).pk, link.pk)
        self.assertEqual(self.state(Link.objects.get(pk=link.pk))[0], "ready")

    def test_another_key_needs_another_word(self):
        link = self.paste(withdrawals_off=True)
        url, new = f"/perfil/exchanges/{link.pk}/reemplazar/", {"api_key": OTHER_KEY, "secret": SECRET}
        self.assertIn('data-error="withdrawals_off"', self.client.post(url, new).content.decode())
        self.assertEqual(self.client.post(url, new | {"withdrawals_off": "on"}).status_code, 302)
        link = self.look(link)
        self.assertEqual((link.status, link.key.hint, link.key.withdrawals_off), ("ready", "KKKK", True))


class ProbeTests(UntoldTestCase):
    def test_a_right_that_a_call_is_refused_for_is_missing(self):
        self.wire.answers["orders"] = {"error": "denied"}
        link = self.paste(withdrawals_off=True)
        self.assertEqual(self.state(link), ("action_required", "missing_permissions", []))
        self.assertEqual((link.key.permissions, link.key.denied), (None, ["trade"]))
        self.assert_rows(self.page(link), look="unknown", trade="missing", pay="unknown")

    def test_so_is_one_that_only_the_test_order_shows(self):
        self.wire.answers["test"] = {"error": "denied"}
        link = self.paste(withdrawals_off=True)
        self.assertEqual((self.state(link)[:2], link.key.denied), (("action_required", "missing_permissions"), ["trade"]))

    def test_a_read_that_is_not_strict_may_be_unreadable_but_not_refused_or_silent(self):
        self.wire.answers["past"] = {"new": "format"}
        link = self.paste(withdrawals_off=True)
        self.assertEqual(link.status, "ready")
        for error, state in (("denied", ("action_required", "missing_permissions")), ("down", ("exchange_down", "maintenance"))):
            self.wire.answers["past"] = {"error": error}
            ApiKey.objects.filter(link=link).update(proven_at=None)
            actions.ask(link)
            self.assertEqual(self.state(self.look(link))[:2], state)

    def test_losing_and_getting_one_is_told_in_the_history(self):
        link = self.paste(withdrawals_off=True)
        self.wire.answers["orders"] = {"error": "denied"}
        link = self.look_later(link)
        self.assertEqual(self.state(link)[:2], ("action_required", "missing_permissions"))
        self.wire.answers.clear()
        link = self.look_later(link)
        self.assertEqual(self.state(link)[0], "ready")
        changes = [event.changes["permissions"] for event in Event.objects.filter(link=link, cause="drift").order_by("id")]
        self.assertEqual(changes, [{"added": [], "removed": ["trade"]}, {"added": ["trade"], "removed": []}])

    def test_a_look_at_a_proven_key_is_describing_it(self):
        link = self.paste(withdrawals_off=True)
        before = len(self.wire.requests)
        self.look_later(link)
        self.assertEqual(self.wire.asked()[before:], ["GET /v1/me", "GET /v1/orders?book=a_b"])

    def test_an_account_that_is_no_longer_empty_shows_at_the_next_look(self):
        link = self.paste(withdrawals_off=True)
        self.wire.answers["me"] = GOOD["me"] | {"amount": "5"}
        self.assertEqual(self.state(self.look_later(link)), ("ready", "", ["unverifiable_permissions"]))

    def test_an_exchange_may_say_it_in_its_own_words(self):
        self.wire.answers["orders"] = {"error": "denied"}
        self.assertIn(">Clave secreta</h2>", self.page(self.paste(withdrawals_off=True)))
