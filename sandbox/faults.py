"""Misbehaviours of an exchange and of the way there, from a polite "busy" to a connection that breaks off.

Some are ordinary answers (`answer_for`), the others play on the bare connection (`play`), which is closed after them.
"""

import os
import socket
import struct

from sandbox.dialects.base import HTML, JSON, Answer, Dialect, Request
from sandbox.state import Options

IN_ITS_OWN_WORDS = ("busy", "unavailable", "rate_limit")
ON_THE_WIRE = ("hang", "reset", "truncated", "huge")
NAMES = ("none", *IN_ITS_OWN_WORDS, "html_403", "html_520", "slow", *ON_THE_WIRE, "not_json", "redirect")

PAGE = """<!DOCTYPE html>
<html lang="en-US"><head><title>{title}</title></head>
<body><h1>{title}</h1><p>The request did not reach the server behind this page.</p></body></html>
"""
CHUNK = b'"' + b"0" * 65_533 + b'",'


def html(status: int, title: str, outcome: str) -> Answer:
    """A page from the edge in front of the exchange, where a client expects JSON."""
    return Answer(PAGE.format(title=title).encode(), status, HTML, outcome=outcome)


def answer_for(fault: str, dialect: Dialect, request: Request) -> Answer | None:
    """The answer that `fault` puts in place of the real one; None when it is played on the connection."""
    if fault in IN_ITS_OWN_WORDS:
        return dialect.errors[fault]
    if fault == "html_403":
        return html(403, "Attention required", fault)
    if fault == "html_520":
        return html(520, "520: Web server is returning an unknown error", fault)
    if fault == "not_json":
        return Answer(b'{"error":[],"result":{"upstream": oops', outcome=fault)
    if fault == "redirect":
        # 307 keeps the method and the body: a client that follows it sends its signature a second time.
        location = f"http://{request.headers['Host']}/{dialect.slug}{request.path}"
        return Answer(b"", 307, HTML, (("Location", location),), outcome=fault)
    return None


def play(fault: str, connection: socket.socket, options: Options) -> None:
    """Misbehave on the bare connection as `fault` says. Raises OSError when the client has left."""
    if fault == "hang":
        client_waits(connection, options.hang_s)
    elif fault == "reset":
        reset(connection)
    elif fault == "truncated":
        connection.sendall(head("Content-Length: 4096") + b'{"error":[],"result":{"')
    elif fault == "huge":
        stream(connection, options.huge_bytes)


def client_waits(connection: socket.socket, seconds: float) -> bool:
    """Wait; False as soon as the client closes its side."""
    before = connection.gettimeout()
    connection.settimeout(seconds)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True
    except ConnectionError:
        return False
    finally:
        connection.settimeout(before)
    return False


def reset(connection: socket.socket) -> None:
    """Close so that the client gets a RST, not an orderly end; detached, or the server would say good-bye first."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


def head(*headers: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", f"Content-Type: {JSON}", "Connection: close", *headers, "", "")).encode()


def stream(connection: socket.socket, size: int) -> None:
    """Send `size` bytes of one JSON list in chunks, with no length announced, so that only counting helps."""
    connection.settimeout(30)
    connection.sendall(head("Transfer-Encoding: chunked") + b"1\r\n[\r\n")
    sent = 1
    while sent < size:
        connection.sendall(b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK))
        sent += len(CHUNK)
    connection.sendall(b"3\r\n\"\"]\r\n0\r\n\r\n")
