"""Perfil > Exchanges > Vincular nuevo exchange > Kraken: the guide and the form."""
from unittest import mock

from django.test import override_settings
from django.utils.html import escape

from exchanges import connectors, vault
from exchanges.models import ApiKey, Link, Validation
from tests.base import KEY, SECRET, SmartraderTestCase

URL = "/perfil/exchanges/vincular/kraken/"
OTHER_KEY = "A" * 55 + "B"


class LinkNewTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.bea)
        nudge = mock.patch("exchanges.actions.nudge")
        self.nudge = nudge.start()
        self.addCleanup(nudge.stop)

    def paste(self, **fields):
        return self.client.post(URL, {"label": "", "api_key": OTHER_KEY, "secret": SECRET, **fields})

    def test_the_guide_says_what_to_tick_from_the_connectors_table(self):
        page = self.client.get(URL)
        for permission in connectors.get("kraken").permissions:
            self.assertContains(page, escape(permission.label))
        for label in ("Query Funds", "Query Open Orders &amp; Trades", "Query Closed Orders &amp; Trades",
                      "Create &amp; Modify Orders", "Cancel/Close Orders", "Query Ledger Entries"):
            self.assertContains(page, label)

    def test_the_guide_tells_the_rest(self):
        page = self.client.get(URL)
        for words in ("Security", "API", "Add key", "Starter / Express", "16 claves", "25 claves", "Key description",
                      "Generate key", "Save", "203.0.113.10"):
            self.assertContains(page, words)

    def test_a_good_paste_leads_to_the_links_page_and_wakes_a_worker(self):
        response = self.paste(label="Principal")
        link = Link.objects.get(user=self.bea)
        self.assertRedirects(response, f"/perfil/exchanges/{link.id}/", fetch_redirect_response=False)
        self.assertEqual((link.status, link.label, link.key.hint), ("queued", "Principal", "AAAB"))
        self.nudge.assert_called_once_with(link.pk)

    def test_what_is_stored_is_sealed(self):
        self.paste()
        key = ApiKey.objects.get(link__user=self.bea)
        self.assertNotIn(SECRET.encode(), bytes(key.sealed))
        self.assertNotIn(OTHER_KEY.encode(), bytes(key.sealed))
        self.assertEqual(vault.reveal(key).secret, SECRET)

    def test_a_bad_paste_is_told_at_the_field_and_nothing_is_sent_or_stored(self):
        for fields, where in (({"api_key": SECRET, "secret": OTHER_KEY}, ("api_key", "secret")),
                              ({"api_key": "hola"}, ("api_key",)), ({"secret": ""}, ("secret",)),
                              ({"secret": OTHER_KEY}, ("secret",)), ({"label": "x" * 41}, ("label",))):
            response = self.paste(**fields)
            for name in where:
                self.assertContains(response, f'data-error="{name}"')
        self.assertEqual(Link.objects.filter(user=self.bea).count(), 0)
        self.nudge.assert_not_called()

    def test_secrets_are_never_shown_again_and_the_rest_is_kept(self):
        response = self.paste(label="Mi clave", secret="short-secret")
        self.assertContains(response, 'value="Mi clave"')
        self.assertContains(response, OTHER_KEY)
        self.assertNotContains(response, "short-secret")
        swapped = self.paste(api_key=SECRET, secret="x")
        self.assertNotContains(swapped, SECRET)

    def test_a_second_click_ends_on_the_same_link(self):
        first, second = self.paste(), self.paste()
        self.assertEqual(first["Location"], second["Location"])
        self.assertEqual(ApiKey.objects.filter(link__user=self.bea).count(), 1)

    def test_a_key_proven_by_another_person_is_refused_without_saying_whose(self):
        response = self.paste(api_key=KEY)
        self.assertContains(response, "No podemos vincular esta clave. Crea otra.")
        self.assertContains(response, 'data-error="api_key"')
        self.assertNotContains(response, self.ana.email)

    def test_after_ten_bad_keys_in_an_hour_there_is_a_pause(self):
        self.paste()
        key = ApiKey.objects.get(link__user=self.bea)
        Validation.objects.bulk_create(
            Validation(link=key.link, key=key, trigger="link", status="action_required", reason="bad_key") for _ in range(10))
        self.assertContains(self.paste(api_key="B" * 56), "Demasiadas claves que no funcionaron en una hora")

    def test_labels_lose_what_cannot_be_seen_and_keep_emoji(self):
        self.paste(label="\u202eoro\u200b \u0000plata 👩‍💻\u2066")
        self.assertEqual(Link.objects.get(user=self.bea).label, "oro plata 👩‍💻")

    def test_a_secret_in_the_name_is_neither_kept_nor_shown(self):
        for label in (SECRET, SECRET[:40]):
            response = self.paste(label=label)
            self.assertContains(response, 'data-error="label"')
            self.assertNotContains(response, SECRET[:40])
        self.assertEqual(Link.objects.filter(user=self.bea).count(), 0)

    @override_settings(MAX_LINKS=1)
    def test_at_the_limit_the_same_key_still_leads_to_its_link(self):
        first = self.paste()
        self.assertEqual(self.paste()["Location"], first["Location"])
        self.assertContains(self.paste(api_key="B" * 56), "Has llegado al número de exchanges")

    def test_a_closed_exchange_is_neither_offered_nor_reachable(self):
        self.link.exchange.is_open = False
        self.link.exchange.save()
        self.assertNotContains(self.client.get("/perfil/exchanges/vincular/"), 'data-exchange="kraken"')
        self.assertEqual(self.client.get(URL).status_code, 404)
        self.assertEqual(self.paste().status_code, 404)


class PickTests(SmartraderTestCase):
    def test_search_works_without_javascript(self):
        self.client.force_login(self.bea)
        self.assertContains(self.client.get("/perfil/exchanges/vincular/?q=KRÁ"), 'data-exchange="kraken"')
        self.assertNotContains(self.client.get("/perfil/exchanges/vincular/?q=zzz"), 'data-exchange="kraken"')
