"""The cart for cart page and checkout: lines with the changes since they were added, totals, shops."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import BigIntegerField, DateTimeField
from django.utils.translation import gettext

from checkout.models import Cart, CartLine
from checkout.notes import note_text
from checkout.presenters.shops import no_orders, shop_today
from checkout.quantities import clip_to_step, fits
from checkout.selectors import lines_and_offers
from checkout.services.pricing import price_lines
from checkout.services.quote import Quote, QuoteInput, QuoteLine, quote
from common.composed import Composed, Hole
from common.money import ZERO, format_exact, round_money
from common.quantity import UNITS, format_number, format_quantity
from common.unit_prices import printed_price
from products.offers import Offer, can_be_charged, price_to_pay
from stock.hours import is_open, promise_at
from stock.models import Shop
from stock.moments import say


@dataclass(frozen=True)
class Notice:
    """A notice about a line, with the one action that fixes it.

    `action` is "set" (to `quantity`), "keep" (set the line to the `quantity` it has, which accepts the current price)
    or "remove". `code`: not_on_sale, price_changed, bad_quantity, sold_out, few_left.
    """

    code: str
    text: str
    action: str = ""
    quantity: Decimal | None = None


@dataclass(frozen=True)
class LineRow:
    """A line of the cart as shown. `priced` is None if it cannot be bought; then it does not count."""

    line: CartLine
    offer: Offer
    priced: QuoteLine | None
    notices: tuple[Notice, ...]
    left: Decimal | None

    @property
    def quantity(self) -> Decimal:
        return self.line.quantity

    @property
    def quantity_text(self) -> str:
        """Return the quantity in words, with the price for counted units: 300 g, 2 x €3.90."""
        if self.offer.is_measured or self.offer.price is None:
            return format_quantity(self.quantity, self.offer.unit)
        return f"{format_number(self.quantity)} × {format_exact(self.offer.price)}"

    @property
    def allergens(self) -> tuple[str, ...]:
        """Return its allergens, contained and possible, in a sentence each."""
        said = (
            (gettext("Contains: %(list)s."), self.offer.allergens_text),
            (gettext("May contain: %(list)s."), self.offer.may_contain_text),
        )
        return tuple(words % {"list": found.lower()} for words, found in said if found)

    @property
    def largest(self) -> Decimal | None:
        """Return the largest possible quantity: the SKU's maximum, limited by the stock of the shop."""
        known = [bound for bound in (self.offer.max_quantity, self.left) if bound is not None]
        return min(known) if known else None

    @property
    def less(self) -> Decimal:
        """Return one step less, or zero, which removes the line, below the minimum."""
        rest = self.quantity - self.offer.step
        return rest if rest >= self.offer.min_quantity else ZERO

    @property
    def more(self) -> Decimal | None:
        """Return one step more, or None above the largest possible quantity."""
        more = self.quantity + self.offer.step
        return more if self.largest is None or more <= self.largest else None

    @property
    def less_label(self) -> str:
        """Return the label of the minus button for screen readers."""
        name = {"name": self.offer.name}
        return gettext("Less %(name)s") % name if self.less else gettext("Remove %(name)s") % name

    @property
    def more_label(self) -> str:
        """Return the label of the plus button for screen readers."""
        return gettext("More %(name)s") % {"name": self.offer.name}

    @property
    def quantity_label(self) -> str:
        """Return the label of the field between the buttons for screen readers."""
        words = {"name": self.offer.name, "unit": UNITS[self.offer.unit].label}
        return gettext("Quantity of %(name)s, %(unit)s") % words

    @property
    def url(self) -> str:
        """Return the address of the product's page, empty without one."""
        return self.offer.page.url if self.offer.page else ""


@dataclass(frozen=True)
class Shortage:
    """A line that a shop cannot fill, and the quantity it can sell in whole steps; None if it can sell nothing."""

    line: LineRow
    left: Decimal | None

    @property
    def left_text(self) -> str:
        return format_quantity(self.left, self.line.offer.unit) if self.left else ""

    @property
    def text(self) -> str:
        """Return the shortage in words: Miche (only 2 pc)."""
        if not self.left:
            return self.line.offer.name
        return gettext("%(name)s (only %(amount)s)") % {"name": self.line.offer.name, "amount": self.left_text}


@dataclass(frozen=True)
class ShopOffer:
    """A shop as a place to collect this cart, at the moment `at`: its earliest time and its shortages."""

    shop: Shop
    promised_at: dt.datetime | None
    missing: tuple[LineRow, ...]
    line_count: int
    at: dt.datetime

    @property
    def here(self) -> int:
        """Return the number of lines the shop can fill."""
        return self.line_count - len(self.missing)

    @property
    def shortages(self) -> tuple[Shortage, ...]:
        return tuple(Shortage(line, _left_at(line, self.shop)) for line in self.missing)

    @property
    def missing_text(self) -> str:
        """Return all shortages of this shop in one line."""
        return "; ".join(shortage.text for shortage in self.shortages)

    @property
    def is_open(self) -> bool:
        return is_open(self.shop, self.at)

    @property
    def today(self) -> str:
        """Return the shop's hours of today in words: open till 20:00."""
        return shop_today(self.shop, self.at)

    @property
    def ready_from(self) -> str:
        """Return the earliest time to collect, empty if the shop takes no orders: 14:20, tomorrow 8:10."""
        return say(self.promised_at, self.shop, self.at) if self.promised_at else ""

    @property
    def no_orders(self) -> str:
        """Return why the shop takes no orders, empty if it does: No orders until 14:03."""
        return "" if self.promised_at else no_orders(self.shop, self.at)

    @property
    def can_fill(self) -> bool:
        return self.promised_at is not None and not self.missing


@dataclass(frozen=True)
class CartContents:
    """The whole cart for one page. `quote` prices only the lines that can be bought."""

    cart: Cart | None
    lines: tuple[LineRow, ...]
    quote: Quote
    shops: tuple[ShopOffer, ...]
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def can_check_out(self) -> bool:
        """Return whether the cart can be ordered now: no line needs fixing, and at least one shop takes orders."""
        return self.is_ready and self.takes_orders

    @property
    def takes_orders(self) -> bool:
        """Return whether at least one shop takes orders now."""
        return any(shop.promised_at for shop in self.shops)

    @property
    def is_ready(self) -> bool:
        """Return whether no line must be fixed before the checkout; another shop may fill what one cannot."""
        return bool(self.lines) and all(
            line.priced is not None and fits(line.quantity, line.offer) for line in self.lines
        )


def view_cart(cart: Cart | None, shops: Sequence[Shop], at: dt.datetime, *, chosen: Shop | None = None) -> CartContents:
    """Build the cart for a page: one query for any number of lines while pages are kept. `chosen`: the buyer's shop."""
    lines, offers = lines_and_offers(cart.pk, at, from_kept=True) if cart else ([], {})
    priced = price_lines(lines, offers)
    by_sku = {line.sku_id: line for line in priced.lines}
    views = tuple(_line(line, offers[line.sku_id], by_sku.get(line.sku_id), chosen) for line in lines)
    return CartContents(
        cart=cart,
        lines=views,
        quote=priced,
        shops=tuple(_shop(shop, views, at) for shop in shops),
        notes=tuple(filter(None, (note_text(note, offers) for note in cart.notes))) if cart else (),
    )


def short_amount(amount: Decimal, unit: str) -> str:
    """Return an amount for a stepper: 300 g, but 2 without a unit."""
    return format_quantity(amount, unit) if UNITS[unit].is_measured else format_number(amount)


@dataclass(frozen=True)
class CartSum:
    """The figures of a cart in the header and in the answers to scripts; `lines` come with their SKUs."""

    lines: tuple[CartLine, ...]
    total: Decimal

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def amounts(self) -> dict[str, str]:
        """Return the quantity of each article for the steppers of cards."""
        return {line.sku.code: short_amount(line.quantity, line.sku.unit) for line in self.lines}

    def line_of(self, code: str) -> CartLine | None:
        """Return the line of an article, or None."""
        return next((line for line in self.lines if line.sku.code == code), None)


def sum_cart(cart: Cart | None, at: dt.datetime) -> CartSum:
    """Return the figures of a cart: one query for any number of lines."""
    lines = tuple(_lines_with_price(cart=cart.pk, at=at)) if cart else ()
    inputs = [
        QuoteInput(line.sku_id, line.quantity, price, ZERO, line.sku.product_id)
        for line in lines
        if (price := vars(line)["price_now"]) is not None and can_be_charged(line.sku, price)
    ]
    return CartSum(lines, quote(inputs, currency=settings.SHOP_CURRENCY).total)


_lines_with_price = Composed(
    lambda: (
        CartLine.objects.filter(cart=Hole("cart", BigIntegerField()))
        .select_related("sku")
        .annotate(price_now=price_to_pay(Hole("at", DateTimeField())))
        .order_by("added_at", "id")
    )
)


def _left_at(line: LineRow, shop: Shop) -> Decimal | None:
    """Return the part of a line the shop can sell, in whole steps; None if nothing, or if it is not on sale."""
    if line.priced is None:
        return None
    return clip_to_step(min(line.quantity, line.offer.available.get(shop.pk, ZERO)), line.offer)


def _shop(shop: Shop, lines: tuple[LineRow, ...], at: dt.datetime) -> ShopOffer:
    missing = tuple(
        line for line in lines if line.priced is None or line.offer.available.get(shop.pk, ZERO) < line.quantity
    )
    return ShopOffer(shop, promise_at(shop, at), missing, len(lines), at)


def _line(line: CartLine, offer: Offer, priced: QuoteLine | None, chosen: Shop | None) -> LineRow:
    left = offer.available.get(chosen.pk, ZERO) if chosen else max(offer.available.values(), default=ZERO)
    return LineRow(line, offer, priced, tuple(_notices(line, offer, left, chosen)), left)


def _notices(line: CartLine, offer: Offer, left: Decimal, chosen: Shop | None) -> list[Notice]:
    if not offer.buyable:
        return [Notice("not_on_sale", offer.why_not, "remove")]
    found = []
    if line.price_seen is not None and offer.price is not None and _costs_more_or_less(line, offer.price):
        text = gettext("The price changed from %(then)s to %(now)s since you added it.") % {
            "then": printed_price(line.price_seen, offer.unit).text,
            "now": printed_price(offer.price, offer.unit).text,
        }
        found.append(Notice("price_changed", text, "keep", line.quantity))
    problem = _stock_notice(line, offer, left, chosen) or _step_notice(line, offer)
    return [*found, problem] if problem else found


def _costs_more_or_less(line: CartLine, price: Decimal) -> bool:
    """Return whether a new price changes the amount of the line: a fraction of a cent may not."""
    return round_money((line.price_seen or ZERO) * line.quantity) != round_money(price * line.quantity)


def _step_notice(line: CartLine, offer: Offer) -> Notice | None:
    """Return a notice if the SKU's step, minimum or maximum has changed since the line was added."""
    if fits(line.quantity, offer):
        return None
    nearest = clip_to_step(max(line.quantity, offer.min_quantity), offer)
    text = gettext("This is no longer sold in that quantity.")
    return Notice("bad_quantity", text, "set", nearest) if nearest else Notice("bad_quantity", text, "remove")


def _stock_notice(line: CartLine, offer: Offer, left: Decimal, chosen: Shop | None) -> Notice | None:
    if line.quantity <= left:
        return None
    where = {"shop": chosen.name_text if chosen else ""}
    usable = clip_to_step(left, offer)
    if usable is None:
        text = gettext("Sold out at %(shop)s.") % where if chosen else gettext("Sold out.")
        return Notice("sold_out", text, "remove")
    amount = {**where, "left": format_quantity(usable, offer.unit)}
    text = gettext("Only %(left)s left at %(shop)s.") if chosen else gettext("Only %(left)s left.")
    return Notice("few_left", text % amount, "set", usable)
