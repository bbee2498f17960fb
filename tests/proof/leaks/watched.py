"""Somebody at the portal whose secrets are planted and whose every answer is kept."""

import re

import requests

from tests.profiles.factors import code_of
from tests.proof.leaks.run import Run, Seen
from tests.road.person import TOKEN, Person, mailed_code

LOGIN, CODE = "/cuenta/login/", "/cuenta/2fa/authenticate/"
APP, RECOVERY = "/cuenta/2fa/totp/activate/", "/cuenta/2fa/recovery-codes/"
APP_SECRET = re.compile(r'id="totp-secret"[^>]*>([A-Z2-7 ]+)<')
RECOVERY_CODE = re.compile(r"<li><code>(\d{4}) (\d{4})</code></li>")
NAME = 60


class Watched(Person):
    def __init__(self, run: Run, like: "Watched | None" = None) -> None:
        """`like`: the same person at another device, not logged in yet."""
        super().__init__(run.stack)
        self.run = run
        self.email, self.password, self.app = (like.email, like.password, like.app) if like else ("", "", "")
        self.http.headers["Connection"] = "close"           # a line that is idle for long enough is closed as we write
        self.http.hooks["response"].append(self._see)

    def _see(self, response: requests.Response, **_more: object) -> None:
        asked = response.request
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        name = f"{asked.method} {asked.path_url[:NAME]} {response.status_code}"
        self.run.seen.append(Seen(asked.path_url, name, headers.encode() + b"\n" + response.content))

    def join(self, name: str) -> "Watched":
        """Sign up with a password of their own."""
        self.email, self.password = f"{name}@example.com", self.run.password(f"{name}'s password")
        self.post("/cuenta/signup/", email=self.email, password1=self.password)
        self.post("/cuenta/confirm-email/", code=mailed_code(self.stack, self.email))
        return self

    def enter(self, code: str = "") -> "Watched":
        """Log in, with a code where there is a second factor."""
        self.log_in(self.email, self.password)
        if code:
            self.post(CODE, code=code)
        return self

    def add_app(self) -> list[str]:
        """A second factor. Its recovery codes."""
        page = self.get(APP).text
        self.app = self.run.plant(f"the app of {self.email}", APP_SECRET.search(page)[1].replace(" ", ""))
        self.run.note("an app is being added")
        self.send(APP, TOKEN.search(page)[1], code=code_of(self.app))
        codes = ["".join(parts) for parts in RECOVERY_CODE.findall(self.get(RECOVERY).text)]
        for number, code in enumerate(codes):
            self.run.plant(f"recovery code {number} of {self.email}", code)
        return codes
