"""What people read about a link: one sentence for each state, reason and notice. Change a sentence here and nowhere else.

Placeholders: %(exchange)s its name, %(list)s permissions by their label at the exchange, %(ips)s our addresses,
%(time)s when we try again, %(ref)s the reference for support, %(days)s and %(date)s of the key's end.
"""
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Words:
    badge: str | Promise
    title: str | Promise
    sentence: str | Promise
    icon: str
    tone: str


STATUS = {
    "queued": Words(_("Queued"), _("We have received your key"),
                    _("Key received. We will check it in a moment."), "clock", "work"),
    "checking": Words(_("Checking"), _("We are checking your key"),
                      _("We are asking %(exchange)s. You can leave this page: we tell you by mail."), "spinner", "work"),
    "ready": Words(_("Ready to operate"), _("Your Smartrader account is ready to operate!"),
                   _("The key has exactly the permissions needed, none of them to take money out, and we have proved it."),
                   "check-circle", "ok"),
    "action_required": Words(_("Needs your attention"), _("Something in the key must change"),
                             _("Something in the key must change. We tell you exactly what."), "alert", "warn"),
    "refused": Words(_("Refused"), _("We did not keep this key"),
                     _("It can take money out. We do not want to be able to, so we erased it as soon as we saw it. "
                       "We have moved nothing."), "stop", "stop"),
    "exchange_down": Words(_("The exchange is not answering"),
                           _("%(exchange)s is not answering now. There is nothing you have to do"),
                           _("There is nothing you have to do: we keep trying."), "cloud-off", "wait"),
    "expired": Words(_("Expired"), _("Your key has expired"),
                     _("The key reached its end date. Create another one at %(exchange)s and replace it here."),
                     "hourglass", "warn"),
    "revoked": Words(_("Revoked"), _("%(exchange)s no longer knows this key"),
                     _("It worked before and now %(exchange)s does not know it. If you deleted it there, replace it with a new one."),
                     "key-off", "warn"),
    "paused": Words(_("Paused"), _("Paused: you stopped it"),
                    _("You stopped it. We do not operate until you resume it."), "pause", "idle"),
    "suspended": Words(_("Suspended"), _("We stopped it for your safety"),
                       _("We stopped it for your safety. We do not operate with this key."), "shield", "stop"),
    "unlinked": Words(_("Unlinked"), _("Unlinked"), _("Key erased. The history stays."), "unlink", "idle"),
}

# Title and sentence where the reason says more than the state: what happens, then what to do.
REASON = {
    "dangerous_permissions": (
        "", _("Your key can take money out: %(list)s. We have erased it. Delete it at %(exchange)s and create another "
              "without that box. We have moved nothing; if it was not you who ticked it, look at your latest movements there.")),
    "extra_permissions": (
        _("Untick what is not needed"),
        _("This is not needed: %(list)s. Untick it at %(exchange)s; you do not need another key. We do not operate until then.")),
    "missing_permissions": (
        _("Tick what is missing"),
        _("This is missing: %(list)s. Tick it at %(exchange)s; you do not need another key. We do not operate until then.")),
    "unverifiable_permissions": (
        _("Confirm that the key cannot withdraw"),
        _("%(exchange)s does not tell us what the key can do. Look there that withdrawals are off and tick it here.")),
    "bad_key": (
        _("%(exchange)s cannot find this key"),
        _("%(exchange)s cannot find this key. Copy it again, whole, or create another if you deleted it, it has expired or it "
          "is from another site of theirs.")),
    "bad_secret": (
        _("The secret key does not match"),
        _("The secret key is not the one of this API key. Copy both again: they may be swapped or cut. If the key asks for a "
          "code of its own, turn that off at %(exchange)s.")),
    "bad_passphrase": (
        _("The passphrase does not match"),
        _("The passphrase is not the one of this key. It is the one you chose when you created it, not the password of your account.")),
    "ip_blocked": (
        _("%(exchange)s does not let us in with this key"),
        _("Either the key only works from other addresses, or it asks for a code of its own each time. Add our addresses to "
          "the key (%(ips)s) and turn off its own two-factor code; keep the one of your account on.")),
    "nonce_conflict": (
        _("Another app uses this same key"), _("Another app uses this same key. Create one just for Smartrader.")),
    "otp_on_key": (
        _("This key asks for a code each time"),
        _("This key asks for a code each time. Create one without a two-factor code of its own; keep the one of your account on.")),
    "query_window": (
        _("The key only sees some dates"), _("The key only sees some dates. Remove the query dates at %(exchange)s.")),
    "account_restricted": (
        _("%(exchange)s has limited your account"),
        _("%(exchange)s has limited your account. Log in there and see whether it asks you for something, such as finishing your "
          "verification; if not, their support can solve it.")),
    "already_linked": (
        _("We cannot link this key"),
        _("We cannot link this key. If you already linked this account of %(exchange)s, replace the key there; if not, create another.")),
    "different_account": (
        _("This key is now of another account"),
        _("%(exchange)s says that this key belongs to another account than the one you linked, so we do not operate with it. Replace "
          "it with a key of your account. If you want to use the other account, unlink this one first and link it anew.")),
    "region_blocked": (
        _("%(exchange)s does not allow this in your region"),
        _("%(exchange)s does not allow this in the region of your account. Only their support can tell you more.")),
    "clock_skew": ("", _("It is our fault: our clock differs from the one of %(exchange)s. We are fixing it.")),
    "rate_limited": ("", _("%(exchange)s asks us to slow down. We try again at %(time)s.")),
    "lockout": ("", _("%(exchange)s has locked this key for a while. We wait and try again at %(time)s.")),
    "maintenance": ("", _("%(exchange)s is under maintenance or overloaded. We try again at %(time)s.")),
    "timeout": ("", _("%(exchange)s takes too long to answer. We try again at %(time)s.")),
    "network": ("", _("We cannot reach %(exchange)s. We try again at %(time)s.")),
    "unreadable_answer": ("", _("%(exchange)s answered something we cannot read. We try again at %(time)s.")),
    "internal": (
        _("Something went wrong on our side"), _("It is our fault and we are on it. We try again at %(time)s. Reference: %(ref)s.")),
    "by_staff": ("", _("Our team stopped it. Ask them, with the reference %(ref)s.")),
    "incident": ("", _("We stopped every key of %(exchange)s while we look into a problem. There is nothing you have to do.")),
}

# Where an exchange does not tell what a key can do: the tick, why it is there, and what "ready" is worth then.
WITHDRAWALS_OFF = _("I have looked at %(exchange)s: this key cannot withdraw")
WITHDRAWALS_OFF_WHY = _(
    "It is the only thing we cannot check ourselves there. Without this tick we keep the key but do not operate with it.")
READY_UNVERIFIED = _(
    "The key works, and we have proved it. What else it can do, %(exchange)s tells nobody: that it cannot withdraw, we have your word.")
PERMISSIONS_UNVERIFIED = _("%(exchange)s does not tell them: your word counts.")
TRIED = _("Works: we tried it")
ANOTHER_KEY = _("This link has another key by now. Look at that one there, and tell us again.")
REGION = _("Where is your %(exchange)s account?")

# Added to the sentence of `bad_key` while another look is planned.
LATE_KEY = _("A key made a moment ago may take a while: we look again by ourselves.")
LATE_PROVEN_KEY = _("It worked before, so we look once more in a couple of minutes before we give it up.")
# Added where something is missing and something else too much.
TICKED_IN_VAIN = _(
    "If it is ticked there already, untick it, save, tick it again and save. If that changes nothing, create another key at "
    "%(exchange)s.")
ALSO_EXTRA = _("And this is not needed: %(list)s. Untick it.")
# Added where the key has not worked for so long that it was erased.
ERASED = _("It had not worked for days, so we have erased it here. Paste another one when you like.")
TOO_MANY_BAD_KEYS = _(
    "Too many keys that did not work within an hour. Take a break and try again later: many wrong keys in a row make the "
    "exchange lock us all out.")

# Where a replacement failed and the sentence above, written for the key in use, would not be true of it.
CANDIDATE_REASON = {
    "missing_permissions": _("The new key lacks this: %(list)s."),
    "extra_permissions": _("The new key can do more than needed: %(list)s."),
    "dangerous_permissions": _("The new key can take money out: %(list)s. Delete it at %(exchange)s too."),
    "different_account": _("The new key is from another account of %(exchange)s. Link that one separately."),
    "expired": _("The new key has already expired. Create another one."),
    "unverifiable_permissions": _("Paste the new key again, and tick that it cannot withdraw."),
    "bad_key": _("%(exchange)s cannot find the new key. If you have just created it, wait some minutes and paste it again."),
}
CANDIDATE_SILENCE = _("%(exchange)s did not answer about the new key. Paste it again when %(exchange)s is back.")

NOTICE = {
    "expires_soon": Words(_("Expires in %(days)s days"), "", _("Create another key and replace this one before %(date)s."),
                          "hourglass", "warn"),
    "ip_open": Words(_("No limit of IP addresses"), "",
                     _("Your key works from anywhere. Add our addresses at %(exchange)s to protect it."), "pin", "warn"),
    "empty_account": Words(_("No balance yet"), "",
                           _("All fine. Once there is a balance in your exchange, we will be able to operate."), "wallet", "idle"),
    "unverifiable_permissions": Words(
        _("Permissions that cannot be checked"), "",
        _("%(exchange)s does not tell us what the key can do. Make sure yourself that it cannot withdraw."), "question", "wait"),
}

# How the exchange itself is doing: a line on the picker, its guide and, where it is not "ok", on its links.
WEATHER = {
    "ok": Words(_("Working normally"), "", "", "sun", "ok"),
    "slow": Words(_("Answers slowly"), "", _("%(exchange)s answers slowly right now: a check may take a little longer."), "cloud", "wait"),
    "limited": Words(_("Takes only some orders"), "",
                     _("%(exchange)s takes only some orders right now. Linking and checking work as always."), "wrench", "wait"),
    "maintenance": Words(_("Under maintenance"), "",
                         _("%(exchange)s is under maintenance. It has nothing to do with your key: we check it as soon as they are back."),
                         "wrench", "wait"),
    "silent": Words(_("Not answering"), "",
                    _("%(exchange)s is answering nobody right now. It has nothing to do with your key: we check it as soon as they are "
                      "back."), "cloud-off", "wait"),
    "paused": Words(_("Asks for a pause"), "",
                    _("%(exchange)s has asked us all for a pause, so checks wait their turn. It has nothing to do with your key."),
                    "clock", "wait"),
}

CANDIDATE = {
    "queued": Words(_("In trial"), _("The new key is waiting to be checked"), _("The present one stays in use."), "clock", "work"),
    "checking": Words(_("In trial"), _("We are checking the new key"), _("The present one stays in use."), "spinner", "work"),
    "failed": Words(_("Not accepted"), _("The new key did not pass the check"),
                    _("The present one stays in use. We have erased the new one."), "alert", "warn"),
}

CANDIDATE_HELD = _("We check it once our team lets this key go on. Nothing for you to do until then.")
SWITCHED_OFF = _("We are not asking %(exchange)s for now. Your key keeps its state.")

STEP = {
    "format": (_("Format of the key"), _("It is whole and in order.")),
    "reach": (_("Connection with %(exchange)s"), _("%(exchange)s answered.")),
    "permissions": (_("Permissions"), _("Exactly those needed, and none to take money out.")),
    "reads": (_("Balances and orders"), _("We could read them.")),
    "dry_run": (_("Test without money"), _("%(exchange)s accepted an order that was not placed.")),
}
# A word and its icon; their colour is by the hook they stand at.
STEP_STATE = {
    "pending": (_("Pending"), "dot"), "running": (_("Under way"), "spinner"), "ok": (_("Correct"), "check-circle"),
    "failed": (_("Fails"), "stop"), "skipped": (_("Skipped"), "tick-off"), "no_answer": (_("No answer"), "cloud-off"),
}
VERDICT = {
    "needed": (_("Just what is needed"), "check"), "missing": (_("Missing: tick it"), "tick-on"),
    "extra": (_("Not needed: untick it"), "tick-off"), "dangerous": (_("Dangerous"), "stop"),
    "unknown": (_("Cannot be checked"), "question"),
}
ANSWER = {"ok": Words(_("Correct"), "", "", "check", "ok"), "refused": Words(_("Not accepted"), "", "", "alert", "warn"),
          "silent": Words(_("No answer"), "", "", "cloud-off", "wait")}
SILENT = ("clock_skew", "rate_limited", "lockout", "maintenance", "timeout", "network", "unreadable_answer", "internal")
QUOTED = _("“%(name)s”")
UNKNOWN_PERMISSION = (_("A permission we do not know"), _("%(exchange)s has added it recently."))
