"""The cash book: a shop's till, counted at the end of a day."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models

from common.append_only import AppendOnlyModel
from stock.models import Shop


class CashDay(AppendOnlyModel):
    """A closed day of a shop, once for each date on its clock. Amounts are in `currency`.

    `opening` was in the till in the morning; `expected` is that with the day's cash, as it was known at the closing;
    `counted` is what was there. A difference has a `reason`.
    """

    erasable: ClassVar = ("actor", "actor_label")

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="cash_days")
    date = models.DateField()
    currency = models.CharField(max_length=3)
    opening = models.DecimalField(max_digits=12, decimal_places=2)
    expected = models.DecimalField(max_digits=12, decimal_places=2)
    counted = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=255, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "date"], name="cashday_once"),
            models.CheckConstraint(condition=models.Q(opening__gte=0, counted__gte=0), name="cashday_not_negative"),
            models.CheckConstraint(
                condition=models.Q(counted=models.F("expected")) | ~models.Q(reason=""), name="cashday_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.date}: {self.counted}"

    @property
    def difference(self) -> Decimal:
        """Return what was counted less what was expected: negative if money is missing."""
        return self.counted - self.expected
