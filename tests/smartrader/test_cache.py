"""The cache in the database counts without losing a count, and keeps the time of what it counts."""

from django.core.cache import cache
from django.test import TestCase
from time_machine import travel


class CountingTests(TestCase):
    def test_it_counts_up_and_down(self):
        cache.set("tries", 1)
        self.assertEqual((cache.incr("tries"), cache.incr("tries", 5), cache.decr("tries")), (2, 7, 6))
        self.assertEqual(cache.get("tries"), 6)

    def test_what_is_not_there_is_not_counted(self):
        with self.assertRaises(ValueError):
            cache.incr("tries")

    def test_a_count_ends_when_it_would_have_without_it(self):
        with travel(1_790_000_000, tick=False) as clock:
            cache.set("tries", 1, 3600)
            clock.shift(3500)
            cache.incr("tries")
            self.assertEqual(cache.get("tries"), 2)
            clock.shift(102)
            self.assertIsNone(cache.get("tries"))
