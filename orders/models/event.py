"""The history of an order: who did what, when and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from common.actors import Actor
from common.append_only import AppendOnlyModel
from orders.models.order import Order


class OrderEvent(AppendOnlyModel):
    """One change of status (from, to), or a line beside it when both are the same.

    `code` and `params` are the reason for machines, worded by orders.presenters.history; `note` is only ever a
    person's own text and is never compared.
    """

    class Code(models.TextChoices):
        UNDO = "undo"
        NOT_PAID_IN_TIME = "not_paid_in_time"
        HOLD_EXTENDED = "hold_extended"
        NOT_COLLECTED_IN_TIME = "not_collected_in_time"
        PAID_ONLINE = "paid_online"
        PAID_LATE = "paid_late"
        PAYMENT_FAILED = "payment_failed"
        PAYMENT_PARKED = "payment_parked"
        REFUND_STARTED = "refund_started"
        REFUND_REFUSED = "refund_refused"
        REFUNDED_AT_GATEWAY = "refunded_at_gateway"
        PAYMENT_ACCEPTED = "payment_accepted"
        PAYMENT_RETURNED = "payment_returned"
        PAYMENT_CLOSED = "payment_closed"
        REFUND_REPEATED = "refund_repeated"
        REFUND_CLOSED = "refund_closed"
        MAIL_REFUSED = "mail_refused"
        CHARGED_AGAIN = "charged_again"
        REFUND_AGREED = "refund_agreed"
        REFUND_MADE = "refund_made"
        CANCEL_REQUESTED = "cancel_requested"
        CANCEL_DECLINED = "cancel_declined"

    erasable: ClassVar = ("actor", "actor_label", "note")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    code = models.CharField(max_length=32, blank=True)
    params = models.JSONField(default=dict)
    note = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["order", "id"], name="orderevent_history")]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"

    @property
    def is_step(self) -> bool:
        """Return whether the order changed its status."""
        return self.from_status != self.to_status

    def is_by(self, actor: Actor) -> bool:
        """Return whether this actor caused it: a person by their account, a machine by its label."""
        if actor.user_id is not None:
            return self.actor_id == actor.user_id
        return self.actor_id is None and self.actor_label == actor.label
