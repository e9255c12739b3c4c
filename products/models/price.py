"""Prices: rows that are only ever added."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from common.append_only import AppendOnlyModel
from products.models.sku import Sku


class Price(AppendOnlyModel):
    """Gross price of one unit of a SKU in the shop's currency. In force: the newest with starts_at <= at."""

    erasable: ClassVar = ("actor", "actor_label")

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="prices")
    amount = models.DecimalField(max_digits=12, decimal_places=4)
    starts_at = models.DateTimeField()
    source = models.CharField(max_length=32, default="panel")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="price_positive")]
        indexes: ClassVar = [models.Index(fields=["sku", "-starts_at", "-id"], name="price_in_force")]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.amount} from {self.starts_at:%Y-%m-%d %H:%M}"
