"""What is locked, and in which order: PostgreSQL waits for rows where SQLite waits for the whole database."""
import ast

from django.db import connection
from django.test import SimpleTestCase
from django.test.utils import CaptureQueriesContext

from exchanges import actions, validation
from tests.exchanges.base import SIX, ValidationTestCase
from tests.test_house import code


class JoinTests(SimpleTestCase):
    def test_no_statement_that_waits_for_a_row_joins_another(self):
        """PostgreSQL gives the row as it is after the wait, what is joined as it was before."""
        written = [(module, ast.unparse(node)) for module, _path, tree in code("profiles", "exchanges")
                   for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.Return | ast.Expr)]
        locks = [(module, text) for module, text in written if "select_for_update" in text]
        self.assertGreater(len(locks), 5)
        self.assertEqual([(module, text) for module, text in locks if "select_related" in text], [])


class OrderTests(ValidationTestCase):
    def test_a_replacement_locks_both_keys_before_the_exchange_as_a_claim_does(self):
        """Otherwise it may wait for the key that another link's claim holds, which waits for the exchange."""
        link = self.give(self.keys.new(SIX, account="AA11 LOCK ORDE R001"))
        actions.add_key(link, self.keys.new(SIX, account="AA11 LOCK ORDE R001"))
        claim = validation.Claim.take(str(link.pk))
        outcome = validation._ask(claim)
        with CaptureQueriesContext(connection) as asked:
            validation.write_down(claim, outcome)
        said = [query["sql"].replace("-", "") for query in asked]
        keys = next(at for at, sql in enumerate(said) if link.key.pk.hex in sql and claim.key.pk.hex in sql)
        exchange = next(at for at, sql in enumerate(said) if 'FROM "exchanges_exchange"' in sql)
        self.assertLess(keys, exchange)
        link.refresh_from_db()
        self.assertEqual((link.status, link.key_id), ("ready", claim.key.pk))
