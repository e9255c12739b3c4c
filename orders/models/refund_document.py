"""Refunds as people make them: what of an order is refunded, why, and what became of the goods."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.append_only import AppendOnlyModel
from orders.models.order import Order, OrderLine


class RefundDocument(AppendOnlyModel):
    """One decision to refund `amount` of an order, gross and with `tax_amount` in it, in `currency`.

    Its money moves by rows of `Refund`, one for each payment it takes from. `nonce` makes a repeated submit safe.
    """

    class Kind(models.TextChoices):
        FULL = "full", _("Everything that is left")
        LINES = "lines", _("Items")
        AMOUNT = "amount", _("An amount")

    class Reason(models.TextChoices):
        CHANGED_MIND = "changed_mind", _("Changed their mind")
        DAMAGED = "damaged", _("Damaged")
        MISSING = "missing", _("Missing from the order")
        WRONG_ITEM = "wrong_item", _("Wrong item")
        GOODWILL = "goodwill", _("Goodwill")
        OTHER = "other", _("Other")

    erasable: ClassVar = ("actor", "actor_label", "note")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_documents")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    tax_amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    note = models.CharField(max_length=255, blank=True)
    nonce = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refunddocument_positive"),
            models.CheckConstraint(condition=models.Q(tax_amount__gte=0), name="refunddocument_tax_not_negative"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["full", "lines", "amount"]), name="refunddocument_kind_known"
            ),
            models.UniqueConstraint(fields=["order", "nonce"], name="refunddocument_once"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} of {self.order_id}: {self.reason}"


class RefundDocumentLine(AppendOnlyModel):
    """The part of a document that is about one line: `quantity` in its unit, its own amount and tax, the goods.

    An amount may be zero: a small part of a cheap line is worth less than half a cent.
    """

    class Goods(models.TextChoices):
        SHELF = "shelf", _("Back to the shelf")
        WRITTEN_OFF = "written_off", _("Came back, written off")
        KEPT = "kept", _("Stays with the customer")

    document = models.ForeignKey(RefundDocument, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refunds")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    tax_amount = models.DecimalField(max_digits=12, decimal_places=2)
    goods = models.CharField(max_length=12, choices=Goods.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "line"], name="refunddocumentline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="refunddocumentline_positive"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, tax_amount__gte=0), name="refunddocumentline_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(goods__in=["shelf", "written_off", "kept"]), name="refunddocumentline_goods_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"
