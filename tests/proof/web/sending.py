"""What must be true of every answer, whatever was sent."""

from collections.abc import Callable

from django.apps import apps
from django.db import connection
from django.http import HttpResponseBase

from tests.proof.access.people import FORM
from tests.proof.web.forms import FormsTestCase

# Told in any of these, and in no other.
ANSWERS = {200, 302, 400, 403, 404, 405, 413}
COLUMNS = [
    (model._meta.db_table, [(field.column, field.max_length) for field in model._meta.local_fields if field.max_length])
    for model in apps.get_models() if model._meta.managed
]


class AnyInputTestCase(FormsTestCase):
    def sent(self, who: str, method: str, path: str, body: bytes = b"", content_type: str = FORM, **extra: object) -> HttpResponseBase:
        """The answer, of which is true what is true of all: known, without NUL to the database, and nothing is too long for its column."""
        found: list[object] = []
        with connection.execute_wrapper(nul_finder(found)):
            response = self.visit(who, method, path, body, content_type, look=lambda: found.extend(too_long()), **extra)
        self.assertIn(response.status_code, ANSWERS)
        self.assertEqual(found, [])
        return response


def nul_finder(found: list[object]) -> Callable:
    """PostgreSQL takes no NUL in a text, where SQLite does."""
    def look(execute, sql, params, many, context):
        found.extend(param for param in params or () if isinstance(param, str) and "\0" in param)
        return execute(sql, params, many, context)
    return look


def too_long() -> list[tuple[str, str]]:
    """Columns that hold more than they may: SQLite takes it, PostgreSQL does not."""
    found = []
    with connection.cursor() as cursor:
        for table, columns in COLUMNS:
            if columns:
                cursor.execute(f"SELECT {', '.join(f'max(length({column}))' for column, _most in columns)} FROM {table}")
                longest = zip(columns, cursor.fetchone(), strict=True)
                found += [(table, column) for (column, most), length in longest if (length or 0) > most]
    return found
