"""Catalogues are compiled when they are older than their text."""

import gettext
import os
import tempfile
from pathlib import Path
from unittest import TestCase

from smartrader import messages

CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n#, fuzzy\nmsgid "Key"\nmsgstr "Clave"\n'


class CompileTests(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.locale = Path(folder.name)
        self.po = self.locale / "es" / "LC_MESSAGES" / "django.po"
        self.po.parent.mkdir(parents=True)
        self.po.write_text(CATALOGUE)

    def test_it_takes_fuzzy_messages_too(self):
        messages.compile_stale(self.locale)
        self.assertEqual(gettext.translation("django", self.locale, ["es"]).gettext("Key"), "Clave")

    def test_it_does_it_once_and_again_after_a_change(self):
        later = self.po.stat().st_mtime + 10
        self.assertEqual(messages.compile_stale(self.locale), [self.po])
        os.utime(self.po.with_suffix(".mo"), (later, later))
        self.assertEqual(messages.compile_stale(self.locale), [])
        os.utime(self.po, (later + 1, later + 1))
        self.assertEqual(messages.compile_stale(self.locale), [self.po])
