"""The cache that all processes share where there is no Redis: a table of the database (CACHE_URL)."""

import base64
import pickle
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction


class CountingDatabaseCache(DatabaseCache):
    """Django's, whose `incr` reads and then writes: two who count at once count one, and the time of the entry begins anew."""

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError where there is no such entry, as Django's."""
        db = router.db_for_write(self.cache_model_class)
        quote = connections[db].ops.quote_name
        table, column = quote(self._table), quote("cache_key")
        lock = " FOR UPDATE" if connections[db].features.has_select_for_update else ""
        made = self.make_and_validate_key(key, version=version)
        with transaction.atomic(using=db), connections[db].cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} = %s{lock}", [made])  # noqa: S608
            value: Any = self.get(key, version=version)
            if value is None:
                raise ValueError(f"Key '{key}' not found")
            packed = base64.b64encode(pickle.dumps(value + delta, self.pickle_protocol)).decode("latin1")
            cursor.execute(f"UPDATE {table} SET {quote('value')} = %s WHERE {column} = %s", [packed, made])  # noqa: S608
        return value + delta
