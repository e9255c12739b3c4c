"""The plain row between page and SKU, with the columns that lists sort and filter by; in no revision."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models.tax import TaxClass

MAX_PRESSES = 20


class Product(models.Model):
    """Shared by all translations and aliases of a page. Columns below are kept by products.services.

    `presses` are the keys of the latest saves of its variants: one that is sent again, its answer lost, counts once.
    """

    tax_class = models.ForeignKey(TaxClass, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    from_price = models.DecimalField(_("from price"), max_digits=12, decimal_places=4, null=True, blank=True)
    best_band = models.PositiveSmallIntegerField(default=0)
    popularity = models.PositiveIntegerField(default=0)
    presses = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes: ClassVar = [
            models.Index(fields=["from_price", "id"], name="product_by_price"),
            models.Index(fields=["-popularity", "-id"], name="product_by_popularity"),
            models.Index(fields=["-created_at", "-id"], name="product_by_age"),
        ]

    def __str__(self) -> str:
        return f"product {self.pk}"
