"""REQUIRE_MFA: who gives us a key has a second factor first."""
from unittest import mock

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import TransactionTestCase, override_settings

from exchanges.models import ApiKey
from profiles.models import Profile
from tests.base import SECRET, SmartraderTestCase, grow_stale, make_people

NEW = "/perfil/exchanges/vincular/kraken/"
OTHER_KEY = "A" * 55 + "B"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class FactorTestCase(SmartraderTestCase):
    def setUp(self):
        Profile.objects.update(language="en")
        self.client.force_login(self.ana)
        self.replace = f"/perfil/exchanges/{self.link.pk}/reemplazar/"
        nudge = mock.patch("exchanges.actions.nudge")
        nudge.start()
        self.addCleanup(nudge.stop)

    def paste(self, url=NEW):
        return self.client.post(url, {"label": "", "api_key": OTHER_KEY, "secret": SECRET})

    def keys(self):
        return ApiKey.objects.filter(hint="AAAB").count()


@override_settings(REQUIRE_MFA=True)
class RequiredTests(FactorTestCase):
    def test_instead_of_the_form_it_says_why_and_where_to_set_one_up(self):
        for url in (NEW, self.replace):
            r = self.client.get(url)
            self.assertContains(r, "we ask for a second factor before you give us one")
            self.assertContains(r, f'href="/cuenta/2fa/totp/activate/?next={url}"')
            self.assertContains(r, f'href="/cuenta/2fa/webauthn/add/?next={url}"')
            self.assertNotContains(r, 'name="secret"')

    def test_what_is_sent_all_the_same_is_neither_kept_nor_shown(self):
        for url in (NEW, self.replace):
            r = self.paste(url)
            self.assertContains(r, 'data-error="__all__"')
            self.assertNotContains(r, SECRET)
            self.assertNotIn(SECRET, str(dict(self.client.session.items())))
        self.assertEqual(self.keys(), 0)

    def test_recovery_codes_alone_are_none(self):
        RecoveryCodes.activate(self.ana)
        self.assertNotContains(self.client.get(NEW), 'name="secret"')
        self.paste()
        self.assertEqual(self.keys(), 0)

    def test_an_app_is_one_and_so_is_a_passkey(self):
        for kind in ("totp", "webauthn"):
            Authenticator.objects.all().delete()
            Authenticator.objects.create(user=self.ana, type=kind, data={})
            self.assertContains(self.client.get(NEW), 'name="secret"')
        self.assertEqual(self.paste().status_code, 302)

    def test_presence_comes_before(self):
        TOTP.activate(self.ana, SEED)
        grow_stale(self.client)
        self.assertRedirects(self.client.get(NEW), "/cuenta/2fa/reauthenticate/?next=%2Fperfil%2Fexchanges%2Fvincular%2Fkraken%2F")

    def test_all_that_is_no_new_key_goes_on_as_it_was(self):
        url = f"/perfil/exchanges/{self.link.pk}/"
        self.assertEqual(self.client.get(f"{url}diario/").status_code, 200)
        self.assertEqual(self.client.post(f"{url}pausar/").status_code, 302)
        self.assertRedirects(self.client.post(f"{url}desvincular/"), "/perfil/exchanges/")


@override_settings(REQUIRE_MFA=True)
class WayBackTests(TransactionTestCase):
    def test_once_there_is_a_factor_the_way_back_is_shown(self):
        self.client.force_login(make_people()[0])
        self.client.get(NEW)
        seed = self.client.get("/cuenta/2fa/totp/activate/").context["form"].secret
        code = format_hotp_value(hotp_value(seed, list(yield_hotp_counters_from_time())[1]))
        r = self.client.post("/cuenta/2fa/totp/activate/", {"code": code}, follow=True)
        self.assertContains(r, f'<a href="http://127.0.0.1:8000{NEW}"')
        self.assertContains(self.client.get(NEW), 'name="secret"')


@override_settings(REQUIRE_MFA=False)
class HintTests(FactorTestCase):
    def test_the_guide_only_says_that_it_protects(self):
        self.assertContains(self.client.get(NEW), "Two-factor authentication protects your keys")
        self.assertEqual(self.paste().status_code, 302)

    def test_who_has_one_is_not_told(self):
        Authenticator.objects.create(user=self.ana, type="totp", data={})
        self.assertNotContains(self.client.get(NEW), "Two-factor authentication protects your keys")
