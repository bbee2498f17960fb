"""The hunt finds a secret in every form and under every layer, from every place where it may begin, and nothing else."""

import base64
import gzip
import json
import pickle
import zlib
from unittest import TestCase
from urllib.parse import quote

from django.core import signing

from tests.proof.leaks.hunt import hunt
from tests.proof.leaks.needles import Needles

RAW = bytes(range(100, 164))
SECRET = base64.b64encode(RAW).decode()
PASSWORD = 'clave ñ"/+& <de Ana>'
CODE = "40551922"


def finds(content: bytes, secret: str = SECRET) -> list[str]:
    return hunt([("place", content)], Needles({"it": secret}))


class FormTests(TestCase):
    def test_every_way_to_write_it(self):
        for name, shown in {
            "plain": SECRET.encode(), "hex": SECRET.encode().hex().encode(), "HEX": SECRET.encode().hex().upper().encode(),
            "utf-16 le": SECRET.encode("utf-16-le"), "utf-16 be": SECRET.encode("utf-16-be"), "url": quote(SECRET, safe="").encode(),
            "percent": "".join(f"%{letter:02x}" for letter in SECRET.encode()).encode(), "decoded": RAW, "decoded, hex": RAW.hex().encode(),
            "decoded, repr": repr(RAW).encode(), "utf-16 in hex": SECRET.encode("utf-16-le").hex().encode(),
        }.items():
            with self.subTest(form=name):
                self.assertNotEqual(finds(b"a line: " + shown + b"\n"), [])

    def test_letters_that_each_way_spoils(self):
        for shown in (json.dumps(PASSWORD), "clave+%C3%B1%22%2F%2B%26+%3Cde+Ana%3E", "clave ñ&quot;/+&amp; &lt;de Ana&gt;",
                      "clave =C3=B1\"/+& <de Ana>", json.dumps(PASSWORD).replace("/", "\\/")):
            with self.subTest(shown=shown):
                self.assertNotEqual(finds(shown.encode(), PASSWORD), [])

    def test_base64_wherever_it_begins_in_a_longer_text(self):
        for before in (b"", b"a", b"ab", b"abc"):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                with self.subTest(before=before, encode=encode.__name__):
                    self.assertNotEqual(finds(encode(before + SECRET.encode() + b"xyz")), [])

    def test_pieces(self):
        for piece in (SECRET[:44], SECRET[44:], SECRET[:16], SECRET[1:17], SECRET[37:53], SECRET[-18:-2]):
            with self.subTest(piece=piece):
                self.assertNotEqual(finds(f"key={piece}.".encode()), [])

    def test_what_ends_alike_is_no_piece(self):
        self.assertEqual(finds(f"…{SECRET[-4:]} {SECRET[:15]}".encode()), [])

    def test_a_short_code_as_a_word_of_its_own(self):
        self.assertEqual(finds(b"key:used:40551922", CODE), ["place: it, plain"])
        self.assertEqual(finds(b"nonce 1764405519223", CODE), [])


class LayerTests(TestCase):
    def test_a_session_as_django_writes_it(self):
        for compress in (False, True):
            with self.subTest(compress=compress):
                kept = signing.dumps({"POST": {"secret": SECRET}, "more": "of it " * 20}, key="k", compress=compress)
                self.assertNotEqual(finds(f"0a1b2c3d{kept}".encode()), [])

    def test_layers_on_layers(self):
        packed = gzip.compress(json.dumps({"body": base64.b64encode(zlib.compress(SECRET.encode())).decode()}).encode())
        self.assertIn("place > base64 > zlib > base64 > zlib: it, plain", finds(base64.b64encode(pickle.dumps([packed]))))

    def test_what_is_packed_and_cut_off(self):
        self.assertNotEqual(finds(zlib.compress(b"x" * 999 + SECRET.encode() + bytes(range(256)) * 9)[:-200]), [])

    def test_a_value_in_hex_as_a_dump_of_postgresql_has_it(self):
        self.assertNotEqual(finds(b"\\\\x" + zlib.compress(SECRET.encode()).hex().encode()), [])

    def test_a_message_inside_an_address(self):
        self.assertNotEqual(finds(quote(base64.b64encode(SECRET.encode())).encode()), [])

    def test_nothing_is_found_where_nothing_is(self):
        self.assertEqual(finds(zlib.compress(bytes(range(100)) * 40) + base64.b64encode(bytes(range(100)))), [])
