"""Plain tokens and PEM in every dress they are pasted in. The exchange is made up; each real one tests its own labels."""
from django.test import SimpleTestCase
from django.utils import translation

from exchanges.connectors.base import Credentials, Mispasted
from exchanges.connectors.paste import Token, pem, plain

KEY, SECRET = "deAPI9k2LmQp7RsT4uVw", "myS3cretZx8Yw1Vu6Ts4Rq2Po0Nm8Lk6Ji4Hg2Fe0"
KEY_TOKEN, SECRET_TOKEN = Token("API Key", "[A-Za-z0-9]", 20, 20), Token("API Secret", "[A-Za-z0-9]", 36, 60)
clean = plain("Made Up", KEY_TOKEN, SECRET_TOKEN)
with_phrase = plain("Made Up", KEY_TOKEN, SECRET_TOKEN, passphrase="Passphrase")
twins = plain("Made Up", SECRET_TOKEN, SECRET_TOKEN)

GOOD = {
    "as it is": (KEY, SECRET),
    "blanks and line ends": (f"  {KEY}\n", f"\t{SECRET[:20]}\r\n{SECRET[20:]} "),
    "labels": (f"API Key: {KEY}", f"Secret key - {SECRET}"),
    "labels in Spanish": (f"Tu clave pública: {KEY}", f"la clave secreta de Made Up: {SECRET}"),
    "a copy button's word": (f"{KEY}\nCopy", f"{SECRET} Copiar"),
    "quotes": (f"«{KEY}»", f'"{SECRET}"'),
    "invisible letters": ("\u200b".join(KEY), "\u2060".join(SECRET)),
    "full-width letters": ("".join(chr(ord(c) + 0xFEE0) for c in KEY), SECRET),
    "both in the first field": (f"API Key: {KEY}\nSecret: {SECRET}", ""),
    "both in both fields": (f"API Key: {KEY} Secret: {SECRET}", f"API Key: {KEY} Secret: {SECRET}"),
}
EMPTY_KEY = "Paste the API Key here."
EMPTY_SECRET = "Paste the API Secret. We do not keep it between one try and the next, so it has to be pasted again."
LENGTH = "This is not the length of the API Key. Copy it again, whole, with the copy button of Made Up."
SWAPPED = "This looks like the API Secret. Paste the API Key here."
BAD = {
    "nothing": ("", "", {"api_key": EMPTY_KEY, "secret": EMPTY_SECRET}),
    "only a label": ("API Key:", SECRET, {"api_key": EMPTY_KEY}),
    "cut": (KEY[:-1], SECRET, {"api_key": LENGTH}),
    "swapped": (SECRET, KEY, {"api_key": SWAPPED, "secret": "This looks like the API Key. Paste the API Secret here."}),
    "the same twice": (KEY, KEY, {
        "secret": "You pasted the same text in both fields. Here goes the one that Made Up calls API Secret."}),
    "an address": ("https://madeup.example/keys", SECRET, {
        "api_key": "This is a web address. Paste here the text that Made Up calls API Key."}),
    "an e-mail": ("ana@example.com", SECRET, {
        "api_key": "This is an e-mail address. Paste here the text that Made Up calls API Key."}),
    "a word": ("hola", SECRET, {"api_key": "This does not look like a Made Up key. Paste the text that Made Up calls API Key; your "
                                           "Made Up password is never needed here."}),
    "a translated page": (KEY, SECRET[:-3] + "ñ—é", {
        "secret": "There is a character here that the keys of Made Up never have. Copy it again with the copy button of Made Up, "
                  "with the browser's translator off."}),
}
BODY = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
FILE = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"


class PlainTests(SimpleTestCase):
    def setUp(self):
        self.enterContext(translation.override("en"))

    def test_what_can_be_read_is_read(self):
        for name, pasted in GOOD.items():
            with self.subTest(name):
                self.assertEqual(clean(*pasted, ""), Credentials(KEY, SECRET))

    def test_what_is_wrong_is_said_at_its_field(self):
        for name, (api_key, secret, errors) in BAD.items():
            with self.subTest(name), self.assertRaises(Mispasted) as caught:
                clean(api_key, secret, "")
            self.assertEqual(caught.exception.errors, errors, name)

    def test_the_same_text_twice_where_both_have_one_shape(self):
        with self.assertRaises(Mispasted) as caught:
            twins(SECRET, SECRET, "")
        self.assertEqual(set(caught.exception.errors), {"api_key", "secret"})

    def test_a_passphrase_loses_its_line_ends_and_nothing_else(self):
        self.assertEqual(with_phrase(KEY, SECRET, " con espacios \r\n").passphrase, " con espacios ")
        with self.assertRaises(Mispasted) as caught:
            with_phrase(KEY, SECRET, "\n")
        self.assertEqual(set(caught.exception.errors), {"passphrase"})

    def test_a_secret_is_known_in_any_dress(self):
        for text in (SECRET, f"API Secret: {SECRET}", SECRET[:20] + "\n" + SECRET[20:], "\u200b".join(SECRET)):
            self.assertTrue(SECRET_TOKEN.is_in(text))
        self.assertFalse(SECRET_TOKEN.is_in(KEY))


class PemTests(SimpleTestCase):
    def test_line_ends_of_all_kinds(self):
        for text in (FILE, FILE.replace("\n", "\r\n"), FILE.replace("\n", "\\n"), FILE.replace("\n", "\\r\\n"), FILE.replace("\n", " "),
                     FILE.replace("\n", ""), f"  {FILE}\n\n", f'"{FILE}"', FILE.replace("-----", "—–"), f"key: {FILE} bye"):
            with self.subTest(text):
                self.assertEqual(pem(text), FILE)

    def test_long_ones_are_broken_into_lines_again(self):
        long = pem("-----BEGIN EC PRIVATE KEY-----" + "A" * 160 + "-----END EC PRIVATE KEY-----")
        self.assertEqual([len(line) for line in long.splitlines()], [30, 64, 64, 32, 28])

    def test_what_is_no_open_private_key(self):
        for text in ("", BODY, FILE.replace("PRIVATE", "PUBLIC"), FILE.replace("PRIVATE", "ENCRYPTED PRIVATE"), FILE[:-30],
                     FILE.replace(BODY, "Proc-Type: 4,ENCRYPTED\n" + BODY), FILE.replace(BODY, "")):
            with self.subTest(text):
                self.assertEqual(pem(text), "")
