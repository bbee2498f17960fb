"""/health/live and /health/ready, and how long they wait for a broker that does not answer."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path
from unittest import mock

from django.core.cache import cache
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings

from smartrader import health, programs
from tests.noise import best_of_three


class HealthTests(TestCase):
    def setUp(self):
        patch = mock.patch.object(health, "broker", health.BrokerProbe())
        patch.start()
        self.addCleanup(patch.stop)

    def test_it_needs_no_login_and_says_how_each_part_is(self):
        cache.set(health.HEARTBEAT, time.time())
        for address in ("/health/live", "/health/ready"):
            answer = self.client.get(address)
            self.assertEqual(answer.json(), {"status": "ok", "database": "ok", "broker": "ok", "workers": "ok"})
            self.assertEqual(answer.status_code, 200)

    def test_workers_are_down_when_their_last_sign_is_older_than_15_seconds(self):
        cache.set(health.HEARTBEAT, time.time() - 16)
        self.assertEqual(self.client.get("/health/ready").json()["workers"], "down")

    def test_pages_are_ready_without_workers(self):
        cache.delete(health.HEARTBEAT)
        answer = self.client.get("/health/ready")
        self.assertEqual((answer.status_code, answer.json()["status"]), (200, "degraded"))

    def test_only_a_lost_database_is_503_and_the_process_lives_on(self):
        with mock.patch.object(health.connection, "cursor", side_effect=OperationalError):
            ready, live = self.client.get("/health/ready"), self.client.get("/health/live")
        self.assertEqual((ready.status_code, live.status_code), (503, 200))
        self.assertEqual((ready.json()["status"], ready.json()["database"], ready.json()["workers"]), ("down",) * 3)


class BrokerProbeTests(SimpleTestCase):
    """Against a real Valkey that runs, is stopped by a signal, and is gone."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="st-")
        self.addCleanup(self.folder.cleanup)
        path = Path(self.folder.name, "broker.sock")
        bare, *command = programs.broker(path, Path(self.folder.name))
        self.assertEqual(bare, "--bare")
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        while not path.exists():
            time.sleep(0.01)
        settings = override_settings(
            CELERY_BROKER_URL=f"redis+socket://{path}", CELERY_BROKER_TRANSPORT_OPTIONS={"socket_timeout": 1}
        )
        settings.enable()
        self.addCleanup(settings.disable)

    def asked(self):
        """What a new probe says, and whether it said it in time."""
        said = []

        def seconds():
            start = time.monotonic()
            said.append(health.BrokerProbe().ok())
            return time.monotonic() - start

        in_time = best_of_three(seconds, limit := health.BROKER_WAIT_S + 0.2) < limit
        return said[-1], in_time

    def test_a_running_one(self):
        self.assertEqual(self.asked(), (True, True))

    def test_a_stopped_one(self):
        self.server.send_signal(signal.SIGSTOP)
        self.assertEqual(self.asked(), (False, True))

    def test_a_dead_one(self):
        self.server.kill()
        self.server.wait()
        self.assertEqual(self.asked(), (False, True))

    def test_an_answer_is_good_for_two_seconds(self):
        probe = health.BrokerProbe()
        self.assertTrue(probe.ok())
        self.server.kill()
        self.server.wait()
        self.assertTrue(probe.ok())
        probe._asked_at -= health.BROKER_KEPT_S + 1
        self.assertFalse(probe.ok())
