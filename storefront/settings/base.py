"""Settings that every installation shares. It contains no secret and no default for one.

Each variable read here is described in storefront/environment.py. A file `.env` next to manage.py is
read first; the environment takes precedence over it.
"""

import os
from pathlib import Path

import environ
from django.utils.functional import lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.sms import registry as sms
from common import time_zones
from common.limits import Limits
from orders.gateways import registry as gateways
from storefront.environment import refuse_unreadable

BASE_DIR = Path(__file__).resolve().parent.parent.parent
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
refuse_unreadable(os.environ)
env = environ.Env()
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
PORT = env.int("PORT", default=8000)

DEBUG = False
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
WAGTAILADMIN_BASE_URL = SITE_URL
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
ROOT_URLCONF = "storefront.urls"
WSGI_APPLICATION = "storefront.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The shop
SHOP_CURRENCY = env("SHOP_CURRENCY", default="EUR")
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", default=["on_collection", "demo_bank"])
DEMO = env.bool("DEMO", default=False)
# Console: files in var/sms. Empty: no page offers text messages.
SMS_SENDER = env("SMS_SENDER", default="console")
vars().update(
    {
        variable.name: env(variable.name, default=variable.default)
        for variable in [*gateways.variables(), *sms.variables()]
    }
)
# `make run` puts the demo bank on the next port.
DEMO_BANK_URL = env("DEMO_BANK_URL", default=f"http://127.0.0.1:{PORT + 1}").rstrip("/")
STORE_OWNERS = env.list("STORE_OWNERS", default=[])
STORE_OWNERS_FILE = env("STORE_OWNERS_FILE", default="")
# How long a CDN may show a public page without asking; 0: not at all.
PAGE_SHARED_SECONDS = env.int("PAGE_SHARED_SECONDS", default=0)
# Public pages and parts of them are kept in each process: whole pages up to so many bytes, parts of some 10 KB each.
PAGES_KEPT = env.bool("KEEP_PAGES", default=True)
PAGES_KEPT_BYTES = 64_000_000
PARTS_KEPT = 3000
PAGES_KEPT_IN_TRANSACTIONS = False
# Each process asks at most this often what has changed.
PAGE_FEED_SECONDS = 0.5
WEB_THREADS = env.int("WEB_THREADS", default=8)
RAISE_ON_PAGE_LEAK = False

# Test switches; `check --deploy` fails if any is on.
TEST_CLOCK_OFFSET = env.int("VITRINE_TEST_CLOCK_OFFSET", default=0)
TEST_LOCKS_OFF = env.bool("VITRINE_TEST_LOCKS_OFF", default=False)
TEST_CRASH_AT = env("VITRINE_TEST_CRASH_AT", default="")

INSTALLED_APPS = [
    "storefront",
    "api",
    "staff",
    "checkout",
    "orders",
    "search",
    "products",
    "stock",
    "accounts",
    "common",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.locales",
    "wagtail.sites",
    "accounts.admin_apps.StaffUsersConfig",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "phonenumber_field",
    "django_tasks",
    "csp",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "common.outages.BoundedWaitMiddleware",
    "storefront.middleware.TrustedProxyMiddleware",
    "storefront.middleware.ProbeMiddleware",
    "common.public_pages.PublicPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "storefront.middleware.ContentPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "common.public_pages.UrlLanguageMiddleware",
    "common.incoming.IncomingMiddleware",
    "storefront.middleware.SessionMiddleware",
    "storefront.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AdminDoorMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SignedOutMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.AccountGoneMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "products.middleware.NotReadyMiddleware",
    "common.outages.OutageMiddleware",
]

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
                "storefront.context.shell",
            ],
        },
    }
]

# Database: SQLite until DATABASE_URL says otherwise.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["ENGINE"] = "common.postgresql"
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c lock_timeout=3000 -c statement_timeout=20000"
    )
    # A server that has gone is noticed within seconds, not when TCP gives up.
    for _name, _value in (
        ("connect_timeout", 3),
        ("keepalives_idle", 5),
        ("keepalives_interval", 2),
        ("keepalives_count", 3),
        ("tcp_user_timeout", 5_000),
    ):
        DATABASES["default"]["OPTIONS"].setdefault(_name, _value)

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "default"},
    "renditions": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "renditions"},
}
if env("REDIS_URL", default=""):
    CACHES["default"] = {"BACKEND": "common.redis_cache.ForgivingRedisCache", "LOCATION": env("REDIS_URL")}

# Languages: in the URL, never in a cookie. The default has no prefix.
_LANGUAGE_NAMES = {"en": _("English"), "ru": _("Russian")}
RETENTION_MONTHS = env.int("RETENTION_MONTHS", default=24)
SHOP_LANGUAGES = env.list("SHOP_LANGUAGES", default=["en"])
LANGUAGE_CODE = SHOP_LANGUAGES[0]
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [(code, _LANGUAGE_NAMES.get(code, code)) for code in SHOP_LANGUAGES]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = WAGTAIL_I18N_ENABLED = True
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", default="UTC")

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "common.storage.WholeFileStorage"},
    # Never under MEDIA_ROOT: only a view that checks rights opens these files.
    "private": {
        "BACKEND": "common.storage.WholeFileStorage",
        "OPTIONS": {"location": VAR_DIR / "private"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Accounts: one sign-in for site, staff and CMS.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# allauth counts in the cache, each process for itself; ours are in accounts/limits.py.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "add_email": "accounts.forms.ChangeEmailForm",
}
OWNERS_NEED_SECOND_FACTOR = env.bool("OWNERS_NEED_SECOND_FACTOR", default=False)
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# An account has a verified address; another one that it asked for may wait.
MFA_ALLOW_UNVERIFIED_EMAIL = True
PHONENUMBER_DEFAULT_REGION = env("PHONE_REGION", default="NL")
PHONENUMBER_DB_FORMAT = "E164"

# The API: its tokens are signed with this key, or with one made at the first use.
JWT_PRIVATE_KEY = env("JWT_PRIVATE_KEY", default="").strip()
JWT_KEY_FILE = VAR_DIR / "keys" / "jwt.pem"
HEADLESS_JWT_PRIVATE_KEY = lazy(lambda path: import_string(path)(), str)("accounts.signing_key.pem")
HEADLESS_JWT_ALGORITHM = "RS256"
API_IS_ON = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.authentication.AlwaysJson",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "api.errors.answer_to",
}

# Wagtail
# Evaluated when a page is rendered: owners name their shop in its identity.
WAGTAIL_SITE_NAME = lazy(lambda path: import_string(path)(), str)("storefront.models.shop_name")
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILIMAGES_IMAGE_MODEL = "common.Picture"
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "common.picture_forms.PictureForm"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "rtf", "txt", "xlsx"]
WAGTAILDOCS_DOCUMENT_MODEL = "common.Paper"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_USER_TIME_ZONES = time_zones.names()
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"heic": "jpeg"}
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "heic", "jpg", "jpeg", "png", "webp"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "AUTO_UPDATE": True}}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "ENQUEUE_ON_COMMIT": False}}

# Security
# Wagtail's preview shows our pages in a frame of our own.
X_FRAME_OPTIONS = "SAMEORIGIN"
# Frames of our own; HSTS for subdomains and preload is the owner's decision, see HSTS_SUBDOMAINS.
SILENCED_SYSTEM_CHECKS = ["security.W019", "security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "storefront.views.csrf_failure"
PERMISSIONS_POLICY = {"camera": "self", "geolocation": [], "microphone": [], "payment": [], "usb": []}


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'self'"],
        # The middleware adds the pages of the gateways that are offered.
        "form-action": ["'self'"],
    },
}
# Wagtail's editor still needs inline code; nothing from other sites is allowed.
ADMIN_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "common.mail_server.BoundedBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", default="shop@localhost")
EMAIL_TIMEOUT = 10

# Limits on requests, checked before the body is read. A long CMS page is about 100 kB; the shop's forms are small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
REQUEST_LIMITS = (
    ("/admin/", Limits(body=DATA_UPLOAD_MAX_MEMORY_SIZE, upload=32_000_000)),
    ("/payments/", Limits(body=DATA_UPLOAD_MAX_MEMORY_SIZE, any_type=True)),
    ("/api/", Limits(body=16_000, only_json=True)),
    ("", Limits(body=64_000)),
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "common.logs.MaskingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Two lines for every page saved would be noise.
        "django_tasks": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
        # Of each call two lines with the keys of payments.
        "stripe": {"level": "WARNING"},
    },
}
