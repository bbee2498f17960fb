"""The vault: two layers, made for one row and one owner; rows from before open until they are sealed anew."""
import json
import uuid

from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from exchanges import sealing, vault
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Link
from profiles.keyring import ring
from tests.base import KEY, SECRET, SmartraderTestCase
from tests.environment import PRIVATE_HALF

MINE = Credentials(KEY, SECRET, "a phrase")


def sealed_at_rest_only(key: ApiKey, plain: bytes | None = None) -> bytes:
    """What a row held before there were pairs."""
    return ring().seal(plain or json.dumps([KEY, SECRET, "a phrase"]).encode(), vault.context(key))


class VaultTestCase(SmartraderTestCase):
    def setUp(self):
        self.key = ApiKey(link=self.link)
        vault.seal(self.key, MINE)

    def assert_unreadable(self, key: ApiKey) -> vault.Unreadable:
        with self.assertRaises(vault.Unreadable) as caught:
            vault.reveal(key)
        return caught.exception


class SealTests(VaultTestCase):
    def test_it_opens_what_it_sealed(self):
        self.key.save()
        self.assertEqual(vault.reveal(ApiKey.objects.get(pk=self.key.pk)), MINE)

    def test_in_front_stands_the_pair_and_then_the_key_of_the_ring(self):
        self.assertEqual(self.key.sealed[:15], b"hpke1.a2f2d1b5.")
        self.assertEqual(self.key.sealed[15:24], f"{ring().primary}.".encode())

    def test_sealing_needs_no_private_half(self):
        with override_settings(SEALING_PRIVATE_KEYS="", ACCOUNT_KEY=""):
            vault.seal(self.key, MINE)
        self.assertEqual(vault.reveal(self.key), MINE)

    def test_under_the_outer_layer_nothing_can_be_read(self):
        pair, token = vault.split(self.key.sealed)
        inner = ring().open(token, vault.context(self.key))
        self.assertEqual((pair, len(inner)), ("a2f2d1b5", 1120 + len(json.dumps([KEY, SECRET, "a phrase"])) + 16))
        for part in (KEY, SECRET, "a phrase", KEY[:8], SECRET[-8:]):
            self.assertNotIn(part.encode(), inner)

    def test_a_row_from_before_still_opens(self):
        self.key.sealed = sealed_at_rest_only(self.key)
        self.assertEqual(vault.reveal(self.key), MINE)

    def test_a_row_from_before_needs_no_private_half_and_a_sealed_one_does(self):
        before = ApiKey(link=self.link)
        before.sealed = sealed_at_rest_only(before)
        with override_settings(SEALING_PRIVATE_KEYS=""):
            self.assertEqual(vault.reveal(before), MINE)
            self.assert_unreadable(self.key)

    def test_the_hash_of_an_account_is_not_made_without_its_key(self):
        with override_settings(ACCOUNT_KEY=""), self.assertRaisesRegex(ImproperlyConfigured, "^ACCOUNT_KEY is missing"):
            vault.account_hash("kraken", "AA00 0000")


class UnreadableTests(VaultTestCase):
    def test_in_another_row_or_for_another_owner(self):
        theirs = Link(user=self.bea, exchange_id="kraken")
        for moved in (ApiKey(link=self.link), ApiKey(id=self.key.id, link=theirs), ApiKey(id=uuid.uuid4(), link=theirs)):
            for sealed in (self.key.sealed, sealed_at_rest_only(self.key)):
                moved.sealed = sealed
                self.assert_unreadable(moved)

    def test_in_another_column(self):
        token = vault.split(self.key.sealed)[1]
        with self.assertRaises(vault.Unreadable):
            ring().open(token, f"mfa.Authenticator.data|{self.key.id}|{self.ana.pk}")

    def test_when_damaged(self):
        whole = self.key.sealed
        inner = ring().open(vault.split(whole)[1], vault.context(self.key))
        for sealed in (
            b"", b"hpke1.", b"hpke1.a2f2d1b5.", b"hpke1.00000000." + whole[15:], b"hpke2." + whole[6:], whole[15:], whole[:-1],
            b"hpke1.a2f2d1b5." + inner, b"hpke1.a2f2d1b5." + sealed_at_rest_only(self.key), b"hpke1.\xff." + whole[15:],
        ):
            self.key.sealed = sealed
            self.assert_unreadable(self.key)

    def test_what_is_no_credentials(self):
        for plain in (b"not JSON", b"{}", b"[]", b'["a", "b"]', b'["a", "b", 1]', b"\xff\xfe"):
            self.key.sealed = sealed_at_rest_only(self.key, plain)
            self.assertIsNone(self.assert_unreadable(self.key).__context__)

    def test_once_erased(self):
        self.key.sealed = None
        self.assert_unreadable(self.key)

    def test_when_the_pair_was_destroyed(self):
        _public, other = sealing.new_pair(sealing.PublicHalf(sealing.public_half(PRIVATE_HALF)).made)
        with override_settings(SEALING_PRIVATE_KEYS=other):
            self.assert_unreadable(self.key)

    def test_what_is_raised_tells_nothing(self):
        self.key.sealed = self.key.sealed[:-1]
        raised = self.assert_unreadable(self.key)
        self.assertEqual((str(raised), raised.__suppress_context__), ("", True))
