"""What people paste into Kraken's two fields, made clean, or the sentence that says what is wrong with it.

Observed, not promised by Kraken: an API key is 56 characters of base64 without padding (42 bytes), a private key 88 that end
in "==" (64 bytes), and its QR code reads kraken://apikey?key=…&secret=… with nothing encoded. A Kraken Futures key has the
same 56 characters; its private key is longer without padding (66 bytes) in the samples of
https://support.kraken.com/hc/en-us/articles/360022839451 and of rotki's tests, but not in all. Only that, or the word
itself in the paste, gives one away; else Kraken answers "Invalid key". (Read 2026-11-22.)
"""
import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .base import Credentials, Mispasted
from .paste import joined, legible, no_key, odd_letter, other_thing

BASE64 = "[A-Za-z0-9+/]"
KEY = BASE64 + "{56}"
SECRET = BASE64 + "{86}={0,2}"
NAMES = {"api_key": "API key", "secret": "Private key"}
LENGTHS = {"api_key": 56, "secret": 88}

NOISE = r"[^A-Za-z0-9+/]"
LABEL_WORDS = (
    "api|key|public|private|secret|secreta|secreto|clave|llave|privada|p[uú]blica|de|la|mi|tu|my|your|kraken|smartrader|"
    "spot|pro|export|sign"
)
LABEL = rf"(?i:{LABEL_WORDS})"              # not the whole pattern: without case [a-z] takes the Turkish dotless i
LABELS = f"{NOISE}*(?:{LABEL}{NOISE}*)*"
COPY_BUTTON = f"(?:{NOISE}*(?i:copy|copied|copiar|copiado|copiada))*{NOISE}*"
LABEL_BEFORE = re.compile(f"^{NOISE}*(?:{LABEL}{NOISE}+)+")
SECRET_LABEL = re.compile(f"(?:{LABEL}{NOISE}+)*(?i:private|privada|secret)")


def clean(api_key: str, secret: str, passphrase: str = "") -> Credentials:
    """The credentials in what was pasted. Raises Mispasted with a sentence per field at fault."""
    texts = {"api_key": legible(api_key), "secret": legible(secret)}
    texts = _from_qr(texts) or _from_one_paste(texts) or texts
    found = {"api_key": _own(texts["api_key"], KEY, SECRET), "secret": _own(texts["secret"], SECRET, KEY)}
    errors = {
        name: sentence for name, text in texts.items()
        if (sentence := _futures(name, text) or ("" if found[name] else _fault(name, texts)))
    }
    if errors:
        raise Mispasted(errors)
    return Credentials(found["api_key"], found["secret"].rstrip("=") + "==")


def looks_like_secret(text: str) -> bool:
    """Whether `text` may hold a private key, whole or in part, and so must never be shown again."""
    whole = joined(legible(text))
    return "==" in whole or bool(re.search(BASE64 + "{57}", whole))


def _from_qr(texts: dict[str, str]) -> dict[str, str] | None:
    """Both texts of a QR code, from whichever field has it whole. Split by hand: a query parser would turn + into a blank."""
    for text in map(joined, texts.values()):
        key, secret = (re.search(rf"kraken://apikey\?(?:.*&)?{name}=([^&]*)", text) for name in ("key", "secret"))
        if key and secret:
            return {"api_key": key[1], "secret": secret[1]}
    return None


def _from_one_paste(texts: dict[str, str]) -> dict[str, str] | None:
    """Both texts where they came into one field, or into each: by their lengths, else by the label of the second."""
    text = texts["api_key"] or texts["secret"]
    if not text or texts["secret"] not in ("", text):
        return None
    key, secret = _alone(text, KEY), _alone(text, SECRET)
    label = SECRET_LABEL.search(text)
    if not (key and secret) and label:
        key, secret = _own(text[:label.start()], KEY, SECRET), _own(text[label.start():], SECRET, KEY)
    return {"api_key": key, "secret": secret} if key and secret else None


def _own(text: str, shape: str, other: str) -> str:
    """The part of `text` that has `shape`: all but labels and blanks, else what stands alone in it. "" where there is none."""
    whole = re.fullmatch(f"{LABELS}({shape}){COPY_BUTTON}", joined(text))
    if whole or re.fullmatch(f"{LABELS}({other}){COPY_BUTTON}", joined(text)):
        return whole[1] if whole else ""                    # the other one, in lines: no line of it is ours
    return _alone(text, shape)


def _alone(text: str, shape: str) -> str:
    found = set(re.findall(f"(?<!{BASE64}){shape}(?![A-Za-z0-9+/=])", text))
    return found.pop() if len(found) == 1 else ""


def _futures(name: str, text: str) -> str:
    rest = joined(LABEL_BEFORE.sub("", text))
    around = re.sub(BASE64 + "{40,}", " ", text)            # a key may spell the word by chance
    if re.search("futur|derivativ", around, re.IGNORECASE) or (name == "secret" and re.fullmatch(BASE64 + "{87,88}", rest)):
        return _("This looks like a key of Kraken Futures, which has keys of its own. Create one on the API page of "
                 "Kraken itself, not of Futures, and paste it here.")
    return ""


def _fault(name: str, texts: dict[str, str]) -> str:
    """What is wrong with a field, and the cure. It never repeats what was pasted."""
    rest = joined(LABEL_BEFORE.sub("", texts[name]))
    if not rest:
        return _("Paste the API key, the shorter of the two.") if name == "api_key" else _(
            "Paste the private key. We do not keep it between one try and the next, so it has to be pasted again.")
    if texts["api_key"] == texts["secret"]:
        return _same_twice(name)
    if name == "api_key" and (_own(rest, SECRET, KEY) or len(rest) > 80):
        return _("This looks like the private key: it is long and ends in “==”. Paste the other one here, the API key. "
                 "For your safety we have emptied the field.")
    if name == "secret" and _own(rest, KEY, SECRET):
        return _("This looks like the API key: it is the short one. Paste the other one here, the Private key.")
    return _other_text(name, texts[name], rest) or _wrong_length(name, len(rest))


def _same_twice(name: str) -> str:
    if name == "api_key":
        return _("You pasted the same text in both fields. The other one goes here: the API key, the shorter of the two.")
    return _("You pasted the same text in both fields. The other one goes here: the Private key, the longer of the two.")


def _other_text(name: str, text: str, rest: str) -> str:
    """The sentence for what is no key at all; "" for what only has the wrong length."""
    if sentence := other_thing("Kraken", NAMES[name], text):
        return sentence
    if re.fullmatch(BASE64 + "*={0,2}", rest) and len(rest) != LENGTHS[name]:
        return ""
    return no_key("Kraken", NAMES[name]) if len(rest) < 40 else odd_letter("Kraken")


def _wrong_length(name: str, length: int) -> str:
    return ngettext(
        "This has %(length)d character, and Kraken's %(label)s has %(expected)d. Copy it again, whole, with Kraken's copy button.",
        "This has %(length)d characters, and Kraken's %(label)s has %(expected)d. Copy it again, whole, with Kraken's copy button.",
        length,
    ) % {"length": length, "label": NAMES[name], "expected": LENGTHS[name]}
