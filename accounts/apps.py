"""Users, roles and the audit of reveals."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from accounts.sms import registry


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with a sender of text messages that cannot be used."""
        if problems := [*registry.problems()]:
            raise ImproperlyConfigured(" ".join(problems))
