"""Every address, everybody, every method: as the table says."""

from unittest import TestCase

from tests.proof.access import sweep
from tests.proof.access.addresses import patterns
from tests.proof.access.table import TABLE

CODES = ("cuenta/2fa/recovery-codes/", "cuenta/2fa/recovery-codes/download/")
# Seen before anybody is in, and the same for all: what need not be kept out of caches.
PUBLIC = {
    "", ".well-known/security.txt", "exchanges/", "cuenta/inactive/", "cuenta/logout/", "cuenta/password/reset/",
    "cuenta/password/reset/complete/", "cuenta/password/reset/done/",
}


class AddressTests(TestCase):
    def test_every_address_has_its_row_and_every_row_its_address(self):
        self.assertEqual(set(patterns()), set(TABLE))


class SiteTests(sweep.SweepTestCase):
    who = ("anonymous", "stranger", "owner")

    def test_what_is_the_owners_nobody_else_sees(self):
        self.assertEqual({who for who, _pattern in self.where("e-mail", "label", "recovery code")}, {"owner"})

    def test_recovery_codes_are_on_their_two_pages(self):
        self.assertEqual(self.where("recovery code"), {("owner", pattern) for pattern in CODES})

    def test_only_what_is_public_may_be_kept(self):
        kept = {
            pattern for (pattern, _who, _method), answer in self.answers.items()
            if answer.said in ("200", "302") and "no-store" not in answer.headers.get("Cache-Control", "")
        }
        self.assertEqual(kept, PUBLIC)


class StaffTests(sweep.SweepTestCase):
    who = ("support", "reader", "superuser")

    def test_of_people_they_see_what_the_admin_shows_and_nothing_on_the_site(self):
        seen = self.where("e-mail", "label")
        self.assertEqual({pattern.partition("/")[0] for _who, pattern in seen}, {"admin"})
        self.assertEqual({who for who, _pattern in seen}, {"reader", "superuser"})

    def test_nothing_of_theirs_is_kept(self):
        kept = {
            pattern for (pattern, _who, _method), answer in self.answers.items()
            if answer.said in ("200", "302") and "no-store" not in answer.headers.get("Cache-Control", "")
        }
        self.assertEqual(kept, set())
