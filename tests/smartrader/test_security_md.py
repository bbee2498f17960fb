"""SECURITY.md is true line by line: what it names exists, and what stops an attacker has a test that shows it."""

import ast
import re
from functools import cache
from unittest import TestCase

from allauth.account import app_settings as account
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.management import get_commands
from django.test import SimpleTestCase
from django.urls import resolve

from exchanges import sealing
from profiles import freeze, presence
from tests.environment import ROOT, documented

TEXT = (ROOT / "SECURITY.md").read_text()
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE = re.compile(r"(?<![\w/.$-])((?:[\w.-]+/)*[\w.-]+\.(?:py|md|txt|lock))\b")
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")][1:]


@cache
def names_in(path: str) -> set[str]:
    file = ROOT / path
    tree = ast.parse(file.read_text() if file.exists() else "")
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


class NamedTests(TestCase):
    def test_every_test_is_there(self):
        named = TEST.findall(TEXT)
        self.assertEqual([f"{path}::{name}" for path, name in named if name not in names_in(path)], [])
        self.assertGreater(len(named), 40)

    def test_nobody_is_stopped_by_words_alone(self):
        self.assertEqual([row[0] for row in ROWS if len(row) != 4 or not TEST.search(row[3])], [])
        self.assertGreater(len(ROWS), 20)

    def test_nothing_but_tests_is_in_the_column_of_tests(self):
        self.assertEqual([row[3] for row in ROWS if TEST.sub("", row[3]).strip()], [])

    def test_every_file_is_there(self):
        named = FILE.findall(TEXT.replace("/.well-known/security.txt", ""))
        self.assertEqual([name for name in named if not (ROOT / name).exists()], [])
        self.assertIn("requirements.lock", named)

    def test_every_command_is_there(self):
        self.assertEqual(set(re.findall(r"manage\.py (\w+)", TEXT)) - get_commands().keys(), set())
        targets = re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text())
        self.assertEqual(set(re.findall(r"`make (\w+)", TEXT)) - set(targets), set())

    def test_every_variable_is_there(self):
        self.assertEqual(set(re.findall(r"`([A-Z]+_[A-Z_]+)", TEXT)) - set(documented()), set())

    def test_it_is_short_and_finished(self):
        self.assertLessEqual(len(TEXT.splitlines()), 160)
        self.assertNotIn("TBD", TEXT)


class NumberTests(SimpleTestCase):
    def test_times_are_those_of_the_code(self):
        self.assertIn("not older than 15 minutes", TEXT)
        self.assertEqual(presence.PRESENCE_S, 15 * 60)
        self.assertIn("for 24 hours", TEXT)
        self.assertEqual(freeze.FROZEN_FOR.total_seconds(), 24 * 3600)
        self.assertIn("every 30 days", TEXT)
        self.assertEqual(sealing.TURN_DAYS, 30)

    def test_passwords(self):
        self.assertIn("Argon2, 12 characters at least", TEXT)
        self.assertIn("django.contrib.auth.hashers.Argon2PasswordHasher", settings.PASSWORD_HASHERS[:2])  # the first is the tests' own
        lengths = [validator.min_length for validator in get_default_password_validators() if hasattr(validator, "min_length")]
        self.assertEqual(lengths, [12])

    def test_codes_of_mails_end_in_minutes(self):
        self.assertIn("codes that end in minutes", TEXT)
        self.assertEqual((account.EMAIL_VERIFICATION_BY_CODE_TIMEOUT, account.PASSWORD_RESET_BY_CODE_TIMEOUT), (15 * 60, 15 * 60))

    def test_the_addresses_are_the_sites_own(self):
        for address in ("/.well-known/security.txt", "/perfil/seguridad/"):
            self.assertIn(address, TEXT)
            self.assertTrue(resolve(address))
