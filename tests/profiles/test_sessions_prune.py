"""Sessions that are over, and the rows of logins that nothing is left of."""
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from profiles import sessions
from tests.profiles.people import PeopleTestCase


class PruneTests(PeopleTestCase):
    def login(self, key: str, days: float, *, stored: bool, over: bool = False) -> None:
        now = timezone.now()
        UserSession.objects.create(
            user=self.ana, session_key=key, ip="192.0.2.1", user_agent="Firefox/1", created_at=now - timedelta(days=days))
        if stored:
            Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=-1 if over else 1))

    def left(self) -> tuple[list[str], list[str]]:
        return (sorted(Session.objects.values_list("session_key", flat=True)),
                sorted(UserSession.objects.values_list("session_key", flat=True)))

    def test_what_is_over_goes_with_its_login(self):
        self.login("over", 20, stored=True, over=True)
        self.login("gone", 20, stored=False)
        self.login("open", 20, stored=True)
        self.assertEqual(sessions.prune(timezone.now()), 3)
        self.assertEqual(self.left(), (["open"], ["open"]))

    def test_a_login_of_this_moment_is_left_alone(self):
        self.login("fresh", 0, stored=False)
        sessions.prune(timezone.now())
        self.assertEqual(self.left(), ([], ["fresh"]))
