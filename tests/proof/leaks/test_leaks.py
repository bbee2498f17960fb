"""The leak hunt: secrets of every kind, in every fate; the whole site driven; then nothing that is kept holds a piece of one."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest import TestCase

import pytest

from tests.proof.leaks import decoys, places, story
from tests.proof.leaks.hunt import hunt
from tests.proof.leaks.needles import Needles
from tests.proof.leaks.run import Run, running
from tests.proof.leaks.watched import APP, RECOVERY

# What people type where it is read, or into an address, they get back themselves.
TYPED_TO_BE_READ = ("for an e-mail", "an e-mail:", "to be reset", "in an address", "looked for by staff")
# These pages show to their owner, once, what nothing else may.
SHOWN_TO_OWNER = (APP, RECOVERY)


@pytest.fixture(scope="class")
def story_of_class(request: pytest.FixtureRequest) -> Iterator[None]:
    """`self.site`, after a bad day, and `self.came`, what came of it."""
    folder = Path(os.environ["SMARTRADER_TEST_DIR"], "leaks")
    with running(folder, MAX_LINKS="0", BAD_KEYS_PER_HOUR=str(story.BAD_KEYS)) as site:
        request.cls.site, request.cls.came = site, story.tell(site)
        yield


@pytest.mark.usefixtures("story_of_class")
class LeakTests(TestCase):
    site: Run
    came: dict[str, object]

    def everything(self) -> list[places.Place]:
        pids = self.site.stack.pids()
        return [
            *places.files(self.site.folder), *places.rows(self.site.database), *places.broker(pids["web"]),
            *places.processes(places.family(self.site.stack.pid)),
        ]

    def test_it_happened_as_it_was_meant_to(self):
        self.assertIn("Por seguridad no se pueden vincular claves", self.came.pop("frozen"))
        self.assertIn("Demasiadas claves que no funcionaron", self.came.pop("limited"))
        self.assertEqual(self.came, {
            "stale": 302, "error of the web": 500, "error of a worker": True, "after the keys were turned": "exchange_down internal",
            "ready": "ready", "unlinked": "unlinked", "paused": "paused failed", "kept": "ready failed", "unanswered": "ready",
            "wrong secret": "action_required bad_secret", "missing": "action_required missing_permissions",
            "dangerous": "refused dangerous_permissions", "unknown": "action_required bad_key", "replaced": "ready",
            "told": "exchange_down unreadable_answer", "both": "ready",
        })

    def test_nothing_that_is_kept_holds_a_piece_of_a_secret(self):
        self.assertEqual(hunt(self.everything(), self.site.needles()), [])

    def test_nothing_held_one_for_a_moment(self):
        self.assertEqual(hunt(self.site.kept, self.site.needles()), [])

    def test_no_command_tells_one(self):
        self.assertEqual(hunt(self.site.said, self.site.needles()), [])

    def test_no_page_shows_one(self):
        answers = [(seen.name, seen.content) for seen in self.site.seen if not seen.path.startswith(SHOWN_TO_OWNER)]
        pages = [answer for answer in answers if not answer[0].startswith("POST")]
        forms = [answer for answer in answers if answer[0].startswith("POST")]
        self.assertEqual(hunt(pages, self.site.needles(*TYPED_TO_BE_READ)), [])
        # A form that comes back has the public half of the key again, and nothing else of it.
        self.assertEqual(hunt(forms, self.site.needles(*TYPED_TO_BE_READ, *self.site.public)), [])

    def test_the_seal_of_an_unlinked_key_is_gone_too(self):
        (seal,) = self.site.seals
        self.assertEqual([place for place, content in places.files(self.site.folder) if seal[100:200] in content], [])

    def test_the_keys_of_the_portal_are_each_in_a_file_of_their_own(self):
        found = hunt(places.files(self.site.folder), Needles(self.site.servers()))
        self.assertEqual({leak.partition(" > ")[0] for leak in found if " > " not in leak.partition(":")[0]}, {
            "var/keys/ACCOUNT_KEY: ACCOUNT_KEY, plain", "var/keys/CREDENTIALS_KEYS: CREDENTIALS_KEYS, plain",
            "var/keys/DEMO_PASSWORD: DEMO_PASSWORD, plain", "var/keys/FINGERPRINT_KEY: FINGERPRINT_KEY, plain",
            "var/keys/SEALING_PRIVATE_KEYS: SEALING_PRIVATE_KEYS, plain", "var/keys/SECRET_KEY: SECRET_KEY, plain",
            "var.said: DEMO_PASSWORD, plain",               # what was printed at the start
        })

    def test_each_program_gets_the_keys_it_needs_and_no_command_holds_one(self):
        needles, pids = Needles(self.site.servers()), self.site.stack.pids()
        held = {name: hunt(places.processes([pid]), needles) for name, pid in pids.items()}
        sealing = {"SECRET_KEY", "CREDENTIALS_KEYS", "FINGERPRINT_KEY"}
        self.assertEqual({name: {leak.partition(": ")[2].partition(",")[0] for leak in leaks} for name, leaks in held.items()}, {
            "web": sealing, "beat": sealing, "sandbox": set(), "broker": set(),
            "worker-now": {*sealing, "ACCOUNT_KEY", "SEALING_PRIVATE_KEYS"},
            "worker-later": {*sealing, "ACCOUNT_KEY", "SEALING_PRIVATE_KEYS"},
        })
        self.assertEqual({leak.partition(" of ")[0] for leaks in held.values() for leak in leaks}, {"environ"})

    def test_it_would_have_found_one_in_any_kind_of_place(self):
        decoy = self.site.pair("decoy")["secret"]
        del self.site.secrets["decoy: secret"]
        decoys.hide(self.site, decoy)
        found = {leak.partition(":")[0] for leak in hunt(self.everything(), Needles({"decoy": decoy}))}
        self.assertEqual(decoys.PLACES - found, set())

    def test_it_would_have_found_one_in_a_process(self):
        secret = self.site.pair("in a process")["secret"]
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"GIVEN": secret}) as held:
            held.stdin.write(b"there?\n")
            held.stdin.flush()
            held.stdout.readline()  # Popen returns in the middle of the exec, when the environment is still empty
            found = hunt(places.processes([held.pid]), Needles({"given": secret}))
            held.kill()
        self.assertIn(f"environ of {held.pid}: given, plain", found)
