"""The seeds of second factors under a ring that is turned."""

from django.test import override_settings

from profiles import mfa_sealed, sealed_places
from profiles.keyring import ring
from profiles.mfa import MFAAdapter
from tests.environment import EXAMPLE_KEY
from tests.profiles.factors import SECRET, add_app, recovery_codes
from tests.profiles.people import PeopleTestCase

NEW_KEY = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA="


class RotationTests(PeopleTestCase):
    def setUp(self):
        self.app = add_app(self.ana)
        add_app(self.bea)
        self.old = ring().primary

    def turn(self):
        return sealed_places.rotate(mfa_sealed.place, ring().primary, sealed_places.rewrap)

    def test_it_is_a_place_the_rotation_knows(self):
        self.assertIn(mfa_sealed.place, sealed_places.places)
        self.assertEqual(mfa_sealed.counts(), {self.old: 4})

    def test_all_open_without_the_old_key_afterwards(self):
        codes = recovery_codes(self.ana)
        with override_settings(CREDENTIALS_KEYS=f"{NEW_KEY},{EXAMPLE_KEY}"):
            self.assertEqual(self.turn().written, 4)
        with override_settings(CREDENTIALS_KEYS=NEW_KEY):
            self.app.refresh_from_db()
            self.assertEqual(MFAAdapter().decrypt(self.app.data["secret"]), SECRET)
            self.assertEqual(recovery_codes(self.ana), codes)

    def test_it_goes_on_where_it_was_stopped(self):
        with override_settings(CREDENTIALS_KEYS=f"{NEW_KEY},{EXAMPLE_KEY}"):
            first = mfa_sealed.stale(ring().primary, None, 1)
            mfa_sealed.write(first[0], sealed_places.rewrap(first[0]))
            self.assertEqual(len(mfa_sealed.stale(ring().primary, first[0].pk, 100)), 3)
            self.assertEqual(self.turn().written, 3)

    def test_a_code_used_meanwhile_stays_used(self):
        with override_settings(CREDENTIALS_KEYS=f"{NEW_KEY},{EXAMPLE_KEY}"):
            value = mfa_sealed.stale(ring().primary, None, 1)[0]
            self.ana.authenticator_set.get(pk=value.pk).wrap().validate_code(recovery_codes(self.ana)[0])
            self.assertTrue(mfa_sealed.write(value, sealed_places.rewrap(value)))
            self.assertEqual(len(recovery_codes(self.ana)), 9)

    def test_what_was_written_or_removed_meanwhile_is_let_be(self):
        with override_settings(CREDENTIALS_KEYS=f"{NEW_KEY},{EXAMPLE_KEY}"):
            value = mfa_sealed.stale(ring().primary, None, 1)[0]
            sealed = sealed_places.rewrap(value)
            self.assertEqual([mfa_sealed.write(value, sealed), mfa_sealed.write(value, sealed)], [True, False])
            self.ana.authenticator_set.all().delete()
            self.assertFalse(mfa_sealed.write(value, sealed))
