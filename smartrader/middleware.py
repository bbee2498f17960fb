"""Who really asks, when a proxy stands in front, in which letters, and the headers every answer carries."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

GetResponse = Callable[[HttpRequest], HttpResponseBase]

HEADERS = {
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class TrustedProxyMiddleware:
    """Believes X-Forwarded-For and X-Forwarded-Proto only where one of TRUSTED_PROXIES says it.

    The caller is the last address of the chain that is not a proxy of ours: what stands before it anybody can write.
    Addresses are seen in their plain spelling, so that nobody has two and no two people share one (::ffff:192.0.2.1 is 192.0.2.1).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.META["REMOTE_ADDR"] = _plain(request.META.get("REMOTE_ADDR", ""))
        if _is_trusted(request.META["REMOTE_ADDR"]):
            chain = [_plain(part) for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
            callers = [address for address in chain if not _is_trusted(address)]
            if callers and _is_address(callers[-1]):
                request.META["REMOTE_ADDR"] = callers[-1]
            proto = request.headers.get("X-Forwarded-Proto", "")
            if proto in ("http", "https"):
                request.META["wsgi.url_scheme"] = proto
        return self.get_response(request)


def _plain(text: str) -> str:
    """An address without its zone, an IPv4 one as such; anything else as it is."""
    text = text.strip()
    if not _is_address(text):
        return text
    address = ipaddress.ip_address(text.partition("%")[0])
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in network for network in settings.TRUSTED_PROXIES)


class Utf8Middleware:
    """Reads what is sent as UTF-8, whatever it says it is: Django fails at a form in a codec that is not one of text ("hex")."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.encoding = "utf-8"
        return self.get_response(request)


class HeadersMiddleware:
    """Fixed headers, and `no-store` on whatever a signed-in person is shown and on what answers something that was sent."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # A page that never looked at the session is the same for everybody, and may be kept.
        session = getattr(request, "session", None)
        if request.method == "POST" or (session is not None and session.accessed and request.user.is_authenticated):
            add_never_cache_headers(response)
        return response
