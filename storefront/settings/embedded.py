"""`make run`: one machine, SQLite, nothing installed. Secrets are made once into var/."""

import secrets

from storefront.settings.base import *
from storefront.settings.base import MIDDLEWARE, SITE_URL, STORAGES, VAR_DIR, env


def _kept_secret(name: str) -> str:
    path = VAR_DIR / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


SECRET_KEY = env("SECRET_KEY", default="") or _kept_secret("secret_key")
DEMO_BANK_SECRET = env("DEMO_BANK_SECRET", default="") or _kept_secret("demo_bank_secret")
DEMO = env.bool("DEMO", default=True)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
SERVE_MEDIA = True
EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR_DIR / "mail"
assert MIDDLEWARE  # noqa: S101 - re-exported above
