"""Keys in every fate: sent rightly, wrongly, to the wrong place, at the wrong time."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import requests

from tests.proof.leaks.run import Run
from tests.proof.leaks.watched import Watched
from tests.road.person import NEW

LIST = "/perfil/exchanges/"
FORM = "application/x-www-form-urlencoded"


def fields(key: dict, **other: str) -> dict[str, str]:
    return {"api_key": key["api_key"], "secret": key["secret"], "label": "", **other}


def linked(run: Run, ana: Watched) -> dict[str, str]:
    """Pastes that lead to a link: their pages, by fate."""
    both, other = run.key("both in one field"), run.pair("of another pair")
    keys = {fate: run.key(fate) for fate in ("ready", "unlinked", "paused", "kept", "unanswered", "wrong secret")}
    run.kraken.fault(keys["unanswered"], "reset")
    keys["wrong secret"]["secret"] = other["secret"]
    keys |= {
        "missing": run.key("missing", "query-ledger"),
        "dangerous": run.key("dangerous", permissions=["withdraw-funds"]),
        "unknown": run.pair("unknown"),
        "replaced": run.key("replaced", account="of both"),
        "told": run.key("told", error=f"EGeneral:Strange {run.pair('what Kraken says')['secret']}"),
        "both": {"api_key": f"kraken://apikey?key={both['api_key']}&secret={both['secret']}", "secret": ""},
    }
    token = ana.token(NEW)
    pages = {fate: ana.send(NEW, token, **fields(key)).headers["Location"] for fate, key in keys.items()}
    ana.send(NEW, token, **fields(keys["ready"]))           # a double click
    for page in pages.values():
        ana.settled(page)
    return pages


def changed(run: Run, ana: Watched, pages: dict[str, str]) -> None:
    """What people do to links afterwards."""
    ana.press(pages["paused"], "pausar")
    for fate, key in {
        "replaced": run.key("replacement", account="of both"),
        "kept": run.key("failed replacement", permissions=["withdraw-funds"]),
        "paused": run.key("replaced while paused"),
    }.items():
        ana.post(f"{pages[fate]}reemplazar/", **fields(key))
    ana.press(pages["ready"], "validar")
    run.remember_seal(pages["unlinked"])
    ana.press(pages["unlinked"], "desvincular")
    ana.post(f"{pages['ready']}renombrar/", label=run.key("in a new name")["secret"])
    ana.post(f"{pages['ready']}renombrar/", label="Ahorro")
    for page in pages.values():
        ana.settled(page)


def refused(run: Run, ana: Watched) -> None:
    """Pastes that the form does not take."""
    token = ana.token(NEW)
    swapped, long, short = run.key("swapped"), run.key("too long"), run.key("too short")
    named, twice, cut = run.key("as its own name"), run.key("in both fields"), run.key("cut in lines")
    for wrong in (
        {"api_key": swapped["secret"], "secret": swapped["api_key"]},
        fields(long, secret=long["secret"] + long["secret"][:20], api_key=long["api_key"] + "A"),
        fields(short, secret=short["secret"][:60], api_key=short["api_key"][:-1]),
        fields(named, label=named["secret"]),
        fields(twice, api_key=twice["secret"]),
        fields(cut, api_key="\n".join((cut["secret"][:44], cut["secret"][44:])), secret="\0"),
        fields(run.key("with a passphrase"), passphrase=run.password("a passphrase"), secret="corto"),
    ):
        ana.send(NEW, token, **wrong)


def strayed(run: Run, ana: Watched, anonymous: Watched) -> None:
    """Keys that never reach the form, or not as one."""
    token, url = ana.token(NEW), run.stack.url
    ana.send(NEW, "no token", **fields(run.key("without a token")))
    ana.send("/perfil/exchanges/vincular/krakem/", token, **fields(run.key("for nobody's exchange")))
    ana.send("/perfil/no-such-page/", token, **fields(run.key("for no page")))
    ana.send("/health/live", token, **fields(run.key("for the health")))
    anonymous.send(NEW, anonymous.token("/cuenta/login/"), **fields(run.key("of nobody")))
    for path, key in in_addresses(run):
        for who in (ana, anonymous):
            who.get(path)
            who.send(path, token, **fields(key))
    headers = {"X-CSRFToken": token}
    key = run.key("in headers")
    secret = {"API-Key": key["api_key"], "API-Sign": key["secret"], "Authorization": f"Bearer {key['secret']}",
              "Cookie": f"kept={quote(key['secret'], safe='')}", "Referer": f"{url}/?secret={quote(key['secret'])}"}
    ana.http.get(url + NEW, headers=secret, timeout=30)
    requests.get(url + LIST, headers=secret, auth=(key["api_key"], key["secret"]), timeout=30)
    for name, content in bodies(run):
        ana.http.post(url + NEW, content, headers={**headers, "Content-Type": name}, timeout=30)
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        ana.http.request(method, url + NEW, data=fields(run.key(f"by {method}")), headers=headers, timeout=30)
    whole = run.key("as a file")
    ana.http.post(url + NEW, files={"secret": ("secret.txt", whole["secret"] * 40_000), **fields(whole)}, headers=headers, timeout=30)


def in_addresses(run: Run) -> Iterator[tuple[str, dict]]:
    key = run.key("in an address")
    yield f"{NEW}?{urlencode(fields(key))}", key
    yield f"{LIST}?q={quote(key['secret'])}&page={quote(key['secret'])}", key
    yield f"/{quote(key['secret'], safe='')}/", key
    yield f"{LIST}{quote(key['secret'])}/", key
    yield f"{LIST}vincular/{key['api_key'].replace('/', '-').replace('+', '_')}/", key
    yield f"/admin/{quote(key['secret'], safe='')}/", key


def bodies(run: Run) -> Iterator[tuple[str, bytes]]:
    """(content type, body) of what is no form, or none that can be read."""
    yield "application/json", json.dumps(fields(run.key("as JSON"))).encode()
    yield "text/plain", run.key("as plain text")["secret"].encode()
    yield FORM, urlencode(fields(run.key("with bytes that are no text"))).encode() + b"&label=%ff%fe&note=\xff\xfe"
    yield FORM, urlencode(fields(run.key("much too long"), note="x" * 3_000_000)).encode()
    yield FORM, (urlencode(fields(run.key("among many"))) + "&a=1" * 2000).encode()
    yield "application/x-www-form-urlencoded; charset=nonsense", urlencode(fields(run.key("in no charset"))).encode()
    yield "multipart/form-data; boundary=x", b"--x\r\nbroken: " + run.key("in a broken body")["secret"].encode()


def malformed(run: Run, session: str) -> None:
    """Requests that are none, with a secret in each part."""
    address = urlsplit(run.stack.url)
    for name, request in {
        "a header without a colon": "GET / HTTP/1.1\r\nHost: {host}\r\n{secret}\r\n\r\n",
        "a header of a bad name": "GET / HTTP/1.1\r\nHost: {host}\r\nSecret {secret}: 1\r\n\r\n",
        "no version": "GET /?secret={secret} HTTP/{secret}\r\nHost: {host}\r\n\r\n",
        "no method": "{secret} / HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "another host": "GET / HTTP/1.1\r\nHost: {secret}\r\n\r\n",
        "a foreign origin": "POST /cuenta/login/ HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{secret}\r\nContent-Length: 0\r\n\r\n",
        "a bad length": "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {secret}\r\n\r\n",
        "cut off": f"POST {NEW} HTTP/1.1\r\nHost: {{host}}\r\nCookie: session={session}\r\nContent-Length: 900\r\n\r\nsecret={{secret}}",
    }.items():
        secret = run.key(f"with {name}")["secret"]
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(request.format(host=address.netloc, secret=secret).encode())
            connection.shutdown(socket.SHUT_WR)
            connection.recv(10_000)
