"""Where `next` leads: to a page of this site, or where one is led without it."""

import re
from html import unescape
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from django.core.cache import cache
from django.http import HttpResponseBase

from tests.profiles.factors import code_of
from tests.profiles.people import OTHER_PASSWORD, PASSWORD
from tests.proof.web.forms import FormsTestCase

EVIL = (
    "https://evil.example/", "//evil.example/", "///evil.example/", "////evil.example", "https:evil.example", "https:/evil.example",
    "http:///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\t/evil.example", "\t//evil.example",
    " //evil.example", "\x00//evil.example", "\x08//evil.example", "/\n/evil.example", "\u00a0//evil.example",
    "https://testserver@evil.example/", "https://testserver.evil.example/", "https://evil.example\\@testserver/",
    "https://evil.example#@testserver/", "https://evil.example?testserver/", "HTTPS://evil.example", "ftp://testserver/",
    "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example%2f..", "%2f%2fevil.example/",
    "https%3a%2f%2fevil.example", "//evil\u3002example/", "https://[evil.example/", "http://[::1]:80:80/", "/%09/evil.example",
    "?next=//evil.example", "@evil.example", ".evil.example", "/perfil/\r\nSet-Cookie: a=b",
)
HERE = "http://testserver"
# Passkeys want a name, so where the address is a number a page tells the name of this machine.
FOR_PASSKEYS = "http://localhost:80"
HREF = re.compile(r'(?:href|action|src)="([^"]*)"')
# Who sends what where, with `next`.
WAYS = {
    "login": ("anonymous", "POST", "/cuenta/login/", {"login": "stranger@example.com", "password": PASSWORD}),
    "login of who is in": ("stranger", "GET", "/cuenta/login/", {}),
    "sign-up of who is in": ("stranger", "GET", "/cuenta/signup/", {}),
    "logout": ("stranger", "POST", "/cuenta/logout/", {}),
    "password again": ("left open", "POST", "/cuenta/reauthenticate/", {"password": PASSWORD}),
    "code again": ("left open", "POST", "/cuenta/2fa/reauthenticate/", {"code": ""}),
    "passkey again": ("left open", "POST", "/cuenta/2fa/webauthn/reauthenticate/", {"credential": "x"}),
    "language": ("anonymous", "POST", "/i18n/setlang/", {"language": "en"}),
    "password changed": ("stranger", "POST", "/cuenta/password/change/", {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD}),
    "e-mail": ("stranger", "POST", "/cuenta/email/", {"email": "other@example.com", "action_add": ""}),
    "admin": ("superuser", "GET", "/admin/login/", {}),
}


def lands(url: str, page: str) -> str:
    """Scheme and host a browser ends at from `page`: it drops control characters and takes \\ for /. https://url.spec.whatwg.org/#url-parsing"""
    bare = re.sub(r"[\t\n\r]", "", url).strip("".join(map(chr, range(0x21)))).replace("\\", "/")
    parts = urlsplit(urljoin(f"http://testserver{page}", re.sub("^/{2,}", "//", bare)))
    return f"{parts.scheme}://{parts.netloc}"


class NextTests(FormsTestCase):
    def asked(self, way: str, url: str) -> HttpResponseBase:
        who, method, path, fields = WAYS[way]
        fresh = {"code": code_of()} if "code" in fields else {}
        return self.visit(who, method, f"{path}?next={quote(url)}", urlencode({**fields, **fresh, "next": url}))

    def test_a_page_of_ours_is_where_it_leads(self):
        led = {way for way in WAYS if self.asked(way, "/perfil/avisos/")["Location"] == "/perfil/avisos/"}
        self.assertEqual(led, WAYS.keys() - {"passkey again", "e-mail", "admin"})

    def test_it_never_leads_away(self):
        for way, urls in (("login", EVIL), ("language", EVIL), *((way, EVIL[::4]) for way in WAYS)):
            path = WAYS[way][2]
            for url in urls:
                answer = self.asked(way, url)
                self.assertEqual((way, url, answer.status_code), (way, url, 302))
                self.assertEqual((way, url, lands(answer["Location"], path)), (way, url, HERE))

    def test_the_second_factor_remembers_none_either(self):
        for url in EVIL[::3]:
            self.client.cookies.clear()
            cache.clear()  # a code is good once
            self.client.post(f"/cuenta/login/?next={quote(url)}", {"login": "owner@example.com", "password": PASSWORD, "next": url})
            answer = self.client.post("/cuenta/2fa/authenticate/", {"code": code_of(), "next": url})
            self.assertEqual((url, answer.status_code), (url, 302))
            self.assertEqual((url, lands(answer["Location"], "/cuenta/2fa/authenticate/")), (url, HERE))

    def test_no_page_has_a_way_out_for_having_been_asked_with_one(self):
        for who, _method, path, _fields in WAYS.values():
            for url in EVIL[::3]:
                page = self.visit(who, "GET", f"{path}?next={quote(url)}").text_sent
                out = {lands(unescape(href), path) for href in HREF.findall(page)}
                self.assertEqual((path, url, out - {HERE, FOR_PASSKEYS}), (path, url, set()))

    def test_a_path_that_looks_like_a_host_is_a_path(self):
        for path in ("//evil.example/perfil", "/%2fevil.example/..", "//evil.example//", "/admin//evil.example", "/perfil//evil.example"):
            for who in ("anonymous", "owner", "superuser"):
                answer = self.visit(who, "GET", path)
                self.assertEqual((path, lands(answer.headers.get("Location", "/"), path)), (path, HERE))

    def test_nor_does_the_page_of_which_htmx_tells(self):
        for url in EVIL:
            page = quote(url, safe=":/@#?[]\\%")
            headers = {"HX-Request": "true", "HX-Current-URL": page, "HX-Current-URL-URI-AutoEncoded": "true"}
            answer = self.visit("anonymous", "GET", f"/perfil/exchanges/{self.link.pk}/estado/", headers=headers)
            self.assertEqual((url, answer.status_code), (url, 204))
            _path, _, led = answer["HX-Redirect"].partition("?next=")
            self.assertEqual((url, lands(unquote(led), "/")), (url, HERE))

    def test_from_https_none_leads_to_http(self):
        fields = urlencode({"login": "stranger@example.com", "password": PASSWORD, "next": "http://testserver/perfil/avisos/"})
        self.assertEqual(self.visit("anonymous", "POST", "/cuenta/login/", fields, secure=True)["Location"], "/perfil/")
