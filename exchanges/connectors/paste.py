"""What people paste, made clean: what all exchanges share, and the whole of it where a key is plain tokens.

A paste is a key as it was copied from a screen, a file or a chat: with its label before it, the word of a copy button behind it,
broken over lines, in typographic quotes, with characters that no eye sees. None of that is the person's mistake.
"""
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from django.utils.translation import gettext as _

from .base import Credentials, Mispasted

QUOTES = dict.fromkeys(map(ord, "\"'`´«»‹›“”„‟‘’‚‛*"))
FILLERS = dict.fromkeys((0x115F, 0x1160, 0x2800))           # letters to Unicode, nothing to the eye
WEB_ADDRESS = re.compile(r"://|www\.|\.com\b", re.IGNORECASE)
E_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
MAX_PASTE = 2000                            # both tokens with labels are under 300
MAX_PEM = 10_000                            # of RSA with 4096 bits: 3,300

LABEL_WORDS = (
    "api|key|public|private|secret|secreta|secreto|clave|llave|privada|p[uú]blica|de|la|mi|tu|my|your|smartrader|spot|passphrase|frase"
)
COPY_WORDS = re.compile(r"(?:\s+(?:copy|copied|copiar|copiado|copiada))+\W*$", re.IGNORECASE)
SECRET_LABEL = re.compile(rf"(?:\b(?:{LABEL_WORDS})\W+)*\b(?:private|privada|secret|secreta|secreto)\b", re.IGNORECASE)
PEM = re.compile(r"[-–—]+ *BEGIN ([A-Z0-9 ]*?PRIVATE KEY) *[-–—]+(.*?)[-–—]+ *END \1 *[-–—]+", re.DOTALL)


def legible(text: str) -> str:
    """`text` without what the eye does not see, quotes and percent codes; full-width letters made plain; blanks made one."""
    text = unicodedata.normalize("NFKC", text[:MAX_PASTE])[:MAX_PASTE].translate(QUOTES | FILLERS)
    text = "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or _is_visible(letter))
    return unquote(" ".join(text.split()))                  # not unquote_plus: + is a letter of base64


def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me")


def joined(text: str) -> str:
    return text.replace(" ", "")


def pem(text: str) -> str:
    r"""The private key in `text` as PEM with real line ends, or "" where there is none that is not locked with a password.

    Line ends may be of Windows, written out as \n, turned into blanks or lost; dashes may have been made typographic.
    """
    found = PEM.search(text[:MAX_PEM].replace("\\r", "").replace("\\n", "\n"))
    body = "".join(found[2].split()) if found else ""
    if not re.fullmatch("[A-Za-z0-9+/]{40,}={0,2}", body) or "ENCRYPTED" in found[1]:
        return ""
    lines = [body[start:start + 64] for start in range(0, len(body), 64)]
    return "\n".join((f"-----BEGIN {found[1]}-----", *lines, f"-----END {found[1]}-----", ""))


def other_thing(exchange: str, label: str, text: str) -> str:
    """The sentence for a web address or an e-mail address, else ""."""
    words = {"exchange": exchange, "label": label}
    if E_MAIL.search(text):
        return _("This is an e-mail address. Paste here the text that %(exchange)s calls %(label)s.") % words
    if WEB_ADDRESS.search(text):
        return _("This is a web address. Paste here the text that %(exchange)s calls %(label)s.") % words
    return ""


def no_key(exchange: str, label: str) -> str:
    """The sentence for what is too short, or too odd, to be one."""
    return _("This does not look like a %(exchange)s key. Paste the text that %(exchange)s calls %(label)s; your %(exchange)s password "
             "is never needed here.") % {"exchange": exchange, "label": label}


def odd_letter(exchange: str) -> str:
    return _("There is a character here that the keys of %(exchange)s never have. Copy it again with the copy button of "
             "%(exchange)s, with the browser's translator off.") % {"exchange": exchange}


@dataclass(frozen=True)
class Token:
    """One plain text of a key: its `label` on the exchange's screen, the letters it is made of, and how many it may have."""

    label: str
    letters: str                            # a class of a regular expression: "[A-Za-z0-9]"
    least: int
    most: int

    def fits(self, text: str) -> bool:
        return bool(re.fullmatch(f"{self.letters}{{{self.least},{self.most}}}", text))

    def is_in(self, text: str) -> bool:
        """Whether `text` may hold one, whole or in good part: then it is not shown again."""
        return bool(re.search(f"{self.letters}{{{self.least},}}", joined(legible(text))))


def plain(exchange: str, api_key: Token, secret: Token, *, passphrase: str = "") -> Callable[[str, str, str], Credentials]:
    """`Connector.clean` for an exchange whose keys are plain tokens. `passphrase`: its label, where there is one."""
    tokens = {"api_key": api_key, "secret": secret}
    labels = re.compile(rf"^\W*(?:\b(?:{LABEL_WORDS}|{re.escape(exchange)})\b\W+)+", re.IGNORECASE)

    def clean(pasted_key: str, pasted_secret: str, pasted_passphrase: str = "") -> Credentials:
        texts = {"api_key": legible(pasted_key), "secret": legible(pasted_secret)}
        texts = _from_one_paste(texts, tokens, labels) or texts
        found = {name: _own(text, tokens[name], labels) for name, text in texts.items()}
        errors = {name: _fault(exchange, name, texts, tokens, labels) for name, text in found.items() if not text}
        if not errors and found["api_key"] == found["secret"]:
            errors = {name: _same_twice(exchange, token.label) for name, token in tokens.items()}
        phrase = pasted_passphrase.strip("\r\n")
        if passphrase and not phrase:
            errors["passphrase"] = _paste_again(passphrase)
        if errors:
            raise Mispasted(errors)
        return Credentials(found["api_key"], found["secret"], phrase if passphrase else "")

    return clean


def _own(text: str, token: Token, labels: re.Pattern[str]) -> str:
    """The token in `text`: all of it but label and copy button, else the one that stands alone in it. "" where there is none."""
    rest = joined(_bare(text, labels))
    if token.fits(rest):
        return rest
    alone = {word for word in re.split(r"[\s:,;|]+", text) if token.fits(word)}
    return alone.pop() if len(alone) == 1 else ""


def _bare(text: str, labels: re.Pattern[str]) -> str:
    return COPY_WORDS.sub("", labels.sub("", text)).strip()


def _from_one_paste(texts: dict[str, str], tokens: dict[str, Token], labels: re.Pattern[str]) -> dict[str, str] | None:
    """Both texts where they came into one field, or into each: parted before the label of the secret."""
    text = texts["api_key"] or texts["secret"]
    label = SECRET_LABEL.search(text, 1)
    if texts["secret"] not in ("", text) or not label:
        return None
    parts = {"api_key": text[:label.start()], "secret": text[label.start():]}
    return parts if all(_own(part, tokens[name], labels) for name, part in parts.items()) else None


def _fault(exchange: str, name: str, texts: dict[str, str], tokens: dict[str, Token], labels: re.Pattern[str]) -> str:
    """What is wrong with a field, and the cure. It never repeats what was pasted."""
    token, other = tokens[name], tokens["secret" if name == "api_key" else "api_key"]
    rest = joined(_bare(texts[name], labels))
    if not rest:
        return _("Paste the %(label)s here.") % {"label": token.label} if name == "api_key" else _paste_again(token.label)
    if texts["api_key"] == texts["secret"]:
        return _same_twice(exchange, token.label)
    if _own(texts[name], other, labels):
        return _("This looks like the %(other)s. Paste the %(label)s here.") % {"other": other.label, "label": token.label}
    if sentence := other_thing(exchange, token.label, texts[name]):
        return sentence
    if re.fullmatch(f"{token.letters}+", rest) and len(rest) > 8:
        return _("This is not the length of the %(label)s. Copy it again, whole, with the copy button of %(exchange)s.") % {
            "exchange": exchange, "label": token.label}
    return no_key(exchange, token.label) if len(rest) < token.least else odd_letter(exchange)


def _paste_again(label: str) -> str:
    return _("Paste the %(label)s. We do not keep it between one try and the next, so it has to be pasted again.") % {"label": label}


def _same_twice(exchange: str, label: str) -> str:
    return _("You pasted the same text in both fields. Here goes the one that %(exchange)s calls %(label)s.") % {
        "exchange": exchange, "label": label}
