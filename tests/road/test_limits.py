"""Limits hold where many ask at once: sixteen threads of two processes count in one cache."""

from concurrent.futures import ThreadPoolExecutor

from tests.road.base import RoadTestCase
from tests.road.person import Person

LOGIN = "/cuenta/login/"


class TogetherTests(RoadTestCase):
    def guess(self, person: Person, token: str, email: str) -> bool:
        """Whether a wrong password was looked at."""
        return "no son correctos" in person.send(LOGIN, token, login=email, password="not the password").text

    def test_sixteen_guesses_at_once_are_five(self):
        people = [Person(self.stack) for _number in range(16)]
        tokens = [person.token(LOGIN) for person in people]
        with ThreadPoolExecutor(16) as pool:
            looked_at = list(pool.map(lambda person, token: self.guess(person, token, "guessed@example.com"), people, tokens))
        self.assertEqual(looked_at.count(True), 5)

    def test_sixteen_people_at_once_all_get_through(self):
        people = [Person(self.stack) for _number in range(16)]
        tokens = [person.token(LOGIN) for person in people]
        emails = [f"guessed{number}@example.com" for number in range(16)]
        with ThreadPoolExecutor(16) as pool:
            self.assertEqual(list(pool.map(self.guess, people, [*tokens], emails)), [True] * 16)
