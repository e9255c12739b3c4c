"""The composition root: settings, urls, home and content pages, commands, static files, demo."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "storefront"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from storefront import (
            checks,  # noqa: F401 - registers the checks
            mail,  # noqa: F401 - registers the reply address of emails
            pages,  # noqa: F401 - registers the context of pages
        )
