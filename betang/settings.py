"""Django's settings: everything an operator sets comes from the environment.

Each `BETANG_*` variable is described in `docs/operate/settings.md`; a test holds the two together.
"""

import os
from pathlib import Path
from wsgiref.headers import Headers

from betang import cluster
from betang.core.device.report import versions_min

ROOT = Path(__file__).resolve().parent
VAR = cluster.var_folder()
DEMO = os.environ.get("BETANG_DEMO") == "1"

ORIGIN = os.environ.get("BETANG_ORIGIN", "http://localhost:8000")
STREAM_ORIGIN = os.environ.get("BETANG_STREAM_ORIGIN", "http://localhost:8001")
CARD_HOST = os.environ.get("BETANG_CARD_HOST", "kartu.betang.example")
# Where a citizen turns with a card that is wrong; told at the foot of the public pages.
COMPLAINTS = os.environ.get(
    "BETANG_COMPLAINTS", "kantor desa atau kelurahan, atau Dinas Sosial kabupaten/kota"
)
KEY_PASSPHRASE_FILE = os.environ.get("BETANG_KEY_PASSPHRASE_FILE", "")
# The HSM that holds the keys, by its PKCS#11 module; empty: they lie in the encrypted key file.
HSM_MODULE = os.environ.get("BETANG_HSM_MODULE", "")
HSM_TOKEN = os.environ.get("BETANG_HSM_TOKEN", "betang")
HSM_PIN_FILE = os.environ.get("BETANG_HSM_PIN_FILE", "")
BANK_URL = os.environ.get("BETANG_BANK_URL", "")
BANK_KEYS = os.environ.get("BETANG_BANK_KEYS", "")
# Readings of each chip that a phone recognises without a network, until it synchronises again.
TICKETS = max(0, int(os.environ.get("BETANG_TICKETS", "128")))
# Families that a phone can register without a network until it synchronises again: the largest
# outreach of a week that a companion told of was about thirty.
REGISTRATION_NUMBERS = max(0, int(os.environ.get("BETANG_REGISTRATION_NUMBERS", "40")))
# Half a year: longer than an objection takes, and two cycles of the programme.
RUN_ROWS_DAYS = int(os.environ.get("BETANG_RUN_ROWS_DAYS", "180"))
# Two hundred photos of a megabyte: a companion sends a tenth of it on a full day.
BLOB_DAY_MB = int(os.environ.get("BETANG_BLOB_DAY_MB", "200"))
BLOB_UNFINISHED_MB = int(os.environ.get("BETANG_BLOB_UNFINISHED_MB", "64"))
# Below these a device may send what it has, and gets nothing to claim with.
APP_VERSIONS_MIN = versions_min(os.environ.get("BETANG_APP_VERSIONS_MIN", ""))
# Who approves or administers; in a demonstration, whose passwords are public, nobody.
SECOND_FACTOR_ROLES = frozenset(
    os.environ.get(
        "BETANG_SECOND_FACTOR_ROLES",
        "" if DEMO else "admin,dinsos_province,dinsos_regency,supervisor,treasurer",
    )
    .replace(",", " ")
    .split()
)

SECRET_KEY = cluster.secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("BETANG_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ALLOWED_HOSTS.append(CARD_HOST.partition(":")[0])
CSRF_TRUSTED_ORIGINS = [ORIGIN]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "rules.apps.AutodiscoverRulesConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "betang.journal",
    "betang.keys",
    "betang.areas",
    "betang.accounts",
    "betang.errands",
    "betang.programmes",
    "betang.registry",
    "betang.ledger",
    "betang.eligibility",
    "betang.intake",
    "betang.cards",
    "betang.distribution",
    "betang.payments",
    "betang.grievances",
    "betang.sync",
    "betang.monitoring",
    "betang.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "betang.web.public.host.CardHostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "betang.web.guard.RuleMiddleware",
    "betang.web.shell.search.SearchMiddleware",
]

ROOT_URLCONF = "betang.urls"
WSGI_APPLICATION = "betang.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "web"],  # templates lie beside their views
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "betang.web.shell.context.frame",
            ],
        },
    },
]

DATABASES = {"default": cluster.django_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "betang.accounts.sign_in.PhoneBackend",
]
PASSWORD_HASHERS = ["betang.accounts.passwords.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
STATICFILES_DIRS = [ROOT / "web" / "static"] if (ROOT / "web" / "static").exists() else []
WHITENOISE_USE_FINDERS = True


def _policy_of_the_worker(headers: Headers, path: str, url: str) -> None:
    """Give the shared worker of the live stream a policy of its own: it may speak to the stream."""
    if url.endswith("/betang/live-worker.js"):
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self'; connect-src 'self' {STREAM_ORIGIN}"
        )


WHITENOISE_ADD_HEADERS_FUNCTION = _policy_of_the_worker

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = ORIGIN.startswith("https:")
CSRF_COOKIE_SECURE = ORIGIN.startswith("https:")
# "no-referrer" would make browsers send `Origin: null` with our own forms (docs/decisions/0062);
# other sites get no referrer either way, and `/t`, whose address holds a tap, says no-referrer.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "betang.web.shell.refusal.stale_form"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "betang.accounts.sign_in.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "/masuk/"
# Allauth counts in each process alone: `betang.accounts.attempts` counts for all of them.
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
MFA_FORMS = {
    "authenticate": "betang.accounts.second_step.AuthenticateForm",
    "reauthenticate": "betang.accounts.second_step.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("BETANG_PROXIES", "0"))
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Betang"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ORIGIN.startswith("http:")

# settled.md, "Site, stream, phone": no inline script or style anywhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:"],
        "media-src": ["blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", STREAM_ORIGIN],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

#: A device batch is at most 100 events of 16 KiB with 8 KiB attachments, base64 on top.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("BETANG_LOG_LEVEL", "WARNING")},
}
