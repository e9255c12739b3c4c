"""SKUs: the units that are counted, priced and sold."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.constraints import unique_name
from common.quantity import UNIT_CHOICES
from products.models.attribute import Attribute, AttributeValue
from products.models.product import Product
from products.models.supplier import Supplier

CODE_PATTERN = r"\A[A-Z0-9][A-Z0-9._-]{0,63}\Z"


class Sku(models.Model):
    """A stock keeping unit. Quantities are in `unit`, whole multiples of `step`.

    A SKU that was ever ordered is archived (`is_active` off), never deleted.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    code = models.CharField(
        _("article"),
        max_length=64,
        validators=[RegexValidator(CODE_PATTERN, _("Use capital letters, digits, dot, hyphen and underscore."))],
    )
    unit = models.CharField(_("unit"), max_length=4, choices=UNIT_CHOICES, default="pc")
    step = models.DecimalField(_("step"), max_digits=12, decimal_places=3, default=1)
    min_quantity = models.DecimalField(_("minimum"), max_digits=12, decimal_places=3, default=1)
    max_quantity = models.DecimalField(_("maximum"), max_digits=12, decimal_places=3, null=True, blank=True)
    net_amount = models.DecimalField(_("net amount"), max_digits=12, decimal_places=3, null=True, blank=True)
    net_unit = models.CharField(_("net unit"), max_length=4, choices=UNIT_CHOICES, blank=True)
    barcode = models.CharField(_("barcode"), max_length=64, blank=True)
    supplier = models.ForeignKey(Supplier, null=True, blank=True, on_delete=models.PROTECT, related_name="skus")
    price_now = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    is_active = models.BooleanField(_("on sale"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints: ClassVar = [
            unique_name("code", name="sku_code_once", message=_("Another variant has this article.")),
            models.CheckConstraint(condition=models.Q(step__gt=0), name="sku_step_positive"),
            models.CheckConstraint(condition=models.Q(min_quantity__gt=0), name="sku_min_positive"),
            models.CheckConstraint(
                condition=models.Q(max_quantity__isnull=True) | models.Q(max_quantity__gte=models.F("min_quantity")),
                name="sku_max_not_below_min",
            ),
            models.UniqueConstraint(
                fields=["barcode"], condition=~models.Q(barcode=""), name="sku_barcode_when_present"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["product", "sort_order", "id"], name="sku_of_product")]

    def __str__(self) -> str:
        return self.code


class SkuOption(models.Model):
    """An option that sets a SKU apart from its siblings: one value of an attribute."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="options")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="sku_options")
    value = models.ForeignKey(AttributeValue, on_delete=models.PROTECT, related_name="sku_options")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sku", "attribute"], name="skuoption_once")]

    def __str__(self) -> str:
        return f"{self.attribute_id}={self.value_id}"
