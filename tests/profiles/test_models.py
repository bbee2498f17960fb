from unittest.mock import patch

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import TestCase

from profiles.models import Profile, User


class UserTests(TestCase):
    def test_it_has_a_profile_from_the_start(self):
        profile = User.objects.create_user("Ana@Example.com").profile
        self.assertEqual((profile.name, profile.language, profile.time_zone), ("", "es", "Europe/Madrid"))

    def test_both_are_made_or_neither(self):
        with patch.object(Profile, "save", side_effect=IntegrityError), self.assertRaises(IntegrityError):
            User.objects.create_user("ana@example.com")
        self.assertFalse(User.objects.exists())

    def test_its_address_is_kept_in_small_letters(self):
        self.assertEqual(User.objects.create_user(" Ana@Example.COM ").email, "ana@example.com")

    def test_the_database_refuses_the_same_address_in_capitals(self):
        User.objects.create_user("ana@example.com")
        with self.assertRaises(IntegrityError):
            User(email="ANA@example.com").save()

    def test_a_form_refuses_it_with_a_sentence(self):
        User.objects.create_user("ana@example.com")
        with self.assertRaises(ValidationError) as caught:
            User(email="ANA@example.com", password="x").full_clean()
        self.assertIn("email", caught.exception.message_dict)

    def test_it_is_found_in_any_capitals(self):
        ana = User.objects.create_user("ana@example.com")
        self.assertEqual(User.objects.get_by_natural_key("ANA@example.com"), ana)

    def test_it_needs_an_address(self):
        with self.assertRaises(ValueError):
            User.objects.create_user("  ")

    def test_a_superuser_may_enter_the_admin(self):
        user = User.objects.create_superuser("root@example.com", "x")
        self.assertTrue(user.is_staff and user.is_superuser and user.profile)

    def test_nobody_logs_in_without_a_password(self):
        self.assertFalse(User.objects.create_user("ana@example.com").has_usable_password())


class ProfileTests(TestCase):
    def test_its_initials(self):
        for name, initials in (("", "A"), ("Ana", "A"), ("Ana Robles", "AR"), ("ana maría robles", "AR")):
            self.assertEqual(Profile(user=User(email="ana@example.com"), name=name).initials(), initials)

    def test_it_is_made_for_a_user_that_has_none(self):
        user = User(email="ana@example.com")
        user.save()
        self.assertEqual(Profile.objects.of(user).user, user)
        self.assertEqual(Profile.objects.of(User.objects.get()).user, user)
        self.assertEqual(Profile.objects.count(), 1)
