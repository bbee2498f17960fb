import base64
from unittest import TestCase

from django.core.exceptions import ImproperlyConfigured

from profiles.keyring import Keyring, Unreadable

OLD = base64.b64encode(b"o" * 32).decode()
NEW = base64.b64encode(b"n" * 32).decode()


class KeyringTests(TestCase):
    def setUp(self):
        self.ring = Keyring(NEW)
        self.sealed = self.ring.seal(b"a secret", "row 1|ana")

    def test_it_opens_what_it_sealed(self):
        self.assertEqual(self.ring.open(self.sealed, "row 1|ana"), b"a secret")

    def test_it_does_not_open_in_another_row_or_for_another_owner(self):
        for context in ("row 2|ana", "row 1|bea", ""):
            with self.assertRaises(Unreadable):
                self.ring.open(self.sealed, context)

    def test_it_says_unreadable_of_anything_damaged(self):
        cut, flipped = self.sealed[:-1], self.sealed[:-1] + bytes([self.sealed[-1] ^ 1])
        for damaged in (cut, flipped, b"", b"x", b"\xff.\xff", b"00000000." + self.sealed[9:], self.sealed[:12]):
            with self.assertRaises(Unreadable, msg=damaged):
                self.ring.open(damaged, "row 1|ana")

    def test_two_seals_of_one_text_differ_and_neither_shows_it(self):
        again = self.ring.seal(b"a secret", "row 1|ana")
        self.assertNotEqual(self.sealed, again)
        self.assertNotIn(b"a secret", self.sealed)

    def test_an_older_key_of_the_ring_still_opens_and_the_newest_seals(self):
        sealed_before = Keyring(OLD).seal(b"a secret", "row 1|ana")
        ring = Keyring(f"{NEW},{OLD}")
        self.assertEqual(ring.open(sealed_before, "row 1|ana"), b"a secret")
        self.assertEqual(ring.seal(b"x", "c").partition(b".")[0], self.sealed.partition(b".")[0])

    def test_a_key_that_left_the_ring_opens_nothing(self):
        with self.assertRaises(Unreadable):
            Keyring(OLD).open(self.sealed, "row 1|ana")

    def test_it_refuses_keys_that_are_not_32_bytes(self):
        for text in ("", " , ", "short", base64.b64encode(b"k" * 31).decode(), NEW + ",%%%"):
            with self.assertRaises(ImproperlyConfigured):
                Keyring(text)
