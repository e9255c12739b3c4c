"""Every change of what is on hand; append-only."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.append_only import AppendOnlyModel
from stock.models.shop import Shop


class StockMovement(AppendOnlyModel):
    """One signed change of `on_hand`, in the SKU's unit. The sum of a level's movements is its on_hand."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening stock")
        RECEIPT = "receipt", _("Receipt")
        ISSUE = "issue", _("Handed over")
        RETURN = "return", _("Return")
        COUNT = "count", _("Count")
        TRANSFER = "transfer", _("Transfer")
        WASTE = "waste", _("Written off")

    erasable: ClassVar = ("actor", "actor_label")

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="movements")
    sku = models.ForeignKey("products.Sku", on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    reference = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(quantity=0), name="movement_not_zero")]
        indexes: ClassVar = [
            models.Index(fields=["sku", "shop", "-at"], name="movement_history"),
            models.Index(fields=["reference"], name="movement_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} of {self.sku_id} at {self.shop_id}"
