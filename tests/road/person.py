"""One person at the portal, over HTTP, as a browser without scripts would do it; and what the exchange saw of it."""

import re
from html import unescape
from pathlib import Path

import requests

from tests.portal import Portal, eventually

PASSWORD = "una frase larga y segura"
NEW = "/perfil/exchanges/vincular/kraken/"
SIX = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades", "query-ledger"]
CODE = re.compile(r"^[A-Z]{4}-[A-Z]{4}$", re.MULTILINE)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ERROR = re.compile(r'data-error="(\w+)"')
LIVE = re.compile(r'<[^>]* data-link="[^>]*>')
BUSY = ("queued", "checking")


class Person:
    """`http` is their browser: cookies, and the page they come from, which Django's form tokens want."""

    def __init__(self, stack: Portal) -> None:
        self.stack, self.http = stack, requests.Session()
        self.http.headers["Referer"] = stack.url

    def sign_up(self, email: str) -> "Person":
        self.post("/cuenta/signup/", email=email, password1=PASSWORD)
        self.post("/cuenta/confirm-email/", code=mailed_code(self.stack, email))
        return self

    def log_in(self, email: str, password: str = PASSWORD) -> "Person":
        self.post("/cuenta/login/", login=email, password=password)
        return self

    def get(self, path: str) -> requests.Response:
        return self.http.get(self.stack.url + path, timeout=30)

    def post(self, path: str, page: str = "", **fields: str) -> requests.Response:
        """Fill in and send the form of `page` (default: of the address itself) that goes to `path`."""
        return self.send(path, self.token(page or path), **fields)

    def token(self, page: str) -> str:
        return TOKEN.search(self.get(page).text)[1]

    def send(self, path: str, token: str, **fields: str) -> requests.Response:
        body = {"csrfmiddlewaretoken": token, **fields}
        return self.http.post(self.stack.url + path, body, timeout=30, allow_redirects=False)

    def link(self, key: dict, label: str = "") -> str:
        """Paste a key; the path of the link's page it led to."""
        response = self.post(NEW, api_key=key["api_key"], secret=key["secret"], label=label)
        assert response.status_code == 302, f"{response.status_code} {ERROR.findall(response.text)}"
        return response.headers["Location"]

    def press(self, link: str, verb: str) -> requests.Response:
        """The button of a link's page that goes to `verb`, e.g. "pausar"."""
        return self.post(f"{link}{verb}/", page="/perfil/")

    def state(self, link: str) -> dict[str, str]:
        """The hooks of the live fragment: {"status": "ready", "reason": "", "checking": "false", …}."""
        tag = LIVE.search(self.get(f"{link}estado/").text)[0]
        return {name: unescape(value) for name, value in re.findall(r'data-([\w-]+)="([^"]*)"', tag)}

    def settled(self, link: str, seconds: float = 30.0) -> dict[str, str]:
        """The state once nobody is at it, or the one when the time is over."""
        eventually(lambda: not self.is_busy(link), seconds)
        return self.state(link)

    def is_busy(self, link: str) -> bool:
        state = self.state(link)
        return state["status"] in BUSY or state["candidate"] in BUSY or state["checking"] == "true"

    def becomes(self, link: str, status: str, seconds: float = 30.0) -> bool:
        return eventually(lambda: self.state(link)["status"] == status, seconds)


def mailed_code(stack: Portal, email: str) -> str:
    """The code in the newest mail to `email` that has one, e.g. "BCDF-GHJK"."""
    mails = sorted(Path(stack.var_dir, "mail").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    found = (CODE.findall(text) for mail in reversed(mails) if f"To: {email}" in (text := mail.read_text()))
    return next(codes for codes in found if codes)[-1]


class Kraken:
    """The exchange's side: the sandbox's JSON addresses."""

    def __init__(self, stack: Portal) -> None:
        self.url = stack.sandbox_url

    def new_key(self, *lacking: str, **options: object) -> dict:
        """A new key with the six permissions but those `lacking`; `permissions` adds others."""
        wanted = [*(name for name in SIX if name not in lacking), *options.pop("permissions", [])]
        return self.post("_keys", permissions=wanted, **options)

    def fault(self, key: dict, fault: str, count: int = 1) -> None:
        self.post("_faults", api_key=key["api_key"], fault=fault, count=count)

    def calls(self, key: dict) -> list[dict]:
        """What was asked with `key`, oldest first: [{"method", "path", "time", "outcome"}]."""
        return requests.get(f"{self.url}/_calls", {"api_key": key["api_key"]}, timeout=30).json()

    def post(self, where: str, **wish: object) -> dict:
        answer = requests.post(f"{self.url}/{where}", json={"exchange": "kraken", **wish}, timeout=30)
        answer.raise_for_status()
        return answer.json()
