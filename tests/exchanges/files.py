"""The rows of a test as a database file, for commands in processes of their own: real locks, real kills, real backups."""
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from django.db import connection
from django.test import TransactionTestCase

from exchanges import vault
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Exchange, Link
from tests import environment
from tests.base import KEY, SECRET, make_people, make_ready_link

REVEAL = """
from exchanges import vault
from exchanges.models import ApiKey
for key in ApiKey.objects.exclude(sealed=None).select_related("link"):
    try:
        print("opened", vault.reveal(key).secret)
    except vault.Unreadable:
        print("unreadable")
"""
UNLINK = """
from exchanges import actions
from exchanges.models import Link
actions.unlink(Link.objects.get(pk="{}"))
"""


class FileTestCase(TransactionTestCase):
    """self.ana owns self.link, ready; `write_file` makes a site of the rows as they are then, with commands and a VAR_DIR."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.var_dir = Path(folder.name)
        self.file = self.var_dir / "db.sqlite3"
        Exchange.objects.get_or_create(slug="kraken", defaults={"name": "Kraken"})
        self.ana, _bea, _celia = make_people()
        self.link = make_ready_link(self.ana, "Principal")

    def add_links(self, count: int) -> None:
        """That many more links with a key, in few statements."""
        links = [Link(user=self.ana, exchange_id="kraken", next_check_at=None) for _ in range(count)]
        keys = [ApiKey(link=link) for link in links]
        for number, key in enumerate(keys):
            vault.seal(key, Credentials(f"{KEY}{number}", SECRET))
        Link.objects.bulk_create(links)
        ApiKey.objects.bulk_create(keys)

    def write_file(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(self.file)])

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        given = os.environ | {"VAR_DIR": str(self.var_dir)} | variables
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=environment.ROOT, env=given, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def manage(self, *arguments: str, **variables: str) -> tuple[int, list[str]]:
        """Exit status of a command on the file, and the lines it said; its log is elsewhere."""
        process = self.start(*arguments, **variables)
        said, _logged = process.communicate(timeout=60)
        return process.returncode, said.splitlines()

    def revealed(self, **variables: str) -> list[str]:
        """What comes of opening every key in the file."""
        status, lines = self.manage("shell", "--no-imports", "-c", REVEAL, **variables)
        self.assertEqual(status, 0, lines)
        return lines

    def unlink(self) -> None:
        status, lines = self.manage("shell", "--no-imports", "-c", UNLINK.format(self.link.pk))
        self.assertEqual(status, 0, lines)

    def ask(self, query: str, *values: object) -> list[tuple]:
        database = sqlite3.connect(self.file, timeout=20)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()
