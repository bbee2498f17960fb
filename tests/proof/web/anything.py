"""What people, programs and attackers may send: any text, nothing, lists, files, in any number, as a body on the wire."""

from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from hypothesis import Phase, settings
from hypothesis import strategies as st

fuzz = settings(max_examples=10, deadline=None, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink])
BOUNDARY = b"boundary"
# Stands in every text that must not come back, and nowhere else.
MARK = "q7Zx9Vw3"
NASTY = (
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ufffe\uffff", "\u202egnp.exe", "\u2066\u2069", "👩‍👩‍👧‍👦" * 15, "İıſẞ", "ﷺ" * 60,
    "e\u0301" * 300, "a" * 100_000, "😀" * 25_000, "9" * 5_000, "-1", "1e999", "٣", "NaN", "null", "[" * 2_000, "{}", '{"id": "\\ud800"}',
    "%00", "%", "%s%n", "\\", "../../etc/passwd", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% now 'Y' %}", "' OR 1=1 --", "\r\nSet-Cookie: a=b", "a@b", "a@" + "b." * 200 + "co", "ñandú@ejemplo.es",
    "\t\n\r\v\f\x1b[31m", "on", "owner@example.com", "//evil.example", "https://[evil.example/", "javascript:alert(1)",
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(NASTY)
SECRET = st.tuples(TEXT, TEXT).map(MARK.join)


@dataclass(frozen=True)
class File:
    content: str


def value(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[str | File]]:
    """What is sent as one field: mostly a text; else nothing, several texts or a file."""
    one = text.map(lambda typed: [typed])
    return one | one | st.just([]) | st.lists(text, max_size=3) | text.map(lambda typed: [File(typed)])


def as_body(fields: dict[str, list[str | File]]) -> tuple[bytes, str]:
    """The bytes and their content type: a browser's, but for what no browser would send."""
    pairs = [(name, part) for name, parts in fields.items() for part in parts]
    if not any(isinstance(part, File) for _name, part in pairs):
        return "&".join(f"{name}={quote_from_bytes(wire(part))}" for name, part in pairs).encode(), "application/x-www-form-urlencoded"
    parts = b"".join(b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (BOUNDARY, *_part(name, part)) for name, part in pairs)
    return b"%s--%s--\r\n" % (parts, BOUNDARY), "multipart/form-data; boundary=boundary"


def _part(name: str, part: str | File) -> tuple[bytes, bytes]:
    if isinstance(part, File):
        return b'name="%s"; filename="x.txt"' % name.encode(), wire(part.content)
    return b'name="%s"' % name.encode(), wire(part)


def wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def seen(text: str) -> str:
    """What the site reads where `text` was sent."""
    return wire(text).decode("utf-8", "replace")
