"""What each cause of an entry is called on screen: one table. Who did it, or what for, may change the sentence.

A cause is looked up as `<cause>.<purpose>`, then `<cause>.<actor>`, then alone.
"""
from django.utils.translation import gettext_lazy as _

SENTENCE = {
    "signup": _("You created your account"),
    "signup.staff": _("Our team created your account"),
    "account_changed.staff": _("Our team changed something in your account"),

    "login": _("You logged in"),
    "login_password": _("You logged in with your password"),
    "login_code": _("You logged in with a code sent by e-mail"),
    "login_totp": _("You logged in with your authenticator app"),
    "login_recovery_code": _("You logged in with a recovery code"),
    "login_passkey": _("You logged in with a passkey"),
    "login_reset": _("You logged in by setting a new password"),
    "login_failed": _("Somebody entered a wrong password"),
    "factor_failed": _("Somebody failed at the second step"),
    "logout": _("You logged out"),
    "session_closed": _("You closed the session of %(about)s"),
    "sessions_closed": _("You closed your other sessions"),

    "password_changed": _("You changed your password"),
    "password_changed.staff": _("Our team changed your password"),
    "password_reset": _("You set a new password with a code sent by e-mail"),
    "email_confirmed": _("You confirmed your e-mail %(about)s"),
    "email_changed": _("You changed your e-mail to %(about)s"),
    "totp_added": _("You turned on the authenticator app"),
    "totp_removed": _("You turned off the authenticator app"),
    "passkey_added": _("You added the passkey %(about)s"),
    "passkey_removed": _("You removed the passkey %(about)s"),
    "recovery_codes_made": _("You created recovery codes"),
    "recovery_codes_removed": _("Your recovery codes were erased"),
    "frozen": _("We stopped the linking of keys for 24 hours"),
    "downloaded": _("You downloaded your activity"),
    "takeout": _("You downloaded your data (%(about)s)"),
    "notices_changed": _("You changed which notices you get"),
    "leaving": _("You asked us to delete your account, and we closed your other sessions"),
    "stayed": _("You kept your account"),

    "link": _("You linked %(about)s"),
    "replace": _("You pasted another key for %(about)s"),
    "validate": _("You checked the key of %(about)s"),
    "confirm": _("You confirmed that the key of %(about)s cannot withdraw"),
    "validate.staff": _("Our team asked for a check of the key of %(about)s"),
    "pause": _("You paused %(about)s"),
    "resume": _("You resumed %(about)s"),
    "suspend": _("Our team stopped %(about)s"),
    "lift": _("Our team let %(about)s go on"),
    "unlink": _("You unlinked %(about)s"),
    "leave": _("We unlinked %(about)s and erased its key, because you asked us to delete your account"),
    "restore": _("We unlinked %(about)s again, after our data came back from a copy made before"),
    "retention": _("We erased the key of %(about)s, which had not worked for days"),
    "rename": _("You changed a name to %(about)s"),

    "secret_opened": _("We opened the key of %(about)s"),
    "secret_opened.link": _("We opened the key of %(about)s to check it (you had just linked it)"),
    "secret_opened.person": _("We opened the key of %(about)s to check it (you asked)"),
    "secret_opened.replace": _("We opened the key of %(about)s to check it (it is to replace another)"),
    "secret_opened.staff": _("We opened the key of %(about)s to check it (our team asked)"),
    "secret_opened.schedule": _("We opened the key of %(about)s to check it (automatic check)"),
    "secret_opened.rotation": _("We opened the key of %(about)s to seal it again under a newer key of ours"),
}
# What the person is asked of: "Was it you?"
ALARMING = frozenset({
    "login_failed", "factor_failed", "login_recovery_code", "password_reset", "email_changed", "totp_removed", "passkey_removed",
    "leaving"})


def sentence(cause: str, *, actor: str = "person", purpose: str = "", about: str = "") -> str:
    """In the language of the moment. A cause that a newer version wrote and this one has no words for is shown as it is."""
    exact = next((name for name in (f"{cause}.{purpose}", f"{cause}.{actor}") if name in SENTENCE), cause)
    words = SENTENCE.get(exact)
    return cause if words is None else str(words) % {"about": about or "—"}
