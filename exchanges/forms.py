"""The key form: what was pasted becomes credentials, or a clear sentence at the field. Nothing is sent from here."""
import unicodedata

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from exchanges import actions, vault, words
from exchanges.connectors.base import Credentials, Mispasted
from exchanges.models import ApiKey, Exchange, Link, LinkQuerySet, Status
from profiles import freeze, limits
from profiles.names import NoKeyForAName
from profiles.presence import PresenceForm

LABEL_MOST = 40
LONGEST_KEY = 120
LABEL_READ = 1000
# Format characters that emoji need: joiner and the tags of some flags. All others can hide or turn text around.
EMOJI_FORMAT = {"\u200d", *map(chr, range(0xE0020, 0xE0080))}


class LabelField(forms.CharField):
    """A short name: NFC, without control and direction characters; emoji welcome."""

    def to_python(self, value: str | None) -> str:
        text = unicodedata.normalize("NFC", (super().to_python(value) or "")[:LABEL_READ])
        text = "".join(" " if c in "\t\n\r\u2028\u2029" else c for c in text)
        visible = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") or c in EMOJI_FORMAT)
        return " ".join("".join(visible).split())


class LabelForm(NoKeyForAName, forms.Form):
    names = ("label",)
    label = LabelField(
        label=_("A name to recognise it by"), max_length=LABEL_MOST, required=False,
        error_messages={"max_length": _("That name has %(show_value)d characters and %(limit_value)d fit. Make it shorter.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("For example, Main")}))


KEY_ATTRS = {"class": "key-input", "autocomplete": "off", "autocapitalize": "none", "autocorrect": "off",
             "spellcheck": "false", "translate": "no"}


class PastedField(forms.CharField):
    """A part of a key. The connector says what is missing or wrong: one paste may hold what belongs in two fields."""

    def __init__(self, *, masked: bool = False, **kwargs: object) -> None:
        # Masked by the style sheet, not by type=password, which browsers offer to invent, save and sync.
        attrs = {**KEY_ATTRS, "class": "key-input masked"} if masked else KEY_ATTRS
        super().__init__(strip=False, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.validators = []  # NUL and the like are taken out by the connector

    def validate(self, value: str) -> None:
        return


class RegionRadios(forms.RadioSelect):
    """Radio buttons with a line below each that tells whom it is for: `hints` by value. Drawn by _field.html."""

    hints: dict[str, object] = {}

    def create_option(self, name: str, value: str, *args: object, **kwargs: object) -> dict:
        return super().create_option(name, value, *args, **kwargs) | {"hint": self.hints.get(str(value), "")}


class KeyForm(PresenceForm, LabelForm):
    """A key for `exchange` from who asks: a new link, or another key for `link`. `save()` gives the link it led to."""

    region = forms.ChoiceField(widget=RegionRadios, error_messages={"required": _("Choose where your account is.")})
    api_key = PastedField(label=_("API key"))
    secret = PastedField(label=_("Secret key"), masked=True)
    passphrase = PastedField(
        label=_("Passphrase"), masked=True,
        help_text=_("The one you chose when you created the key. Not the password of your account."))
    withdrawals_off = forms.BooleanField(
        required=False, help_text=words.WITHDRAWALS_OFF_WHY,
        error_messages={"required": _("Look at the key there and tick this: without it we cannot use the new key.")})

    def __init__(self, exchange: Exchange, request: HttpRequest, *args: object, link: Link | None = None) -> None:
        super().__init__(request, *args)
        self.exchange, self.user, self.link = exchange, request.user, link
        self.connector = exchange.connector
        self.credentials: Credentials | None = None
        self.fields["api_key"].help_text = self.connector.api_key_hint
        self.fields["secret"].help_text = self.connector.secret_hint
        if self.connector.secret_lines > 1:
            attrs = {**self.fields["secret"].widget.attrs, "rows": self.connector.secret_lines}
            self.fields["secret"].widget = forms.Textarea(attrs=attrs)
        self.fields["withdrawals_off"].label = words.WITHDRAWALS_OFF % {"exchange": exchange.name}
        # Beside a key that works a new one is tried by itself, with nobody to ask.
        self.fields["withdrawals_off"].required = link is not None
        self._offer_regions()
        self._leave_out()

    def _offer_regions(self) -> None:
        """The question where the account is, asked until the answer is proven right."""
        regions = self.connector.regions
        self.fields["region"].choices = [(region.slug, region.name) for region in regions]
        self.fields["region"].label = words.REGION % {"exchange": self.exchange.name}
        self.fields["region"].widget.hints = {region.slug: region.hint for region in regions}
        self.initial["region"] = self.link.region if self.link else None

    def _leave_out(self) -> None:
        """What this exchange, or this occasion, does not ask."""
        asked = {
            "label": self.link is None, "passphrase": self.connector.needs_passphrase,
            "region": bool(self.connector.regions) and not (self.link and self.link.key_works),
            "withdrawals_off": not self.connector.reports_permissions,
        }
        for name in (name for name, is_asked in asked.items() if not is_asked):
            del self.fields[name]

    def full_clean(self) -> None:
        """After judging, forget what must not be shown again: the secrets, and an `api_key` that looks like one."""
        super().full_clean()
        if self.is_bound:
            pasted = self.data.get("api_key", "")
            short = len(pasted) <= (self.connector.key_length or LONGEST_KEY) + 8
            kept = short and self.connector.key_shows and not self.connector.looks_like_secret(pasted)
            self.data = {**dict(self.data.items()), "secret": "", "passphrase": "", **({} if kept else {"api_key": ""})}

    def clean(self) -> dict:
        self._refuse_frozen()
        cleaned = super().clean()
        if self.is_stale:
            return cleaned
        pasted = [cleaned.get(name) or "" for name in ("api_key", "secret", "passphrase")]
        try:
            self.credentials = self.connector.clean(*pasted)
        except Mispasted as mispasted:
            for name, sentence in mispasted.errors.items():
                self.add_error(name, sentence)
            return cleaned
        self._refuse_too_many()
        self._refuse_key_of_another()
        return cleaned

    def _refuse_frozen(self) -> None:
        frozen = freeze.sentence(self.user)
        if frozen:
            raise ValidationError(frozen)

    def _refuse_key_of_another(self) -> None:
        same_key = vault.fingerprint(self.exchange.slug, self.credentials.api_key)
        proven = ApiKey.objects.filter(fingerprint=same_key, proven_at__isnull=False, erased_at__isnull=True)
        if proven.exclude(link__user=self.user).exists():
            self.add_error("api_key", _("We cannot link this key. Create another one."))
        elif self.link is not None and self._links_with(same_key).exclude(pk=self.link.pk).exists():
            self.add_error("api_key", _("You already linked this key elsewhere in your list. Create another one just for this."))

    def _links_with(self, same_key: str) -> LinkQuerySet:
        return Link.objects.of(self.user).with_key(same_key).exclude(status=Status.UNLINKED)

    def _refuse_too_many(self) -> None:
        refusal = settings.BAD_KEYS_PER_HOUR and limits.refusal("keys", self.request)
        if refusal:
            raise ValidationError(refusal)
        if actions.too_many_bad_keys(self.user):
            raise ValidationError(words.TOO_MANY_BAD_KEYS)
        is_new = self.link is None and not self._links_with(vault.fingerprint(self.exchange.slug, self.credentials.api_key))
        held = Link.objects.of(self.user).exclude(status__in=(Status.UNLINKED, Status.REFUSED))
        if is_new and settings.MAX_LINKS and held.count() >= settings.MAX_LINKS:
            raise ValidationError(_("You have reached the number of exchanges one account can link. Unlink one you no longer use."))

    def save(self) -> Link:
        said = {name: self.cleaned_data[name] for name in ("region", "withdrawals_off") if name in self.cleaned_data}
        if self.link is not None:
            actions.add_key(self.link, self.credentials, request=self.request, **said)
            return self.link
        label = self.cleaned_data.get("label", "")
        return actions.add_link(self.user, self.exchange, self.credentials, label, request=self.request, **said)
