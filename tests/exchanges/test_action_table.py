"""What each button does in each state, over HTTP: the whole table, and that the page offers exactly what is allowed."""
import re
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

from django.contrib.messages import get_messages
from django.db import transaction
from django.utils import timezone

from exchanges.models import Event, Exchange, Link
from profiles.models import Activity
from tests.base import SECRET, SmartraderTestCase

VERBS = ("validar", "reemplazar", "pausar", "reanudar", "desvincular", "renombrar")
FIELDS = {"reemplazar": {"api_key": "B" * 56, "secret": SECRET}, "renombrar": {"label": "Ahorro"}}
CAUSES = {"validar": "validate", "reemplazar": "replace", "pausar": "pause", "reanudar": "resume", "desvincular": "unlink"}
# The state that follows; "!": somebody waits for a look at the key, "+": another key is on trial beside it; "no": nothing changes.
TABLE = {
    # state | key                                    validar reemplazar pausar reanudar desvincular renombrar
    "queued | new":                                 "queued! queued! no no unlinked queued!",
    "queued | proven":                              "queued! queued!+ no no unlinked queued!",
    "checking | new":                               "checking! queued! no no unlinked checking!",
    "ready | proven":                               "ready! ready!+ paused no unlinked ready",
    "action_required/missing_permissions | new":    "queued! queued! paused no unlinked action_required/missing_permissions",
    "action_required/missing_permissions | proven":
        "action_required/missing_permissions! action_required/missing_permissions!+ paused no unlinked action_required/missing_permissions",
    "action_required/bad_secret | new":             "queued! queued! paused no unlinked action_required/bad_secret",
    "action_required/bad_key | proven":             "action_required/bad_key! queued! paused no unlinked action_required/bad_key",
    "action_required/bad_key | erased":             "no queued! paused no unlinked action_required/bad_key",
    "action_required/already_linked | erased":      "no queued! paused no unlinked action_required/already_linked",
    "refused/dangerous_permissions | erased":       "no queued! no no unlinked refused/dangerous_permissions",
    "exchange_down/timeout | new":                  "queued! queued! paused no unlinked exchange_down/timeout",
    "exchange_down/timeout | proven":
        "exchange_down/timeout! exchange_down/timeout!+ paused no unlinked exchange_down/timeout",
    "expired | proven":                             "expired! queued! no no unlinked expired",
    "expired | erased":                             "no queued! no no unlinked expired",
    "revoked | proven":                             "revoked! queued! no no unlinked revoked",
    "revoked | erased":                             "no queued! no no unlinked revoked",
    "paused | new":                                 "no paused no queued! unlinked paused",
    "paused | proven":                              "no paused!+ no queued! unlinked paused",
    "paused | erased":                              "no paused no action_required/already_linked unlinked paused",
    "suspended/dangerous_permissions | erased":     "no queued! no no unlinked suspended/dangerous_permissions",
    "suspended/by_staff | new":                     "no suspended/by_staff no no unlinked suspended/by_staff",
    "suspended/by_staff | proven":                  "no suspended/by_staff+ no no unlinked suspended/by_staff",
    "suspended/incident | proven":                  "no suspended/incident+ no no unlinked suspended/incident",
    "unlinked | erased":                            "no no no no no unlinked",
}
# While staff have switched the exchange off nothing is asked.
SWITCHED_OFF = {
    "queued | new":                                 "no no no no unlinked queued",
    "ready | proven":                               "no no paused no unlinked ready",
    "action_required/bad_secret | new":             "no no paused no unlinked action_required/bad_secret",
    "exchange_down/timeout | proven":               "no no paused no unlinked exchange_down/timeout",
    "expired | proven":                             "no no no no unlinked expired",
    "paused | proven":                              "no no no no unlinked paused",
    "suspended/incident | proven":                  "no no no no unlinked suspended/incident",
}
KEY = {"new": {"proven_at": None}, "proven": {}, "erased": {"erased_at": timezone.now(), "sealed": None}}
DUE = {"trigger": "link", "next_check_at": timezone.now() - timedelta(seconds=1)}
BY_STATUS = {"queued": DUE, "checking": {**DUE, "lease_until": timezone.now() + timedelta(hours=1)}}
OFFERED = r'(?:action|href)="/perfil/exchanges/%s/(validar|reemplazar|pausar|reanudar|desvincular|renombrar)/"'
# No line in the history of the link: somebody waits for the answer already, or only its name changes.
SILENT = {*((row, "validar") for row in ("queued | new", "queued | proven", "checking | new")), *((row, "renombrar") for row in TABLE)}


class ActionTableTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.ana)
        self.url = f"/perfil/exchanges/{self.link.pk}/"
        self.enterContext(mock.patch("exchanges.actions.nudge"))

    @contextmanager
    def standing(self, row: str, **more):
        """The link in this state, with such a key; what happens here leaves nothing behind."""
        state, _bar, key = row.partition(" | ")
        status, _slash, reason = state.partition("/")
        with self.subTest(row, **more), transaction.atomic():
            self.link.keys.update(**KEY[key])
            fields = {"next_check_at": None, "lease_token": self.link.pk if status == "checking" else None, **BY_STATUS.get(status, {})}
            Link.objects.filter(pk=self.link.pk).update(status=status, reason=reason, **fields)
            yield
            transaction.set_rollback(True)

    def stands(self) -> str:
        link = Link.objects.select_related("exchange", "key").get(pk=self.link.pk)
        return link.state + "!" * link.checking + "+" * (link.new_key_id is not None)

    def newest(self) -> tuple:
        return Event.objects.values_list("actor", "cause", "from_status", "to_status", "reason").first()

    def assert_refused(self, verb: str) -> None:
        before = self.stands(), Event.objects.count(), Activity.objects.count(), Link.objects.get(pk=self.link.pk).version
        answer = self.client.post(f"{self.url}{verb}/", FIELDS.get(verb, {}))
        self.assertRedirects(answer, self.url, fetch_redirect_response=False)
        said = [str(message) for message in get_messages(answer.wsgi_request)]
        self.assertRegex(" ".join(said), "No ha cambiado nada|Tu clave conserva su estado")
        after = self.stands(), Event.objects.count(), Activity.objects.count(), Link.objects.get(pk=self.link.pk).version
        self.assertEqual(after, before)

    def assert_done(self, row: str, verb: str, expected: str) -> None:
        answer = self.client.post(f"{self.url}{verb}/", FIELDS.get(verb, {}))
        self.assertRedirects(answer, "/perfil/exchanges/" if verb == "desvincular" else self.url, fetch_redirect_response=False)
        self.assertEqual(self.stands(), expected)
        if (row, verb) in SILENT:
            self.assertEqual(Event.objects.count(), self.events)
            return
        became, _slash, reason = expected.rstrip("!+").partition("/")
        self.assertEqual(self.newest(), ("person", CAUSES[verb], row.partition(" | ")[0].partition("/")[0], became, reason))
        self.assertEqual(Activity.objects.values_list("user", "actor", "cause").first(), (self.ana.pk, "person", CAUSES[verb]))

    def assert_table(self, table: dict[str, str]) -> None:
        self.events = Event.objects.count()
        for row, cells in table.items():
            for verb, expected in zip(VERBS, cells.split(), strict=True):
                with self.standing(row, verb=verb):
                    self.assert_refused(verb) if expected == "no" else self.assert_done(row, verb, expected)

    def assert_offers(self, table: dict[str, str]) -> None:
        for row, cells in table.items():
            allowed = {verb for verb, cell in zip(VERBS, cells.split(), strict=True) if cell != "no"}
            with self.standing(row):
                # Nobody is asked to press what is under way.
                under_way = {"validar"} if row.startswith(("queued", "checking")) else set()
                page = self.client.get(self.url).content.decode()
                self.assertEqual(set(re.findall(OFFERED % self.link.pk, page)), allowed - under_way)

    def test_each_button_in_each_state(self):
        self.assert_table(TABLE)

    def test_the_page_offers_what_is_allowed(self):
        self.assert_offers(TABLE)

    def test_each_button_while_the_exchange_is_switched_off(self):
        Exchange.objects.update(is_open=False)
        self.assert_table(SWITCHED_OFF)

    def test_the_page_offers_no_question_while_the_exchange_is_switched_off(self):
        Exchange.objects.update(is_open=False)
        self.assert_offers(SWITCHED_OFF)
        with self.standing("ready | proven"):
            self.assertContains(self.client.get(self.url), "Por ahora no preguntamos a Kraken.")

    def test_every_state_is_in_the_table(self):
        statuses = {row.partition(" | ")[0].partition("/")[0] for row in TABLE}
        self.assertEqual(statuses, {
            "queued", "checking", "ready", "action_required", "refused", "exchange_down", "expired", "revoked", "paused", "suspended",
            "unlinked"})
