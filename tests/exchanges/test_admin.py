"""Staff: find a link, see what was asked, start a check, switch an exchange off. No secret and no way to one."""
from unittest import mock

from exchanges.models import Call, Exchange, Link, Validation
from tests.base import KEY, SECRET, SmartraderTestCase

LIST = "/admin/exchanges/link/"


class AdminTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.celia)
        self.url = f"{LIST}{self.link.id}/change/"

    def test_only_staff_enter(self):
        for person, status in ((self.ana, 403), (None, 302)):
            self.client.logout()
            if person:
                self.client.force_login(person)
            for url in (LIST, self.url, "/admin/", "/admin/exchanges/exchange/"):
                self.assertIn(self.client.get(url, follow=False).status_code, {status, 302}, url)

    def test_the_login_is_allauths(self):
        self.client.logout()
        response = self.client.get("/admin/", follow=True)
        self.assertIn("/cuenta/login/", response.redirect_chain[-1][0])

    def test_it_finds_links_by_person_exchange_status_reason_and_reference(self):
        Link.objects.update(status="action_required", reason="bad_secret")
        for q in ("ana@example.com", "Kraken", "action_required", "bad_secret", "Principal", self.link.reference,
                  self.link.reference.removeprefix("ST-")):
            self.assertContains(self.client.get(LIST, {"q": q}), self.link.reference)
        for q in ("bea@example.com", "revoked", "ST-0000-0000"):
            self.assertNotContains(self.client.get(LIST, {"q": q}), f"{self.link.id}/change/")
        self.assertContains(self.client.get(f"{LIST}?status__exact=action_required&reason__exact=bad_secret"), self.link.reference)

    def test_it_shows_validations_and_raw_codes(self):
        Validation.objects.create(link=self.link, key=self.link.key, trigger="link", status="action_required", reason="bad_key")
        Call.objects.create(link=self.link, key=self.link.key, endpoint="GetApiKeyInfo", purpose="link", outcome="bad_key",
                            code="EAPI:Invalid key", ms=3)
        page = self.client.get(self.url)
        self.assertContains(page, "EAPI:Invalid key")
        self.assertContains(page, "bad_key")

    def test_no_secret_is_shown(self):
        page = self.client.get(self.url).content.decode()
        sealed = bytes(self.link.key.sealed)
        for secret in (KEY, SECRET, SECRET[:20], sealed.hex()[:30], str(sealed)[2:40]):
            self.assertNotIn(secret, page)

    def test_keys_have_no_page_of_their_own(self):
        self.assertEqual(self.client.get("/admin/exchanges/apikey/").status_code, 404)

    def test_nothing_is_added_changed_or_deleted_by_hand(self):
        self.assertEqual(self.client.get(f"{LIST}add/").status_code, 403)
        self.assertEqual(self.client.post(self.url, {"status": "ready"}).status_code, 403)
        self.assertEqual(self.client.post(f"{LIST}{self.link.id}/delete/", {"post": "yes"}).status_code, 403)

    def test_it_starts_a_validation(self):
        with mock.patch("exchanges.actions.nudge") as nudge:
            self.client.post(LIST, {"action": "start_validation", "_selected_action": [str(self.link.id)]})
        link = Link.objects.get(pk=self.link.pk)
        self.assertEqual((link.trigger, link.checking, link.status), ("staff", True, "ready"))
        nudge.assert_called_once_with(self.link.pk)

    def test_it_leaves_a_switched_off_exchange_alone(self):
        Exchange.objects.update(is_open=False)
        self.client.post(LIST, {"action": "start_validation", "_selected_action": [str(self.link.id)]})
        self.assertFalse(Link.objects.get(pk=self.link.pk).checking)

    def test_it_switches_an_exchange_off(self):
        self.client.post("/admin/exchanges/exchange/", {
            "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-slug": "kraken", "_save": "Save"})
        self.assertFalse(Exchange.objects.get(slug="kraken").is_open)
