"""The two rotations: what they seal anew, what they leave, and that they bring nothing back."""
import io
import signal
from dataclasses import replace
from datetime import date
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import override_settings

from exchanges import actions, rotation, sealing, vault
from exchanges.models import ApiKey, Link
from profiles import sealed_places
from profiles.keyring import Keyring, ring
from profiles.models import Activity
from tests.base import SECRET, SmartraderTestCase
from tests.environment import EXAMPLE_KEY, PRIVATE_HALF
from tests.exchanges.test_vault import sealed_at_rest_only

NEW_RING_KEY = "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4="
PUBLIC, PRIVATE = sealing.new_pair(date(2026, 12, 22))
NEW_PAIR = sealing.PublicHalf(PUBLIC).key_id
with_new_ring_key = override_settings(CREDENTIALS_KEYS=f"{NEW_RING_KEY},{EXAMPLE_KEY}")
with_new_pair = override_settings(SEALING_PUBLIC_KEY=PUBLIC, SEALING_PRIVATE_KEYS=f"{PRIVATE},{PRIVATE_HALF}")


def run(command: str, *arguments: str) -> tuple[int, str]:
    """Exit status and text of a command in this process."""
    said, status = io.StringIO(), 0
    try:
        call_command(command, *arguments, stdout=said)
    except SystemExit as stopped:
        status = stopped.code
    return status, said.getvalue()


class RotationTestCase(SmartraderTestCase):
    """self.key is sealed to the pair and under the ring key of the tests; self.before is from before there were pairs."""

    def setUp(self):
        self.key = ApiKey.objects.get(link=self.link)
        self.other = Link.objects.create(user=self.bea, exchange_id="kraken", label="Ahorro")
        self.before = ApiKey(link=self.other, hint="7777")
        self.before.sealed = sealed_at_rest_only(self.before)
        self.before.save()
        patch = mock.patch.object(sealed_places, "BATCH", 1)
        patch.start()
        self.addCleanup(patch.stop)

    def now(self, key: ApiKey) -> ApiKey:
        return ApiKey.objects.select_related("link").get(pk=key.pk)

    def secrets(self) -> list[str]:
        return [vault.reveal(self.now(key)).secret for key in (self.key, self.before)]


class AtRestTests(RotationTestCase):
    @with_new_ring_key
    def test_everything_goes_under_the_newest_key(self):
        status, said = run("rotate_at_rest")
        self.assertEqual(status, 0, said)
        self.assertIn("exchanges.ApiKey.sealed: 2 sealed anew, 0 changed meanwhile, 0 do not open\n", said)
        self.assertIn(f"Nothing is under {Keyring(EXAMPLE_KEY).primary}. Once every process", said)
        with override_settings(CREDENTIALS_KEYS=NEW_RING_KEY):
            self.assertEqual(self.secrets(), [SECRET, SECRET])

    @with_new_ring_key
    def test_the_inner_layer_stays_as_it_is_and_no_private_half_is_needed(self):
        inner = ring().open(vault.split(self.key.sealed)[1], vault.context(self.key))
        with override_settings(SEALING_PRIVATE_KEYS="", ACCOUNT_KEY=""):
            run("rotate_at_rest")
        kept = self.now(self.key)
        self.assertEqual(kept.sealed[:24], b"hpke1.a2f2d1b5." + Keyring(NEW_RING_KEY).primary.encode() + b".")
        self.assertEqual(ring().open(vault.split(kept.sealed)[1], vault.context(kept)), inner)
        self.assertEqual(kept.seal_version, 2)
        self.assertFalse(Activity.objects.filter(cause="secret_opened").exists())

    @with_new_ring_key
    def test_the_report_tells_what_is_left_and_changes_nothing(self):
        old, new = Keyring(EXAMPLE_KEY).primary, Keyring(NEW_RING_KEY).primary
        status, said = run("rotate_at_rest", "--report")
        self.assertEqual((status, said.count("Nothing is under")), (1, 0))
        self.assertIn(f"exchanges.ApiKey.sealed\n         2  {old}\n", said)
        run("rotate_at_rest")
        status, said = run("rotate_at_rest", "--report")
        self.assertEqual(status, 0)
        self.assertIn(f"exchanges.ApiKey.sealed\n         2  {new}  newest\n", said)

    def test_a_second_run_writes_nothing(self):
        self.assertIn("exchanges.ApiKey.sealed: 0 sealed anew, 0 changed meanwhile, 0 do not open\n", run("rotate_at_rest")[1])
        self.assertEqual(self.now(self.key).sealed, self.key.sealed)

    @override_settings(CREDENTIALS_KEYS=NEW_RING_KEY)
    def test_what_does_not_open_is_told_and_left(self):
        status, said = run("rotate_at_rest")
        self.assertEqual(status, 1)
        self.assertIn("0 sealed anew, 0 changed meanwhile, 2 do not open\n", said)
        self.assertIn(f"2  {Keyring(EXAMPLE_KEY).primary}  not among the CREDENTIALS_KEYS of this process\n", said)


class SealingTests(RotationTestCase):
    @with_new_pair
    def test_everything_goes_to_the_newest_pair(self):
        status, said = run("rotate_sealing")
        self.assertEqual(status, 0, said)
        self.assertIn("exchanges.ApiKey.sealed: 2 sealed anew, 0 changed meanwhile, 0 do not open\n", said)
        self.assertIn("Nothing is under a2f2d1b5. Once every web process seals to the newest", said)
        with override_settings(SEALING_PRIVATE_KEYS=PRIVATE):
            self.assertEqual(self.secrets(), [SECRET, SECRET])

    @with_new_pair
    def test_the_report_tells_by_pair_what_is_left(self):
        status, said = run("rotate_sealing", "--report")
        self.assertEqual(status, 1)
        self.assertIn("exchanges.ApiKey.sealed\n         1  at rest only\n         1  a2f2d1b5\n", said)
        self.assertIn(f"{NEW_PAIR} was made on 2026-12-22, ", said)

    @with_new_pair
    def test_without_the_private_halves_it_tells_and_does_nothing_else(self):
        with override_settings(SEALING_PRIVATE_KEYS=""):
            self.assertEqual(run("rotate_sealing", "--report")[0], 1)
            with self.assertRaisesRegex(CommandError, "^SEALING_PRIVATE_KEYS is missing: run this in the environment of a worker"):
                run("rotate_sealing")
        self.assertEqual(self.now(self.before).sealed, self.before.sealed)

    def test_rows_from_before_are_sealed_to_the_workers(self):
        self.assertEqual(run("rotate_sealing")[0], 0)
        self.assertEqual(self.now(self.before).sealed[:15], b"hpke1.a2f2d1b5.")
        self.assertEqual(self.now(self.key).sealed, self.key.sealed)
        self.assertEqual(vault.reveal(self.now(self.before)).secret, SECRET)

    @with_new_pair
    def test_each_opening_is_in_the_activity_of_its_owner(self):
        run("rotate_sealing")
        entries = Activity.objects.filter(cause="secret_opened").values_list("user", "actor", "purpose", "about")
        self.assertEqual(set(entries), {
            (self.ana.pk, "worker", "rotation", "Kraken · Principal"), (self.bea.pk, "worker", "rotation", "Kraken · Ahorro")})

    @override_settings(SEALING_PUBLIC_KEY=PUBLIC, SEALING_PRIVATE_KEYS=PRIVATE)
    def test_what_a_destroyed_half_sealed_is_told_and_not_called_opened(self):
        status, said = run("rotate_sealing")
        self.assertEqual(status, 1)
        self.assertIn("1 sealed anew, 0 changed meanwhile, 1 do not open\n", said)
        self.assertIn("1  a2f2d1b5  not among the SEALING_PRIVATE_KEYS of this process\n", said)
        self.assertEqual(Activity.objects.filter(cause="secret_opened").count(), 1)

    def test_a_start_with_nothing_to_do_is_one_query(self):
        run("rotate_sealing")
        with self.assertNumQueries(1):
            rotation.seal_to_workers()

    def test_an_old_pair_should_be_turned(self):
        self.assertNotIn("Time to turn it", run("rotate_sealing", "--report")[1])
        public, _private = sealing.new_pair(date(2026, 1, 31))
        with override_settings(SEALING_PUBLIC_KEY=public):
            self.assertRegex(run("rotate_sealing", "--report")[1], r"was made on 2026-01-31, \d+ days ago\. Time to turn it\.\n$")


class StoppedTests(RotationTestCase):
    @with_new_pair
    def test_it_goes_on_where_it_was_stopped(self):
        write = rotation.to_workers.write

        def write_and_be_stopped(value: sealed_places.Value, sealed: bytes) -> bool:
            signal.raise_signal(signal.SIGINT)
            return write(value, sealed)

        stopping = mock.patch.object(rotation, "to_workers", replace(rotation.to_workers, write=write_and_be_stopped))
        with stopping, self.assertRaisesRegex(CommandError, "^Stopped half-way. Everything opens as before") as stopped:
            run("rotate_sealing")
        self.assertEqual(stopped.exception.returncode, 130)
        self.assertEqual(self.secrets(), [SECRET, SECRET])
        self.assertIn("1 sealed anew, 0 changed meanwhile, 0 do not open\n", run("rotate_sealing")[1])
        self.assertEqual(self.secrets(), [SECRET, SECRET])


class UnlinkedMeanwhileTests(RotationTestCase):
    """An unlink between the opening of a row and its writing; with real locks: test_rotation_files."""

    def unlinked_between(self, where: object, function: str):
        reseal = getattr(where, function)

        def sealed_anew(value: sealed_places.Value) -> bytes:
            sealed = reseal(value)
            actions.unlink(Link.objects.get(keys=value.pk))
            return sealed

        return mock.patch.object(where, function, sealed_anew)

    def assert_nothing_came_back(self, status: int, said: str) -> None:
        self.assertEqual(status, 0, said)
        self.assertIn("exchanges.ApiKey.sealed: 0 sealed anew, 2 changed meanwhile, 0 do not open\n", said)
        self.assertEqual(ApiKey.objects.filter(sealed=None, erased_at__isnull=False).count(), 2)

    @with_new_ring_key
    def test_at_rest_it_brings_nothing_back(self):
        with self.unlinked_between(sealed_places, "rewrap"):
            self.assert_nothing_came_back(*run("rotate_at_rest"))

    @with_new_pair
    def test_sealing_brings_nothing_back(self):
        with self.unlinked_between(rotation, "sealed_to_workers"):
            self.assert_nothing_came_back(*run("rotate_sealing"))

    @with_new_pair
    def test_what_another_rotation_wrote_meanwhile_stays(self):
        value = rotation.to_workers.stale(NEW_PAIR, None, 100)[0]
        rotation.seal_to_workers()
        written = ApiKey.objects.get(pk=value.pk).sealed
        self.assertFalse(rotation.to_workers.write(value, b"an older seal"))
        self.assertEqual(ApiKey.objects.get(pk=value.pk).sealed, written)
