"""A server on a raw socket that plays one behaviour, for what no HTTP library would ever send."""
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable

from exchanges.connectors.base import POST, Credentials
from exchanges.connectors.kraken import connector as kraken
from exchanges.connectors.session import ExchangeSession

Play = Callable[[socket.socket], None]

KEY = "RaALpndTVcpcVB2nJjbikFyJBPkIIVC2FDF0XI6A9/0suQBM5Vey8Cxg"
SECRET = "GCh/vrh38tEEDrp0ps14blKiUBQc8kIdOgvpdO1q/2dCLG/mIG1Ww+kZD82wpZjanIGKCB9d6epyVbgfYQoodA=="
BALANCE = POST("/0/private/Balance", says="")
GOOD = b'{"error":[],"result":{"ZEUR":"1.0"}}'


class Wire:
    """Listens on 127.0.0.1 and plays `play` after each request. `requests` holds their bytes, `connections` counts."""

    def __init__(self, play: Play, tls: ssl.SSLContext | None = None) -> None:
        self.play, self.tls = play, tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)       # closing alone does not wake who accepts
        self._listener.close()

    def drip(self, data: bytes) -> Play:
        """A play: one byte of `data`, again and again, twenty times a second."""
        def play(connection: socket.socket) -> None:
            while not self.over.wait(0.05):
                connection.sendall(data)
        return play

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with connection:
                while request := read_request(connection):
                    self.requests.append(request)
                    self.play(connection)
        except OSError:
            return                          # the client left, which is what most tests want of it


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request or len(request) < _whole_length(request):
        part = connection.recv(65_536)
        if not part:
            return b""
        request += part
    return request


def _whole_length(request: bytes) -> int:
    head, _gap, _body = request.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return len(head) + 4 + int(lengths[0]) if lengths else 0


def answer(body: bytes = GOOD, status: int = 200, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Some words", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def say(data: bytes) -> Play:
    """A play: send `data` and keep the connection."""
    return lambda connection: connection.sendall(data)


def say_and_close(data: bytes) -> Play:
    def play(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)
    return play


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Diary:
    """The hooks of a session, written down."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self.after: list[tuple[str, str, str]] = []
        self.ms: list[int] = []

    def before_call(self, endpoint: object) -> None:
        self.before.append(endpoint.name)

    def after_call(self, endpoint: object, outcome: str, code: str, ms: int) -> None:
        self.after.append((endpoint.name, outcome, code))
        self.ms.append(ms)


def open_session(base_url: str, diary: Diary | None = None, first_nonce: int = 1795300000000000001, **options) -> ExchangeSession:
    diary, nonces = diary or Diary(), itertools.count(first_nonce)
    defaults = {
        "connector": kraken, "credentials": Credentials(KEY, SECRET), "nonce": lambda: next(nonces), "deadline_s": 5.0,
        "before_call": diary.before_call, "after_call": diary.after_call,
    }
    return ExchangeSession(base_url=base_url, **(defaults | options))
