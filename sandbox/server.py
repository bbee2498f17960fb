"""The HTTP server: who is asked (an exchange, the JSON addresses, the pages for people) and how it is answered.

    server = start(port=0, slow_s=0.2)
    requests.post(f"{server.url}/kraken/0/private/Balance", …)
    server.close()
"""

import ipaddress
import socket
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from sandbox import api, dialects, faults, pages
from sandbox.dialects.base import Answer, Dialect, Request
from sandbox.state import Call, Options, State

LARGEST_BODY = 1_000_000
REASONS = {status.value: status.phrase for status in HTTPStatus}


def start(
    port: int = 0, *, slow_s: float = 15.0, hang_s: float = 120.0, late_s: float = 30.0, lockout_s: float = 300.0,
    huge_bytes: int = 50_000_000, ip_error: str = "", latency_ms: int = 0,
) -> "Server":
    """Run a sandbox in a thread of this process, on 127.0.0.1; port 0 takes a free one. Raises OSError."""
    server = Server(port, Options(slow_s, hang_s, late_s, lockout_s, huge_bytes, ip_error, latency_ms))
    threading.Thread(target=server.serve_forever, args=(0.05,), name="sandbox", daemon=True).start()
    return server


class Server(ThreadingHTTPServer):
    """A running sandbox with `.url`, `.port`, `.state` and `.close()`. One thread for each connection."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, options: Options) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.port: int = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = State(options)
        self.dialects = dialects.discover()
        self.connections: set[socket.socket] = set()
        for dialect in self.dialects.values():
            for key in dialect.ready_made(time.time()):
                self.state.add_key(dialect.slug, key)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for this machine's name, which can take seconds without a network.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):            # a client that leaves is no error of ours
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening and hang up on whoever is connected."""
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue                                        # it was closed in the meantime


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, finds out who answers, sends each answer in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60                                                # seconds a kept-alive connection may stay silent
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `/_calls` is the log, and a request line may hold what was pasted in the wrong place."""

    def serve(self) -> None:
        body = self.read_body()
        if body is None:
            return
        path, _, query = self.path.partition("?")
        if not is_loopback(self.headers.get("Host", "")):
            # A web page elsewhere may point its own host name here (DNS rebinding) and read the keys.
            self.send(api.to_json({"error": "the sandbox answers to 127.0.0.1 and localhost only"}, 421))
            return
        dialect, path = self.find_dialect(path)
        request = Request(self.command, path, query, self.headers, body, self.client_address[0])
        if dialect is None:
            self.send(self.answer_person(request))
        else:
            self.answer_client(dialect, request)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def read_body(self) -> bytes | None:
        """The whole body; None after refusing one that is chunked, of unknown length or too long."""
        length = self.headers.get("Content-Length", "0")
        refused = None
        if "Transfer-Encoding" in self.headers:
            refused = "send the body with a Content-Length", 411
        elif not (length.isascii() and length.isdigit()):
            refused = "Content-Length is not a number", 400
        elif len(length) > 9 or int(length) > LARGEST_BODY:
            refused = "the body is too long", 413
        if refused:
            self.close_connection = True
            self.send(api.to_json({"error": refused[0]}, refused[1]))
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True                        # the client left in the middle of its request
            return None
        return body

    def find_dialect(self, path: str) -> tuple[Dialect | None, str]:
        """The exchange that `path` speaks to and the exchange's own path; None for our own pages and addresses."""
        slug, _, rest = path.removeprefix("/").partition("/")
        if slug in self.server.dialects and rest and not rest.startswith("_"):
            return self.server.dialects[slug], "/" + rest
        for dialect in self.server.dialects.values():
            if path.startswith(dialect.root_paths):
                return dialect, path
        return None, path

    def answer_person(self, request: Request) -> Answer:
        if request.path in api.PATHS:
            return api.answer(self.server.state, self.server.dialects, request)
        return pages.answer(self.server.state, self.server.dialects, request)

    def answer_client(self, dialect: Dialect, request: Request) -> None:
        """Answer a call to an exchange, or meet it with the fault that waits for it."""
        state, arrived = self.server.state, time.time()
        api_key = dialect.api_key_of(request)
        with state.lock:
            fault = "none" if api_key is None else state.take_fault(dialect.slug, api_key)
            answer = None if fault in faults.ON_THE_WIRE else faults.answer_for(fault, dialect, request)
            if fault in ("none", "slow"):
                answer = dialect.answer(state, request)
            outcome = answer.outcome if answer and fault != "slow" else fault
            call = Call(api_key or "", request.method, request.path, arrived, outcome)
            state.record(call)
            wait_s = state.condition(dialect.slug).latency_ms / 1000 + (state.options.slow_s if fault == "slow" else 0)
        # Without the lock: whoever waits keeps nobody else waiting.
        try:
            if wait_s and not faults.client_waits(self.connection, wait_s):
                self.close_connection = True
            elif answer:
                call.ended = time.time()                        # before the caller has it and may ask the next
                self.send(answer, dialect.server_header)
            else:
                self.close_connection = True
                faults.play(fault, self.connection, state.options)
        finally:
            call.ended = call.ended or time.time()

    def send(self, answer: Answer, name: str = "sandbox") -> None:
        """Send `answer` with one write, so that it leaves in one packet."""
        lines = [
            f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}",
            f"Date: {self.date_time_string()}", f"Server: {name}",
            f"Content-Type: {answer.content_type}", f"Content-Length: {len(answer.body)}",
            *(f"{header}: {value}" for header, value in answer.headers),
        ]
        if self.close_connection:
            lines.append("Connection: close")
        body = b"" if self.command == "HEAD" else answer.body
        self.wfile.write("\r\n".join((*lines, "", "")).encode("latin-1") + body)


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine, with or without a port."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
