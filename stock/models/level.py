"""Levels: how much of a SKU a shop has and how much of it is promised."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.models.shop import Shop


class Band(models.IntegerChoices):
    """The bands that customers see instead of a number; ordered, so the best band is the largest."""

    SOLD_OUT = 0, _("Sold out")
    FEW = 1, _("Few left")
    IN_STOCK = 2, _("In stock")


class StockLevel(models.Model):
    """Quantities in the SKU's unit. Written only by stock.services, by conditional UPDATEs that also set `band`."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="levels")
    sku = models.ForeignKey("products.Sku", on_delete=models.PROTECT, related_name="levels")
    on_hand = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    reserved = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    low_at = models.DecimalField(max_digits=12, decimal_places=3, default=3)
    band = models.PositiveSmallIntegerField(choices=Band.choices, default=Band.SOLD_OUT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "sku"], name="stocklevel_once"),
            models.CheckConstraint(condition=models.Q(reserved__gte=0), name="stocklevel_reserved_not_negative"),
            models.CheckConstraint(
                condition=models.Q(on_hand__gte=models.F("reserved")), name="stocklevel_no_oversell"
            ),
            models.CheckConstraint(condition=models.Q(low_at__gte=0), name="stocklevel_low_at_not_negative"),
        ]
        indexes: ClassVar = [models.Index(fields=["sku", "shop", "band"], name="stocklevel_band")]

    def __str__(self) -> str:
        return f"{self.sku_id}@{self.shop_id}: {self.on_hand} - {self.reserved}"
