"""The list, the page of a link and its live fragment, as hooks and words."""
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchanges.models import ApiKey, Call, Link, Validation
from tests.base import SmartraderTestCase

SIX = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger"]
STEPS = ("format", "reach", "permissions", "reads", "dry_run")


class PageTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.ana)
        self.url = f"/perfil/exchanges/{self.link.id}/"

    def become(self, status, reason="", permissions=None, **fields):
        Link.objects.filter(pk=self.link.pk).update(status=status, reason=reason, **fields)
        ApiKey.objects.filter(pk=self.link.key_id).update(permissions=permissions)

    def test_the_hooks(self):
        self.become("ready", permissions=SIX, notices=["ip_open", "empty_account"])
        for url in ("/perfil/exchanges/", self.url, f"{self.url}estado/"):
            page = self.client.get(url)
            self.assertContains(page, f'data-link="{self.link.id}" data-status="ready" data-reason="" '
                                      'data-notices="ip_open empty_account" data-checking="false" data-candidate="" '
                                      f'data-candidate-reason="" data-version="{self.link.version}"', count=1)

    def test_one_row_for_each_permission(self):
        self.become("action_required", "missing_permissions", permissions=[*SIX[:5], "earn-funds", "withdraw-funds", "new-thing"])
        page = self.client.get(self.url)
        for name, verdict in (*((name, "needed") for name in SIX[:5]), ("query-ledger", "missing"), ("earn-funds", "extra"),
                              ("withdraw-funds", "dangerous"), ("new-thing", "extra")):
            self.assertContains(page, f'data-permission="{name}" data-verdict="{verdict}"', count=1)

    def test_each_state_has_its_words_in_spanish(self):
        for status, words in (
            ("queued", "En cola"), ("checking", "Comprobando"), ("ready", "Lista para operar"),
            ("action_required", "Necesita tu atención"), ("refused", "Rechazada"),
            ("exchange_down", "El exchange no responde"), ("expired", "Caducada"), ("revoked", "Revocada"),
            ("paused", "En pausa"), ("suspended", "Suspendida"), ("unlinked", "Desvinculada"),
        ):
            self.become(status)
            self.assertContains(self.client.get(self.url), words)

    def test_an_end_is_told_of_the_key_in_use(self):
        self.become("expired")
        self.assertContains(self.client.get(self.url), "La clave llegó a su fecha de fin.")

    def test_what_was_ticked_in_vain_is_told(self):
        self.become("action_required", "missing_permissions", permissions=SIX[:5])
        self.assertNotContains(self.client.get(self.url), "Si allí ya está marcado")
        ApiKey.objects.filter(pk=self.link.key_id).update(denied=["query-ledger"])
        self.assertContains(self.client.get(self.url), "Si allí ya está marcado, desmárcalo")

    def test_each_reason_has_its_sentence_with_nothing_left_to_fill_in(self):
        for reason in ("missing_permissions", "extra_permissions", "bad_key", "bad_secret", "bad_passphrase", "ip_blocked",
                       "nonce_conflict", "otp_on_key", "query_window", "account_restricted", "already_linked",
                       "different_account", "region_blocked", "unverifiable_permissions"):
            self.become("action_required", reason, permissions=[*SIX[:5], "earn-funds"])
            self.assertNotContains(self.client.get(self.url), "%(")
        for reason in ("clock_skew", "rate_limited", "lockout", "maintenance", "timeout", "network", "unreadable_answer", "internal"):
            self.become("exchange_down", reason, next_check_at=timezone.now())
            self.assertNotContains(self.client.get(self.url), "%(")

    def test_it_names_what_is_missing_as_the_exchange_does(self):
        self.become("action_required", "missing_permissions", permissions=SIX[:5])
        self.assertContains(self.client.get(self.url), "Falta activar: «Query ledger entries».")
        self.become("action_required", "missing_permissions", permissions=SIX[1:])
        self.assertContains(self.client.get(self.url), "Falta activar: «Funds permissions › Query».")

    def test_the_five_steps(self):
        steps = [{"step": step, "state": state, "ms": 0}
                 for step, state in zip(STEPS, ("ok", "running", "pending", "pending", "pending"), strict=True)]
        Validation.objects.create(link=self.link, key=self.link.key, trigger="link", steps=steps)
        self.become("checking")
        page = self.client.get(self.url)
        for step in steps:
            self.assertContains(page, f'data-step="{step["step"]}" data-state="{step["state"]}"', count=1)

    def test_the_page_asks_again_only_until_the_state_is_final(self):
        for status, every in (("queued", "700ms"), ("checking", "700ms"), ("exchange_down", "10s")):
            self.become(status, trigger="schedule")
            self.assertContains(self.client.get(self.url), f'data-hx-trigger="every {every}"')
        for status in ("ready", "action_required", "refused", "expired", "revoked", "paused", "suspended", "unlinked"):
            self.become(status, trigger="schedule", next_check_at=None)
            self.assertNotContains(self.client.get(self.url), "data-hx-trigger")

    def test_nothing_new_is_204(self):
        self.become("checking")
        self.assertEqual(self.client.get(f"{self.url}estado/?v={self.link.version}").status_code, 204)
        self.assertEqual(self.client.get(f"{self.url}estado/?v={self.link.version - 1}").status_code, 200)
        self.assertEqual(self.client.get(f"{self.url}estado/?v=nonsense").status_code, 200)

    def test_the_diary_lists_every_call(self):
        Call.objects.bulk_create(
            Call(link=self.link, key=self.link.key, endpoint="Balance", purpose="person", outcome="ok", ms=n) for n in range(60))
        page = self.client.get(f"{self.url}diario/")
        self.assertContains(page, "Leer saldos", count=50)
        self.assertContains(self.client.get(f"{self.url}diario/?page=2"), "Leer saldos", count=10)

    def test_an_evil_name_at_the_exchange_or_label_is_only_text(self):
        ApiKey.objects.update(name_at_exchange="<script>alert(1)</script>")
        Link.objects.update(label="<b>x</b>")
        page = self.client.get(self.url)
        self.assertNotContains(page, "<script>alert")
        self.assertNotContains(page, "<b>x</b>")


class QueryTests(SmartraderTestCase):
    def test_no_page_takes_more_than_twelve_queries_however_many_links(self):
        Link.objects.bulk_create(
            Link(user=self.ana, exchange=self.link.exchange, key=self.link.key, status="ready") for _ in range(300))
        self.client.force_login(self.ana)
        for url in ("/perfil/", "/perfil/exchanges/", "/perfil/exchanges/vincular/", "/perfil/exchanges/vincular/kraken/",
                    f"/perfil/exchanges/{self.link.id}/", f"/perfil/exchanges/{self.link.id}/estado/",
                    f"/perfil/exchanges/{self.link.id}/diario/"):
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(self.client.get(url).status_code, 200)
            self.assertLessEqual((url, len(queries)), (url, 12))
