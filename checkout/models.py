"""Carts, kept for 30 days: for guests by cookie, for customers by account."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.composed import Hole


def new_token() -> str:
    """Return 128 random bits as 32 hexadecimal characters."""
    return secrets.token_hex(16)


class CartQuerySet(models.QuerySet["Cart"]):
    """Carts by state and by owner."""

    def open(self) -> "CartQuerySet":
        """Return the carts that are not an order yet."""
        return self.filter(closed_at=None)

    def ordered(self) -> "CartQuerySet":
        """Return the carts that became an order."""
        return self.filter(closed_at__isnull=False)

    def of_browser(self, token: str | Hole | None) -> "CartQuerySet":
        """Return the cart of a guest by the token of the cookie, never that of a customer."""
        return self.filter(user=None, token=token) if token else self.none()

    def of_visitor(self, user: User | None, token: str | None) -> "CartQuerySet":
        """Return the carts of a customer, or of a guest by the token of the cookie."""
        return self.filter(user=user) if user else self.of_browser(token)


# The number of presses of buttons that a cart remembers: many more than can be on their way at once.
MAX_PRESSES = 50


class Cart(models.Model):
    """A cart. `token` is in the guest's signed cookie, `public_id` becomes the order's cart key. Closed by place_order.

    `notes` are shown once, on the next page: codes with their figures (checkout.notes). `presses` are the keys of the
    latest presses of buttons: a press that is sent again because its answer was lost counts once.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    token = models.CharField(max_length=32, unique=True, default=new_token)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="carts"
    )
    notes = models.JSONField(default=list, blank=True)
    presses = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(closed_at__isnull=True), name="cart_open_once_per_user"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at"], name="cart_age")]

    def __str__(self) -> str:
        return str(self.public_id)


class CartLine(models.Model):
    """A line of a cart. `price_seen` is the unit price last shown to the buyer, so that a change can be told."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    sku = models.ForeignKey("products.Sku", on_delete=models.CASCADE, related_name="cart_lines")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    price_seen = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cart", "sku"], name="cartline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="cartline_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku_id}"
