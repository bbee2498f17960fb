"""One run of the portal under watch: the secrets planted in it, its people, and everything it answered."""

import base64
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from sandbox.dialects.kraken_account import Account
from tests import environment, portal
from tests.proof.leaks import places
from tests.proof.leaks.needles import Needles
from tests.proof.leaks.places import Place
from tests.road.person import Kraken

# The part of a sealing pair's half that is secret; before it stand its day and its id.
SECRET_PART = 2
SPOILT = 'ñ"/+& <A'
KEYS = ("SECRET_KEY", "CREDENTIALS_KEYS", "FINGERPRINT_KEY", "ACCOUNT_KEY", "SEALING_PRIVATE_KEYS", "DEMO_PASSWORD")


class Seen(NamedTuple):
    """An answer, with its headers."""

    path: str
    name: str
    content: bytes


class Run:
    """What was planted: `secrets`, and `public`, the public halves of keys. What came of it: `seen`, what people were shown;
    `said`, what commands wrote; `kept`, what sessions and cache held at some moment; `seals`, sealed keys that are erased since.
    In `folder` is all that the portal writes.
    """

    def __init__(self, stack: portal.Portal, folder: Path) -> None:
        self.stack, self.folder, self.kraken = stack, folder, Kraken(stack)
        self.database = Path(stack.var_dir, "db.sqlite3")
        self.secrets: dict[str, str] = {}
        self.public: dict[str, str] = {}
        self.seen: list[Seen] = []
        self.said: list[Place] = []
        self.kept: list[Place] = []
        self.seals: list[bytes] = []
        self._started: dict[str, subprocess.Popen] = {}

    def plant(self, name: str, secret: str) -> str:
        self.secrets[name] = secret
        return secret

    def password(self, name: str) -> str:
        """A new one, with letters that each way of writing spoils in its own way."""
        parts = [secrets.token_hex(3) for _letter in SPOILT]
        return self.plant(name, "".join(part + letter for part, letter in zip(parts, SPOILT, strict=True)))

    def key(self, name: str, *lacking: str, account: str = "", **options: object) -> dict:
        """A new key at Kraken, of the account called so; else of an account of its own."""
        options |= {"account": account} if account else {}
        return self.known(name, self.kraken.new_key(*lacking, **options), account)

    def pair(self, name: str) -> dict:
        """A key that Kraken does not know."""
        half, secret = (base64.b64encode(secrets.token_bytes(size)).decode() for size in (42, 64))
        return self.known(name, {"api_key": half, "secret": secret})

    def known(self, name: str, key: dict, account: str = "") -> dict:
        """Plant a key's secret, its public half and the number of its account."""
        number = Account(account or key["api_key"]).iban
        self.secrets |= {
            f"{name}: secret": key["secret"], f"{name}: account": number.replace(" ", ""), f"{name}: account in groups": number}
        self.public[f"{name}: API key"] = key["api_key"]
        return key

    def needles(self, *without: str) -> Needles:
        """To find all but those whose names begin so."""
        planted = self.secrets | self.public
        return Needles({name: secret for name, secret in planted.items() if not name.startswith(without)})

    def servers(self) -> dict[str, str]:
        """The portal's own keys."""
        own = {name: Path(self.stack.var_dir, "keys", name).read_text() for name in KEYS}
        return own | {"SEALING_PRIVATE_KEYS": secret_part(own["SEALING_PRIVATE_KEYS"])}

    def start(self, *command: str, told: str = "", **variables: str) -> subprocess.Popen:
        """Start a command as an operator would where the workers run; `told` goes to its stdin."""
        given = places.environment(self.stack.pids()["worker-now"]) | variables
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=environment.ROOT, env=given, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        process.stdin.write(told.encode())
        process.stdin.close()
        process.stdin = None
        self._started[" ".join(command)[:40]] = process
        return process

    def finish(self) -> None:
        """Wait for the commands that were started."""
        for name, process in self._started.items():
            said, _errors = process.communicate(timeout=60)
            self.said.append((f"{name}, exit status {process.returncode}", said))
        self._started.clear()

    def remember_seal(self, link: str) -> None:
        """Of the key of this link, which is about to be erased."""
        query = "SELECT k.sealed FROM exchanges_apikey k JOIN exchanges_link l ON l.key_id = k.id WHERE l.id = ?"
        with closing(sqlite3.connect(self.database, timeout=20)) as database:
            self.seals += [sealed for (sealed,) in database.execute(query, [link.strip("/").rpartition("/")[2].replace("-", "")])]

    def note(self, moment: str) -> None:
        """What is in sessions and cache now: later it may be gone."""
        tables = places.rows(self.database, "django_session", "cache")
        self.kept += [(f"{moment}: {place}", content) for place, content in tables]


def secret_part(half: str) -> str:
    return half.split(".")[SECRET_PART]


@contextmanager
def running(folder: Path, **variables: str) -> Iterator[Run]:
    """A portal of one's own, whose temporary files go to `folder` too."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    with portal.running(folder / "var", TMPDIR=str(temporary), **variables) as stack:
        yield Run(stack, folder)
