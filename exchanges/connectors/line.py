"""The TCP connection under a call, so that it can be cut at the deadline whatever the libraries above are waiting for.

A time-out of requests counts between two bytes: an answer that drips one byte a second never ends. And a socket cannot be
closed safely from another thread. So each connection keeps a second handle on its socket (`dup`), and shutting that one
down wakes whoever reads, writes or shakes hands on the first.
"""
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

CONNECT_TIMEOUT_S = 3.05                    # a little over TCP's first repeat at 3 s


def is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def address_family(egress_ips: Sequence[str]) -> socket.AddressFamily:
    """The family that all of our addresses share: people allow those addresses and no others. Mixed or none: any family."""
    versions = {ipaddress.ip_address(ip).version for ip in egress_ips}
    return {frozenset({4}): socket.AF_INET, frozenset({6}): socket.AF_INET6}.get(frozenset(versions), socket.AF_UNSPEC)


class Line:
    """One connection at a time, with an end. `family` does not bind loopback hosts. `on_open()` may raise to stop."""

    def __init__(self, family: socket.AddressFamily, on_open: Callable[[], None] = lambda: None) -> None:
        self.family, self.on_open = family, on_open
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._ends_at = 0.0

    def start(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def is_open(self) -> bool:
        """Whether a connection of an earlier call may still stand."""
        return self._handle is not None

    def is_over(self) -> bool:
        return time.monotonic() >= self._ends_at

    def cut(self) -> None:
        """Shut the socket, if the call under way has really reached its end: a late timer must not meet the next call."""
        with self._lock, suppress(OSError):
            if self.is_over() and self._handle is not None:
                self._handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let go of the socket. Not when the connection closes: http.client does that before it reads a last body."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def open(self, host: str, port: int) -> socket.socket:
        """A connected socket. Raises OSError, of which TimeoutError is one."""
        failure = OSError("no address")
        for family, kind, protocol, _name, address in self._addresses(host, port):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(self._left())
                self._hold(sock)
                sock.connect(address)
                self._left()                # the timer may have fired before there was anything to shut
                return sock
            except OSError as error:
                sock.close()
                failure = error
        raise failure

    def _left(self) -> float:
        left = min(CONNECT_TIMEOUT_S, self._ends_at - time.monotonic())
        if left <= 0:
            raise TimeoutError
        return left

    def _hold(self, sock: socket.socket) -> None:
        self.release()
        with self._lock:
            self._handle = sock.dup()

    def _addresses(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Look the name up in a thread of its own: nothing can interrupt the resolver."""
        family = socket.AF_UNSPEC if is_loopback(host) else self.family
        answers: queue.SimpleQueue[list[tuple[Any, ...]] | OSError] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
            except OSError as error:
                answers.put(error)
            except UnicodeError:            # a host name that is none
                answers.put(OSError("bad host name"))

        threading.Thread(target=look_up, daemon=True).start()
        try:
            found = answers.get(timeout=self._left())
        except queue.Empty:
            found = TimeoutError()
        if isinstance(found, OSError):
            raise found
        return found


class _OnLine:
    """Makes a connection of urllib3 take its socket from a line."""

    line: Line
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        try:
            return self.line.open(self.host, self.port)
        except TimeoutError:
            raise ConnectTimeoutError(self, "no connection in time") from None
        except OSError:
            raise NewConnectionError(self, "no connection") from None

    def connect(self) -> None:
        super().connect()                   # type: ignore[misc]
        self.line.on_open()


class _Connection(_OnLine, HTTPConnection):
    pass


class _TLSConnection(_OnLine, HTTPSConnection):
    pass


class _LinePool:
    """Makes a pool of urllib3 hand its line to the connections it opens."""

    line: Line

    def _new_conn(self) -> Any:
        connection = super()._new_conn()    # type: ignore[misc]
        connection.line = self.line
        return connection


class _Pool(_LinePool, HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(_LinePool, HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class LineAdapter(HTTPAdapter):
    """requests' adapter over one line: one connection, no repeats."""

    def __init__(self, line: Line) -> None:
        self.line = line
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.line = self.line
        return pool
