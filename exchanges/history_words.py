"""What people read about the past of a link: who did what, why, and what the exchange says otherwise than before.

Placeholders: %(exchange)s its name, %(list)s permissions or addresses, %(date)s a day, %(time)s a moment.
"""
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

YOU, TEAM, OURSELVES = _("You"), _("Our team"), _("Smartrader, by itself")
# Of an event, who did it; of a check, who asked for it.
ACTOR = {"person": YOU, "staff": TEAM}
TRIGGER = {"link": YOU, "person": YOU, "replace": YOU, "staff": TEAM, "schedule": OURSELVES}

# What was done, where it is not a check whose result says it all.
CAUSE = {
    "link": _("Linked"),
    "replace": _("Another key pasted"),
    "validate": _("Check asked for"),
    "confirm": _("Confirmed that the key cannot withdraw"),
    "pause": _("Paused"),
    "resume": _("Resumed"),
    "suspend": _("Suspended"),
    "lift": _("Suspension lifted"),
    "unlink": _("Unlinked, and the key erased"),
    "leave": _("Unlinked with the account, and the key erased"),
    "retention": _("Key erased: it had not worked for days"),
}
DRIFTED = _("The key has changed at %(exchange)s")
CANDIDATE = {"proven": _("The new key is in use"), "failed": _("The new key did not pass the check")}

OTHER_ACCOUNT = _("It is of another account of %(exchange)s")
# A reason in a few words, true of then as of now.
WHY: dict[str, Promise] = {
    "dangerous_permissions": _("It can take money out"),
    "extra_permissions": _("It can do more than needed"),
    "missing_permissions": _("It lacks permissions"),
    "unverifiable_permissions": _("Its permissions cannot be checked"),
    "bad_key": _("%(exchange)s did not find the key"),
    "bad_secret": _("The secret did not fit the key"),
    "bad_passphrase": _("The passphrase did not fit the key"),
    "ip_blocked": _("%(exchange)s did not let us in with it"),
    "nonce_conflict": _("Another app used it too"),
    "otp_on_key": _("It asks for a code each time"),
    "query_window": _("It only sees some dates"),
    "account_restricted": _("%(exchange)s had limited the account"),
    "already_linked": _("We cannot link this key"),
    "different_account": OTHER_ACCOUNT,
    "region_blocked": _("%(exchange)s does not allow it in the region of the account"),
    "clock_skew": _("Our clock differed from that of %(exchange)s"),
    "rate_limited": _("%(exchange)s asked us to slow down"),
    "lockout": _("%(exchange)s had locked the key for a while"),
    "maintenance": _("%(exchange)s was under maintenance or overloaded"),
    "timeout": _("%(exchange)s took too long to answer"),
    "network": _("We could not reach %(exchange)s"),
    "unreadable_answer": _("%(exchange)s answered something we could not read"),
    "internal": _("Something went wrong on our side"),
    "by_staff": _("Our team stopped it"),
    "incident": _("We stopped every key of %(exchange)s"),
    "expired": _("It had expired"),
}

ADDED, REMOVED = _("Now it can also: %(list)s"), _("It can no longer: %(list)s")
ONLY_FROM, FROM_ANYWHERE = _("It only works from: %(list)s"), _("It works from any IP address")
FROM_UNTOLD = _("%(exchange)s no longer tells from where it works")
ENDS, ENDLESS = _("It expires on %(date)s"), _("It no longer expires")
EDITED = _("Edited there on %(time)s")
AND_MORE = _("and %(n)d more")
