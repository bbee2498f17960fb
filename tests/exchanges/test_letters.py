"""What the mails about links say: true of this key, in the language of who gets it, and never anything secret."""
from unittest import mock

from django.core import mail
from django.utils import timezone

from exchanges import actions, vault
from exchanges.models import ApiKey, Link
from profiles.models import Mail, Profile
from tests.exchanges.base import SIX
from tests.exchanges.told import MINUTE, ToldTestCase

ACCOUNT = "AA11 REPL ACEM ENT1"


class LetterTestCase(ToldTestCase):
    def setUp(self):
        super().setUp()
        Profile.objects.filter(user=self.ana).update(name="Ana")

    def speaks(self, language: str) -> None:
        Profile.objects.filter(user=self.ana).update(language=language)

    def text(self) -> str:
        """The last mail as text, in one line, once it has left."""
        self.send(31 * MINUTE)
        return " ".join(mail.outbox[-1].body.split())

    def html(self) -> str:
        return " ".join(mail.outbox[-1].alternatives[0][0].split())

    def assertSays(self, *sentences: str) -> None:
        """Text and page both."""
        text, html = self.text(), self.html()
        for sentence in sentences:
            self.assertIn(sentence, text)
            self.assertIn(sentence, html)


class ReadyTests(LetterTestCase):
    def test_it_says_what_is_true_of_this_key(self):
        link = self.give(self.keys.new(SIX), label="Principal")
        ApiKey.objects.filter(link=link).update(ip_allowlist=["203.0.113.10"])
        self.assertSays(
            "¡Tu cuenta de Smartrader está lista para operar!", "Ana", "Tiene los seis permisos justos.",
            "No puede retirar fondos ni tocar tus direcciones de retiro.", "Solo funciona desde las direcciones de Smartrader.",
            "La prueba sin dinero salió bien.", f"http://127.0.0.1:8000/perfil/exchanges/{link.pk}/")
        self.assertIn(f"tu clave de Kraken · Principal (termina en {link.key.hint})", self.text())
        self.assertIn(f"tu clave de <strong>Kraken · Principal</strong> (termina en {link.key.hint})", self.html())

    def test_in_english(self):
        self.speaks("en")
        self.give(self.keys.new(SIX))
        self.assertSays("Your Smartrader account is ready to operate!", "It has just the six permissions it needs.",
                        "The test without money went well.")
        self.assertEqual(mail.outbox[-1].subject, "Kraken: ready to operate")

    def test_a_key_open_to_the_world_is_not_said_to_be_limited(self):
        self.give(self.keys.new(SIX, ip_allowlist=[]))
        self.assertNotIn("Solo funciona desde", self.text())
        self.assertSays("Sin límite de direcciones IP")

    def test_addresses_of_their_own_are_not_said_to_be_ours(self):
        link = self.give(self.keys.new(SIX))
        ApiKey.objects.filter(link=link).update(ip_allowlist=["203.0.113.10", "198.51.100.7"])
        self.assertSays("Solo funciona desde las direcciones que elegiste.")

    def test_a_test_without_money_that_did_not_pass_is_not_praised(self):
        link = self.give(self.keys.new(SIX))
        steps = [step | {"state": "skipped"} if step["step"] == "dry_run" else step for step in link.validations.get().steps]
        link.validations.update(steps=steps)
        self.assertNotIn("La prueba sin dinero", self.text())

    def test_what_a_label_holds_is_no_markup(self):
        self.give(self.keys.new(SIX), label="<b>& x")
        self.assertIn("Kraken · <b>& x", self.text())
        self.assertIn("Kraken · &lt;b&gt;&amp; x", self.html())


class TroubleTests(LetterTestCase):
    def test_a_permission_that_lacks_is_named(self):
        link = self.give(self.keys.new(SIX[:5]))
        self.assertSays("Falta activar: «Query ledger entries»", f"/perfil/exchanges/{link.pk}/", "Ver qué cambiar")

    def test_in_english(self):
        self.speaks("en")
        self.give(self.keys.new(SIX[:5]))
        self.assertSays("This is missing: “Query ledger entries”", "See what to change")

    def test_refused(self):
        self.give(self.keys.new([*SIX, "withdraw-funds"]))
        self.assertSays("No hemos guardado esta clave", "«Funds permissions › Withdraw»", "Ver qué hacer ahora")

    def test_suspended_speaks_of_somebody_else(self):
        link = self.known()
        self.keys.change(link, permissions=[*SIX, "withdraw-funds"])
        self.look_later(link)
        self.assertSays("«Funds permissions › Withdraw»", "¿No fuiste tú?", "Cambia allí tu contraseña y revisa tus claves.")

    def test_revoked_leads_to_another_key(self):
        link = self.known()
        self.keys.change(link, disabled=True)
        self.look_later(link)
        self.look_later(link, failing_since=timezone.now() - 2 * MINUTE)
        self.assertSays("Kraken ya no reconoce esta clave", f"/perfil/exchanges/{link.pk}/reemplazar/")

    def test_expired(self):
        link = self.known()
        self.keys.change(link, valid_until=1)
        ApiKey.objects.filter(link=link).update(expires_at=timezone.now() - MINUTE)
        self.look_later(link)
        self.assertSays("Tu clave ha caducado", f"/perfil/exchanges/{link.pk}/reemplazar/")

    def test_silence(self):
        link = self.known()
        Link.objects.filter(pk=link.pk).update(failures=2, failing_since=timezone.now() - 6 * MINUTE)
        self.keys.fault("busy", link)
        self.look_later(link)
        self.assertSays("Kraken lleva más de media hora sin responder", "No tienes que hacer nada")


class ReplacementTests(LetterTestCase):
    def replace(self, link: Link, permissions: list[str]) -> None:
        with mock.patch("exchanges.actions.nudge"):
            actions.add_key(link, self.keys.new(permissions, account=ACCOUNT))
        self.look(link)

    def test_one_that_passed_says_which_to_delete(self):
        link = self.known(account=ACCOUNT)
        self.replace(link, SIX)
        self.assertSays("Tu nueva clave de Kraken ya está en uso", f"borra también la antigua en Kraken: termina en {link.key.hint}.")

    def test_one_that_failed_says_that_the_present_one_stays(self):
        self.replace(self.known(account=ACCOUNT), SIX[:5])
        self.assertSays("La clave nueva no pasó la comprobación", "A la clave nueva le falta: «Query ledger entries».",
                        "La actual sigue en uso.")


class SecretTests(LetterTestCase):
    def test_no_mail_has_more_of_a_key_than_its_last_four_characters(self):
        credentials = self.keys.new(SIX)
        link = self.give(credentials)
        self.text()
        self.keys.change(link, permissions=SIX[:5])
        self.look_later(link)
        self.text()
        sent = "".join(message.message().as_string() for message in mail.outbox)
        rows = str(list(Mail.objects.values()))
        for secret in (credentials.secret, credentials.api_key, credentials.api_key[-5:], vault.fingerprint("kraken", credentials.api_key)):
            self.assertNotIn(secret, sent + rows)
