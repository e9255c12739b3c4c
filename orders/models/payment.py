"""Payments, the inbox of gateways' notices, and refunds."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.gateways import registry
from orders.models.order import Order
from orders.models.refund_document import RefundDocument


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments by their state."""

    def captured(self) -> "PaymentQuerySet":
        """Return the payments whose money the gateway has taken."""
        return self.filter(state=Payment.State.CAPTURED)

    def parked(self) -> "PaymentQuerySet":
        """Return the payments that wait for a person."""
        return self.filter(state=Payment.State.PARKED)

    def online(self) -> "PaymentQuerySet":
        """Return the payments that a gateway can be asked about."""
        return self.filter(gateway__in=registry.online_codes())

    def undecided(self) -> "PaymentQuerySet":
        """Return the payments whose outcome is not known yet: the gateway is asked about them."""
        return self.filter(state__in=[Payment.State.PENDING, Payment.State.AUTHORISED, Payment.State.PARKED])

    def under_way(self) -> "PaymentQuerySet":
        """Return payments that are authorised or parked: a second payment beside them would be one too many."""
        return self.filter(state__in=[Payment.State.AUTHORISED, Payment.State.PARKED])


class Payment(models.Model):
    """One attempt to pay through one gateway. `amount` is in `currency`; an order keeps at most one captured payment.

    `note` is the code of a failure or a difference. `reported_*` is the gateway's version of a payment that differs
    from our request; `accepted` is the code of a difference that a person has accepted.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        AUTHORISED = "authorised", _("Authorised")
        CAPTURED = "captured", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        PARKED = "parked", _("Needs attention")
        SETTLED = "settled", _("Settled by hand")

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    provider_ref = models.CharField(max_length=128, blank=True)
    redirect_url = models.URLField(max_length=500, blank=True)
    taken = models.CharField(max_length=8, blank=True)
    note = models.CharField(max_length=255, blank=True)
    reported_state = models.CharField(max_length=10, blank=True)
    reported_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    reported_currency = models.CharField(max_length=3, blank=True)
    accepted = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    ask_at = models.DateTimeField(null=True, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_positive"),
            models.UniqueConstraint(
                fields=["gateway", "provider_ref"], condition=~models.Q(provider_ref=""), name="payment_provider_ref"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "-id"], name="payment_of_order"),
            # Few of many payments wait for a person, and the board counts them every few seconds.
            models.Index(fields=["created_at"], name="payment_parked", condition=models.Q(state="parked")),
            models.Index(fields=["ask_at"], name="payment_asked_again", condition=models.Q(state="captured")),
            models.Index(fields=["note"], name="payment_noted", condition=~models.Q(note="")),
            # The cash book reads days of the counter.
            models.Index(fields=["captured_at"], name="payment_taken", condition=~models.Q(taken="")),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.amount} {self.currency} {self.state}"


class PaymentEvent(models.Model):
    """A row of the inbox: a notice of a gateway or a returning browser, stored before anything is done about it.

    `due_at`: a row that needs the gateway is left alone until then; NULL is at once.
    """

    gateway = models.CharField(max_length=16)
    event_id = models.CharField(max_length=128)
    kind = models.CharField(max_length=32)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="inbox")
    body = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["gateway", "event_id"], name="paymentevent_once")]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="paymentevent_inbox", condition=models.Q(processed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class RefundQuerySet(models.QuerySet["Refund"]):
    """Refunds by the whereabouts of their money."""

    def covering(self) -> "RefundQuerySet":
        """Return the refunds whose money is back with the buyer or on its way."""
        return self.filter(state__in=COVERING)

    def promised(self) -> "RefundQuerySet":
        """Return the refunds whose money the shop does not count on, failed ones included: they are still owed."""
        return self.filter(state__in=PROMISED)

    def failed(self) -> "RefundQuerySet":
        """Return the refunds that the gateway refused and that wait for a person."""
        return self.filter(state=Refund.State.FAILED)

    def unsettled(self) -> "RefundQuerySet":
        """Return the refunds that are on their way or wait for a person."""
        return self.filter(state__in=[Refund.State.PENDING, Refund.State.FAILED])


class Refund(models.Model):
    """Money refunded of one payment; `key` makes the request to the gateway repeatable.

    A failed refund waits for a person. It ends as replaced (requested again, or the gateway's own refund took its
    place) or as settled outside the gateway. `document` is the decision it carries out, if a person made one.
    `paid_out` is how money taken at the counter was refunded there, "cash" or "card": it is done once recorded.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DONE = "done", _("Refunded")
        FAILED = "failed", _("Failed")
        REPLACED = "replaced", _("Replaced by another refund")
        OUTSIDE = "outside", _("Refunded by hand")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    document = models.ForeignKey(
        RefundDocument, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds"
    )
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    paid_out = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    provider_ref = models.CharField(max_length=128, blank=True)
    reason = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_positive"),
            models.CheckConstraint(condition=models.Q(paid_out__in=["", "cash", "card"]), name="refund_paid_out_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="refund_failed", condition=models.Q(state="failed")),
            models.Index(fields=["done_at"], name="refund_paid_out", condition=~models.Q(paid_out="")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.payment_id} {self.state}"


# Money that is back with the buyer or on its way.
COVERING = (Refund.State.PENDING, Refund.State.DONE, Refund.State.OUTSIDE)
# Money the shop does not count on: a refund that failed is still owed.
PROMISED = (*COVERING, Refund.State.FAILED)
