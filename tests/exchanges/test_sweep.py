"""The sweep: what is due is sent, once, however many schedulers there are and whether or not the cache answers."""
import threading
from datetime import timedelta
from unittest import mock

import time_machine
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, connection
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from exchanges import tasks
from exchanges.models import Exchange, Link
from profiles import turns
from tests.base import make_people
from tests.portal import eventually

# Nobody listens there.
DEAD_REDIS = RedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1}})


def sent():
    return mock.patch("exchanges.tasks.validate_link.apply_async"), mock.patch("exchanges.tasks.look_at_weather.apply_async")


def patiently(execute, *statement):
    """As on the disk: in memory SQLite does not wait for whoever is writing."""
    answers = []

    def answered():
        try:
            answers.append(execute(*statement))
        except OperationalError as error:
            if "locked" not in str(error):
                raise
        return answers

    eventually(answered, 20)
    return answers[0]


class SweepTestCase(TransactionTestCase):
    def setUp(self):
        self.addCleanup(cache.clear)
        cache.clear()
        self.ana, _bea, _celia = make_people()
        patched = [self.enterContext(one) for one in sent()]
        self.links, self.weather = patched

    def make_due(self, number: int, trigger: str) -> list[str]:
        now = timezone.now()
        made = [Link(user=self.ana, exchange_id="kraken", trigger=trigger, status="ready", next_check_at=now) for _one in range(number)]
        return sorted(str(link.pk) for link in Link.objects.bulk_create(made))

    def sent(self) -> list[str]:
        return sorted(call.args[0][0] for call in self.links.call_args_list)


class OnceTests(SweepTestCase):
    def test_a_second_schedulers_sweep_sends_nothing(self):
        due = self.make_due(3, "person") + self.make_due(3, "schedule")
        tasks.sweep()
        tasks.sweep()
        self.assertEqual(self.sent(), sorted(due))
        self.assertEqual(self.weather.call_count, Exchange.objects.count())

    def test_nor_one_at_the_very_same_time(self):
        due = self.make_due(3, "person")
        together = threading.Barrier(4)

        def sweep():
            together.wait(10)
            with connection.execute_wrapper(patiently):
                tasks.sweep()
            connection.close()

        threads = [threading.Thread(target=sweep) for _one in range(4)]
        [thread.start() for thread in threads]
        [thread.join(30) for thread in threads]
        self.assertEqual(self.sent(), due)

    def test_the_next_one_sends_again_what_nobody_took(self):
        due = self.make_due(1, "person")
        tasks.sweep()
        with time_machine.travel(timezone.now() + timedelta(seconds=5)):
            tasks.sweep()
        self.assertEqual(self.sent(), due * 2)

    def test_a_clock_that_was_ahead_stops_no_sweep(self):
        due = self.make_due(1, "person")
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            tasks.sweep()
        tasks.sweep()
        self.assertEqual(self.sent(), due * 2)

    def test_it_mends_what_a_clock_that_was_ahead_wrote(self):
        due = self.make_due(1, "person")
        Link.objects.update(next_check_at=timezone.now() + timedelta(hours=1))
        Exchange.objects.update(weather_at=timezone.now() + timedelta(hours=1))
        tasks.sweep()
        self.assertEqual(self.sent(), due)


class DeadCacheTests(SweepTestCase):
    def test_it_goes_on_without_the_cache(self):
        due = self.make_due(2, "person")
        with mock.patch("exchanges.tasks.cache", DEAD_REDIS), mock.patch("profiles.turns.cache", DEAD_REDIS), self.assertLogs() as logs:
            tasks.sweep()
        self.assertEqual(self.sent(), due)
        self.assertEqual(set(logs.output), {"WARNING:exchanges.tasks:no cache: ConnectionError",
                                            "WARNING:profiles.turns:no cache: ConnectionError"})


class TurnTests(TestCase):
    def setUp(self):
        self.addCleanup(cache.clear)

    def test_turns_of_another_name_are_others(self):
        self.assertEqual([turns.take("one", 4), turns.take("two", 4), turns.take("one", 4)], [True, True, False])
