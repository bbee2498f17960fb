"""What people paste for Binance: what must come out, or the words that the sentence at the field must hold."""
import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.test import SimpleTestCase
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.connectors.base import Credentials, Mispasted
from exchanges.connectors.binance_paste import clean, loaded, looks_like_secret

from .test_binance import KEY, SECRET
from .test_binance_sign import ED25519, RSA

WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
PKCS1 = loaded(RSA).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
SMALL_RSA = rsa.generate_private_key(65_537, 1024)
EC = ec.generate_private_key(ec.SECP256R1())


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def public(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


LOCKED = pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret"))
OLD_LOCKED = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----"


class PasteTests(SimpleTestCase):
    def faults(self, api_key, secret):
        with translation.override("en"), self.assertRaises(Mispasted) as caught:
            clean(api_key, secret)
        return {name: str(sentence) for name, sentence in caught.exception.errors.items()}

    def test_a_system_generated_key(self):
        for api_key, secret in (
            (KEY, SECRET), (f" {KEY}\n", f"\u200b{SECRET}\r\n"), (f"API Key: {KEY}", f"Secret Key: {SECRET}"),
            (f"“{KEY}” Copy", f"Clave secreta\n{SECRET[:30]}\n{SECRET[30:]}"), (KEY.translate(WIDE), SECRET.translate(WIDE)),
            (f"API Key: {KEY}\nSecret Key: {SECRET}", ""), ("", f"Clave API: {KEY} Clave secreta: {SECRET} Copiar"),
        ):
            self.assertEqual(clean(api_key, secret), Credentials(KEY, SECRET))

    def test_other_lengths_are_let_through(self):
        for length in (16, 40, 63, 65, 128):
            self.assertEqual(clean("k" * length, "s" * length), Credentials("k" * length, "s" * length))

    def test_a_private_key_in_whatever_shape(self):
        for whole in (ED25519, RSA):
            for shape in (whole, whole.strip(), whole.replace("\n", "\r\n"), whole.replace("\n", "\\n"), whole.replace("\n", " "),
                          whole.replace("\n", ""), whole.replace("-----", "—–-"), f"Private key:\n{whole}", f'"{whole}",',
                          "  " + whole.replace("\n", "\n  ")):
                self.assertEqual(clean(KEY, shape), Credentials(KEY, whole))
        self.assertEqual(clean(KEY, PKCS1), Credentials(KEY, RSA))
        self.assertEqual(clean(KEY, "\u2060".join(ED25519)), Credentials(KEY, ED25519))

    def test_an_ed25519_key_without_its_first_and_last_line(self):
        line = ED25519.splitlines()[1]
        for shape in (line, f"Secret Key: {line}", ED25519.partition("\n")[2], ED25519.rpartition("\n-")[0]):
            self.assertEqual(clean(KEY, shape), Credentials(KEY, ED25519))

    def test_both_in_the_wrong_field_or_in_one(self):
        for api_key, secret in ((ED25519, KEY), (RSA, f"API Key: {KEY}"), (f"API Key: {KEY}\n{ED25519}", ""), ("", f"{KEY}\n{RSA}")):
            self.assertEqual(clean(api_key, secret).api_key, KEY)
            self.assertIn("PRIVATE KEY", clean(api_key, secret).secret)

    def test_a_locked_private_key_is_told_with_its_cure(self):
        for locked in (LOCKED, OLD_LOCKED, LOCKED.replace("\n", "\\n")):
            faults = self.faults(KEY, locked)
            self.assertEqual(list(faults), ["secret"])
            self.assertIn("locked with a password", faults["secret"])
            self.assertIn("Make another pair of keys without a password", faults["secret"])

    def test_a_public_key_is_told(self):
        for key in (loaded(ED25519), loaded(RSA)):
            for shape in (public(key), public(key).replace("\n", ""), public(key).splitlines()[1]):
                self.assertIn("This is the public key", self.faults(KEY, shape)["secret"])
                self.assertIn("This is the public key", self.faults(shape, SECRET)["api_key"])

    def test_a_private_key_that_is_not_whole_or_of_another_kind(self):
        for secret in (ED25519.replace("MC4C", "MC4"), RSA[:900], RSA.replace("-----BEGIN PRIVATE KEY-----", ""), pem(SMALL_RSA), pem(EC)):
            self.assertIn("is not whole, or not one that Binance takes", self.faults(KEY, secret)["secret"])

    def test_words_behind_a_key_are_not_part_of_it(self):
        for api_key, secret in ((f"API Key: {KEY} Created 2026", f"{SECRET} Edit restrictions"), (f"{KEY} Secret Key", SECRET),
                                (f"BINANCE_API_KEY={KEY}", f"BINANCE_API_SECRET={SECRET}")):
            self.assertEqual(clean(api_key, secret), Credentials(KEY, SECRET))
        self.assertEqual(clean(f"API Key\n{KEY}\nPrivate Key\n{ED25519}", ""), Credentials(KEY, ED25519))

    def test_a_private_key_is_never_taken_for_the_api_key(self):
        """Where it holds no + and no /, its line has 64 letters and digits."""
        plain = pem(ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"x3").digest()))
        line = plain.splitlines()[1]
        self.assertRegex(line, "^[A-Za-z0-9]{64}$")
        for api_key in (plain, line, plain.replace("\n", "\\n"), f"Private key: {line}", "\u2060".join(plain)):
            self.assertEqual(list(self.faults(api_key, plain)), ["api_key"])
        self.assertEqual(clean(line, KEY), Credentials(KEY, plain))

    def test_the_api_key_beside_a_private_key_is_judged_too(self):
        self.assertEqual(list(self.faults("", ED25519)), ["api_key"])
        self.assertEqual(list(self.faults("abc", ED25519)), ["api_key"])
        self.assertEqual(list(self.faults(ED25519, ED25519)), ["api_key"])

    def test_what_cannot_be_a_key_is_told_at_its_field(self):
        for api_key, secret, fields in (
            (KEY, KEY, ["api_key", "secret"]), (KEY[:12], SECRET, ["api_key"]), (KEY, SECRET[:12], ["secret"]),
            (KEY, f"{SECRET[:-1]}ñ", ["secret"]), ("ana@example.com", SECRET, ["api_key"]),
            ("https://www.binance.com", SECRET, ["api_key"]), ("", "", ["api_key", "secret"]), (KEY, "s" * 129, ["secret"]),
        ):
            self.assertEqual(sorted(self.faults(api_key, secret)), fields)

    def test_no_sentence_repeats_what_was_pasted(self):
        for secret in (LOCKED, pem(EC), public(EC), RSA[:900], SECRET[:12]):
            for sentence in self.faults(KEY, secret).values():
                self.assertNotIn(secret.split("\n")[-2 if "\n" in secret else 0][:12], sentence)

    def test_whatever_may_be_secret_is_not_shown_again(self):
        for text in (SECRET, KEY, ED25519, RSA, RSA[40:80], f"Secret: {SECRET[:20]}", "-----BEGIN PRIVATE KEY-----", LOCKED):
            self.assertTrue(looks_like_secret(text))
        for text in ("", "Smartrader", "ana@example.com"):
            self.assertFalse(looks_like_secret(text))

    def test_the_frame_does_not_fill_a_hole(self):
        for start, length in ((79, 19), (80, 19), (85, 17), (88, 17), (89, 9), (89, 17)):
            self.assertEqual(list(self.faults(KEY, ED25519[:start] + ED25519[start + length:])), ["secret"])

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(st.integers(0, len(ED25519) - 2), st.integers(1, 30))
    def test_a_private_key_with_a_hole_is_none(self, start, length):
        holed = ED25519[:start] + ED25519[start + length:]
        try:
            self.assertEqual(clean(KEY, holed), Credentials(KEY, ED25519))      # of its frame only
        except Mispasted as mispasted:
            self.assertEqual(set(mispasted.errors), {"secret"})
