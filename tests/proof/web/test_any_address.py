"""Whatever stands in an address, its query, a header, a cookie or a body that is none: no error of ours."""

from urllib.parse import quote_from_bytes

from django.conf import settings as site
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.access.addresses import ARGUMENT, patterns
from tests.proof.web.anything import NASTY, TEXT, fuzz, wire
from tests.proof.web.sending import AnyInputTestCase

ASKED = ("next", "page", "v", "w", "slow", "q", "who", "language", "login", "action", "o", "p", "e", "all", "_popup", "status__exact")
PATTERNS = tuple(dict.fromkeys(patterns()))
WITH_ARGUMENT = tuple(pattern for pattern in PATTERNS if ARGUMENT.search(pattern))
WHO = st.sampled_from(("anonymous", "owner", "superuser"))
TYPES = (
    "", "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=é",
    "multipart/form-data; boundary=b; charset=utf-16", "multipart/form-data; boundary=b; charset=hex", "multipart/mixed; boundary=b",
    "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=hex",
    "x" * 5000, ";;;", "a/b; charset=\xff",
)
PART = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc\r\n--b--\r\n'
BODIES = st.just(PART) | st.binary(max_size=60) | st.sampled_from(NASTY).map(wire)
HEADERS = (
    "User-Agent", "Accept-Language", "Accept", "Cookie", "Referer", "Origin", "HX-Request", "HX-Current-URL", "HX-Boosted",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Requested-With", "If-Modified-Since", "If-None-Match", "Range",
    "X-CSRFToken", "Content-Length",
)
# What a server lets through to us in a header.
HEADER_TEXT = TEXT.map(lambda typed: wire(typed).translate(None, b"\0\r\n").decode("latin-1")[:4000])
COOKIES = (site.SESSION_COOKIE_NAME, site.CSRF_COOKIE_NAME, site.LANGUAGE_COOKIE_NAME, "messages", "sessionid")
often = settings(fuzz, max_examples=60)


def spelt(text: str) -> str:
    return quote_from_bytes(wire(text), safe="")


class AddressTests(AnyInputTestCase):
    def test_any_query(self):
        @often
        @given(WHO, st.sampled_from(PATTERNS), st.lists(st.tuples(st.sampled_from(ASKED), TEXT), min_size=1, max_size=4))
        def stands(who, pattern, pairs):
            query = "&".join(f"{name}={spelt(text)[:4000]}" for name, text in pairs)
            self.sent(who, "GET", f"{self.path(pattern)}?{query}")

        stands()

    def test_any_argument(self):
        @often
        @given(WHO, st.sampled_from(WITH_ARGUMENT), TEXT | st.integers().map(str), st.sampled_from(("GET", "POST")))
        def stands(who, pattern, text, method):
            spelling = spelt(text.replace("\0", ""))[:3000]
            self.sent(who, method, "/" + ARGUMENT.sub(lambda _found: spelling, pattern.replace("^", "").replace("$", "")))

        stands()

    def test_any_header(self):
        @often
        @given(WHO, st.sampled_from(PATTERNS), st.dictionaries(st.sampled_from(HEADERS), HEADER_TEXT, min_size=1, max_size=4))
        def stands(who, pattern, headers):
            self.sent(who, "GET", self.path(pattern), headers=headers)

        stands()

    def test_any_cookie(self):
        @often
        @given(st.sampled_from(PATTERNS), st.dictionaries(st.sampled_from(COOKIES), HEADER_TEXT, min_size=1))
        def stands(pattern, cookies):
            header = "; ".join(f'{name}="{text}"' for name, text in cookies.items())
            self.sent("anonymous", "GET", self.path(pattern), HTTP_COOKIE=header)

        stands()

    def test_any_body(self):
        @often
        @given(WHO, st.sampled_from(PATTERNS), st.sampled_from(TYPES), BODIES)
        def stands(who, pattern, content_type, body):
            self.sent(who, "POST", self.path(pattern), body, content_type)

        stands()

    def test_letters_that_are_none(self):
        for charset in ("hex", "rot13", "idna", "undefined", "utf-16"):
            response = self.sent("owner", "POST", "/perfil/", PART, f"multipart/form-data; boundary=b; charset={charset}")
            self.assertEqual((charset, response.status_code), (charset, 200))

    def test_very_many_fields_and_very_much_of_one(self):
        for body in (b"a=1&" * 1001, b"name=" + b"a" * 2_700_000):
            response = self.sent("owner", "POST", "/perfil/", body, "application/x-www-form-urlencoded")
            self.assertEqual(response.status_code, 400)
