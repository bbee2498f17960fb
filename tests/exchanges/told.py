"""What tests of the mails about links start from: the rows that wait, the letters that left."""
from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from exchanges.models import Link
from profiles import outbox
from profiles.models import Mail
from tests.exchanges.base import SIX, ValidationTestCase

MINUTE = timedelta(minutes=1)


class ToldTestCase(ValidationTestCase):
    def setUp(self):
        super().setUp()
        cache.clear()

    def waiting(self, user=None) -> list[tuple[str, int]]:
        """Kind and seconds until it is due, for each mail that has not left."""
        rows = Mail.objects.filter(user=user or self.ana, ended_at__isnull=True).order_by("id")
        return [(row.kind, round((row.due_at - row.created_at).total_seconds())) for row in rows]

    def ended(self) -> list[tuple[str, str]]:
        return list(Mail.objects.exclude(ended_at=None).order_by("id").values_list("kind", "outcome"))

    def send(self, after: timedelta = MINUTE) -> list[str]:
        """The subjects of the mails that leave when the worker comes `after` a while."""
        before = len(mail.outbox)
        outbox.send_due(timezone.now() + after)
        return [sent.subject for sent in mail.outbox[before:]]

    def left(self, link: Link) -> None:
        """As if the page had been closed a while ago."""
        cache.delete(f"watched:{link.pk}")

    def known(self, **options) -> Link:
        """A ready link whose owner read so, and closed the page."""
        link = self.give(self.keys.new(SIX, **options))
        self.client.force_login(link.user)
        self.client.get(f"/perfil/exchanges/{link.pk}/")
        self.send()
        Mail.objects.all().delete()
        self.left(link)
        return Link.objects.select_related("exchange", "key", "new_key").get(pk=link.pk)
