"""A Wagtail project with nothing of its own: what the start of the shop is compared with."""

from django.conf import settings

settings.configure(
    SECRET_KEY="nothing to keep secret",
    ROOT_URLCONF="wagtail.urls",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    WAGTAIL_SITE_NAME="Bare",
    WAGTAILADMIN_BASE_URL="http://127.0.0.1",
    STATIC_URL="/static/",
    INSTALLED_APPS=[
        "wagtail.contrib.settings",
        "wagtail.contrib.redirects",
        "wagtail.contrib.simple_translation",
        "wagtail.embeds",
        "wagtail.sites",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.search",
        "wagtail.admin",
        "wagtail.locales",
        "wagtail",
        "taggit",
        "modelcluster",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings come first

application = get_wsgi_application()
