"""The one door out. What the connector does not list cannot be sent; what comes back is bounded in time and size.

Every failure leaves as Refused or Unavailable, raised outside the `except` that saw it: a chained error of requests would
carry the request, and with it the key and its signature.
"""
import http.client
import json
import threading
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from socket import AF_UNSPEC, AddressFamily
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from .base import Answer, Connector, Credentials, Endpoint, Refused, Unavailable
from .exchange_clock import ExchangeClock
from .line import CONNECT_TIMEOUT_S, Line, LineAdapter, is_loopback

DEADLINE_S = 10.0
MAX_BYTES = 2_000_000
HEADERS = {
    "User-Agent": "Smartrader/1.0 (+https://smartrader.io)",    # Kraken's edge answers 403 to odd or missing ones
    "Accept": "application/json",
    "Accept-Encoding": "identity",          # nothing to unpack: a small answer cannot become a big one
}
HTTP_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)
TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)


class UnlistedCall(RuntimeError):
    """A bug of ours: a request that the connector does not list, or lists otherwise."""


class _Session(requests.Session):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self.trust_env = False              # no proxy, no netrc, no other certificates from the environment
        self.headers.clear()
        self.headers.update(HEADERS)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for prefix in list(self.adapters):
            self.mount(prefix, LineAdapter(line))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, always: even with allow_redirects=False requests would read the whole body of a redirect."""


class ExchangeSession:
    """Requests to one exchange, one at a time: signed with one key, or public ones where `credentials` is None.

    `nonce` gives the next reserved nonce. `before_call(endpoint)`, and `before_send()` when the connection stands, may raise
    to stop the call (a lost lease); what they raise passes through. `after_call(endpoint, outcome, code, ms)` follows every
    call that was made: "ok" or the reason, and the exchange's own code.
    """

    def __init__(
        self,
        connector: Connector,
        credentials: Credentials | None,
        *,
        base_url: str,
        region: str = "",
        nonce: Callable[[], int] = lambda: 0,
        before_call: Callable[[Endpoint], None] = lambda endpoint: None,
        after_call: Callable[[Endpoint, str, str, int], None] = lambda endpoint, outcome, code, ms: None,
        before_send: Callable[[], None] = lambda: None,
        family: AddressFamily = AF_UNSPEC,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self.connector = connector
        self.credentials = credentials
        self.base_url = _safe_base(base_url)
        self._clock = ExchangeClock(self.base_url)
        self._auth = connector.sign(credentials, nonce, self._clock.now) if credentials else None
        self._before_call, self._before_send, self._after_call = before_call, before_send, after_call
        self._own_url, self._family, self._deadline_s = connector.own_url(region), family, deadline_s
        self._line = Line(family, before_send)
        self._http = _Session(self._line)
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> "ExchangeSession":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()
        self._line.release()

    def call(self, endpoint: Endpoint, **free: str) -> Any:
        """Ask, and return what the connector reads in the answer. Raises Refused, Unavailable, or UnlistedCall for our bugs.

        Where our clock may be why it failed, it is set by the exchange's; if it was off, the call is made once more.
        """
        self._refuse_unlisted(endpoint, free)
        with self._one_at_a_time:
            try:
                return self._call(endpoint, free)
            except (Refused, Unavailable) as failure:
                is_suspect = self._auth is not None and failure.code in self.connector.clock_codes
                if not is_suspect or not self._set_clock(failure):
                    raise
            return self._call(endpoint, free)

    def _call(self, endpoint: Endpoint, free: dict[str, str]) -> Any:
        self._before_call(endpoint)
        if self._line.is_open():
            self._before_send()             # else the line asks, once it is open
        started = time.monotonic()
        try:
            result = self.connector.read_answer(endpoint, self._ask(endpoint, free))
        except (Refused, Unavailable) as failure:
            self._after_call(endpoint, failure.reason, failure.code, _ms_since(started))
            raise
        self._after_call(endpoint, "ok", "", _ms_since(started))
        return result

    def _set_clock(self, failure: Refused | Unavailable) -> bool:
        """Whether our clock was off. The exchange is asked on a line of its own: a public call never goes out with a key.

        Raises Unavailable where nobody is there to tell and the key would be blamed: a wrong clock may be all that is wrong.
        """
        public = ExchangeSession(
            self.connector, None, base_url=self.base_url, family=self._family, deadline_s=self._deadline_s)
        try:
            with public:
                return self._clock.set(lambda: self.connector.server_time(public))
        except Unavailable as silence:
            if isinstance(failure, Refused) and silence.reason != "unreadable_answer":
                raise
            return False

    def _refuse_unlisted(self, endpoint: Endpoint, free: dict[str, str]) -> None:
        if endpoint not in self.connector.endpoints:
            raise UnlistedCall(f"{self.connector.slug} does not list {endpoint.method} {endpoint.path} with these fixed parameters")
        fixed = {name for name, _value in endpoint.fixed}
        if not set(free) <= set(endpoint.free) - fixed:
            raise UnlistedCall(f"{endpoint.path} takes {sorted(endpoint.free)}, not {sorted(free)}")
        if endpoint.signed != bool(self._auth):
            raise UnlistedCall(f"{endpoint.path} goes out {'with' if endpoint.signed else 'without'} a key")

    def _ask(self, endpoint: Endpoint, free: dict[str, str]) -> Answer:
        request = self._sign(endpoint, free)
        self._line.start(self._deadline_s)
        timer = threading.Timer(self._deadline_s, self._line.cut)
        timer.daemon = True
        timer.start()
        try:
            answer, reason = self._fetch(request), "unreadable_answer"
        except HTTP_ERRORS as error:
            answer, reason = None, _reason(error)
        finally:
            timer.cancel()
        if self._line.is_over():            # a body without a length looks complete when it was cut
            answer, reason = None, "timeout"
        if answer is None:
            self.close()                    # what is left on the wire belongs to nobody; the next call opens it afresh
            raise Unavailable(reason)
        if 300 <= answer.status < 400:
            raise Unavailable("unreadable_answer", f"HTTP {answer.status}")
        return answer

    def _sign(self, endpoint: Endpoint, free: dict[str, str]) -> requests.PreparedRequest:
        """The signed request. It is signed for the exchange's own address; ours may differ in host and have a path in front."""
        parameters = [*endpoint.fixed, *free.items()]
        where = {"params": parameters} if endpoint.method == "GET" else {"data": parameters}
        if endpoint.is_json:
            where = {"data": json.dumps(dict(parameters), separators=(",", ":")), "headers": {"Content-Type": "application/json"}}
        address = self._own_url + endpoint.path
        try:
            request = self._http.prepare_request(requests.Request(endpoint.method, address, auth=self._auth, **where))
            request.url = self.base_url + request.path_url
        except (ValueError, requests.RequestException):
            request = None                  # a credential that no signer can use; the form lets none through
        if request is None:
            raise Unavailable("internal")
        return request

    def _fetch(self, request: requests.PreparedRequest) -> Answer | None:
        """The whole answer, or None where it is too long or packed. Raises HTTP_ERRORS."""
        timeouts = (min(CONNECT_TIMEOUT_S, self._deadline_s), self._deadline_s)
        response = self._http.send(request, stream=True, allow_redirects=False, verify=True, timeout=timeouts)
        try:
            body = b""
            while len(body) <= MAX_BYTES and (part := response.raw.read(65_536, decode_content=False)):
                body += part
        finally:
            response.close()                # a connection read to its end has already gone back for the next call
        packed = response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity")
        if packed or len(body) > MAX_BYTES:
            return None
        return Answer(response.status_code, response.headers, body)


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _safe_base(url: str) -> str:
    """`url` without a slash at the end. Raises ValueError unless it is https (loopback may do without) and nothing but a base."""
    parts = urlsplit(url)
    bare = parts.hostname and not (parts.username or parts.password or parts.query or parts.fragment)
    if not bare or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise ValueError("the address of an exchange must be https and carry nothing but a path")
    return url.rstrip("/")


def _reason(error: BaseException) -> str:
    """timeout, network or unreadable_answer, by what lies below an error of requests or urllib3."""
    below = [error]
    while (deeper := below[-1].__cause__ or below[-1].__context__) is not None and deeper not in below:
        below.append(deeper)
    if any(isinstance(one, urllib3.exceptions.NewConnectionError) for one in below):
        return "network"                    # which urllib3 counts among the time-outs
    if any(isinstance(one, TIMEOUTS) for one in below):
        return "timeout"
    if any(isinstance(one, OSError) and not isinstance(one, requests.RequestException) for one in below):
        return "network"                    # refused, reset, no route, no such name, bad certificate
    return "unreadable_answer"              # cut in the middle, garbage where HTTP should be
