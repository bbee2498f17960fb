"""Whose account a key belongs to: known by a keyed hash and eight characters, shown to its owner, linked once."""
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from django.db import connection

from exchanges import actions, validation
from exchanges.asking import Asking
from exchanges.connectors.base import Credentials
from exchanges.models import ApiKey, Link
from profiles.models import Profile, User
from tests.exchanges.base import SIX, ValidationTestCase

# What the sandbox calls the account "seal", and its hash under the tests' ACCOUNT_KEY.
NUMBER = "AAG7RXTXPPRYKWVB"
HASH = "2c73bc3f45ae39c6092d06eacc1a501bb58536587d08ce23bc92a87764e03f29"
HINT = "AAG7 ···· KWVB"


@contextmanager
def told(account: str | None):
    """The exchange says this of the account of every key."""
    describe = Asking._describe
    with mock.patch.object(Asking, "_describe", lambda asking: replace(describe(asking), account=account)):
        yield


class SealTestCase(ValidationTestCase):
    def key(self) -> Credentials:
        """Another key of one and the same account."""
        return self.keys.new(SIX, account="seal")

    def state(self, link: Link) -> tuple[str, str, bool]:
        return link.status, link.reason, link.has_secret


class StoredTests(SealTestCase):
    def test_a_keyed_hash_and_both_ends(self):
        link = self.give(self.key())
        self.assertEqual((link.key.account_hash, link.key.account_hint), (HASH, HINT))

    def test_the_number_is_nowhere_in_the_database(self):
        self.give(self.key())
        everything = "\n".join(connection.connection.iterdump())
        self.assertIn(HASH, everything)
        for part in (NUMBER, "AAG7 RXTX", "RXTXPPRY", "RXTX PPRY"):
            self.assertNotIn(part, everything)

    def test_neither_the_number_nor_the_hint_is_in_a_log(self):
        with self.assertLogs(level="DEBUG") as logs:
            self.give(self.key())
            self.give(self.key(), self.bea)
        written = "\n".join(str(vars(record)) for record in logs.records)
        for part in (NUMBER, HINT, HASH, "AAG7", "KWVB"):
            self.assertNotIn(part, written)

    def test_after_an_unlink_no_hash_is_left(self):
        link = self.give(self.key())
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.key())
        actions.unlink(self.look(link))
        self.assertEqual(set(ApiKey.objects.values_list("fingerprint", "account_hash")), {(None, None)})
        self.assertEqual(ApiKey.objects.count(), 2)


class ShownTests(SealTestCase):
    def setUp(self):
        super().setUp()
        self.link = self.give(self.key())
        self.url = f"/perfil/exchanges/{self.link.id}/"

    def page(self, user: User, url: str, language: str = "es") -> str:
        Profile.objects.filter(user=user).update(language=language)
        self.client.force_login(user)
        return self.client.get(url, follow=True).content.decode()

    def test_its_owner_sees_both_ends_in_either_language(self):
        for language, label in (("es", "Cuenta de Kraken"), ("en", "Kraken account")):
            page = self.page(self.ana, self.url, language)
            self.assertInHTML(f'<dt>{label}</dt><dd class="mono" translate="no">{HINT}</dd>', page)
            self.assertNotIn(NUMBER, page)

    def test_where_a_replacement_is_pasted_it_says_of_which_account(self):
        self.assertIn(HINT, self.page(self.ana, f"{self.url}reemplazar/"))

    def test_nobody_else_sees_any_of_it(self):
        celia = User.objects.get(email="celia@example.com")
        for person, url in ((self.bea, self.url), (self.bea, "/perfil/exchanges/"), (celia, self.url),
                            (celia, "/admin/exchanges/link/"), (celia, f"/admin/exchanges/link/{self.link.id}/change/")):
            page = self.page(person, url)
            self.assertNotIn("AAG7", page)
            self.assertNotIn("KWVB", page)
            self.assertNotIn(HASH, page)


class LinkedOnceTests(SealTestCase):
    def test_another_link_of_the_same_person(self):
        first, second = self.give(self.key()), self.give(self.key())
        self.assertNotEqual(first.pk, second.pk)
        self.assertEqual(self.state(second), ("action_required", "already_linked", False))
        self.assertIsNone(second.key.sealed)
        self.assertEqual(self.state(self.look_later(first)), ("ready", "", True))

    def test_a_link_of_another_person(self):
        first, second = self.give(self.key()), self.give(self.key(), self.bea)
        self.assertEqual(self.state(second), ("action_required", "already_linked", False))
        self.assertIsNone(second.key.sealed)
        self.assertEqual(self.state(self.look_later(first)), ("ready", "", True))

    def test_a_paused_link_still_has_its_account(self):
        actions.pause(self.give(self.key()))
        self.assertEqual(self.give(self.key(), self.bea).reason, "already_linked")

    def test_a_key_that_was_never_proven_takes_no_account(self):
        self.assertEqual(self.give(self.keys.new(SIX[:5], account="seal"), self.bea).reason, "missing_permissions")
        self.assertEqual(self.give(self.key()).status, "ready")

    def test_once_unlinked_anybody_may_link_it(self):
        actions.unlink(self.give(self.key()))
        theirs = self.give(self.key(), self.bea)
        self.assertEqual(theirs.status, "ready")
        actions.unlink(theirs)
        self.assertEqual(self.give(self.key()).status, "ready")

    def test_one_that_was_in_the_way_can_be_linked_with_a_new_paste(self):
        first, second = self.give(self.key()), self.give(self.key(), self.bea)
        actions.unlink(first)
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(second, self.key())
        self.assertEqual(self.state(self.look(second)), ("ready", "", True))

    def test_of_two_first_proofs_under_way_one_is_ready(self):
        """The second is asked and written down while the first has its answer and has not written it."""
        with mock.patch("exchanges.actions.nudge"):
            links = [actions.add_link(user, self.exchange, self.key(), "") for user in (self.ana, self.bea)]
        write_down, waiting = validation.write_down, [links[1]]

        def let_the_other_go_first(claim, outcome):
            while waiting:
                self.look(waiting.pop())
            write_down(claim, outcome)

        with mock.patch("exchanges.validation.write_down", let_the_other_go_first):
            first = self.look(links[0])
        second = Link.objects.select_related("key").get(pk=links[1].pk)
        self.assertEqual(self.state(second), ("ready", "", True))
        self.assertEqual(self.state(first), ("action_required", "already_linked", False))
        self.assertEqual(first.calls.count(), 6)


class ReplacedTests(SealTestCase):
    def setUp(self):
        super().setUp()
        self.link = self.give(self.key())
        self.old = ApiKey.objects.get(pk=self.link.key_id)

    def replace(self, key: Credentials) -> Link:
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(self.link, key)
        return self.look(self.link)

    def test_another_account_is_refused_and_the_working_key_is_as_it_was(self):
        link = self.replace(self.keys.new(SIX, account="another"))
        self.assertEqual((*self.state(link), link.candidate, link.candidate_reason), ("ready", "", True, "failed", "different_account"))
        self.assertIsNone(link.keys.exclude(pk=self.old.pk).get().sealed)
        kept = ApiKey.objects.get(pk=link.key_id)
        self.assertEqual((kept.pk, kept.sealed, kept.account_hash, kept.erased_at), (self.old.pk, self.old.sealed, HASH, None))
        self.assertEqual(self.state(self.look_later(link)), ("ready", "", True))

    def test_the_same_account_takes_over(self):
        link = self.replace(self.key())
        self.assertEqual((*self.state(link), link.candidate), ("ready", "", True, ""))
        self.assertEqual((link.key.account_hash, link.key.account_hint), (HASH, HINT))
        self.assertNotEqual(link.key_id, self.old.pk)
        self.assertIsNone(ApiKey.objects.get(pk=self.old.pk).sealed)

    def test_where_the_exchange_no_longer_tells_the_account_it_is_no_other(self):
        with told(None):
            link = self.replace(self.key())
        self.assertEqual((*self.state(link), link.candidate), ("ready", "", True, ""))


class UntoldTests(SealTestCase):
    def test_what_names_no_account_is_neither_hashed_nor_shown(self):
        for account in (None, "", "0", "N/A", "12345"):
            with told(account):
                link = self.give(self.keys.new(SIX))
            self.assertEqual((account, link.status, link.key.account_hash, link.key.account_hint), (account, "ready", None, ""))

    def test_two_of_them_are_not_taken_for_one(self):
        for account in (None, "N/A"):
            with told(account):
                self.assertEqual([self.give(self.keys.new(SIX), user).status for user in (self.ana, self.bea)], ["ready", "ready"])

    def test_a_number_of_few_digits_is_an_account_with_nothing_to_show(self):
        with told("123456789"):
            first, second = self.give(self.keys.new(SIX)), self.give(self.keys.new(SIX), self.bea)
        self.assertEqual((first.status, first.key.account_hint, second.reason), ("ready", "", "already_linked"))
