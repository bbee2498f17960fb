"""What a worker takes from a broker: JSON with ids. Who writes to the broker runs nothing in it."""

import pickle

from django.test import SimpleTestCase
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads, prepare_accept_content

from smartrader.celery import app


class MessageTests(SimpleTestCase):
    def test_what_could_run_code_is_not_unpacked(self):
        accept = prepare_accept_content(app.conf.accept_content)
        with self.assertRaises(ContentDisallowed):
            loads(pickle.dumps([]), "application/x-python-serialize", "binary", accept=accept)
        self.assertEqual(loads(b'["id"]', "application/json", "utf-8", accept=accept), ["id"])

    def test_nobody_commands_a_worker_through_it(self):
        self.assertIs(app.conf.worker_enable_remote_control, False)

    def test_every_task_of_ours_takes_one_id_at_most(self):
        app.loader.import_default_modules()
        ours = {name.rpartition(".")[2]: task.__wrapped__.__code__.co_varnames[:task.__wrapped__.__code__.co_argcount]
                for name, task in app.tasks.items() if not name.startswith("celery.")}
        self.assertEqual(ours, {
            "prune": (), "remind": (), "send_mails": (), "sweep": (), "validate_link": ("link_id",), "look_at_weather": ("slug",)})
