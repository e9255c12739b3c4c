"""Tests: fast hasher, mail in memory, both languages, leaks raise. The database comes from tests/pgplugin.py."""

import sys

from storefront.settings.base import *
from storefront.settings.base import DATABASES, INSTALLED_APPS, STORAGES, VAR_DIR, env

# Keeps the name of each app's newest migration in a file, so that two new migrations conflict in git.
INSTALLED_APPS = ["django_linear_migrations", *INSTALLED_APPS]
SECRET_KEY = DEMO_BANK_SECRET = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("ru", "Russian")]
RAISE_ON_PAGE_LEAK = True
if "pytest" in sys.modules:
    # A test changes rows and looks at once, in a transaction that never ends; a shop that it starts does not.
    PAGE_FEED_SECONDS = 0
    PAGES_KEPT_IN_TRANSACTIONS = True
MEDIA_ROOT = VAR_DIR / "test-media"
STORAGES["private"]["OPTIONS"]["location"] = VAR_DIR / "test-private"
STATIC_ROOT = VAR_DIR / "test-static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Tests with thousands of rows run alongside others on slow machines, where twenty seconds are too few.
    DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=3000 -c statement_timeout=120000"
if env("TEST_DATABASE_TEMPLATE", default=""):
    DATABASES["default"]["TEST"] = {"TEMPLATE": env("TEST_DATABASE_TEMPLATE"), "MIGRATE": False}
if env("TEST_DATABASE_FILE", default=""):
    DATABASES["default"]["TEST"] = {"NAME": env("TEST_DATABASE_FILE"), "MIGRATE": False}
