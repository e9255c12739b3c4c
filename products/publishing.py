"""The needs of a product before buyers may see it: one list, asked by every way a page goes live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext

from products.models.choices import AllergenStatus
from products.models.product import Product
from products.models.tax import TaxClass
from products.tax_classes import NONE_YET, only_tax_class

if TYPE_CHECKING:
    from products.models.page import ProductPage


@dataclass(frozen=True)
class Fault:
    """A need that is not met. `field` is a field of the page's form, "" for what is kept beside the page."""

    code: str
    message: str
    field: str = ""


class NotReady(ValidationError):
    """A product page may not go live; `faults` says why. Forms and APIs read it as any error of validation."""

    def __init__(self, page: ProductPage, faults: Sequence[Fault]) -> None:
        self.page_id, self.title, self.faults = page.pk, page.title, tuple(faults)
        by_field: dict[str, list[str]] = {}
        for fault in faults:
            by_field.setdefault(fault.field or NON_FIELD_ERRORS, []).append(fault.message)
        super().__init__(by_field)

    @property
    def sentence(self) -> str:
        """Return the refusal as one text, for places without fields."""
        reasons = " ".join(fault.message for fault in self.faults)
        return gettext("“%(name)s” was not published. %(reasons)s") % {"name": self.title, "reasons": reasons}


def faults(page: ProductPage) -> list[Fault]:
    """Return what keeps this content of a page from going live, [] when nothing does.

    A page that is live already may run out of variants: it says that the product is not on sale, and keeps its links.
    """
    declared = declaration_faults(page.allergen_status, [row.allergen for row in page.allergens.all()])
    return [*declared, *product_faults(page)]


def require_ready(page: ProductPage) -> None:
    """Raise NotReady unless this content of a page may go live."""
    found = faults(page)
    if found:
        raise NotReady(page, found)


def declaration_faults(status: str, allergens: Iterable[str]) -> list[Fault]:
    """Return what is wrong with an allergen declaration and the allergens listed with it."""
    named = [allergen for allergen in allergens if allergen]
    message = ""
    if not status:
        message = gettext("Say which allergens it contains, or that there are none.")
    elif status == AllergenStatus.DECLARED and not named:
        message = gettext("List the allergens below, or say that there are none.")
    elif status in (AllergenStatus.NONE, AllergenStatus.NOT_FOOD) and named:
        message = gettext("You listed allergens. Choose “Allergens are listed below” or remove them.")
    elif len(set(named)) != len(named):
        message = gettext("One of the allergens is listed twice.")
    return [Fault("declaration", message, "allergen_status")] if message else []


def product_faults(page: ProductPage) -> list[Fault]:
    """Return what is missing beside the page: its tax class, and something to buy before it goes live."""
    return [*_tax_faults(page.product), *_variant_faults(page)]


def _tax_faults(product: Product | None) -> list[Fault]:
    chosen = product.tax_class_id if product else only_tax_class()
    if chosen is not None:
        return []
    if not TaxClass.objects.exists():
        return [Fault("tax_class", str(NONE_YET))]
    return [Fault("tax_class", gettext("Choose its tax class under “Variants, prices and stock”."))]


def _variant_faults(page: ProductPage) -> list[Fault]:
    if page.product and page.product.skus.filter(is_active=True, price_now__isnull=False).exists():
        return []
    if page.pk and type(page)._default_manager.filter(pk=page.pk, live=True).exists():
        return []
    return [Fault("variant", gettext("Add a variant with a price under “Variants, prices and stock” first."))]
