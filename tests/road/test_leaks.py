"""Planted keys are nowhere in what a run leaves behind: not in the database, its log, the broker's, the logs, the mails."""

import base64
import tempfile
from pathlib import Path
from unittest import TestCase
from urllib.parse import quote

import pytest

from tests.road.base import RoadTestCase
from tests.road.person import NEW


def forms(secret: str) -> dict[str, bytes]:
    """What `secret`, in base64 itself, and its halves may look like in a file, by name."""
    half, raw = len(secret) // 2, base64.b64decode(secret)
    shown = {"decoded": raw, "decoded, hex": raw.hex().encode(), "decoded, first half": raw[:len(raw) // 2]}
    for part, text in (("whole", secret), ("first half", secret[:half]), ("second half", secret[half:].rstrip("="))):
        shown |= {
            part: text.encode(), f"{part}, url": quote(text, safe="").encode(), f"{part}, hex": text.encode().hex().encode(),
            f"{part}, utf-16 le": text.encode("utf-16-le"), f"{part}, utf-16 be": text.encode("utf-16-be"),
        }
        for shift in range(3):
            # Where a text begins inside a longer one shifts its base64; both edges also depend on the neighbours.
            shown[f"{part}, base64 {shift}"] = base64.b64encode(b" " * shift + text.encode())[4:-4]
    return shown


def found(folder: Path, needles: dict[str, bytes]) -> list[str]:
    """Where in `folder` one of `needles` (by name) stands: "file: name"."""
    contents = {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return [f"{file}: {name}" for file, content in contents.items() for name, needle in needles.items() if needle in content]


@pytest.mark.usefixtures("ana_of_class")
class LeakTests(RoadTestCase):
    def test_no_form_of_any_key_is_kept(self):
        kept = {"good": self.kraken.new_key(), "missing": self.kraken.new_key("query-ledger"), "down": self.kraken.new_key()}
        dangerous, swapped = self.kraken.new_key(permissions=["withdraw-funds"]), self.kraken.new_key()
        self.kraken.fault(kept["down"], "reset")
        links = [self.ana.link(key) for key in (*kept.values(), dangerous)]
        for link in links:
            self.ana.settled(link)
        self.ana.press(links[0], "desvincular")
        self.ana.post(NEW, api_key=swapped["secret"], secret=swapped["api_key"], label="")
        self.ana.send(NEW, "no token", api_key=swapped["api_key"], secret=swapped["secret"], label="")
        planted = {**kept, "dangerous": dangerous, "swapped": swapped}
        needles = {
            f"{name} {part}, {form}": needle
            for name, key in planted.items() for part in ("api_key", "secret") for form, needle in forms(key[part]).items()
        }
        self.assertEqual(found(Path(self.stack.var_dir), needles), [])

    def test_the_search_reaches_what_is_kept(self):
        files = found(Path(self.stack.var_dir), {"e-mail": self.email.encode()})
        self.assertRegex(" ".join(files), r"db\.sqlite3.*: e-mail")
        self.assertRegex(" ".join(files), r"mail/.*: e-mail")


class SearchTests(TestCase):
    secret = base64.b64encode(bytes(range(100, 164))).decode()

    def test_it_finds_base64_wherever_the_text_starts(self):
        for before in (b"", b"a", b"ab", b"abc"):
            with self.subTest(before=before), tempfile.TemporaryDirectory() as folder:
                Path(folder, "log").write_bytes(base64.b64encode(before + self.secret.encode() + b"xyz"))
                self.assertNotEqual(found(Path(folder), forms(self.secret)), [])

    def test_it_finds_half_a_secret(self):
        for part in (self.secret[:44], self.secret[44:], self.secret[10:]):
            with self.subTest(part=part), tempfile.TemporaryDirectory() as folder:
                Path(folder, "log").write_text(f"key={part}")
                self.assertNotEqual(found(Path(folder), forms(self.secret)), [])
