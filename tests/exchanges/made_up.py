"""An exchange that does not exist: two sites, passphrases no, permissions untold, JSON orders, a clock. What no real one has all of."""
import json
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from requests import PreparedRequest
from requests.auth import AuthBase

from exchanges.connectors.base import (
    GET,
    POST_JSON,
    PUBLIC,
    Answer,
    Connector,
    DryRun,
    Endpoint,
    KeyReport,
    Read,
    Refused,
    Region,
    Seen,
    Unavailable,
    dangerous,
    needed,
    read_object,
)
from exchanges.connectors.paste import Token, plain
from tests.exchanges.connectors.wire import Wire, answer

LETTERS = "[A-Za-z0-9]"
KEY, SECRET = "k" * 20, "s" * 40
OTHER_KEY = "K" * 20

ME = GET("/v1/me", says=_("Read balances"), permission="look")
ORDERS = GET("/v1/orders", says=_("Read open orders"), permission="trade", book="a_b")
PAST = GET("/v1/past", says=_("Read closed orders"), permission="trade")
TEST = POST_JSON("/v1/test", says=_("Test an order without placing it"), permission="trade", book="zzz", size={"amount": "1"})
TIME = PUBLIC("/v1/time", says=_("Ask whether it is up"))
GOOD = {"me": {"id": "acc-7", "amount": "0"}, "orders": {}, "past": {}, "test": {}, "time": {"now": 0}}


class MadeUpAuth(AuthBase):
    """Shows in its headers what signers are given."""

    def __init__(self, credentials, next_nonce, now) -> None:
        self._credentials, self._next_nonce, self._now = credentials, next_nonce, now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update({
            "X-Key": self._credentials.api_key, "X-Signed": request.url, "X-Nonce": str(self._next_nonce()),
            "X-Now": str(int(self._now()))})
        return request


def read_answer(endpoint: Endpoint, said: Answer) -> dict:
    fields = read_object(said.body)
    if "new" in fields:
        raise Unavailable("unreadable_answer")
    code = fields.get("error", "")
    if code == "denied":
        raise Refused("missing_permissions", code)
    if code == "wrong":
        raise Refused("bad_key", code)
    if code:
        raise Unavailable("clock_skew" if code == "late" else "maintenance", code)
    return fields


def describe_key(session) -> KeyReport:
    denied = set()
    me = {}
    for endpoint in (ME, ORDERS):
        try:
            me |= session.call(endpoint)
        except Refused as refusal:
            if refusal.reason != "missing_permissions":
                raise
            denied.add(endpoint.permission)
    return KeyReport(permissions=None, denied=frozenset(denied), account=me.get("id"), empty=me.get("amount") == "0")


def read_orders(session) -> Seen:
    session.call(ORDERS)
    return Seen(account="not this one")


def read_past(session) -> None:
    session.call(PAST)


def server_time(session) -> float:
    return session.call(TIME)["now"]


def dry_run(session) -> str:
    session.call(TEST)
    return "ok"


connector = Connector(
    slug="madeup", name="Made Up", monogram="Mu", api_url="https://api.madeup.example", keys_url="https://madeup.example/keys",
    status_url="https://status.madeup.example", api_key_label="Key", secret_label="Secret", api_key_hint=_("API key"),
    secret_hint=_("Secret key"), clean=plain("Made Up", Token("Key", LETTERS, 20, 20), Token("Secret", LETTERS, 40, 40)),
    looks_like_secret=Token("Secret", LETTERS, 40, 40).is_in, endpoints=(ME, ORDERS, PAST, TEST, TIME), sign=MadeUpAuth,
    read_answer=read_answer, describe_key=describe_key, describe_calls=2,
    reads=(Read(ORDERS, read_orders), Read(PAST, read_past, strict=False)), dry_run=DryRun(TEST, dry_run), reports_permissions=False,
    server_time=server_time, clock_codes=("late", "wrong"), proof=_("API key"), ip_words=_("API key"), expiry_words=_("API key"),
    cures={"bad_key": ("", _("API key")), "missing_permissions": (_("Secret key"), _("API key"))},
    permissions=(
        needed("look", title=_("Query funds"), opens=_("See your balances. Only looking."), label="Look", label_es="Mirar"),
        needed("trade", title=_("Create and modify orders"), opens=_("Buy and sell as your strategy says."), label="Trade"),
        dangerous("pay", title=_("Withdraw funds"), opens=_("Lets money leave your account."), label="Pay out"),
    ),
)
with_regions = replace(connector, regions=(
    Region("eu", _("Europe"), _("Made in Spain"), "https://api.eu.madeup.example"),
    Region("world", _("The world"), _("All others"), "https://api.madeup.example")))


class MadeUp(Wire):
    """`answers`: last part of a path → the JSON it is answered with, where it is not the good one."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.answers: dict[str, dict] = {}

    def _answer(self, connection) -> None:
        call = self.requests[-1].split(b" ", 2)[1].partition(b"?")[0].rpartition(b"/")[2].decode()
        connection.sendall(answer(json.dumps(self.answers.get(call, GOOD[call])).encode()))

    def asked(self) -> list[str]:
        """Method and target of what was asked, in order."""
        return [" ".join(request.split(b" ", 2)[i].decode() for i in (0, 1)) for request in self.requests]

    def header(self, number: int, name: str) -> str:
        lines = self.requests[number].decode().split("\r\n")
        return next(line.partition(": ")[2] for line in lines if line.startswith(f"{name}: "))
