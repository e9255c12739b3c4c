"""Filters of a list: read from a query string, turned into conditions on products.

The rule for query strings, on every list: parameters that are unknown are ignored, and so are values that
make no sense or that the shop does not know (a shop that is not there, an attribute that is no filter).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from common.kept_pages import reads_parameters
from common.numbers_typed import BadNumber, Kind, read_number
from products.models import ProductAllergen, ProductAttribute, SkuOption
from products.models.choices import Allergen
from products.on_sale import on_sale
from stock.models import Band, StockLevel

# As wide as the widest slug that Wagtail makes: letters of any script. Unknown values are left out later.
_CODE = re.compile(r"\A[-\w]{1,255}\Z")
PREFIX = "a_"
reads_parameters("shop", "category", "from", "to", "without")
MAX_VALUES = 20
AMOUNT = Kind(places=2, least=Decimal(0), most=Decimal("999999.99"), hint=_("Enter an amount, for example 3.90."))


@dataclass(frozen=True)
class Unread:
    """A typed amount that cannot be read: the list ignores it and says why."""

    text: str
    message: str


@dataclass(frozen=True)
class Filters:
    """The filters of a request. `attributes` is {attribute code: value codes}: any of the values, all attributes.

    `unread` has the amounts that were typed and are no filter, by parameter.
    """

    shop: str = ""
    category: str = ""
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    without: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict, compare=False)

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read filters from a query string by the rule above."""
        attributes = {
            name.removeprefix(PREFIX): codes
            for name, values in query.lists()
            if name.startswith(PREFIX) and _CODE.match(name) and (codes := _codes(values))
        }
        unread: dict[str, Unread] = {}
        return cls(
            shop=_code(query.get("shop", "")),
            category=_code(query.get("category", "")),
            price_from=_amount(query, "from", unread),
            price_to=_amount(query, "to", unread),
            without=tuple(code for code in _codes(query.getlist("without")) if code in Allergen.values),
            attributes=dict(list(attributes.items())[:MAX_VALUES]),
            unread=unread,
        )

    def known(
        self, *, shops: Collection[str], categories: Collection[str], attributes: Mapping[str, Collection[str]]
    ) -> "Filters":
        """Return the filters without codes that do not exist in this shop."""
        kept = {
            code: tuple(value for value in values if value in attributes.get(code, ()))
            for code, values in self.attributes.items()
        }
        return replace(
            self,
            shop=self.shop if self.shop in shops else "",
            category=self.category if self.category in categories else "",
            attributes={code: values for code, values in kept.items() if values},
        )

    def __hash__(self) -> int:
        """Tell filters apart as they compare, so that what they leave of a list can be kept under them."""
        chosen = frozenset(self.attributes.items())
        return hash((self.shop, self.category, self.price_from, self.price_to, self.without, chosen))

    @property
    def is_on(self) -> bool:
        """Return whether anything is filtered."""
        return bool(self.pairs())

    @property
    def has_price(self) -> bool:
        """Return whether the list is cut to a range of prices."""
        return self.price_from is not None or self.price_to is not None

    def pairs(self) -> list[tuple[str, str]]:
        """Return the filters as query parameters."""
        pairs = [("shop", self.shop)] if self.shop else []
        pairs += [("category", self.category)] if self.category else []
        pairs += [("from", f"{self.price_from:f}")] if self.price_from is not None else []
        pairs += [("to", f"{self.price_to:f}")] if self.price_to is not None else []
        pairs += [("without", code) for code in self.without]
        return pairs + [(f"{PREFIX}{code}", value) for code, values in self.attributes.items() for value in values]

    def conditions(self) -> list[Q]:
        """Return the conditions on products for everything but the category.

        What a product must have is `IN` with a subquery of its own, one for each filter, so that the database may
        begin with whichever side is shorter. `NOT IN` would read the whole other side first.
        """
        found = []
        if self.shop:
            found.append(Q(pk__in=_at_shop(self.shop)))
        if self.price_from is not None:
            found.append(Q(from_price__gte=self.price_from))
        if self.price_to is not None:
            found.append(Q(from_price__lte=self.price_to))
        if self.without:
            found.append(~Q(_with_allergens(self.without)))
        return found + [_having(code, values) for code, values in self.attributes.items()]


def _at_shop(code: str) -> QuerySet:
    levels = StockLevel.objects.filter(on_sale("sku__"), shop__code=code, shop__is_active=True, band__gt=Band.SOLD_OUT)
    return levels.values("sku__product_id")


def _with_allergens(codes: Sequence[str]) -> Exists:
    """A trace counts: people who must avoid an allergen must avoid traces too. Pages in any language count."""
    return Exists(ProductAllergen.objects.filter(page__live=True, page__product=OuterRef("pk"), allergen__in=codes))


def _having(code: str, values: Sequence[str]) -> Q:
    """The product itself or one of its variants has one of the values."""
    wanted = {"attribute__code": code, "value__code__in": values}
    rows = ProductAttribute.objects.filter(page__live=True, **wanted).order_by().values("page__product_id")
    options = SkuOption.objects.filter(on_sale("sku__"), **wanted).values("sku__product_id")
    return Q(pk__in=rows.union(options, all=True))


def _code(text: str) -> str:
    return text if _CODE.match(text) else ""


def _codes(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values[:MAX_VALUES] if _CODE.match(value)))


def _amount(query: QueryDict, name: str, unread: dict[str, Unread]) -> Decimal | None:
    text = query.get(name, "").strip()
    try:
        return read_number(text, AMOUNT) if text else None
    except BadNumber as error:
        unread[name] = Unread(text[:MAX_VALUES], error.message)
        return None
