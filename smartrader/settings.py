"""Every setting. What differs between machines is an environment variable, listed in .env.example and the README.

Production means that SITE_URL is https; plain http is for this machine alone.
"""

import os
from email.utils import parseaddr
from urllib.parse import quote, urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from smartrader import env, role

BASE_DIR = env.BASE_DIR
VAR_DIR = env.folder("VAR_DIR", "var")
DEBUG = env.flag("DEBUG", default=False)

# Where we are
SITE_URL = env.url("SITE_URL")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
PRODUCTION = SITE_URL.startswith("https:")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", SITE_HOST if PRODUCTION else f"{SITE_HOST},localhost,127.0.0.1,[::1]")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
EGRESS_IPS = env.addresses("EGRESS_IPS", None if PRODUCTION else "")
API_URLS = env.api_urls(os.environ)

# Keys, none derived from another. Only workers have private halves and ACCOUNT_KEY.
if PRODUCTION and role.is_web():
    env.forbid("SEALING_PRIVATE_KEYS", "the web process: it belongs to the workers alone")
    env.forbid("ACCOUNT_KEY", "the web process: it belongs to the workers alone")
SECRET_KEY = env.key("SECRET_KEY", least=50 if PRODUCTION else 1)
CREDENTIALS_KEYS = env.ring("CREDENTIALS_KEYS")
FINGERPRINT_KEY = env.key("FINGERPRINT_KEY", least=32 if PRODUCTION else 1)
ACCOUNT_KEY = env.key("ACCOUNT_KEY", least=32 if PRODUCTION else 1, default="")
SEALING_PUBLIC_KEY = env.sealing_half("SEALING_PUBLIC_KEY")
SEALING_PRIVATE_KEYS = env.sealing_ring("SEALING_PRIVATE_KEYS")

# Limits
BAD_KEYS_PER_HOUR = env.number("BAD_KEYS_PER_HOUR", 10)
MAX_LINKS = env.number("MAX_LINKS", 50)
REQUIRE_MFA = env.flag("REQUIRE_MFA", default=PRODUCTION)

INSTALLED_APPS = [
    "profiles",
    "exchanges",
    "smartrader.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "smartrader.middleware.TrustedProxyMiddleware",
    "smartrader.middleware.Utf8Middleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "smartrader.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Around the messages: those whose words are chosen late are put down on the way out.
    "profiles.middleware.PreferencesMiddleware",
    "profiles.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "profiles.middleware.PresenceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "smartrader.urls"
WSGI_APPLICATION = "smartrader.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "smartrader.context.site",
            ],
        },
    },
]

# Rows, cache, mail
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{quote(str(VAR_DIR))}/db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache("CACHE_URL", "dbcache://cache")}
vars().update(env.email("EMAIL_URL", f"filemail:///{quote(str(VAR_DIR))}/mail"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Smartrader <no-reply@{SITE_HOST}>")
SECURITY_CONTACT = env.contact("SECURITY_CONTACT", f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")

# People
AUTH_USER_MODEL = "profiles.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "profile"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "profiles.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "profiles.forms.AddEmailForm",
    "change_password": "profiles.forms.ChangePasswordForm",
    "confirm_email_verification_code": "profiles.forms.ConfirmEmailVerificationCodeForm",
    "confirm_password_reset_code": "profiles.forms.ConfirmPasswordResetCodeForm",
    "login": "profiles.forms.LoginForm",
    "reauthenticate": "profiles.forms.ReauthenticateForm",
    "reset_password": "profiles.forms.ResetPasswordForm",
    "reset_password_from_key": "profiles.forms.ResetPasswordKeyForm",
    "set_password": "profiles.forms.SetPasswordForm",
    "signup": "profiles.forms.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
# How long a proof of who one is holds; a login is one.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# How often one person, or with one e-mail ("key"). For an address allauth's limits are off: it queues for a lock there, and
# refuses who waits for more than a second, as people behind one address do. Ours stand in for them: profiles/limits.py.
# "login_failed" is left for tries at a second factor. A double click asks for two codes at once.
ACCOUNT_RATE_LIMITS = {
    "change_password": "10/m/user",
    "confirm_email": "60/h/key",
    "login": None,
    "login_failed": "5/5m/key",
    "manage_email": "10/m/user",
    "reauthenticate": "20/m/user",
    "reset_password": None,
    "reset_password_from_key": "120/m/ip",
    "signup": None,
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
MFA_ADAPTER = "profiles.mfa.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "profiles.mfa_forms.ActivateTOTPForm",
    "add_webauthn": "profiles.mfa_forms.AddPasskeyForm",
    "authenticate": "profiles.mfa_forms.AuthenticateForm",
    "authenticate_webauthn": "profiles.mfa_forms.AuthenticatePasskeyForm",
    "edit_webauthn": "profiles.mfa_forms.RenamePasskeyForm",
    "login_webauthn": "profiles.mfa_forms.LoginPasskeyForm",
    "reauthenticate": "profiles.mfa_forms.ReauthenticateForm",
    "reauthenticate_webauthn": "profiles.mfa_forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
MFA_TOTP_ISSUER = "Smartrader"
# The code before and the one after are good too: clocks differ, and a code ends while it is typed (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
# Over plain http, for this machine alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# It would write with every request.
USERSESSIONS_TRACK_ACTIVITY = False

# Languages and clocks
LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "smartrader" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Walls
# We take no files, and none may land on the disk on its way to nowhere.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "smartrader.errors.SilentReporterFilter"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION

# Background work. Rows are the queue of record, so messages are taken early and may be lost.
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 300}
CELERY_TASK_DEFAULT_QUEUE = "now"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = TIME_ZONE
SWEEP_S = 5
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "exchanges.tasks.sweep",
        "schedule": SWEEP_S,
        "options": {"expires": SWEEP_S, "queue": "now"},
    },
    "send_mails": {"task": "profiles.tasks.send_mails", "schedule": SWEEP_S, "options": {"expires": SWEEP_S, "queue": "now"}},
    "remind": {"task": "exchanges.tasks.remind", "schedule": 300, "options": {"expires": 300, "queue": "later"}},
    "prune": {"task": "exchanges.tasks.prune", "schedule": crontab(minute=17), "options": {"expires": 3000, "queue": "later"}},
}

# Logs: one JSON object a line, never a request body. No e-mails of errors: they would carry what failed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "smartrader.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        **{name: {"handlers": [], "propagate": True} for name in ("django", "django.server", "gunicorn.error")},
        # Celery tells of every task that comes and goes; only what fails is worth a line.
        **{name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace")},
    },
}
