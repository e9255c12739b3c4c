"""Orders and their lines. Never deleted."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from common.append_only import AppendOnlyModel
from common.quantity import sql_round
from orders.gateways import registry
from orders.models.status import FINAL, OPEN, Status, values
from stock.models import Shop


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders by where they are in their life."""

    def open(self) -> "OrderQuerySet":
        """Return the orders the shop works on, or that wait for their buyer."""
        return self.filter(status__in=values(OPEN))

    def ended(self) -> "OrderQuerySet":
        """Return the orders that are completed or cancelled."""
        return self.filter(status__in=values(FINAL))

    def unfinished(self) -> "OrderQuerySet":
        """Return the orders that have not ended: open ones and those that wait for a payment."""
        return self.exclude(status__in=values(FINAL))

    def named(self) -> "OrderQuerySet":
        """Return the orders that still say something of their buyer: of others it was erased."""
        return self.exclude(name=None, phone=None, email=None, comment=None)

    def outdated(self, before: dt.datetime) -> "OrderQuerySet":
        """Return the ended orders whose buyers' names are no longer kept: guests' from `before`, deleted accounts'."""
        of_guests = models.Q(user=None, placed_at__lt=before)
        return self.ended().named().filter(of_guests | models.Q(user__erased_at__isnull=False))

    def overdue(self, at: dt.datetime) -> "OrderQuerySet":
        """Return the orders whose hold has expired, but for those with a payment that a person has to look at."""
        return self.unfinished().filter(expires_at__lte=at).exclude(payments__state="parked")


class Order(models.Model):
    """An order, made by checkout.place_order and changed by orders.services only. Amounts are gross, in `currency`.

    `number` is a name, not a secret. `token` opens the status page, `collect_secret` is in the QR code.
    """

    Status = Status

    class Fulfilment(models.TextChoices):
        COLLECTION = "collection", _("Collection")
        DELIVERY = "delivery", _("Delivery")

    class CancelReason(models.TextChoices):
        CUSTOMER = "customer", _("Cancelled by the customer")
        SHOP = "shop", _("Cancelled by the shop")
        EXPIRED = "expired", _("Expired")

    number = models.CharField(max_length=8, unique=True)
    token = models.CharField(max_length=43, unique=True)
    collect_secret = models.CharField(max_length=26, unique=True)
    cart_key = models.UUIDField(unique=True, default=uuid.uuid4)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    name = models.CharField(max_length=150, null=True)  # noqa: DJ001 - NULL means erased
    phone = models.CharField(max_length=32, null=True)  # noqa: DJ001 - NULL means erased
    email = models.EmailField(null=True)  # noqa: DJ001 - NULL means erased
    comment = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001 - NULL means erased
    language = models.CharField(max_length=12)
    status = models.CharField(max_length=16, choices=Status.choices)
    fulfilment = models.CharField(max_length=10, choices=Fulfilment.choices, default=Fulfilment.COLLECTION)
    payment_method = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    goods_total = models.DecimalField(max_digits=12, decimal_places=2)
    discount_total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    delivery_total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    tax_total = models.DecimalField(max_digits=12, decimal_places=2)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    # The part of the total that the shop waives: an accepted shortfall, money refunded as goodwill.
    waived = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    placed_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    status_changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    cancel_reason = models.CharField(max_length=8, choices=CancelReason.choices, blank=True)

    objects = OrderQuerySet.as_manager()

    # Set by selectors.set_due: the amount still to pay.
    due: Decimal
    # Set by selectors.order_by_token: history, money and documents, for the version of the buyer's page.
    beside: list[list[dict[str, Any]]]

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(
                # Rounded: SQLite computes in floats.
                condition=models.Q(
                    total=sql_round(
                        models.F("goods_total") - models.F("discount_total") + models.F("delivery_total"), 2
                    )
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(waived__gte=0, waived__lte=models.F("total")), name="order_waived_in_total"
            ),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="order_status_known"),
            models.CheckConstraint(
                condition=models.Q(fulfilment__in=["collection", "delivery"]), name="order_fulfilment_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="in_transit") | models.Q(fulfilment="delivery"),
                name="order_in_transit_is_delivery",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["shop", "promised_at"],
                name="order_board",
                condition=models.Q(status__in=values(OPEN)),
            ),
            models.Index(fields=["user", "-placed_at"], name="order_of_user"),
            # A guest's orders, by the addresses that an account has verified.
            models.Index(Upper("email"), name="order_of_guest", condition=models.Q(user=None)),
            models.Index(fields=["shop", "-placed_at"], name="order_of_shop"),
            models.Index(
                fields=["expires_at"],
                name="order_expiry",
                condition=models.Q(expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_online(self) -> bool:
        """Return whether the order waits for a payment before it is placed; `payment_method` is a gateway's code."""
        return registry.is_online(self.payment_method)


class OrderLine(models.Model):
    """A snapshot of one purchased SKU: unit price and quantity in `unit`, amount rounded once."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    sku = models.ForeignKey("products.Sku", null=True, on_delete=models.SET_NULL, related_name="order_lines")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    options = models.CharField(max_length=255, blank=True)
    allergens = models.TextField(blank=True)
    may_contain = models.TextField(blank=True)
    unit = models.CharField(max_length=4)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    supplied_quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    unit_price = models.DecimalField(max_digits=12, decimal_places=4)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4)
    tax_amount = models.DecimalField(max_digits=12, decimal_places=2)

    # Set by presenters.status.add_pictures: the product's current picture.
    thumb: Any

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="orderline_position"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="orderline_quantity_positive"),
            models.CheckConstraint(condition=models.Q(amount__gte=models.F("discount")), name="orderline_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.code}"


class HandOver(AppendOnlyModel):
    """The hand-over of an order, at most one; `nonce` makes a repeated scan safe."""

    erasable: ClassVar = ("actor", "actor_label")

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="hand_over")
    nonce = models.CharField(max_length=64)
    taken = models.CharField(max_length=8, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.order_id} at {self.at}"
