"""`make run`: one machine, SQLite, nothing installed. Secrets are made once into var/."""

import secrets

from storefront.settings.base import *
from storefront.settings.base import SITE_URL, STORAGES, VAR_DIR, env


def _kept_secret(name: str) -> str:
    """Return the secret kept in var/keys, made on first use and readable by nobody else."""
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
# Where the demo's shops are: prices that begin later are typed in this time.
TIME_ZONE = env("TIME_ZONE", default="Europe/Amsterdam" if DEMO else "UTC")
# A shop for real use offers no pretended payments unless it is told to.
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", default=["on_collection", *(["demo_bank"] if DEMO else [])])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
SERVE_MEDIA = True
if not env("EMAIL_URL", default=""):
    EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
    EMAIL_FILE_PATH = VAR_DIR / "mail"
