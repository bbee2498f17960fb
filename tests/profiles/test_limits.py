"""Who goes too fast is told why, when again, and what else to do; nobody keeps another out of an account."""

from dataclasses import replace
from ipaddress import ip_network
from unittest import mock

from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory, override_settings
from time_machine import travel

from profiles import limits
from tests.profiles.people import OTHER_PASSWORD, PASSWORD, PeopleTestCase, sent_code

MEANWHILE = "Meanwhile you can log in with a passkey, or choose another password: “Forgot your password?”."
WRONG = "The e-mail or the password is not right."
TOO_MANY = "Too many tries with this e-mail."


class LimitsTestCase(PeopleTestCase):
    def setUp(self):
        self.client.cookies["django_language"] = "en"

    def fail(self, times: int, email: str = "ana@example.com", **request: str):
        """Try a wrong password so many times; the last answer."""
        for _time in range(times):
            r = self.client.post("/cuenta/login/", {"login": email, "password": OTHER_PASSWORD}, **request)
        return r

    def lets_in(self, **request: str) -> bool:
        r = self.client.post("/cuenta/login/", {"login": "ana@example.com", "password": PASSWORD}, **request)
        self.client.logout()
        self.client.cookies["django_language"] = "en"
        return r.status_code == 302


class LoginLimitTests(LimitsTestCase):
    def test_whoever_guesses_waits(self):
        with travel(1_790_000_000, tick=False):
            self.assertContains(self.fail(5), WRONG)
            self.assertContains(self.fail(1), f"{TOO_MANY} Try again in 5 minutes. {MEANWHILE}")
            self.assertFalse(self.lets_in())

    def test_after_five_minutes_it_lets_in_again(self):
        with travel(1_790_000_000, tick=False) as clock:
            self.fail(6)
            clock.shift(301)
            self.assertTrue(self.lets_in())

    def test_who_gets_in_does_not_count(self):
        self.assertEqual([self.lets_in() for _time in range(7)], [True] * 7)
        self.assertContains(self.fail(5), WRONG)

    def test_another_spelling_or_host_is_the_same_account(self):
        self.fail(2, "ANA@example.com")
        self.fail(2, " Ana@Example.com ", HTTP_HOST="localhost")
        self.fail(1, HTTP_HOST="testserver:81")
        self.assertContains(self.fail(1, HTTP_HOST="testserver:82"), TOO_MANY)

    def test_a_stranger_elsewhere_keeps_nobody_out(self):
        self.assertContains(self.fail(6, REMOTE_ADDR="192.0.2.7"), TOO_MANY)
        self.assertTrue(self.lets_in(REMOTE_ADDR="198.51.100.4"))

    def test_many_strangers_together_are_stopped(self):
        for place in range(10):
            self.fail(5, REMOTE_ADDR=f"192.0.2.{place}")
        self.assertContains(self.fail(1, REMOTE_ADDR="192.0.2.99"), TOO_MANY)
        self.assertFalse(self.lets_in(REMOTE_ADDR="198.51.100.4"))

    def test_they_do_not_stop_who_comes_from_where_she_logged_in_before(self):
        self.assertTrue(self.lets_in(REMOTE_ADDR="2001:db8:1:2::1"))
        for place in range(10):
            self.fail(5, REMOTE_ADDR=f"192.0.2.{place}")
        self.assertTrue(self.lets_in(REMOTE_ADDR="2001:db8:1:2::abcd"))
        self.assertFalse(self.lets_in(REMOTE_ADDR="2001:db8:1:3::1"))

    @mock.patch.dict(limits.LIMITS, login_address=replace(limits.LIMITS["login_address"], rates="8/10m/ip"))
    def test_one_address_cannot_try_all_accounts(self):
        with travel(1_790_000_000, tick=False):
            for person in range(8):
                self.fail(1, f"nobody{person}@example.com")
            sentence = "Too many tries from your network. Try again in 10 minutes. Meanwhile you can log in with a passkey."
            self.assertContains(self.fail(1), sentence)

    def test_another_password_by_mail_is_the_way_round(self):
        self.fail(6)
        self.client.post("/cuenta/password/reset/", {"email": "ana@example.com"})
        self.client.post("/cuenta/password/reset/confirm/", {"code": sent_code()})
        r = self.client.post("/cuenta/password/reset/complete/", {"password1": OTHER_PASSWORD})
        self.assertRedirects(r, "/perfil/")
        self.client.logout()
        self.assertEqual(self.log_in(password=OTHER_PASSWORD).status_code, 302)

    def test_the_password_that_is_asked_again_counts_too(self):
        self.log_in("bea@example.com")
        for _time in range(5):
            self.client.post("/cuenta/reauthenticate/", {"password": OTHER_PASSWORD})
        self.assertContains(self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD}), TOO_MANY)


class AddressTests(LimitsTestCase):
    def test_what_a_stranger_says_of_his_address_changes_nothing(self):
        for place in range(5):
            self.fail(1, HTTP_X_FORWARDED_FOR=f"198.51.100.{place}")
        self.assertContains(self.fail(1, HTTP_X_FORWARDED_FOR="198.51.100.9"), TOO_MANY)

    def test_nor_does_it_use_up_the_tries_of_another(self):
        self.fail(6, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="198.51.100.4")
        self.assertTrue(self.lets_in(REMOTE_ADDR="198.51.100.4"))

    @override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/8")])
    def test_behind_a_proxy_of_ours_each_caller_counts_alone(self):
        self.fail(6, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.4, 192.0.2.7")
        self.assertFalse(self.lets_in(REMOTE_ADDR="::ffff:10.0.0.2", HTTP_X_FORWARDED_FOR="192.0.2.7"))
        self.assertTrue(self.lets_in(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.4"))

    def test_an_ipv6_network_is_one(self):
        for place in range(5):
            self.fail(1, REMOTE_ADDR=f"2001:db8:1:2:{place}::1")
        self.assertContains(self.fail(1, REMOTE_ADDR="2001:db8:1:2:ffff::1"), TOO_MANY)
        self.assertTrue(self.lets_in(REMOTE_ADDR="2001:db8:1:3::1"))

    def test_ipv4_addresses_on_an_ipv6_socket_are_many(self):
        self.fail(6, REMOTE_ADDR="::ffff:192.0.2.7")
        self.assertFalse(self.lets_in(REMOTE_ADDR="192.0.2.7"))
        self.assertTrue(self.lets_in(REMOTE_ADDR="::ffff:192.0.2.8"))


class CodeLimitTests(LimitsTestCase):
    CODES = "We have sent several e-mails to this address. The last one counts; look in the spam folder too. Try again in 10 minutes."

    def reset(self, email: str = "ana@example.com", **request: str):
        return self.client.post("/cuenta/password/reset/", {"email": email}, **request)

    def resets(self, times: int, **request: str) -> list[int]:
        return [self.reset(**request).status_code for _time in range(times)]

    def test_a_mailbox_is_not_flooded_with_codes_for_another_password(self):
        with travel(1_790_000_000, tick=False):
            self.assertEqual(self.resets(5), [302] * 5)
            r = self.reset()
        self.assertContains(r, self.CODES)
        self.assertContains(r, 'data-error="email"')

    def test_a_stranger_elsewhere_does_not_keep_her_from_choosing_another(self):
        self.assertEqual(self.resets(6, REMOTE_ADDR="192.0.2.7")[-1], 200)
        self.assertEqual(self.reset(REMOTE_ADDR="198.51.100.4").status_code, 302)

    def test_nor_do_many_where_she_logged_in_before(self):
        self.lets_in(REMOTE_ADDR="198.51.100.4")
        for place in range(12):
            self.resets(5, REMOTE_ADDR=f"192.0.2.{place}")
        self.assertContains(self.reset(REMOTE_ADDR="192.0.2.99"), "We have sent several e-mails to this address.")
        self.assertEqual(self.reset(REMOTE_ADDR="198.51.100.4").status_code, 302)

    def test_nor_with_codes_to_sign_up(self):
        with travel(1_790_000_000, tick=False):
            for _time in range(5):
                self.client_class().post("/cuenta/signup/", {"email": "new@example.com", "password1": PASSWORD})
            r = self.sign_up()
        self.assertContains(r, self.CODES)
        self.assertContains(r, 'data-error="email"')

    @mock.patch.dict(limits.LIMITS, code_address=replace(limits.LIMITS["code_address"], rates="3/10m/ip"))
    def test_one_address_cannot_make_us_write_to_everybody(self):
        with travel(1_790_000_000, tick=False):
            for person in range(3):
                self.client_class().post("/cuenta/signup/", {"email": f"nobody{person}@example.com", "password1": PASSWORD})
            self.assertContains(self.sign_up(), "Too many tries from your network. Try again in 10 minutes.")
            self.assertContains(self.reset(), "Too many tries from your network. Try again in 10 minutes.")

    @mock.patch.dict(limits.LIMITS, email=replace(limits.LIMITS["email"], rates="3/h/user"))
    def test_nor_can_one_account(self):
        self.log_in("bea@example.com")
        for person in range(3):
            self.client.post("/cuenta/email/", {"email": f"nobody{person}@example.com", "action_add": ""})
        r = self.client.post("/cuenta/email/", {"email": "new@example.com", "action_add": ""})
        self.assertContains(r, "You have changed your e-mail many times. Try again in 60 minutes.")

    def test_nor_with_codes_for_another_address(self):
        self.log_in("bea@example.com")
        for _time in range(5):
            self.client.post("/cuenta/email/", {"email": "new@example.com", "action_add": ""})
        r = self.client.post("/cuenta/email/", {"email": "new@example.com", "action_add": ""})
        self.assertContains(r, "We have sent several e-mails to this address.")


class PageTests(LimitsTestCase):
    @override_settings(ACCOUNT_RATE_LIMITS={"reauthenticate": "1/m/user"})
    def test_allauths_own_limits_end_on_a_page_that_says_what_to_do(self):
        self.log_in("bea@example.com")
        self.client.post("/cuenta/reauthenticate/", {"password": OTHER_PASSWORD})
        r = self.client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
        self.assertContains(r, "Wait a minute and try again.", status_code=429)
        self.assertContains(r, 'href="/cuenta/reauthenticate/"', status_code=429)


class OrdinaryUseTests(LimitsTestCase):
    def test_twenty_sign_ups_in_a_minute_are_fine(self):
        codes = [self.client_class().post("/cuenta/signup/", {"email": f"p{n}@example.com", "password1": PASSWORD}).status_code
                 for n in range(20)]
        self.assertEqual(codes, [302] * 20)

    def test_sixty_logins_in_a_minute_are_fine(self):
        self.assertEqual([self.lets_in() for _time in range(60)], [True] * 60)


class RateTests(LimitsTestCase):
    def test_these_are_the_numbers(self):
        self.assertEqual({name: limit.rates for name, limit in limits.LIMITS.items()}, {
            "login_address": "600/10m/ip", "login": "5/5m/key", "login_anywhere": "50/10m/key",
            "code_address": "300/10m/ip", "code": "5/10m/key", "reset": "5/10m/key", "reset_anywhere": "60/h/key",
            "email": "30/h/user", "keys": "300/h/user", "validate": "30/m/key,300/h/user", "change": "300/m/user", "download": "20/h/user",
            "takeout": "60/h/user",
        })

    def test_each_reads_as_one(self):
        request = RequestFactory().post("/")
        request.user = self.ana
        for name in limits.LIMITS:
            self.assertEqual((name, limits.refusal(name, request, "x")), (name, ""))

    def test_counts_outlast_many_others(self):
        self.fail(5)
        for place in range(400):
            cache.set(f"other{place}", 1)
        self.assertContains(self.fail(1), TOO_MANY)

    def test_the_second_in_which_a_count_ends_is_no_error(self):
        with travel("2026-11-23T12:00:00.500Z", tick=False):
            self.assertEqual([limits._plus_one("limit:end", 60) for _time in range(3)], [1, 2, 3])
        with travel("2026-11-23T12:01:00.700Z", tick=False):
            self.assertEqual([limits._plus_one("limit:end", 60) for _time in range(2)], [1, 2])

    def test_a_count_has_its_beginning_before_others_can_count_on(self):
        seen = []

        def add(entry, value, duration):
            seen.append(cache.get(f"{entry}:since"))
            return False                    # somebody else was first, in between

        with mock.patch.object(limits.cache, "add", side_effect=add), mock.patch.object(limits.cache, "incr", side_effect=[ValueError, 2]):
            self.assertEqual(limits._plus_one("limit:race", 60), 2)
        self.assertGreater(seen[0], 0)

    def test_a_count_without_a_beginning_keeps_nobody_waiting(self):
        self.fail(6)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cache WHERE cache_key LIKE '%:since'")
        self.assertTrue(self.lets_in())

    def test_files_of_the_activity_have_one_too(self):
        self.client.force_login(self.bea)
        for _time in range(20):
            self.client.get("/perfil/seguridad/actividad.csv")
        r = self.client.get("/perfil/seguridad/actividad.json")
        self.assertRedirects(r, "/perfil/seguridad/actividad/", fetch_redirect_response=False)
        self.assertContains(self.client.get(r.url), "You have downloaded this many times in the last hour. Try again in 60 minutes.")
