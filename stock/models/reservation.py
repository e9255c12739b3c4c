"""Reservations: goods promised to an order. Each is a row with a state, not a movement."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.models.shop import Shop


class Reservation(models.Model):
    """`reference` is the order's number. Lives until issued, released (cancelled) or expired."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        ISSUED = "issued", _("Issued")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="reservations")
    sku = models.ForeignKey("products.Sku", on_delete=models.PROTECT, related_name="reservations")
    reference = models.CharField(max_length=16)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="reservation_positive"),
            models.UniqueConstraint(
                fields=["reference", "sku"], condition=models.Q(state="held"), name="reservation_held_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="reservation_reference"),
            models.Index(fields=["expires_at"], name="reservation_expiry", condition=models.Q(state="held")),
            models.Index(fields=["sku", "shop"], name="reservation_held", condition=models.Q(state="held")),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.quantity} of {self.sku_id} {self.state}"
