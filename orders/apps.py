"""The life of an order: statuses, payments, hand-over, messages."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from orders.gateways import registry


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with gateways that cannot be used."""
        if problems := [*registry.problems()]:
            raise ImproperlyConfigured(" ".join(problems))
