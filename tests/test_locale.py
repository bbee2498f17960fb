"""Every sentence of ours has its Spanish, with the same placeholders.

No GNU gettext here: Django turns a template into code, and Babel reads the sentences out of code.
"""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from unittest import TestCase

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

ROOT = settings.BASE_DIR
CODE = ("profiles", "exchanges", "smartrader")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]\b|\{\w*\}")

Sentence = str | tuple[str, str]  # with a plural it is a pair


def sentences() -> Iterator[tuple[str, Sentence, str | None]]:
    """Where each sentence stands, the sentence, and its context if it has one."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from found(path, "python", path.read_text())
    for path in sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]):
        # What templatize leaves is not Python to the letter; Babel's reader of JavaScript is not so strict.
        yield from found(path, "javascript", templatize(path.read_text(), origin=str(path)))


def found(path: Path, reader: str, code: str) -> Iterator[tuple[str, Sentence, str | None]]:
    for line, sentence, _comments, context in extract(reader, BytesIO(code.encode()), KEYWORDS):
        yield f"{path.relative_to(ROOT)}:{line}", sentence, context


@cache
def spanish() -> Catalog:
    with (ROOT / "locale/es/LC_MESSAGES/django.po").open("rb") as po:
        return read_po(po, locale="es")


def entries() -> list[Message]:
    return [message for message in spanish() if message.id]  # without the header


def forms(text: Sentence) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def placeholders(message: Message) -> list[tuple[set[str], set[str]]]:
    pairs = zip(forms(message.id), forms(message.string), strict=True)
    return [(set(PLACEHOLDER.findall(ours)), set(PLACEHOLDER.findall(theirs))) for ours, theirs in pairs]


class SpanishTests(TestCase):
    def test_it_has_every_sentence(self):
        messages = [(place, text, spanish().get(text, context)) for place, text, context in sentences()]
        missing = [(place, text) for place, text, message in messages if not message or not all(forms(message.string))]
        self.assertEqual(missing, [])

    def test_it_has_no_sentence_that_is_gone(self):
        said = {(forms(text)[0], context) for _place, text, context in sentences()}
        gone = [message.id for message in entries() if (forms(message.id)[0], message.context) not in said]
        self.assertEqual(gone, [])
        self.assertEqual(list(spanish().obsolete), [])

    def test_its_placeholders_are_the_same(self):
        wrong = [m.id for m in entries() if any(ours != theirs for ours, theirs in placeholders(m))]
        self.assertEqual(wrong, [])

    def test_nothing_in_it_is_unsure(self):
        self.assertEqual([message.id for message in entries() if message.fuzzy], [])

    def test_what_is_compiled_is_what_is_written(self):
        plain = [message for message in entries() if isinstance(message.id, str) and not message.context]
        with translation.override("es"):
            stale = [message.id for message in plain if translation.gettext(message.id) != message.string]
        self.assertEqual(stale, [])
