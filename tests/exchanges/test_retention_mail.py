"""The mail before a dead secret is erased, as it arrives."""
from datetime import datetime, timedelta

import time_machine
from django.core import mail

from exchanges import retention
from exchanges.models import Link
from profiles import outbox
from profiles.models import Mail, Profile
from tests.exchanges.base import ValidationTestCase

SINCE = datetime.fromisoformat("2026-11-10T15:00:00+00:00")
TOLD = SINCE + timedelta(days=5)


class ErasingMailTests(ValidationTestCase):
    def setUp(self):
        super().setUp()
        self.link = self.give(self.keys.wrong_secret(), label="<b>Principal</b>")
        Link.objects.filter(pk=self.link.pk).update(since=SINCE)
        Profile.objects.filter(user=self.ana).update(language="en", name="Ana", time_zone="Asia/Tokyo")
        Mail.objects.update(ended_at=SINCE)
        self.enterContext(time_machine.travel(TOLD, tick=False))

    def tell(self) -> None:
        retention.erase_dead(TOLD)
        outbox.send_due(TOLD)

    def test_it_says_what_when_and_what_to_do(self):
        self.tell()
        [message] = mail.outbox
        self.assertEqual((message.to, message.subject), (["ana@example.com"], "We are about to erase your key of Kraken"))
        for said in ("On November 18 we erase your key of Kraken", "has not worked since Nov. 11, 2026",
                     "on Nov. 18, 2026 we erase it here", f"/perfil/exchanges/{self.link.pk}/reemplazar/",
                     "If the key still exists at Kraken, delete it there too."):
            self.assertIn(said, " ".join(message.body.split()))
        self.assertIn("Kraken · <b>Principal</b>", message.body)

    def test_its_page_says_the_same_and_writes_names_as_text(self):
        self.tell()
        page, kind = mail.outbox[0].alternatives[0]
        self.assertEqual(kind, "text/html")
        self.assertIn("On November 18 we erase your key of Kraken", page)
        self.assertIn("Kraken · &lt;b&gt;Principal&lt;/b&gt;", page)
        self.assertIn('<p class="badge">Needs your attention</p>', page)

    def test_it_is_sent_whatever_they_chose(self):
        Profile.objects.filter(user=self.ana).update(mails_off=["erasing", "ready", "attention"])
        self.tell()
        self.assertEqual(len(mail.outbox), 1)

    def test_none_goes_once_the_key_is_of_use_again(self):
        retention.erase_dead(TOLD)
        Link.objects.filter(pk=self.link.pk).update(status="ready", reason="", since=TOLD)
        outbox.send_due(TOLD)
        self.assertEqual((mail.outbox, Mail.objects.get(kind="erasing").outcome), ([], "outdated"))

    def test_the_day_it_names_is_the_day_it_happens(self):
        self.tell()
        self.assertEqual(retention.erase_dead(SINCE + timedelta(days=6, hours=23)), 0)
        self.assertEqual(retention.erase_dead(SINCE + timedelta(days=7)), 1)
