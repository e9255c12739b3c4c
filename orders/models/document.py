"""Receipts, invoices and credit notes, frozen at issue, and the series their numbers come from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.append_only import AppendOnlyModel
from orders.models.order import Order


class DocumentKind(models.TextChoices):
    """The kinds of documents; each has a series of numbers for each year."""

    RECEIPT = "receipt", _("Receipt")
    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class DocumentSeries(models.Model):
    """The numbers of one kind in one year: 1 to `last_number`, all of them taken."""

    kind = models.CharField(max_length=11, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "year"], name="documentseries_kind_year"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last_number}"


class Document(AppendOnlyModel):
    """A receipt, an invoice or a credit note. `amount` is gross, in `currency`; on a credit note it is credited.

    `content` is everything printed but the buyer (orders.documents.content), and `content_hash` its SHA-256. The buyer
    stands beside it, because it may have to be erased: NULL means erased, "" that the document names none.
    """

    Kind = DocumentKind

    erasable: ClassVar = ("actor", "actor_label", "buyer_name", "buyer_lines", "buyer_vat")

    kind = models.CharField(max_length=11, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=32, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="documents")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    buyer_name = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 - NULL means erased
    buyer_lines = models.TextField(null=True, blank=True)  # noqa: DJ001 - NULL means erased
    buyer_vat = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 - NULL means erased
    issued_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "year", "number"], name="document_number"),
            models.UniqueConstraint(
                fields=["order", "kind"], condition=models.Q(kind__in=["receipt", "invoice"]), name="document_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=DocumentKind.values), name="document_kind_known"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="document_number_positive"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="document_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_buyer(self) -> bool:
        """Return whether the document names its buyer."""
        return bool(self.buyer_name)

    @property
    def is_buyer_erased(self) -> bool:
        """Return whether the document named a buyer who was erased since."""
        return self.buyer_name is None
