"""`make run`: one machine, SQLite, nothing to install. Secrets are generated once and kept in var/."""

import secrets

from storefront.settings.base import *
from storefront.settings.base import SITE_URL, STORAGES, VAR_DIR, env


def _kept_secret(name: str) -> str:
    """Return the secret kept in var/keys, generated on first use and readable by its owner only."""
    path = VAR_DIR / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        draft.rename(path)
    return path.read_text().strip()


SECRET_KEY = env("SECRET_KEY", default="") or _kept_secret("secret_key")
DEMO_BANK_SECRET = env("DEMO_BANK_SECRET", default="") or _kept_secret("demo_bank_secret")
DEMO = env.bool("DEMO", default=True)
# The time zone of the demo's shops: the start of a future price is entered in it.
TIME_ZONE = env("TIME_ZONE", default="Europe/Amsterdam" if DEMO else "UTC")
# A real shop offers no pretend payments unless told to.
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", default=["on_collection", *(["demo_bank"] if DEMO else [])])
# Nor does it write text messages to files.
SMS_SENDER = env("SMS_SENDER", default="console" if DEMO else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
SERVE_MEDIA = True
if not env("EMAIL_URL", default=""):
    EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
    EMAIL_FILE_PATH = VAR_DIR / "mail"
