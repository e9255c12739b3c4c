"""The products that a list is about, before anybody filters it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language

from common.page_changes.feed import shows
from common.page_changes.watches import MEMBERS
from products.models import Product, ProductCategory, ProductPage


@dataclass(frozen=True)
class Scope:
    """A list before it is filtered: everything, or what is in categories, or some products; as readers of a language.

    Hashable, so that what was worked out about a list can be kept under it.
    """

    language: str
    category_ids: tuple[int, ...] | None = None
    product_ids: tuple[int, ...] | None = None

    @classmethod
    def of(cls, category_ids: Iterable[int] | None = None, product_ids: Iterable[int] | None = None) -> "Scope":
        """Return the scope of a list in the active language."""
        return cls(
            get_language() or settings.LANGUAGE_CODE,
            None if category_ids is None else tuple(category_ids),
            None if product_ids is None else tuple(product_ids),
        )

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to choose from: no category, no product found."""
        return self.category_ids == () or self.product_ids == ()

    def products(self) -> QuerySet[Product]:
        """Return the products that the list shows: with something on sale at a price, and a live, public page.

        The page is in the language or, untranslated, in the default one.
        """
        shows(MEMBERS)
        languages = {self.language, settings.LANGUAGE_CODE}
        pages = ProductPage.objects.shown().filter(locale__language_code__in=languages)
        if self.category_ids is not None:
            rows = ProductCategory.objects.filter(category_id__in=self.category_ids)
            pages = pages.filter(pk__in=rows.values("page_id"))
        products = Product.objects.filter(pk__in=pages.values("product_id"), from_price__isnull=False)
        return products if self.product_ids is None else products.filter(pk__in=self.product_ids)


def shown_products(
    category_ids: Iterable[int] | None = None, product_ids: Collection[int] | None = None
) -> QuerySet[Product]:
    """Return the products that lists in the active language show; in one of the categories, when given."""
    return Scope.of(category_ids, product_ids).products()
