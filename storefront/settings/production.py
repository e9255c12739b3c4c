"""Production: refuses to start on a missing or default secret."""

from storefront.environment import BadEnvironment
from storefront.settings.base import *
from storefront.settings.base import JWT_PRIVATE_KEY, SITE_URL, STORAGES, TRUSTED_PROXIES, env, gateways, sms


def _secret(name: str, *, shortest: int = 50) -> str:
    value = env(name, default="")
    if not value:
        raise BadEnvironment(f"Set {name} to its secret value.")
    if shortest and (len(value) < shortest or len(set(value)) < 8):
        raise BadEnvironment(f"Set {name} to a random text of at least {shortest} characters.")
    if value.startswith(("only-for", "django-insecure")):
        raise BadEnvironment(f"Set {name} to a random text of your own.")
    return value


SECRET_KEY = _secret("SECRET_KEY")
# Several machines must sign with one key, so none is made here.
API_IS_ON = bool(JWT_PRIVATE_KEY)
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", default=["on_collection"])
SMS_SENDER = env("SMS_SENDER", default="")
if SMS_SENDER and SMS_SENDER not in sms.real_codes():
    raise BadEnvironment(f"SMS_SENDER={SMS_SENDER} reaches nobody: name a sender that does, or leave it empty.")
vars().update(
    {
        variable.name: _secret(variable.name, shortest=variable.shortest)
        for variable in [*gateways.variables(PAYMENT_GATEWAYS), *sms.variables([SMS_SENDER])]
        if variable.is_secret
    }
)
if not env("SITE_URL", default="").startswith(("https://", "http://")):
    raise BadEnvironment("Set SITE_URL to the address of the site, for example https://shop.example.com.")
if not env.list("ALLOWED_HOSTS", default=[]):
    raise BadEnvironment("Set ALLOWED_HOSTS to the host names of the site, separated by commas.")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = SITE_URL.startswith("https://")
# Probes come by plain http from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31536000)
# They bind every other host of the domain for a long time: only the owner of the whole domain can decide that.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
