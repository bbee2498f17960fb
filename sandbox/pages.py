"""The pages for people: the list of exchanges and, below /<slug>/, a page like the exchange's own key page.

Spanish, or English with ?lang=en. They work without JavaScript; the script only copies.
"""

import hmac
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

from sandbox import pages_keys
from sandbox.dialects.base import HTML, Answer, Dialect, Request
from sandbox.screen import Screen
from sandbox.state import State

STATIC = {
    "/_static/page.css": "text/css; charset=utf-8",
    "/_static/copy.js": "text/javascript; charset=utf-8",
    "/_static/icon.svg": "image/svg+xml",
}
FILES = {path: (Path(__file__).parent / "static" / Path(path).name).read_bytes() for path in STATIC}
HEADERS = (
    ("Content-Security-Policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
     "frame-ancestors 'none'; base-uri 'none'"),
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
ACTIONS: Mapping[tuple[str, str], Callable[[State, Dialect, Screen], tuple[str, str]]] = {
    ("GET", ""): pages_keys.list_keys,
    ("GET", "_new"): pages_keys.new_key,
    ("POST", "_new"): pages_keys.generate_key,
    ("GET", "_key"): pages_keys.edit_key,
    ("POST", "_key"): pages_keys.save_key,
}


def answer(state: State, dialects: Mapping[str, Dialect], request: Request) -> Answer:
    """The page at `request.path`, an HTML error, or a static file. A page is made of its title and its content."""
    method = "GET" if request.method == "HEAD" else request.method
    if method == "GET" and request.path in STATIC:
        return Answer(FILES[request.path], 200, STATIC[request.path], HEADERS)
    screen = Screen.of(request, state.form_token)
    if request.path == "/":
        return page(screen, *home(dialects, screen)) if method == "GET" else refuse(screen, 405)
    slug, _, rest = request.path.removeprefix("/").partition("/")
    if slug not in dialects:
        return refuse(screen, 404)
    if request.path == f"/{slug}":
        return Answer(b"", 308, HTML, (*HEADERS, ("Location", screen.url(f"/{slug}/"))))
    return exchange_page(state, dialects[slug], screen, method, rest)


def exchange_page(state: State, dialect: Dialect, screen: Screen, method: str, rest: str) -> Answer:
    if (method, rest) not in ACTIONS:
        return refuse(screen, 405 if any(known == rest for _, known in ACTIONS) else 404)
    if method == "POST" and not hmac.compare_digest(screen.sent("token").encode(), state.form_token.encode()):
        # Only our own pages know the token: another site cannot make the browser change keys.
        return refuse(screen, 403)
    try:
        return page(screen, *ACTIONS[method, rest](state, dialect, screen))
    except pages_keys.Moved as exc:
        return Answer(b"", 303, HTML, (*HEADERS, ("Location", screen.url(str(exc)))))
    except pages_keys.NotThere:
        return refuse(screen, 404)


def page(screen: Screen, title: str, content: str, status: int = 200) -> Answer:
    return Answer(screen.wrap(title, content).encode(), status, HTML, HEADERS)


def refuse(screen: Screen, status: int) -> Answer:
    title = {
        403: screen.say("Abre otra vez la página", "Open the page again"),
        404: screen.say("Aquí no hay nada", "There is nothing here"),
        405: screen.say("Así no se puede", "That does not work here"),
    }[status]
    back = screen.say("Volver al principio", "Back to the start")
    return page(screen, title, f'<p><a class="btn" href="{screen.url("/")}">{back}</a></p>', status)


def home(dialects: Mapping[str, Dialect], screen: Screen) -> tuple[str, str]:
    cards = "".join(
        f'<li class="card"><h2><a href="{screen.url(f"/{dialect.slug}/")}">{escape(dialect.name)}</a></h2>'
        f'<p>{screen.say("Crea aquí una clave API de práctica.", "Create a practice API key here.")}</p></li>'
        for dialect in dialects.values()
    )
    lead = screen.say(
        "Cada uno contesta aquí como el de verdad, sin cuenta y sin dinero. Crea una clave y pégala en Smartrader.",
        "Each one answers here like the real one, without an account and without money. Create a key and paste it in "
        "Smartrader.",
    )
    return screen.say("Elige un exchange", "Choose an exchange"), f"""
<p class="lead">{lead}</p>
<ul class="cards">{cards}</ul>
<h2>{screen.say("Para programas", "For programs")}</h2>
<p><code>GET /_keys</code> · <code>POST /_keys</code> · <code>GET /_calls</code> · <code>POST /_faults</code> ·
<code>POST /_status</code></p>
"""
