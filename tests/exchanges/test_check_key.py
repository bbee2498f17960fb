"""`manage.py check_key`: the portal's own look at a key, at the operator's desk. A SimpleTestCase: no row may even be read."""
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase

from exchanges.connectors.base import Credentials
from tests import environment
from tests.base import KEY, SECRET, SIX
from tests.exchanges.keys import SandboxKeys

ON_A_TERMINAL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


@pytest.mark.usefixtures("sandbox_of_class")
class CheckKeyTestCase(SimpleTestCase):
    sandbox_url: str

    def setUp(self):
        self.keys = SandboxKeys(self.sandbox_url)

    def check(self, pasted: str, slug: str = "kraken", **options) -> tuple[int, str]:
        """Exit status and what was printed, which never holds a line of the paste."""
        shown = io.StringIO()
        with mock.patch("sys.stdin", io.StringIO(pasted)):
            try:
                call_command("check_key", slug, stdout=shown, **options)
                status = 0
            except SystemExit as exit_:
                status = exit_.code
            except CommandError as error:
                status = error.returncode
                shown.write(str(error))
        for line in filter(None, pasted.splitlines()):
            self.assertNotIn(line, shown.getvalue())
        return status, shown.getvalue()

    def check_key(self, key: Credentials, **options) -> tuple[int, str]:
        return self.check(f"{key.api_key}\n{key.secret}\n", **options)

    def found(self, key: Credentials) -> dict:
        return json.loads(self.check_key(key, as_json=True)[1])


class ExitTests(CheckKeyTestCase):
    def test_each_verdict_has_its_exit_status(self):
        expected = {
            "ok": (0, "ready"), "empty": (0, "ready"), "no-ledger": (1, "action_required missing_permissions"),
            "ip": (1, "action_required ip_blocked"), "burnt": (1, "action_required nonce_conflict"),
            "withdraw": (2, "refused dangerous_permissions"), "unknown-perm": (2, "refused dangerous_permissions"),
            "down": (3, "exchange_down maintenance"), "html403": (3, "exchange_down unreadable_answer"),
        }
        for name, (status, verdict) in expected.items():
            found, shown = self.check_key(self.keys.ready_made(name))
            self.assertEqual((name, found), (name, status))
            self.assertIn(f"\n{verdict}\n", shown)

    def test_no_exchange_there_is_no_answer(self):
        with mock.patch("exchanges.connectors.api_url", return_value="http://127.0.0.1:9"):
            status, shown = self.check(f"{KEY}\n{SECRET}")
        self.assertEqual(status, 3)
        self.assertIn("exchange_down network", shown)

    def test_what_is_no_key_is_a_fault_of_use_and_nobody_is_asked(self):
        for pasted in ("", "hunter2-hunter2", f"{SECRET}\n{KEY}\n", f"{KEY}\n", f"first line\nsecond line\n{KEY}\n"):
            status, shown = self.check(pasted)
            self.assertEqual((pasted, status), (pasted, 64))
            self.assertNotIn("Steps", shown)

    def test_an_expired_key(self):
        key = self.keys.new(SIX, valid_until=1)
        self.assertEqual(self.check_key(key)[0], 1)


class PasteTests(CheckKeyTestCase):
    def test_the_text_of_the_qr_code_is_enough(self):
        key = self.keys.new(SIX)
        self.assertEqual(self.check(f"kraken://apikey?key={key.api_key}&secret={key.secret}")[0], 0)

    def test_a_paste_with_labels_and_blank_lines(self):
        key = self.keys.new(SIX)
        self.assertEqual(self.check(f"\nAPI key:\n{key.api_key}\n\nPrivate key:\n{key.secret}\n")[0], 0)


class ShownTests(CheckKeyTestCase):
    def test_what_a_good_key_shows(self):
        key = self.keys.new(SIX, ip_allowlist=["127.0.0.1"], valid_until=4102444800)
        found = self.found(key)
        self.assertEqual((found["url"], found["status"], found["reason"]), (f"{self.sandbox_url}/kraken", "ready", ""))
        self.assertEqual([(step["step"], step["state"]) for step in found["steps"]], [
            ("format", "ok"), ("reach", "ok"), ("permissions", "ok"), ("reads", "ok"), ("dry_run", "ok")])
        self.assertEqual({row["verdict"] for row in found["permissions"]}, {"needed"})
        self.assertEqual((found["ip_allowlist"], found["expires_at"]), (["127.0.0.1"], "2100-01-01T00:00:00+00:00"))
        self.assertRegex(found["account"], r"^[A-Z0-9]{4} ···· [A-Z0-9]{4}$")

    def test_the_table_names_what_is_wrong(self):
        _status, shown = self.check_key(self.keys.new([*SIX[:5], "withdraw-funds"]))
        self.assertRegex(shown, r"\n  withdraw-funds +Funds permissions › Withdraw +dangerous\n")
        self.assertRegex(shown, r"\n  query-ledger +Data › Query ledger entries +missing\n")
        self.assertRegex(shown, r"\n  reads +Skipped +\d+ ms +Balances and orders\n")
        self.assertIn(f"Asking Kraken at {self.sandbox_url}/kraken\n", shown)

    def test_the_sentence_is_the_pages_own_in_either_language(self):
        key = self.keys.ready_made("no-ledger")
        self.assertIn("This is missing: “Query ledger entries”.", self.check_key(key)[1])
        self.assertIn("Falta activar: «Query ledger entries».", self.check_key(key, language="es")[1])

    def test_notices_are_explained(self):
        _status, shown = self.check_key(self.keys.ready_made("empty"))
        self.assertIn("\nempty_account: No balance yet. ", shown)
        self.assertIn("\nip_open: No limit of IP addresses. ", shown)

    @mock.patch("django.utils.timezone.now", return_value=datetime(2100, 1, 1, 12, 0, tzinfo=UTC))
    @mock.patch("random.uniform", return_value=1.0)
    def test_the_time_of_the_next_try_is_the_portals(self, _dice, _clock):
        sentence = self.found(self.keys.ready_made("locked"))["sentence"]
        self.assertEqual(sentence, "Kraken has locked this key for a while. We wait and try again at 12:15.")

    def test_it_can_be_asked_twice(self):
        key = self.keys.new(SIX)
        self.assertEqual([self.check_key(key)[0], self.check_key(key)[0]], [0, 0])


class ProcessTests(CheckKeyTestCase):
    """The command as an operator starts it."""

    def start(self, *arguments: str, wrapper: tuple[str, ...] = (), **options) -> subprocess.Popen:
        started = subprocess.Popen(
            [*wrapper, sys.executable, "manage.py", "check_key", *arguments], cwd=environment.ROOT,
            env=os.environ | {"KRAKEN_API_URL": f"{self.sandbox_url}/kraken"}, **options)
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)
        return started

    def test_from_a_pipe_the_key_is_in_no_output_and_in_no_list_of_processes(self):
        key = self.keys.new(SIX)
        started = self.start("kraken", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.stdin.write(f"{key.api_key}\n{key.secret}\n")
        started.stdin.flush()
        listed = subprocess.run(["ps", "-ww", "-p", str(started.pid), "-o", "args="], capture_output=True, text=True, check=True).stdout
        shown, _errors = started.communicate(timeout=60)
        self.assertEqual(started.returncode, 0, shown)
        self.assertIn("\nready\n", shown)
        for place in (listed, shown):
            self.assertNotIn(key.api_key, place)
            self.assertNotIn(key.secret, place)

    def test_on_a_terminal_the_secret_does_not_show(self):
        key = self.keys.new(SIX)
        ours, theirs = os.openpty()
        started = self.start("kraken", wrapper=(sys.executable, "-c", ON_A_TERMINAL), stdin=theirs, stdout=theirs, stderr=theirs,
                             start_new_session=True)
        os.close(theirs)
        screen = self.read(ours, until="API key: ")
        os.write(ours, f"{key.api_key}\n".encode())
        screen += self.read(ours, until="Private key (it does not show): ")
        os.write(ours, f"{key.secret}\n".encode())
        screen += self.read(ours, until="permissions needed")
        self.assertEqual(started.wait(timeout=60), 0)
        self.assertEqual((screen.count(key.api_key), screen.count(key.secret)), (1, 0))

    def read(self, terminal: int, until: str) -> str:
        found = ""
        while until not in found:
            found += os.read(terminal, 65_536).decode()
        return found

    def test_a_secret_on_the_command_line_is_not_said_again(self):
        for arguments in (("kraken", KEY, SECRET), (SECRET,), ("kraken", f"--secret={SECRET}"), ("kraken", "--language", SECRET)):
            started = self.start(*arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            shown, _errors = started.communicate(timeout=60)
            self.assertEqual(started.returncode, 64)
            self.assertIn("delete it at the exchange", shown)
            self.assertNotIn(SECRET, shown)
            self.assertNotIn(KEY, shown)
