"""An exchange that does not answer: told after half an hour, once for all links there, and once that it is back."""
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from exchanges import actions, incident
from exchanges.models import Link
from profiles.models import Mail
from tests.exchanges.base import SIX
from tests.exchanges.told import MINUTE, ToldTestCase

HALF_AN_HOUR = timedelta(minutes=30)


class DownTests(ToldTestCase):
    def down(self, link: Link) -> Link:
        """Three failures over five minutes."""
        self.keys.fault("busy", link, count=1)
        since = timezone.now() - 6 * MINUTE
        Link.objects.filter(pk=link.pk).update(failures=2, failing_since=since)
        return self.look_later(link)

    def back(self, link: Link) -> Link:
        """Half an hour after it went silent."""
        Link.objects.filter(pk=link.pk).update(since=timezone.now() - HALF_AN_HOUR)
        return self.look_later(link)

    def aged(self, minutes: int) -> None:
        """As if all keys had been proven so long ago."""
        for link in Link.objects.select_related("key"):
            link.key.proven_at = timezone.now() - minutes * MINUTE
            link.key.save(update_fields=["proven_at"])

    def two(self) -> tuple[Link, Link]:
        links = self.known(account="AA11"), self.known(account="AA22")
        Link.objects.filter(pk=links[1].pk).update(label="Segunda")
        self.aged(60)
        return links

    def test_it_is_told_after_half_an_hour_and_not_before(self):
        self.down(self.known())
        self.assertEqual(self.waiting(), [("down", 1800)])
        self.assertEqual(self.send(29 * MINUTE), [])
        self.assertEqual(self.send(31 * MINUTE), ["Kraken lleva más de media hora sin responder"])
        self.assertEqual(self.send(60 * MINUTE), [])

    def test_one_that_is_back_by_then_is_never_told(self):
        self.aged(60)
        link = self.known()
        self.down(link)
        self.look_later(link)
        self.assertEqual((self.send(31 * MINUTE), self.ended()), ([], [("down", "outdated")]))

    def test_one_that_was_back_in_between_counts_anew(self):
        link = self.known()
        self.down(link)
        Mail.objects.update(created_at=timezone.now() - 20 * MINUTE, due_at=timezone.now() + 10 * MINUTE)
        link.events.update(at=timezone.now() - 20 * MINUTE)
        self.down(self.look_later(link))
        self.assertEqual(self.send(11 * MINUTE), [])
        self.assertEqual(self.send(31 * MINUTE), ["Kraken lleva más de media hora sin responder"])

    def test_a_first_check_that_went_well_after_a_silence_is_of_the_kind_ready(self):
        """Who wants no mails of silent exchanges still wants this one."""
        key = self.keys.new(SIX)
        self.keys.fault("busy", api_key=key.api_key)
        link = self.give(key)
        self.client.force_login(self.ana)
        self.client.get(f"/perfil/exchanges/{link.pk}/")
        self.look_later(link)
        self.assertEqual([kind for kind, _after in self.waiting()], ["down", "ready"])

    def test_a_key_that_was_locked_is_not_called_a_silent_exchange(self):
        link = self.known()
        self.down(link)
        Link.objects.filter(pk=link.pk).update(reason="lockout")
        self.send(31 * MINUTE)
        self.assertIn("ha bloqueado un rato las peticiones de esta clave", " ".join(mail.outbox[-1].body.split()))
        self.assertNotIn("más de media hora", mail.outbox[-1].body + mail.outbox[-1].subject)

    def test_two_links_are_one_mail(self):
        for link in self.two():
            self.down(link)
        self.assertEqual(self.send(31 * MINUTE), ["Kraken lleva más de media hora sin responder"])
        self.assertEqual(self.ended(), [("down", "sent"), ("down", "seen")])

    def test_a_link_that_joins_later_is_no_news(self):
        first, second = self.two()
        self.down(first)
        self.send(31 * MINUTE)
        self.down(second)
        self.assertEqual(self.send(62 * MINUTE), [])

    def test_that_it_is_back_is_told_once_to_who_was_told(self):
        links = self.two()
        for link in links:
            self.down(link)
        self.send(31 * MINUTE)
        for link in links:
            self.assertEqual(self.back(link).status, "ready")
        self.assertEqual(self.waiting(), [("down", 600), ("down", 600)])
        self.assertEqual(self.send(11 * MINUTE), ["Kraken vuelve a funcionar: todo listo para operar"])

    def test_who_read_that_it_is_silent_is_told_too(self):
        link = self.known()
        self.aged(60)
        self.down(link)
        self.client.get(f"/perfil/exchanges/{link.pk}/")
        self.back(link)
        self.assertEqual(self.send(11 * MINUTE), ["Kraken vuelve a funcionar: todo listo para operar"])

    def test_an_incident_is_one_mail_and_so_is_its_end(self):
        links = self.two()
        incident.begin(self.exchange)
        self.assertEqual(self.send(2 * MINUTE), ["Kraken: suspendida"])
        incident.end(self.exchange)
        for link in links:
            self.look_later(link)
        self.aged(60)
        self.assertEqual(self.send(11 * MINUTE), ["Kraken vuelve a funcionar: todo listo para operar"])

    def test_a_link_stopped_later_in_an_incident_is_no_news(self):
        first, second = self.two()
        actions.suspend(first, "incident")
        self.send(2 * MINUTE)
        actions.suspend(second, "incident")
        self.assertEqual(self.send(4 * MINUTE), [])
