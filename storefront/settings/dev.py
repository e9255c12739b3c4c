"""Development server: reload, errors on the page, SQLite in var/."""

from storefront.settings.base import *
from storefront.settings.base import INSTALLED_APPS, VAR_DIR, env

# Keeps the name of each app's newest migration in a file, so that two new migrations conflict in git.
INSTALLED_APPS = ["django_linear_migrations", *INSTALLED_APPS]
DEBUG = True
SECRET_KEY = env("SECRET_KEY", default="only-for-development")
DEMO_BANK_SECRET = env("DEMO_BANK_SECRET", default="only-for-development")
ALLOWED_HOSTS = ["*"]
RAISE_ON_PAGE_LEAK = True
DEMO = env.bool("DEMO", default=True)
VAR_DIR.mkdir(parents=True, exist_ok=True)
