"""The list of erased keys, and what is made of it after a restore."""
import json
import logging
from unittest import mock

from django.core.management import CommandError

from exchanges import actions, erased, vault
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Link
from smartrader.logs import JsonFormatter
from tests.base import KEY, SECRET, SmartraderTestCase
from tests.exchanges.test_rotation import run


class ErasedTestCase(SmartraderTestCase):
    def setUp(self):
        self.var_dir = self.own_var_dir()
        self.key = self.link.key

    def add_key(self, api_key: str = f"{KEY}2") -> ApiKey:
        """A replacement on trial."""
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, Credentials(api_key, SECRET))
        return Link.objects.get(pk=self.link.pk).new_key

    def written(self) -> list[str]:
        """The lines of the list, without their times."""
        return [line.partition(" ")[2] for line in (self.var_dir / "erased.log").read_text().splitlines()]

    def replay(self, *lines: str) -> str:
        (self.var_dir / "list").write_text("".join(f"2026-11-22T20:40:00+00:00 {line}\n" for line in lines))
        return run("replay_erasures", str(self.var_dir / "list"))[1]

    def now(self) -> Link:
        return Link.objects.select_related("key", "new_key").get(pk=self.link.pk)


class RememberTests(ErasedTestCase):
    def test_an_unlink_is_on_the_list_and_in_the_log_once_it_is_committed(self):
        with self.captureOnCommitCallbacks() as after:
            actions.unlink(self.link)
        self.assertFalse((self.var_dir / "erased.log").exists())
        with self.assertLogs("exchanges.erased") as logs:
            [callback() for callback in after]
        self.assertEqual(self.written(), [f"unlinked {self.key.pk}"])
        self.assertEqual([record.getMessage() for record in logs.records], [f"unlinked {self.key.pk}"])
        self.assertEqual((self.var_dir / "erased.log").stat().st_mode & 0o777, 0o600)

    def test_a_replacement_that_is_replaced_is_on_the_list(self):
        first = self.add_key()
        with self.captureOnCommitCallbacks(execute=True):
            self.add_key(f"{KEY}3")
        self.assertEqual(self.written(), [f"erased {first.pk}"])

    def test_nothing_erased_is_nothing_written(self):
        with self.captureOnCommitCallbacks(execute=True):
            vault.erase([None, None])
        self.assertFalse((self.var_dir / "erased.log").exists())

    def test_a_list_that_cannot_be_written_is_an_error_in_the_log_and_harms_nobody(self):
        (self.var_dir / "erased.log").mkdir()
        with self.assertLogs("exchanges.erased") as logs, self.captureOnCommitCallbacks(execute=True):
            actions.unlink(self.link)
        self.assertEqual([record.levelname for record in logs.records], ["INFO", "ERROR"])
        self.assertEqual(self.now().status, "unlinked")


class ReadTests(ErasedTestCase):
    def test_a_line_of_the_log_will_do(self):
        record = logging.makeLogRecord({"name": "exchanges.erased", "msg": f"unlinked {self.key.pk}", "levelname": "INFO"})
        self.assertEqual(json.loads(JsonFormatter().format(record))["event"], f"unlinked {self.key.pk}")
        (self.var_dir / "web.log").write_text(f'{{"event": "GET /"}}\n{JsonFormatter().format(record)}\n')
        self.assertEqual(erased.read([self.var_dir / "web.log"]), erased.Erased({self.key.pk}, {self.key.pk}, set()))

    def test_a_line_that_a_crash_cut_short_spoils_no_other(self):
        self.replay()
        cut = f"2026-11-22T20:40:00+00:00 erased {str(self.key.pk)[:20]}2026-11-22T20:41:00+00:00 erased {self.key.pk}\n"
        (self.var_dir / "list").write_bytes(b"\xff\xfe\n" + cut.encode())
        self.assertEqual(erased.read([self.var_dir / "list"]), erased.Erased({self.key.pk}, set(), set()))

    def test_a_list_that_is_not_there_is_told(self):
        with self.assertRaisesRegex(CommandError, "nowhere cannot be read: No such file or directory\\."):
            run("replay_erasures", "nowhere")


class ReplayTests(ErasedTestCase):
    def test_a_key_in_use_that_came_back_takes_its_link_along(self):
        self.assertEqual(self.replay(f"erased {self.key.pk}"), "Keys on the list: 1. Links unlinked: 1. Other keys erased: 0.\n")
        link = self.now()
        self.assertEqual((link.status, link.key.sealed, link.key.fingerprint), ("unlinked", None, None))
        self.assertEqual(link.events.first().cause, "restore")
        self.assertEqual(self.replay(f"erased {self.key.pk}"), "Keys on the list: 1. Links unlinked: 0. Other keys erased: 0.\n")
        self.assertEqual(link.events.filter(cause="restore").count(), 1)

    def test_a_replacement_that_came_back_goes_and_the_key_in_use_stays(self):
        candidate = self.add_key()
        self.assertEqual(self.replay(f"erased {candidate.pk}"), "Keys on the list: 1. Links unlinked: 0. Other keys erased: 1.\n")
        link = self.now()
        self.assertEqual((link.status, link.new_key, link.candidate, link.has_secret), ("ready", None, "", True))
        self.assertIsNone(ApiKey.objects.get(pk=candidate.pk).sealed)

    def test_a_refused_key_that_was_erased_before_the_backup_changes_nothing(self):
        vault.erase([self.key])
        Link.objects.filter(pk=self.link.pk).update(status="refused")
        self.assertEqual(self.replay(f"erased {self.key.pk}"), "Keys on the list: 1. Links unlinked: 0. Other keys erased: 0.\n")
        self.assertEqual(self.now().status, "refused")

    def test_one_that_was_unlinked_later_is_forgotten_again(self):
        vault.erase([self.key])
        Link.objects.filter(pk=self.link.pk).update(status="refused")
        self.replay(f"erased {self.key.pk}", f"unlinked {self.key.pk}")
        self.assertEqual((self.now().status, self.now().key.fingerprint), ("unlinked", None))

    def test_others_are_left_alone(self):
        said = self.replay("erased 00000000-0000-4000-8000-000000000000")
        self.assertEqual(said, "Keys on the list: 1. Links unlinked: 0. Other keys erased: 0.\n")
        self.assertEqual((self.now().status, vault.reveal(self.now().key).secret), ("ready", SECRET))
