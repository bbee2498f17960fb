"""Sealing to the workers: what the public half seals only the private half opens, and only for its place."""
import base64
import contextlib
import io
from datetime import date
from unittest import TestCase

from exchanges import sealing
from exchanges.sealing import PrivateRing, PublicHalf
from tests.environment import PRIVATE_HALF, PUBLIC_HALF

DAY = date(2026, 11, 22)
# The first example of https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/, appendix C: its seed, and both ends of its key.
XWING_SEED = "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"
XWING_FIRST, XWING_LAST = "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b", "93d4ba32d9abac8cd049040ef6534"
# `["key", "secret", ""]`, sealed to PUBLIC_HALF for "row 1|ana" on 2026-11-22: what is kept must open after every upgrade.
KEPT = (
    "6f0188eZaAGmzrTf1Lmn4sZH4GNmOK45dUlgcWtoWMYZ+bjVLII2dq3qQE0zpNGcHxg7eLTism06yETrv2n5jaj4u8CKIRyH0mC/NGEJdKrZBGIKyHLz1/XUOe9twrRfoi"
    "lBqAjPDJjau9FhIJI+C7NHnhbJA+zpys8M01MtRbJf4kvCbts1cJvPpq9s+BpumaBJQWw5GAqCqs+3Ym88lBPpcMrOS6hBR5GmuRxwJwEbnwS83/2C1z4n0SBt7xH9HtcQ"
    "lSm1Evl1aK7u9eeRymvd7I6DMVwkuIuxqhM6D9SkqGXIHtYX6Bqh+YrAD1qxp36/El3o1eJxxE2m5wCaEpzmh2mzwdfQcSURTLc4gRGI70j8Lf5PfmkyiZLQfG1L5puhuL"
    "6NICVkJSOMq/I3rIqPDgfRYxuB/N4w++Xjczq2hmFR1Yyh/Sq1YMnCJoqlIt3WoVu1XBZksYXiuv6e2CRHCyqQyxq2vFgwtPbVzGdHHOeMKqHKLSfYejQ3/nOEFATalO2E"
    "yEl+voE4607MC+V9LUPADD3qUOiXvPLfOJxPcwBkZFjq+WSqkqjXw0TOocD3DIdoy8YGIAZcQNjHhKAP9TiFWvTI8CpKVECJBXsbkpEqt3izHx2z6nO//Gs+ykPSRFkCbr"
    "YsNXv9FyRpEZxWGwfvz7XVrWfA2s+tvjN7UpZ7ftDM3ONir7YPEBESB3n5bj2+6x4w5hPL0WPHXQ81ywNztTDtQLNiUvPktHbGSA6TgN7/BMV08Y0FnFLjVHCxSz1rayBw"
    "I1pJaCEXa6urz9zp7sSs76XgPKzJIZtfnmaGjpyyrvTa8T04QSlRS2PXsQlnB06pHcbivTpJ1u9wfBdNW7sLQvkBUOB6IpdqAmi1KIEq153EWe5cX2yqIcF+RVohk3ez7g"
    "csdMjgFYwGVCjK5knmfc2YMtHLTWDZY3mR4GQ0dj63+p4KtMVaNcWpkIJlQbsiTbX+YHLBtc7RHg2io/iep7tBmU5C7BM6wk+8aHYxJ+Vj9d28cfoBvHtb01JheATZAGFA"
    "x+g6Dtzbz3yN800U+MyYA/C02Dgq5g/Im45HPtjh/7ULXTRwvgGdp6uWTCL6IvKMHuBkhrQQ2gNpvG403I8/uk6UJmey6jBOkzrg1rBuRdlDLJrrU3h3Rn68MOiMbHtdwN"
    "t2bhDzYc/KazyDZ6LxL9C9tKkMJKJ2lfL0gQ+/MpuSnV7P8UwEjpAGUgl6fEUEaioxZAGDe9YVjA3XPLRkGCmQi72rpSGXVu8kfynVSwBsa8toUXBSyEIE1pHT2PHhhJ+v"
    "aDZyz9ty54zQo01/8zMTqJxmCYsFJT0tGECsJskjlnxLjasbzM1hb875Yw+/3Fw+PvgtKKU1fFgrW/03Z112qcS9SeSv5sUGMRH8d6PRolSgLETQ0+Lv618zLYv1OOpjkF"
    "+6tfV4tRmcH4+tQJoQPW92gU4UIwt6GRwrFSOpg4V9vWNQ4vK2bL1rE+VA3BvgcqZfKBxw46suKAik9n+MBM2QkiaMKra1NZPlV7KWDFoGMv2oShM=")


class HalfTestCase(TestCase):
    def setUp(self):
        self.public, self.private = PublicHalf(PUBLIC_HALF), PrivateRing(PRIVATE_HALF)
        self.sealed = self.public.seal(b"a secret", "row 1|ana")

    def open(self, sealed: bytes, info: str = "row 1|ana", key_id: str = "a2f2d1b5", ring: PrivateRing | None = None) -> bytes:
        return (ring or self.private).open(key_id, sealed, info)


class SealingTests(HalfTestCase):
    def test_the_private_half_opens_what_the_public_half_sealed(self):
        self.assertEqual(self.open(self.sealed), b"a secret")

    def test_what_was_kept_before_still_opens(self):
        self.assertEqual(self.open(base64.b64decode(KEPT)), b'["key", "secret", ""]')

    def test_not_in_another_row_nor_for_another_owner(self):
        for info in ("row 2|ana", "row 1|bea", ""):
            with self.assertRaises(ValueError):
                self.open(self.sealed, info)

    def test_not_with_another_pair_nor_without_any(self):
        _public, private = sealing.new_pair(DAY)
        stranger = PrivateRing(private)
        for key_id, ring in (("a2f2d1b5", stranger), (*stranger.made, stranger), ("a2f2d1b5", PrivateRing("")), ("", self.private)):
            with self.assertRaises(ValueError):
                self.open(self.sealed, key_id=key_id, ring=ring)

    def test_not_when_damaged(self):
        no_element = self.sealed[:1088] + bytes(32) + self.sealed[1120:]
        flipped = self.sealed[:-1] + bytes([self.sealed[-1] ^ 1])
        for damaged in (b"", b"x", self.sealed[:-1], self.sealed + b"x", flipped, bytes(len(self.sealed)), no_element):
            with self.assertRaises(ValueError, msg=damaged[:8]):
                self.open(damaged)

    def test_two_seals_of_one_text_differ_and_neither_shows_it(self):
        self.assertNotEqual(self.sealed[:32], self.public.seal(b"a secret", "row 1|ana")[:32])
        self.assertNotIn(b"a secret", self.sealed)

    def test_an_older_half_of_the_ring_still_opens(self):
        _public, newest = sealing.new_pair(DAY)
        self.assertEqual(self.open(self.sealed, ring=PrivateRing(f"{newest}, {PRIVATE_HALF}")), b"a secret")


class HalvesTests(TestCase):
    def test_the_private_half_is_the_seed_of_the_standard(self):
        raw = b"".join(half.public_key().public_bytes_raw() for half in sealing._private_halves(bytes.fromhex(XWING_SEED)))
        self.assertTrue(raw.hex().startswith(XWING_FIRST))
        self.assertTrue(raw.hex().endswith(XWING_LAST))

    def test_a_pair_says_when_it_was_made_and_which_it_is(self):
        public, private = sealing.new_pair(DAY)
        half = PublicHalf(public)
        self.assertEqual((half.made, half.age_days(date(2026, 12, 23))), (DAY, 31))
        self.assertEqual(PrivateRing(private).made, {half.key_id: DAY})
        self.assertEqual(sealing.public_half(private), public)

    def test_no_two_pairs_are_alike(self):
        self.assertNotEqual(sealing.new_pair(DAY), sealing.new_pair(DAY))

    def test_what_is_no_half_is_refused_without_being_repeated(self):
        day, key_id, encoded = PRIVATE_HALF.split(".")
        slip = f"{day}.{key_id}.eGVzdHMgb25seTogdGhlIHByaXZhdGUgaGFsZiAxMjM="
        for kind, text in (
            (PublicHalf, ""), (PublicHalf, "key"), (PublicHalf, PRIVATE_HALF), (PublicHalf, PUBLIC_HALF[:-4]),
            (PublicHalf, f"x{PUBLIC_HALF}"), (PrivateRing, encoded), (PrivateRing, PUBLIC_HALF), (PrivateRing, slip),
            (PrivateRing, f"{PRIVATE_HALF},x"),
            (PrivateRing, f"2026-13-22.{key_id}.{encoded}"), (PrivateRing, PRIVATE_HALF[:-4]), (PrivateRing, f"{day}.00000000.{encoded}"),
        ):
            with self.assertRaises(ValueError, msg=text) as caught:
                kind(text)
            self.assertNotIn(encoded[:12], repr(caught.exception))

    def test_nothing_that_shows_a_ring_shows_its_keys(self):
        seed = b"tests only: the private half 123"
        shown = repr(vars(PrivateRing(PRIVATE_HALF))) + repr(PrivateRing(PRIVATE_HALF))
        for part in (seed.decode(), seed.hex(), PRIVATE_HALF.rpartition(".")[2]):
            self.assertNotIn(part, shown)

    def test_the_command_prints_a_pair_and_where_each_half_goes(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            sealing.main()
        lines = dict(line.split("=", 1) for line in said.getvalue().splitlines() if not line.startswith("#"))
        self.assertEqual(sealing.public_half(lines["SEALING_PRIVATE_KEYS"]), lines["SEALING_PUBLIC_KEY"])
        self.assertIn("Workers only", said.getvalue())
