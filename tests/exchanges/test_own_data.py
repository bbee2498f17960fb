"""What a person's links leave behind: all of it in their files but what opens anything, all of it gone with their account."""
import base64
import csv
import json
from datetime import UTC, datetime
from unittest import mock

import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import connection

from exchanges import actions, own_data
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Call, Event, Link, Validation
from profiles import leaving
from profiles.models import Activity, Mail, Profile, User
from tests.base import KEY, SECRET, SmartraderTestCase
from tests.exchanges.test_rotation import run

OTHER_KEY = f"{KEY}2"
END = datetime(2026, 12, 23, 12, tzinfo=UTC)


class OwnDataTestCase(SmartraderTestCase):
    def setUp(self):
        self.var_dir = self.own_var_dir()
        nudge = mock.patch("exchanges.actions.nudge")
        nudge.start()
        self.addCleanup(nudge.stop)
        Profile.objects.update(language="en")
        self.client.force_login(self.ana)
        self.key = self.link.key
        Validation.objects.create(link=self.link, key=self.key, trigger="link", status="ready", steps=[{"step": "reach", "state": "ok"}])
        Call.objects.create(link=self.link, key=self.key, endpoint="GetApiKeyInfo", purpose="link", outcome="ok", code="=1+1", ms=3)

    def leave(self) -> None:
        with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
            leaving.leave(self.ana, None)

    def lines(self) -> list[str]:
        return [line.partition(" ")[2] for line in (self.var_dir / "erased.log").read_text().splitlines()]


class FileTests(OwnDataTestCase):
    def text(self, url: str) -> str:
        return b"".join(self.client.get(url).streaming_content).decode()

    def test_it_tells_of_links_and_all_that_belongs_to_them(self):
        everything = json.loads(self.text("/perfil/datos/todo.json"))
        (link,), (key,), (check,), (call,) = (everything[name] for name in ("links", "keys", "checks", "calls"))
        self.assertEqual((link["id"], link["exchange"], link["label"], link["status"]), (str(self.link.pk), "kraken", "Principal", "ready"))
        self.assertEqual((key["link"], key["hint"], key["permissions"][0]), (str(self.link.pk), "Jygp", "query-funds"))
        self.assertEqual((check["key"], check["steps"]), (str(self.key.pk), [{"step": "reach", "state": "ok"}]))
        self.assertEqual((call["endpoint"], call["purpose"], call["ms"]), ("GetApiKeyInfo", "link", 3))
        self.assertEqual([event["cause"] for event in everything["history"]], ["link"])

    def test_it_opens_nothing_and_tells_no_hash(self):
        ApiKey.objects.filter(pk=self.key.pk).update(account_hash="f" * 64)
        key = ApiKey.objects.get(pk=self.key.pk)
        everything = self.text("/perfil/datos/todo.json") + "".join(
            self.text(f"/perfil/datos/{section.name}.csv") for section in own_data.sections)
        sealed = bytes(key.sealed)
        for secret in (KEY, SECRET, key.fingerprint, key.account_hash, base64.b64encode(sealed).decode()[:40], sealed.hex(), "hpke1."):
            self.assertNotIn(secret, everything)

    def test_a_cell_is_no_formula(self):
        (call,) = csv.DictReader(self.text("/perfil/datos/calls.csv").splitlines())
        self.assertEqual((call["code"], call["ms"]), ("'=1+1", "3"))

    def test_it_is_of_the_person_alone(self):
        self.client.force_login(self.bea)
        everything = json.loads(self.text("/perfil/datos/todo.json"))
        self.assertEqual([everything[section.name] for section in own_data.sections], [[], [], [], [], []])


class LeaveTests(OwnDataTestCase):
    def test_every_secret_is_erased_at_once(self):
        actions.add_key(self.link, Credentials(OTHER_KEY, SECRET))
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post("/perfil/datos/borrar/", {"word": "DELETE"}, REMOTE_ADDR="192.0.2.7")
        self.assertFalse(ApiKey.objects.filter(link__user=self.ana, sealed__isnull=False).exists())
        self.assertEqual(Link.objects.get().status, "unlinked")
        self.assertEqual(sorted(self.lines()), sorted(f"unlinked {key.pk}" for key in ApiKey.objects.all()))

    def test_the_history_says_why(self):
        self.client.post("/perfil/datos/borrar/", {"word": "DELETE"}, REMOTE_ADDR="192.0.2.7")
        event = Event.objects.filter(link=self.link).first()
        self.assertEqual((event.actor, event.cause, event.from_status, event.to_status), ("person", "leave", "ready", "unlinked"))
        entry = Activity.objects.get(user=self.ana, cause="leave")
        self.assertEqual((entry.actor, entry.about, entry.address), ("person", "Kraken · Principal", "192.0.2.7"))

    def test_no_key_is_linked_meanwhile(self):
        self.leave()
        page = self.client.get("/perfil/exchanges/vincular/kraken/")
        self.assertContains(page, "Your account will be deleted on Dec. 23, 2026. Keep it if you want to link or replace a key.")
        self.assertNotContains(page, "A short while ago your password")
        self.client.post("/perfil/exchanges/vincular/kraken/", {"api_key": OTHER_KEY, "secret": SECRET})
        self.assertEqual(Link.objects.count(), 1)

    def test_nor_by_who_was_let_in_just_before(self):
        self.leave()
        with self.assertRaises(PermissionDenied):
            actions.add_link(self.ana, self.link.exchange, Credentials(OTHER_KEY, SECRET), "")

    def test_kept_the_history_is_there_and_a_key_can_be_linked(self):
        self.leave()
        with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
            leaving.stay(self.ana, None)
        self.assertContains(self.client.get(f"/perfil/exchanges/{self.link.pk}/"), 'data-status="unlinked"')
        self.client.post("/perfil/exchanges/vincular/kraken/", {"api_key": KEY, "secret": SECRET})
        self.assertEqual(sorted(Link.objects.values_list("status", flat=True)), ["queued", "unlinked"])

    def test_what_a_killed_request_left_is_erased_by_the_next_run(self):
        Profile.objects.filter(user=self.ana).update(leaves_at=END)
        leaving.erase_due(datetime(2026, 11, 24, tzinfo=UTC))
        self.assertEqual(Link.objects.get().status, "unlinked")


class EndTests(OwnDataTestCase):
    def setUp(self):
        super().setUp()
        actions.add_link(self.bea, self.link.exchange, Credentials(OTHER_KEY, SECRET), "")
        self.leave()
        Mail.objects.update(ended_at=END)

    def test_all_rows_of_theirs_go_and_nobody_elses(self):
        self.assertEqual(leaving.erase_due(END), 1)
        self.assertEqual([model.objects.count() for model in (Call, Validation, Event, ApiKey, Link)], [0, 0, 1, 1, 1])
        self.assertEqual(Link.objects.get().user, self.bea)
        self.assertFalse(User.objects.filter(pk=self.ana.pk).exists())

    def test_killed_between_two_tables_the_next_run_ends_it(self):
        with mock.patch.object(leaving, "forget_in_admin", side_effect=SystemExit), self.assertRaises(SystemExit):
            leaving.erase_due(END)
        self.assertEqual(Call.objects.count(), 0)
        self.assertEqual(leaving.erase_due(END), 1)
        self.assertFalse(Link.objects.filter(user_id=self.ana.pk).exists())

    def test_staffs_record_keeps_no_name_of_a_link(self):
        entry = LogEntry.objects.create(
            user=self.celia, content_type=ContentType.objects.get_for_model(Link), object_id=str(self.link.pk),
            object_repr="Kraken · Principal", action_flag=CHANGE, change_message="Started a validation.")
        leaving.erase_due(END)
        entry.refresh_from_db()
        self.assertEqual((entry.object_repr, entry.object_id), ("", str(self.link.pk)))

    def test_it_is_on_the_list_of_what_a_backup_must_not_bring_back(self):
        leaving.erase_due(END)
        self.assertIn(f"left {self.ana.pk}", self.lines())


class RestoreTests(OwnDataTestCase):
    def test_an_account_that_left_and_came_back_is_deleted_again(self):
        (self.var_dir / "list").write_text(f"2026-12-23T12:00:00+00:00 left {self.ana.pk}\n")
        said = run("replay_erasures", str(self.var_dir / "list"))[1]
        self.assertIn("Accounts on the list: 1. Deleted: 1.", said)
        self.assertFalse(User.objects.filter(pk=self.ana.pk).exists())
        self.assertEqual(ApiKey.objects.count(), 0)
        self.assertIn("Accounts on the list: 1. Deleted: 0.", run("replay_erasures", str(self.var_dir / "list"))[1])

    def test_no_row_anywhere_points_at_nobody(self):
        leaving.erase(self.ana)
        connection.check_constraints()
