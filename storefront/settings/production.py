"""Production: refuses to start on a missing or default secret."""

from django.core.exceptions import ImproperlyConfigured

from storefront.settings.base import *
from storefront.settings.base import PAYMENT_GATEWAYS, SITE_URL, STORAGES, env


def _secret(name: str) -> str:
    value = env(name, default="")
    if len(value) < 32 or value.startswith("only-for"):
        raise ImproperlyConfigured(f"Set {name} to a random text of at least 32 characters.")
    return value


SECRET_KEY = _secret("SECRET_KEY")
if "demo_bank" in PAYMENT_GATEWAYS:
    DEMO_BANK_SECRET = _secret("DEMO_BANK_SECRET")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.list("TRUSTED_PROXIES", default=[]) else None
SECURE_SSL_REDIRECT = SITE_URL.startswith("https://")
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
