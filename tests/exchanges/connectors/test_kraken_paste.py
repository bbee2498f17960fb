"""What people paste. Each row: the two fields as pasted; what must come out, or the words that the sentences must hold."""
from django.test import SimpleTestCase
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.connectors.base import Credentials, Mispasted
from exchanges.connectors.kraken_paste import clean, looks_like_secret

KEY = "RaALpndTVcpcVB2nJjbikFyJBPkIIVC2FDF0XI6A9/0suQBM5Vey8Cxg"
SECRET = "GCh/vrh38tEEDrp0ps14blKiUBQc8kIdOgvpdO1q/2dCLG/mIG1Ww+kZD82wpZjanIGKCB9d6epyVbgfYQoodA=="
FUTURES_SECRET = "Wqdz0U" * 14 + "Zx9k"     # 88 characters without padding, the form of Kraken Futures' samples
WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202a\u202c\u2066\u034f\ufe0f\u115f\u3164\u2800"

GOOD = {
    "as copied": (KEY, SECRET),
    "blanks around": (f"  {KEY} ", f"\t{SECRET}\n"),
    "non-breaking and thin blanks": (f"\u00a0{KEY}\u202f", f"\u2009{SECRET}\u3000"),
    "broken into lines": (f"{KEY[:28]}\n{KEY[28:]}", f"{SECRET[:44]}\r\n{SECRET[44:]}"),
    "secret broken where a key would end": (KEY, f"{SECRET[:56]}\n{SECRET[56:]}"),
    "in groups of four": (" ".join(KEY[n:n + 4] for n in range(0, 56, 4)), " ".join(SECRET[n:n + 4] for n in range(0, 88, 4))),
    "tabs between": (KEY.replace("V", "V\t"), SECRET.replace("k", "k\t")),
    "zero width inside": (ZERO_WIDTH.join(KEY), ZERO_WIDTH.join(SECRET)),
    "byte order mark": ("\ufeff" + KEY, "\ufeff" + SECRET),
    "control characters": (f"\x00{KEY}\x1b", f"\x07{SECRET}"),
    "double quotes": (f'"{KEY}"', f'"{SECRET}"'),
    "single quotes": (f"'{KEY}'", f"'{SECRET}'"),
    "curly quotes": (f"“{KEY}”", f"‘{SECRET}’"),
    "Spanish quotes": (f"«{KEY}»", f"« {SECRET} »"),
    "backticks": (f"`{KEY}`", f"```\n{SECRET}\n```"),
    "bold": (f"**{KEY}**", f"*{SECRET}*"),
    "angle brackets": (f"<{KEY}>", f"[{SECRET}]"),
    "comma after": (f"{KEY},", f"{SECRET};"),
    "full stop after": (f"{KEY}.", f"{SECRET}."),
    "full width": (KEY.translate(WIDE), SECRET.translate(WIDE)),
    "English labels": (f"API key: {KEY}", f"Private key: {SECRET}"),
    "labels without a colon": (f"API key {KEY}", f"Private key {SECRET}"),
    "labels on their own line": (f"API key\n{KEY}", f"Private key\n{SECRET}"),
    "labels stuck to it": (f"API Key{KEY}", f"Private Key{SECRET}"),
    "Spanish labels": (f"Clave API: {KEY}", f"Clave secreta: {SECRET}"),
    "Spanish labels, other words": (f"Mi clave pública de Kraken = {KEY}", f"Clave privada → {SECRET}"),
    "label of one word": (f"Key - {KEY}", f"Secret: {SECRET}"),
    "dashes": (f"API key — {KEY}", f"Private key – {SECRET}"),
    "list bullets": (f"• API key: {KEY}", f"- Private key: {SECRET}"),
    "two labels": (f"Clave API (API key): {KEY}", f"Clave secreta (Private key): {SECRET}"),
    "environment": (f"KRAKEN_API_KEY={KEY}", f'export KRAKEN_API_SECRET="{SECRET}"'),
    "JSON lines": (f'"apiKey": "{KEY}",', f'"secret": "{SECRET}"'),
    "label and lines": (f"API key: {KEY[:28]}\n{KEY[28:]}", f"Private key: {SECRET[:60]}\n{SECRET[60:]}"),
    "copy button's word": (f"{KEY}\nCopy", f"{SECRET} Copiar"),
    "words around": (f"la de Smartrader es {KEY} creo", f"y esta {SECRET} (no compartir)"),
    "padding lost": (KEY, SECRET[:86]),
    "half the padding lost": (KEY, SECRET[:87]),
    "padding lost, with a label": (KEY, f"Private key: {SECRET[:86]}"),
    "percent codes": (KEY.replace("/", "%2F"), SECRET.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D")),
    "QR in the first": (f"kraken://apikey?key={KEY}&secret={SECRET}", ""),
    "QR in the second": ("", f"kraken://apikey?key={KEY}&secret={SECRET}"),
    "QR in both": (f"kraken://apikey?key={KEY}&secret={SECRET}",) * 2,
    "QR beside the key": (KEY, f"kraken://apikey?key={KEY}&secret={SECRET}"),
    "QR beside the secret": (f"kraken://apikey?key={KEY}&secret={SECRET}", SECRET),
    "QR the other way round": (f"kraken://apikey?secret={SECRET}&key={KEY}", ""),
    "QR in lines and quotes": (f'"kraken://apikey?key={KEY[:30]}\n{KEY[30:]}&secret={SECRET}"', ""),
    "QR without padding": (f"kraken://apikey?key={KEY}&secret={SECRET[:86]}", ""),
    "both in the first": (f"API key: {KEY}\nPrivate key: {SECRET}", ""),
    "both in the second": ("", f"API key: {KEY}\nPrivate key: {SECRET}"),
    "both in both": (f"{KEY}\n{SECRET}",) * 2,
    "both without labels": (f"{KEY} {SECRET}", ""),
    "both, secret first": (f"Secret: {SECRET}\nKey: {KEY}", ""),
    "both with a comma": (f"{KEY},{SECRET}", ""),
    "both with a colon": (f"{KEY}:{SECRET}", ""),
    "both as JSON": (f'{{"apiKey": "{KEY}", "secret": "{SECRET}"}}', ""),
    "both, Spanish, in lines": (f"Clave API: {KEY[:40]}\n{KEY[40:]}\nClave secreta: {SECRET[:50]}\n{SECRET[50:]}", ""),
    "both in the first, secret again": (f"API key: {KEY} Private key: {SECRET}", SECRET),
}

SHORT, LONG = "shorter of the two", "do not keep it between one try"
IS_SECRET, IS_KEY = "looks like the private key", "looks like the API key"
TWICE, FUTURES = "same text in both fields", "Kraken Futures"
NOT_A_KEY, ODD_LETTER, MAIL, WEB = "does not look like a Kraken key", "a character here", "e-mail address", "web address"

BAD = {
    "nothing": ("", "", {"api_key": SHORT, "secret": LONG}),
    "blanks": (" \n", "\u200b\u00a0", {"api_key": SHORT, "secret": LONG}),
    "labels alone": ("API key: ", "Private key:", {"api_key": SHORT, "secret": LONG}),
    "no secret": (KEY, "", {"secret": LONG}),
    "no key": ("", SECRET, {"api_key": SHORT}),
    "swapped": (SECRET, KEY, {"api_key": IS_SECRET, "secret": IS_KEY}),
    "swapped with labels": (f"API key: {SECRET}", f"Secret: {KEY}", {"api_key": IS_SECRET, "secret": IS_KEY}),
    "swapped without padding": (SECRET[:86], KEY, {"api_key": IS_SECRET, "secret": IS_KEY}),
    "swapped in lines": (f"{SECRET[:56]}\n{SECRET[56:]}", KEY, {"api_key": IS_SECRET, "secret": IS_KEY}),
    "secret as key": (SECRET, "", {"api_key": IS_SECRET, "secret": LONG}),
    "a cut secret as key": (SECRET[:85], SECRET, {"api_key": IS_SECRET}),
    "key as secret": ("", KEY, {"api_key": SHORT, "secret": IS_KEY}),
    "key twice": (KEY, KEY, {"secret": TWICE}),
    "key twice with labels": (f"API key: {KEY}", f"Private key: {KEY}", {"secret": IS_KEY}),
    "secret twice": (SECRET, SECRET, {"api_key": TWICE}),
    "nonsense twice": ("abc", "abc", {"api_key": TWICE, "secret": TWICE}),
    "key cut": (KEY[:55], SECRET, {"api_key": "has 55 characters, and Kraken's API key has 56"}),
    "key with a label cut": (f"API key: {KEY[:41]}", SECRET, {"api_key": "has 41 characters, and Kraken's API key has 56"}),
    "key with a letter more": (KEY + "x", SECRET, {"api_key": "has 57 characters, and Kraken's API key has 56"}),
    "one letter": ("x", SECRET, {"api_key": "has 1 character, and Kraken's API key has 56"}),
    "secret cut": (KEY, SECRET[:60], {"secret": "has 60 characters, and Kraken's Private key has 88"}),
    "secret without its first letter": (KEY, SECRET[1:], {"secret": "has 87 characters, and Kraken's Private key has 88"}),
    "secret with a letter more": (KEY, "x" + SECRET, {"secret": "has 89 characters, and Kraken's Private key has 88"}),
    "both cut": (KEY[:9], SECRET[:9], {"api_key": "has 9 characters", "secret": "has 9 characters"}),
    "key with a letter that is none": (KEY[:55] + "ñ", SECRET, {"api_key": ODD_LETTER}),
    "key with a letter that only looks like one": (KEY[:55] + "\u0131", SECRET, {"api_key": ODD_LETTER}),
    "key in base64 for addresses": (KEY.replace("/", "_"), SECRET, {"api_key": ODD_LETTER}),
    "secret with a letter that is none": (KEY, SECRET.replace("G", "!"), {"secret": ODD_LETTER}),
    "secret with padding in the middle": (KEY, SECRET[:40] + "=" + SECRET[41:], {"secret": ODD_LETTER}),
    "hidden secret": (KEY, "•" * 88, {"secret": ODD_LETTER}),
    "an e-mail": ("ana@example.com", SECRET, {"api_key": MAIL}),
    "the address of the page": ("https://www.kraken.com/u/security/api", SECRET, {"api_key": WEB}),
    "an address without scheme": ("www.kraken.com/u/security/api", "pro.kraken.com", {"api_key": WEB, "secret": WEB}),
    "a password": ("S3cr-et0!", "c0ntraseña$", {"api_key": NOT_A_KEY, "secret": NOT_A_KEY}),
    "the key's name": ("Smartrader (principal)", SECRET, {"api_key": NOT_A_KEY}),
    "hidden key": ("••••••••", SECRET, {"api_key": NOT_A_KEY}),
    "a PEM": ("-----BEGIN EC PRIVATE KEY-----", SECRET, {"api_key": NOT_A_KEY}),
    "a UUID": ("37c541a1-0000-4000-8000-10fe7a038418", SECRET, {"api_key": NOT_A_KEY}),
    "Futures by label": (f"Kraken Futures API key: {KEY}", SECRET, {"api_key": FUTURES}),
    "Futures by variable": (f"KRAKEN_FUTURES_API_KEY={KEY}", f"KRAKEN_FUTURES_SECRET={SECRET}", {"api_key": FUTURES, "secret": FUTURES}),
    "Futures by address": ("https://futures.kraken.com/trade/settings/api", SECRET, {"api_key": FUTURES}),
    "Futures by demo address": ("demo-futures.kraken.com " + KEY, SECRET, {"api_key": FUTURES}),
    "Futures in Spanish": (f"Clave de futuros: {KEY}", SECRET, {"api_key": FUTURES}),
    "Futures by its secret": (KEY, FUTURES_SECRET, {"secret": FUTURES}),
    "Futures by its secret, as documented": (KEY, FUTURES_SECRET[:87], {"secret": FUTURES}),
    "Futures by its secret, with a label": (KEY, "Private key: " + FUTURES_SECRET, {"secret": FUTURES}),
    "QR cut": (f"kraken://apikey?key={KEY}&secret={SECRET[:30]}", "", {"secret": "has 30 characters"}),
    "a book": ("once upon a time " * 5000, SECRET, {"api_key": IS_SECRET}),
}


class CleanTests(SimpleTestCase):
    def test_a_key_may_spell_futures_by_chance(self):
        key = "FuTuRes+" + KEY[8:]
        self.assertEqual(clean(key, SECRET).api_key, key)

    def test_what_can_be_read_is_read(self):
        for name, (api_key, secret) in GOOD.items():
            with self.subTest(name):
                self.assertEqual(clean(api_key, secret), Credentials(KEY, SECRET))

    def test_what_is_wrong_is_said_at_its_field(self):
        for name, (api_key, secret, expected) in BAD.items():
            with self.subTest(name), translation.override("en"):
                with self.assertRaises(Mispasted) as caught:
                    clean(api_key, secret)
                errors = caught.exception.errors
                self.assertEqual(set(errors), set(expected))
                for field, words in expected.items():
                    self.assertIn(words, str(errors[field]))

    def test_no_sentence_repeats_what_was_pasted(self):
        for api_key, secret, _expected in BAD.values():
            with self.assertRaises(Mispasted) as caught:
                clean(api_key, secret)
            said = " ".join(map(str, caught.exception.errors.values())) + repr(caught.exception) + str(caught.exception)
            for pasted in (api_key, secret):
                self.assertFalse(len(pasted.strip()) > 8 and pasted.strip() in said)
            for chunk in (KEY[:9], SECRET[:9], "ana@", "S3cr"):
                self.assertNotIn(chunk, said)

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(st.text(max_size=200) | st.sampled_from([KEY, SECRET, ""]), st.text(max_size=200) | st.sampled_from([KEY, SECRET, ""]))
    def test_any_text_gives_credentials_or_sentences(self, api_key, secret):
        try:
            found = clean(api_key, secret)
        except Mispasted as mispasted:
            self.assertTrue(mispasted.errors)
        else:
            self.assertEqual((len(found.api_key), len(found.secret), found.secret[-2:]), (56, 88, "=="))


class LooksLikeSecretTests(SimpleTestCase):
    def test_a_private_key_in_any_dress_is_one(self):
        for text in (SECRET, f" {SECRET}\n", SECRET[:86], SECRET[:70], SECRET[-30:], f"{SECRET[:44]}\n{SECRET[44:]}",
                     SECRET.translate(WIDE), f"Private key: {SECRET}", f"API key: {KEY} Private key: {SECRET}", f"kraken://apikey?key={KEY}&secret={SECRET}",
                     ZERO_WIDTH.join(SECRET), FUTURES_SECRET, SECRET.replace("=", "%3D")):
            with self.subTest(text):
                self.assertTrue(looks_like_secret(text))

    def test_an_api_key_is_none(self):
        for text in ("", KEY, f" {KEY}\n", f"API key: {KEY}", KEY[:40], "ana@example.com", "https://www.kraken.com/u/security/api", "abc"):
            with self.subTest(text):
                self.assertFalse(looks_like_secret(text))
