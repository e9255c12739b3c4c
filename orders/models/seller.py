"""The seller as receipts, invoices and credit notes name them."""

from collections.abc import Iterator
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from common.typed_text import clean_name, clean_text
from orders.models.document import Document, DocumentKind

MOST_LINES = 6
PREFIXES = {
    DocumentKind.RECEIPT: "receipt_prefix",
    DocumentKind.INVOICE: "invoice_prefix",
    DocumentKind.CREDIT_NOTE: "credit_prefix",
}
_PREFIX = RegexValidator(r"^[A-Z0-9]{1,8}\Z", _("Enter one to eight capital letters from A to Z, or figures."))


def _prefix(label: str, default: str) -> models.CharField:
    return models.CharField(label, max_length=8, default=default, validators=[_PREFIX])


@register_setting(icon="doc-full")
class SellerSettings(BaseGenericSetting):
    """The legal identity of the seller, and what the numbers of documents begin with."""

    legal_name = models.CharField(_("legal name"), max_length=120, blank=True)
    address = models.TextField(
        _("address"), max_length=300, blank=True, help_text=_("One line for each line of the address.")
    )
    registration_number = models.CharField(_("registration number"), max_length=40, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=40, blank=True)
    footer = models.TextField(
        _("text at the foot"),
        max_length=300,
        blank=True,
        help_text=_("For example the bank account, or a sentence that the law asks for."),
    )
    receipt_prefix = _prefix(_("receipts"), "R")
    invoice_prefix = _prefix(_("invoices"), "INV")
    credit_prefix = _prefix(_("credit notes"), "CN")

    panels: ClassVar = [
        FieldPanel(
            "legal_name", help_text=_("If you leave this empty, receipts name the shop and no invoice is made.")
        ),
        "address",
        "registration_number",
        "vat_number",
        "footer",
        MultiFieldPanel(
            [FieldPanel("receipt_prefix"), FieldPanel("invoice_prefix"), FieldPanel("credit_prefix")],
            heading=_("Numbers begin with"),
        ),
    ]

    class Meta:
        verbose_name = _("seller")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(receipt_prefix=models.F("invoice_prefix"))
                & ~models.Q(receipt_prefix=models.F("credit_prefix"))
                & ~models.Q(invoice_prefix=models.F("credit_prefix")),
                name="seller_prefixes_differ",
                violation_error_message=_("Each kind of document needs a beginning of its own."),
            ),
        ]

    @classmethod
    def current(cls) -> "SellerSettings":
        """Return the settings, or the defaults before there are any, without writing them."""
        return cls.base_queryset().first() or cls()

    @property
    def is_complete(self) -> bool:
        """Return whether the seller can be named on an invoice."""
        return bool(self.legal_name and self.address)

    def prefix_of(self, kind: str) -> str:
        """Return what the numbers of a kind of document begin with."""
        return getattr(self, PREFIXES[kind])

    def clean(self) -> None:
        """Take out invisible characters, and refuse a prefix under which another kind has numbers already."""
        super().clean()
        for name in ("legal_name", "registration_number", "vat_number"):
            setattr(self, name, clean_name(getattr(self, name)))
        for name in ("address", "footer"):
            setattr(self, name, clean_text(getattr(self, name)))
            if len(getattr(self, name).splitlines()) > MOST_LINES:
                raise ValidationError({name: _("Keep this to six lines.")})
        if refusals := dict(self._taken_prefixes()):
            raise ValidationError(refusals)

    def _taken_prefixes(self) -> Iterator[tuple[str, str]]:
        for kind in DocumentKind:
            others = Document.objects.exclude(kind=kind)
            if others.filter(name__startswith=f"{self.prefix_of(kind)}-").exists():
                yield PREFIXES[kind], _("Documents of another kind have this beginning already.")
