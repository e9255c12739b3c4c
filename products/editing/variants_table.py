"""The rows of the variants tab: every SKU of a product with options, prices and stock per shop, read at once."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext

from accounts.models import User
from common.money import minor_units
from common.numbers_typed import spell
from common.quantity import UNIT_CHOICES, format_number
from products.editing.term_fields import TERM_FIELDS
from products.editing.term_history import PastChange, TermWords
from products.models.attribute import Attribute, AttributeValue
from products.models.price import Price
from products.models.product import Product
from products.models.sku import Sku
from products.models.sku_event import SkuEvent
from products.models.supplier import Supplier
from products.prices import price_in_force, price_to_come, prices_of
from products.tax_classes import tax_classes, with_rate
from products.versions import version_of
from stock.models import Shop, StockLevel

MANY = 30
HISTORY = 10
T = TypeVar("T", Price, SkuEvent)
PLURAL_SAMPLES = (0, 1, 2, 3, 5, 6, 7, 11, 20, 100)
"""Among these numbers are all plural forms of every language: a script picks the sentence whose form is right."""


@dataclass(frozen=True)
class Cell:
    """Stock of one variant in one shop: `on_hand` lies on the shelf, `reserved` of it is promised."""

    shop: Shop
    on_hand: Decimal | None
    reserved: Decimal

    @property
    def counted_text(self) -> str:
        return "" if self.on_hand is None else spell(self.on_hand)

    @property
    def reserved_text(self) -> str:
        return format_number(self.reserved)


@dataclass(frozen=True)
class OptionChoice:
    """One attribute of a variant with the value chosen; `is_main` when any variant of the product uses it."""

    attribute: Attribute
    chosen: int | None
    is_main: bool


@dataclass(frozen=True)
class PastPrice:
    """A line of a variant's price history: amount, start and author; the newest may lie ahead."""

    text: str
    starts_at: dt.datetime
    by: str


@dataclass(frozen=True)
class Row:
    """One variant. `version` changes whenever its terms, options, state or prices do, not when stock is sold."""

    sku: Sku
    options: dict[int, int]
    price: Decimal | None
    next_price: Price | None
    cells: list[Cell]
    version: str
    choices: list[OptionChoice] = field(default_factory=list)
    history: list[PastPrice] = field(default_factory=list)
    changes: list[PastChange] = field(default_factory=list)

    @property
    def price_text(self) -> str:
        return "" if self.price is None else price_text(self.price)

    @property
    def position_text(self) -> str:
        """Return the place among the variants, counted from 1; "" for a new one, which comes last."""
        return str(self.sku.sort_order + 1) if self.sku.pk else ""

    @property
    def next_price_text(self) -> str:
        return "" if self.next_price is None else price_text(self.next_price.amount)

    @property
    def planned_text(self) -> str:
        """Return the price to come with its start, "" without one."""
        if self.next_price is None:
            return ""
        when = date_format(self.next_price.starts_at.astimezone(timezone.get_current_timezone()), "DATETIME_FORMAT")
        return gettext("%(price)s from %(when)s") % {"price": self.next_price_text, "when": when}

    @property
    def stored(self) -> dict[str, str]:
        """Return the text of every control, by its name, as the variant stands now, and of the price to come."""
        sku = self.sku
        return {
            "code": sku.code,
            "unit": sku.unit,
            **self.quantities,
            "net_unit": sku.net_unit,
            "barcode": sku.barcode,
            "supplier": str(sku.supplier_id or ""),
            "position": self.position_text,
            "price": self.price_text,
            "planned": self.planned_text,
            "archived": "" if sku.is_active else "on",
            **{f"option_{choice.attribute.pk}": str(choice.chosen or "") for choice in self.choices},
            **{f"stock_{cell.shop.pk}": cell.counted_text for cell in self.cells},
        }

    @property
    def title(self) -> str:
        """Return the values chosen as customers read them: "Whole bean, 250 g"."""
        return ", ".join(value.label_text or value.code for value in self._values)

    @property
    def has_own_terms(self) -> bool:
        """Return whether it is sold otherwise than by the piece, any number of them."""
        usual = (self.sku.unit, self.sku.step, self.sku.max_quantity) == ("pc", 1, None)
        return not usual or self.sku.min_quantity != self.sku.step

    @property
    def value_codes(self) -> list[str]:
        """Return the codes of the values chosen, as articles spell them."""
        return [value.code.upper() for value in self._values]

    @property
    def _values(self) -> list[AttributeValue]:
        values = [value for choice in self.choices for value in choice.attribute.values.all()]
        return [value for value in values if value.pk in self.options.values()]

    @property
    def quantities(self) -> dict[str, str]:
        """Return the texts of the quantity inputs."""
        names = ("step", "min_quantity", "max_quantity", "net_amount")
        found = {name: getattr(self.sku, name) for name in names}
        return {name: "" if value is None else spell(Decimal(value)) for name, value in found.items()}


@dataclass(frozen=True)
class Table:
    """The whole tab. `attributes` are the choices a variant can be told apart by."""

    product: Product
    rows: list[Row]
    shops: list[Shop]
    attributes: list[Attribute]
    tax_choices: list[tuple[int, str]]
    suppliers: list[Supplier]
    blank: Row

    @property
    def active(self) -> list[Row]:
        return [row for row in self.rows if row.sku.is_active]

    @property
    def archived(self) -> list[Row]:
        return [row for row in self.rows if not row.sku.is_active]

    @property
    def units(self) -> list[tuple[str, str | Promise]]:
        return UNIT_CHOICES

    @property
    def is_long(self) -> bool:
        return len(self.rows) >= MANY

    @property
    def many(self) -> int:
        return MANY

    @property
    def currency(self) -> str:
        return settings.SHOP_CURRENCY

    @property
    def terms(self) -> tuple[str, ...]:
        return TERM_FIELDS

    @property
    def plural_samples(self) -> tuple[int, ...]:
        return PLURAL_SAMPLES

    @property
    def combinable(self) -> list[Attribute]:
        """Return the attributes with values to combine, those the product is told apart by first."""
        offered = [choice for choice in self.blank.choices if choice.attribute.values.all()]
        return [choice.attribute for choice in sorted(offered, key=lambda choice: not choice.is_main)]

    @property
    def beginning(self) -> str:
        """Return how the product's articles begin: the first one without its options' codes, else its last part."""
        if not self.rows:
            return ""
        code = begins = self.rows[0].sku.code
        endings = [f"-{value}" for value in self.rows[0].value_codes]
        while ending := next((one for one in endings if begins.endswith(one)), ""):
            begins = begins.removesuffix(ending)
        return begins if begins != code else code.rpartition("-")[0]

    @property
    def first_price_text(self) -> str:
        return self.rows[0].price_text if self.rows else ""


def may_change(user: User | AnonymousUser) -> bool:
    """Return whether this person may change variants, prices and counts."""
    return user.has_perm("products.change_sku")


def variant_table(product_id: int, at: dt.datetime) -> Table:
    """Read the tab of a product; the number of queries does not depend on the number of variants."""
    product = Product.objects.select_related("tax_class").get(pk=product_id)
    skus = list(
        Sku.objects.filter(product=product)
        .select_related("supplier")
        .prefetch_related("options")
        .order_by("-is_active", "sort_order", "id")
    )
    shops = list(Shop.objects.open_to_customers().in_order())
    levels: dict[tuple[int, int], StockLevel] = {
        (level.sku_id, level.shop_id): level for level in StockLevel.objects.filter(sku__in=skus)
    }
    prices = _by_sku(prices_of([sku.pk for sku in skus]))
    events = _by_sku(SkuEvent.objects.filter(sku__in=skus).order_by("-id"))
    values = Prefetch("values", AttributeValue.objects.order_by("sort_order", "id"))
    choices = Attribute.objects.filter(kind=Attribute.Kind.CHOICE).order_by("sort_order", "id")
    attributes = list(choices.prefetch_related(values))
    used = {option.attribute_id for sku in skus for option in sku.options.all()}
    suppliers = list(Supplier.objects.order_by("name", "id"))
    drawn = _Drawing(shops, levels, attributes, used, TermWords(suppliers, attributes), at)
    return Table(
        product=product,
        rows=[drawn.row(sku, prices.get(sku.pk, []), events.get(sku.pk, [])) for sku in skus],
        shops=shops,
        attributes=attributes,
        tax_choices=[(tax_class.pk, with_rate(tax_class)) for tax_class in tax_classes(at)],
        suppliers=suppliers,
        blank=drawn.row(Sku(), [], []),
    )


def price_text(amount: Decimal) -> str:
    """Return a price as it stands in an input: 3.90, 0.0125."""
    return spell(amount, minor_units())


def _by_sku(rows: Iterable[T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for row in rows:
        found.setdefault(row.sku_id, []).append(row)
    return found


@dataclass(frozen=True)
class _Drawing:
    shops: list[Shop]
    levels: dict[tuple[int, int], StockLevel]
    attributes: list[Attribute]
    used: set[int]
    words: TermWords
    at: dt.datetime

    def row(self, sku: Sku, prices: list[Price], events: list[SkuEvent]) -> Row:
        options = {row.attribute_id: row.value_id for row in sku.options.all()} if sku.pk else {}
        now = price_in_force(prices, self.at)
        return Row(
            sku=sku,
            options=options,
            price=now.amount if now else None,
            next_price=price_to_come(prices, self.at),
            cells=[self._cell(sku, shop) for shop in self.shops],
            version=version_of(sku, options, prices),
            choices=[OptionChoice(one, options.get(one.pk), one.pk in self.used) for one in self.attributes],
            history=[PastPrice(price_text(one.amount), one.starts_at, one.actor_label) for one in prices[:HISTORY]],
            changes=[self.words.line(one) for one in events[:HISTORY]],
        )

    def _cell(self, sku: Sku, shop: Shop) -> Cell:
        level = self.levels.get((sku.pk, shop.pk))
        return Cell(shop, level.on_hand if level else None, level.reserved if level else Decimal(0))
