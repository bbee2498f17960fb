"""What people paste for Coinbase. Each row: the two fields as pasted; what must come out, or the words that the sentences must hold."""
import base64
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from django.test import SimpleTestCase
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.connectors.base import Credentials, Mispasted
from exchanges.connectors.coinbase_paste import clean, loaded, looks_like_secret

from .test_coinbase import EC_KEY, NAME
from .test_coinbase_sign import ED25519_KEY, KEY_ID

LINES = EC_KEY.splitlines()
EC_FILE = json.dumps({"name": NAME, "privateKey": EC_KEY})
OLD_FILE = json.dumps({
    "name": NAME, "principal": "e37dba8e", "principalType": "USER",
    "publicKey": "-----BEGIN EC PUBLIC KEY-----\nMFkw\n-----END EC PUBLIC KEY-----\n", "privateKey": EC_KEY,
    "createTime": "2024-01-01T00:00:00Z", "projectId": "42", "nickname": "Smartrader", "allowedIps": [],
    "scopes": ["rat#view", "rat#trade"], "keyType": "TRADING_KEY", "enabled": True}, indent=2)
ED_FILE = json.dumps({"id": KEY_ID, "privateKey": ED25519_KEY}, indent=4)
SEED = base64.b64encode(base64.b64decode(ED25519_KEY)[:32]).decode()
WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})


def pkcs8(secret):
    return loaded(secret).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


GOOD_EC = {
    "as copied": (NAME, EC_KEY),
    "without its last line end": (NAME, EC_KEY.strip()),
    "line ends written out": (NAME, EC_KEY.replace("\n", "\\n")),
    "line ends written out, in quotes": (f'"{NAME}",', '"' + EC_KEY.replace("\n", "\\n") + '",'),
    "line ends of Windows": (NAME + "\r\n", EC_KEY.replace("\n", "\r\n")),
    "line ends of Windows written out": (NAME, EC_KEY.replace("\n", "\\r\\n")),
    "line ends become blanks": (NAME, EC_KEY.replace("\n", " ")),
    "line ends lost": (NAME, EC_KEY.replace("\n", "")),
    "line ends doubled": (NAME, EC_KEY.replace("\n", "\n\n")),
    "without its first and last line": (NAME, "\n".join(LINES[1:-1])),
    "without its last line": (NAME, "\n".join(LINES[:-1])),
    "without its first and last line, joined": (NAME, "".join(LINES[1:-1])),
    "dashes made typographic": (NAME, EC_KEY.replace("-----", "—–-")),
    "as PKCS8": (NAME, pkcs8(EC_KEY)),
    "blanks around": (f"  {NAME} ", f"\t{EC_KEY}\n"),
    "zero width inside": ("\u200b".join(NAME), "\u2060".join(EC_KEY)),
    "full width": (NAME.translate(WIDE), EC_KEY.translate(WIDE)),
    "labels": (f"API key name: {NAME}", f"Private key:\n{EC_KEY}"),
    "Spanish labels": (f"Nombre de la clave: {NAME}", f"Clave privada: {EC_KEY}"),
    "copy button's word": (f"{NAME} Copy", f"{EC_KEY}Copiar"),
    "environment": (f"COINBASE_KEY_NAME={NAME}", 'COINBASE_KEY_SECRET="' + EC_KEY.replace("\n", "\\n") + '"'),
    "name in capitals": (NAME.upper(), EC_KEY),
    "name in two lines": (f"{NAME[:50]}\n{NAME[50:]}", EC_KEY),
    "file in the first": (EC_FILE, ""),
    "file in the second": ("", EC_FILE),
    "file in both": (EC_FILE, EC_FILE),
    "file beside the name": (NAME, EC_FILE),
    "file beside the key": (EC_FILE, EC_KEY),
    "older file": (OLD_FILE, ""),
    "older file, in one line": ("", OLD_FILE.replace("\n", "")),
    "two lines of a file": (f'"name": "{NAME}",', f'"privateKey": "{EC_KEY}"'.replace("\n", "\\n")),
    "both in the first": (f"{NAME}\n{EC_KEY}", ""),
    "the other way round": (EC_KEY, NAME),
}
GOOD_ED25519 = {
    "as copied": (KEY_ID, ED25519_KEY),
    "line end": (f"{KEY_ID}\n", f"{ED25519_KEY}\n"),
    "the seed alone": (KEY_ID, SEED),
    "padding lost": (KEY_ID, ED25519_KEY.rstrip("=")),
    "seed, padding lost": (KEY_ID, SEED.rstrip("=")),
    "as PKCS8": (KEY_ID, pkcs8(ED25519_KEY)),
    "as PKCS8, line ends lost": (KEY_ID, pkcs8(ED25519_KEY).replace("\n", "")),
    "in lines": (KEY_ID, f"{ED25519_KEY[:50]}\n{ED25519_KEY[50:]}"),
    "labels": (f"API key ID: {KEY_ID}", f"Secret: {ED25519_KEY}"),
    "labels on their own line": (f"API key ID\n{KEY_ID}", f"Private key\n{ED25519_KEY}"),
    "quotes": (f"“{KEY_ID}”", f"'{ED25519_KEY}'"),
    "file in the first": (ED_FILE, ""),
    "file in the second, slashes escaped": ("", ED_FILE.replace("/", "\\/")),
    "the other way round": (ED25519_KEY, KEY_ID),
}
OTHER_CURVE = ec.derive_private_key(7, ec.SECP384R1()).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
LOCKED = loaded(EC_KEY).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")).decode()
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"
EXCHANGE_SECRET = base64.b64encode(b"s" * 64).decode()
AGAIN, NAME_HERE = "do not keep it between one try", "Paste the API key name, or the whole file"
CUT_NAME, CUT_KEY = "not whole, or there are two", "not whole, or not one of"
IS_PRIVATE, IS_NAME, PUBLIC = "This is the private key", "This is the key name", "public key, which we do not need"
OLD, ELSEWHERE, NO_KEY = "kind that Coinbase had before", "Exchange or Prime", "does not look like"
FAULTS = {
    "nothing": ("", "", NAME_HERE, AGAIN),
    "only the name": (NAME, "", None, AGAIN),
    "only the private key": ("", EC_KEY, NAME_HERE, None),
    "the private key twice": (EC_KEY, EC_KEY, IS_PRIVATE, None),
    "the name twice": (NAME, NAME, None, IS_NAME),
    "the bare name twice": (KEY_ID, KEY_ID, None, IS_NAME),
    "half a name": (NAME[:60], EC_KEY, CUT_NAME, None),
    "the organization alone": (NAME.partition("/apiKeys")[0], EC_KEY, CUT_NAME, None),
    "two names": (f"{NAME} {NAME[:-1]}5", EC_KEY, CUT_NAME, None),
    "a private key without its end": (NAME, "\n".join(LINES[:-2]), None, CUT_KEY),
    "a private key without a line": (NAME, "\n".join([*LINES[:2], *LINES[3:]]), None, CUT_KEY),
    "another curve": (NAME, OTHER_CURVE, None, CUT_KEY),
    "locked with a password": (NAME, LOCKED, None, CUT_KEY),
    "a public key as the name": (PUBLIC_KEY, EC_KEY, PUBLIC, None),
    "a public key as the private one": (NAME, PUBLIC_KEY, None, PUBLIC),
    "a key of the old kind": ("aB3dE6gH9jK2mN5p", "aB3dE6gH9jK2mN5paB3dE6gH9jK2mN5p", OLD, OLD),
    "a secret of Coinbase Exchange": (KEY_ID, EXCHANGE_SECRET, None, ELSEWHERE),
    "one letter of it changed": (KEY_ID, "K" + ED25519_KEY[1:], None, ELSEWHERE),
    "web and mail addresses": ("https://portal.cdp.coinbase.com/", "ana@example.com", "web address", "e-mail address"),
    "other words": ("Smartrader", "hunter2", NO_KEY, NO_KEY),
}


class PasteTests(SimpleTestCase):
    def test_good_pastes_come_out_in_one_form(self):
        for pastes, expected in ((GOOD_EC, Credentials(NAME, EC_KEY)), (GOOD_ED25519, Credentials(KEY_ID, ED25519_KEY))):
            for what, (api_key, secret) in pastes.items():
                with self.subTest(what):
                    self.assertEqual(clean(api_key, secret), expected)

    def test_each_fault_is_told_at_its_field_and_never_repeats_the_paste(self):
        for what, (api_key, secret, *expected) in FAULTS.items():
            with self.subTest(what), translation.override("en"):
                with self.assertRaises(Mispasted) as caught:
                    clean(api_key, secret)
                said = {name: words for name, words in zip(("api_key", "secret"), expected, strict=True) if words}
                self.assertEqual(set(caught.exception.errors), set(said))
                for name, words in said.items():
                    self.assertIn(words, caught.exception.errors[name])
                    self.assertNotIn(NAME[-12:], caught.exception.errors[name])

    def test_a_secret_is_known_whole_and_in_part(self):
        for text in (EC_KEY, EC_FILE, ED25519_KEY, SEED, pkcs8(ED25519_KEY), LINES[1], LINES[3], EC_KEY.replace("\n", "\\n"),
                     EXCHANGE_SECRET, "\u200b".join(ED25519_KEY), "aB3dE6gH9jK2mN5paB3dE6gH9jK2mN5p", "-----BEGIN",
                     f"{NAME} {EC_KEY}", "x " * 1000 + EC_KEY):
            self.assertTrue(looks_like_secret(text))
        for text in (NAME, KEY_ID, f"API key name: {NAME}", NAME[:60], "aB3dE6gH9jK2mN5p", "ana@example.com", ""):
            self.assertFalse(looks_like_secret(text))

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(st.text(max_size=300), st.text(max_size=300))
    def test_any_text_is_judged(self, api_key, secret):
        with self.assertRaises(Mispasted):
            clean(api_key, secret)

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(st.integers(0, len(EC_KEY) - 2), st.integers(1, 30))
    def test_a_private_key_with_a_hole_is_none(self, start, length):
        holed = EC_KEY[:start] + EC_KEY[start + length:]
        if "".join(holed.split()) == "".join(EC_KEY.split()):
            return
        try:
            self.assertEqual(clean(NAME, holed), Credentials(NAME, EC_KEY))     # a dash or two of the frame
        except Mispasted as mispasted:
            self.assertEqual(set(mispasted.errors), {"secret"})
