"""The mails about a link: which one there is to send, and its words, in the language and the zone of who gets it."""
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchanges import present, told, words
from exchanges.models import Link, Status
from profiles.models import Mail
from profiles.outbox import Kind, Letter

READY, NEWS = "exchanges/email/ready", "exchanges/email/news"
# `exchange_down`, but the exchange answers others: it locked this one key, or the fault is ours.
NO_SILENCE = ("lockout", "clock_skew", "internal")


def compose(mail: Mail) -> Letter | str:
    link = Link.objects.of(mail.user).filter(pk=mail.facts["link"]).first()
    if link is None or told.says(link) != mail.facts["says"]:
        return "outdated"
    told.take_in_what_was_read(link)
    what = told.news(link)
    if what == "":
        return "seen"
    if what == "state" and told.told_of_outage(link):
        told.note_told(link)
        return "seen"
    if what != "state":
        return _trial(link) if what == "trial" else _replaced(link)
    if link.status == Status.EXCHANGE_DOWN:
        return _down(mail, link)
    if link.status == Status.READY:
        return _back(link) if told.is_back(link) else _ready(link)
    return _state(link)


@transaction.atomic
def note_sent(mail: Mail) -> None:
    """They were told, or do not want to be. What became of the link while the mail left is news again."""
    link = Link.objects.locked(mail.facts["link"])
    if told.says(link) == mail.facts["says"]:
        told.note_told(link)
    else:
        told.note_mailed(link, mail.facts["says"])
        told.tell(link.pk)


def number_word(count: int) -> str:
    """ "six"; "12" where a word would be long."""
    named = ("", _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine"))
    return named[count] if 0 < count < len(named) else str(count)


def needed(link: Link) -> str:
    """How many permissions a key of this exchange needs: "six"."""
    return number_word(sum(permission.kind == "needed" for permission in link.exchange.connector.permissions))


def _ready(link: Link) -> Letter:
    return Letter(READY, {
        "link": link, "tone": "ok", "badge": words.STATUS[Status.READY].badge, "facts": _facts(link),
        "notices": present.notices(link), "path": reverse("link", args=[link.pk])})


def _facts(link: Link) -> list[str]:
    """What is true of this key because the exchange said so, or because we tried it."""
    key, facts = link.key, []
    if key.permissions is not None:
        count = sum(permission.kind == "needed" for permission in link.exchange.connector.permissions)
        facts += [
            ngettext("It has just the one permission it needs.", "It has just the %(number)s permissions it needs.", count)
            % {"number": number_word(count)},
            _("It cannot withdraw funds or touch your withdrawal addresses.")]
    if key.ip_allowlist:
        facts.append(_("It only works from Smartrader's addresses.") if set(key.ip_allowlist) <= set(settings.EGRESS_IPS)
                     else _("It only works from the addresses you chose."))
    if any(step == "ok" for step in _dry_runs(link)):
        facts.append(_("The test without money went well."))
    return facts


def _dry_runs(link: Link) -> list[str]:
    proofs = link.key.validations.filter(status=Status.READY).values_list("steps", flat=True)
    return [step["state"] for steps in proofs for step in steps if step["step"] == "dry_run"]


def _state(link: Link) -> Letter:
    said, names = present.state_words(link), _others(link)
    subject = _named(link.exchange.name if names else link.name, str(said.badge))
    return _news(link, said, str(said.title), [str(said.sentence)], subject=subject, names=names, not_you=_not_you(link))


def _trial(link: Link) -> Letter:
    said = present.candidate_words(link)
    button = (_("Try with another key"), reverse("link_replace", args=[link.pk]))
    return _news(link, said, str(said.title), [str(said.sentence)], subject=_named(link.name, str(said.title)), button=button)


def _replaced(link: Link) -> Letter:
    said = words.STATUS[link.status]
    paragraphs = [_("The new key passed the check and has taken the place of the old one. We have erased the old one here.")]
    old = link.keys.filter(proven_at__isnull=False, erased_at__isnull=False).exclude(pk=link.key_id).first()
    if old is not None:
        paragraphs.append(_("Now delete the old one at %(exchange)s too: it ends in %(hint)s.")
                          % {"exchange": link.exchange.name, "hint": old.hint})
    return _news(link, said, _("Your new %(exchange)s key is in use") % {"exchange": link.exchange.name}, paragraphs,
                 not_you=_("Delete the new key at %(exchange)s, which makes it useless, and change your Smartrader password.")
                 % {"exchange": link.exchange.name})


def _down(mail: Mail, link: Link) -> Letter | str:
    if link.events.filter(at__gt=mail.created_at).exclude(to_status=Status.EXCHANGE_DOWN).exists():
        return "outdated"  # it was back in between, and has its own row since it is silent again
    if link.reason in NO_SILENCE:
        return _state(link)
    exchange = {"exchange": link.exchange.name}
    return _news(
        link, words.STATUS[link.status], _("%(exchange)s has not been answering for more than half an hour") % exchange,
        [_("There is nothing you have to do: it is not about your key. We do not operate until "
           "%(exchange)s is back. We keep trying, and tell you when it works again.") % exchange], names=_others(link))


def _back(link: Link) -> Letter:
    said = words.STATUS[link.status]
    return _news(link, said, _("%(exchange)s works again: ready to operate") % {"exchange": link.exchange.name},
                 [_("We have checked it, and everything is in order. There is nothing you have to do.")], names=_others(link))


def _others(link: Link) -> list[str]:
    """The names of all the links that the mail is about, where there are several."""
    names = [other.name for other in told.together(link)]
    return names if len(names) > 1 else []


def _not_you(link: Link) -> str:
    if (link.status, link.reason) != (Status.SUSPENDED, "dangerous_permissions"):
        return ""
    return _("Somebody may have got into your account of %(exchange)s and given the key this permission. Change your password there "
             "and look through your keys.") % {"exchange": link.exchange.name}


def _news(
    link: Link, said: words.Words, title: str, paragraphs: list[str], *, subject: str = "", names: list[str] | None = None,
    button: tuple[str, str] | None = None, not_you: str = "",
) -> Letter:
    label, path = button or _button(link, several=bool(names))
    return Letter(NEWS, {
        "link": link, "tone": said.tone, "badge": said.badge, "subject": subject or title, "title": title,
        "paragraphs": paragraphs, "names": names or [], "button": label, "path": path, "not_you": not_you})


def _named(name: str, what: str) -> str:
    """ "Kraken · Principal: revoked"."""
    return f"{name}: {what[:1].lower()}{what[1:]}"


def _button(link: Link, several: bool) -> tuple[str, str]:
    """What to press, and where it leads."""
    if several:
        return _("See your exchanges"), reverse("links")
    needs_key = link.status in (Status.EXPIRED, Status.REVOKED) or (
        link.status == Status.ACTION_REQUIRED and link.needs_another_key)
    if needs_key and link.can_replace:
        return _("Replace the key"), reverse("link_replace", args=[link.pk])
    labels = {Status.ACTION_REQUIRED: _("See what to change"), Status.REFUSED: _("See what to do now"), Status.SUSPENDED: _("See why")}
    return labels.get(link.status, _("See how it is")), reverse("link", args=[link.pk])


kinds = {
    "ready": Kind(compose, gettext_lazy("Ready to operate"), gettext_lazy("A key passed its check, or works again."), note_sent),
    "attention": Kind(compose, gettext_lazy("Something needs you"), gettext_lazy(
        "A key lacks something, expired, is no longer known at the exchange, or its replacement failed."), note_sent),
    "down": Kind(compose, gettext_lazy("An exchange does not answer"), gettext_lazy(
        "When it lasts more than half an hour, and when it is back."), note_sent),
    "safety": Kind(compose, ended=note_sent),
}
