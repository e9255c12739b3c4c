"""Category and product pages, products, SKUs, prices and what they offer."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = _("Products")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from products.catalogue import pages  # noqa: F401 - registers what pages show
