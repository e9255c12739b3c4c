"""Placing an order: ten steps in one transaction, which leaves an order or changes nothing.

Lock order, the same everywhere: Cart -> Order -> the stations in their order (orders/stations.py).
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, Func, Value
from django.utils.translation import gettext

from checkout.models import Cart, CartLine
from checkout.quantities import fits
from checkout.refusals import (
    AlreadyOrdered,
    CartEmpty,
    CartGone,
    LineOffStep,
    ShopClosed,
    TotalTooLarge,
    UnknownPaymentMethod,
    not_on_sale,
    prices_changed,
    total_changed,
)
from checkout.selectors import lines_and_offers
from checkout.services.pricing import price_lines
from checkout.services.quote import Quote
from common.actors import Actor
from common.busy import PATIENT, busy_when_locked
from common.composed import Composed, Hole
from common.page_changes.feed import feed
from common.prepared import PLANNED_ONCE, Prepared
from orders import stations
from orders.gateways.registry import is_online, offered
from orders.models import Order
from orders.services.create import Buyer, NewLine, Terms, create_order, under_new_number
from orders.stations import Claim
from products.offers import Offer, price_to_pay
from stock.hours import hold_until, promise_at
from stock.models import Shop
from stock.selectors import active_shop, active_shops

# What numeric(12, 2) holds.
MAX_TOTAL = Decimal("9999999999.99")


@dataclass(frozen=True)
class NewOrder:
    """A buyer's request at the checkout: the cart, the shop, the payment method and the confirmed prices."""

    cart_id: int
    buyer: Buyer
    shop_id: int
    payment_method: str
    confirmed_total: Decimal
    language: str
    # The fingerprint of the quote shown, if its lines were shown: prices may change although the total does not.
    confirmed_quote: str = ""


@dataclass(frozen=True)
class _Basket:
    """The contents of the cart when it was priced: quantities by SKU, offers, quote."""

    lines: Sequence[CartLine]
    offers: Mapping[int, Offer]
    quote: Quote

    @property
    def wanted(self) -> dict[int, Decimal]:
        return {line.sku_id: line.quantity for line in self.lines}


def place_order(*, new: NewOrder, actor: Actor, at: dt.datetime) -> Order:
    """Turn a cart into an order for collection at a shop, and claim its goods.

    For a cart that already became an order, return that order if the request is the same. Raises AlreadyOrdered if it
    is not, TotalChanged, OutOfStock (all short lines), LineNotOnSale, LineOffStep,
    TotalTooLarge, ShopClosed (paused, or no opening within seven days), UnknownPaymentMethod, CartEmpty,
    CartGone, Busy; then nothing has changed and the cart is kept.
    """
    if new.payment_method not in {gateway.code for gateway in offered()}:
        raise UnknownPaymentMethod(gettext("Choose how to pay."))
    basket = _read(new.cart_id, at)
    with busy_when_locked():
        return under_new_number(lambda number: _place(new, basket, number=number, actor=actor, at=at))


def _place(new: NewOrder, basket: _Basket, *, number: str, actor: Actor, at: dt.datetime) -> Order:
    """Take the steps from the lock on. The number is not asked for: the database refuses one that is taken."""
    with transaction.atomic(durable=True):
        closed = _close_cart(new.cart_id, at)
        if closed is None:
            return _same_order(_order_of(new.cart_id), new)
        _compare(basket, new, closed)
        terms = _terms(new, closed.key, basket, number=number, at=at)
        stations.claim(Claim(terms.number, terms.shop_id, basket.wanted, terms.expires_at), at=at)
        return create_order(terms=terms, actor=actor, at=at)


def quote_cart(*, cart_id: int, at: dt.datetime) -> Quote:
    """Return the current quote of a cart; its total is the one that place_order wants confirmed."""
    return _read(cart_id, at).quote


def _read(cart_id: int, at: dt.datetime) -> _Basket:
    """Price the cart before the transaction: SQLite has a single write lock, not to be held meanwhile.

    Names and allergens are those that the process keeps if nothing has changed since, by the database's own word.
    """
    lines, offers = lines_and_offers(cart_id, at, from_kept=feed.is_proven())
    return _Basket(lines, offers, price_lines(lines, offers))


class _Line(NamedTuple):
    """A line of the closed cart with its price in force, None if it is not on sale."""

    sku_id: int
    quantity: Decimal
    price: Decimal | None


@dataclass(frozen=True)
class _ClosedCart:
    key: uuid.UUID
    lines: Sequence[_Line]


def _close_cart(cart_id: int, at: dt.datetime) -> _ClosedCart | None:
    """Close an open cart, which locks it, and return what is in it, or None. What is raised later reopens it."""
    mine = connections[DEFAULT_DB_ALIAS]
    if mine.vendor == "postgresql":
        # Two statements, sent at once: the second sees what others had done while the first waited.
        close = f"{PATIENT}; {PLANNED_ONCE}; {_CLOSE.sent(mine)}"
        rows = _closed_here.after((close, [at, at, cart_id]), cart=cart_id, at=at)
    elif Cart.objects.open().filter(pk=cart_id).update(closed_at=at, updated_at=at):
        key = Cart.objects.values_list("public_id", flat=True).get(pk=cart_id)
        rows = [(str(key), *line) for line in _prices_to_pay(cart=cart_id, at=at)] or [(str(key), None, None, None)]
    else:
        return None
    closed = rows[0][0] if rows else ""
    lines = [_Line(*line) for _closed, *line in rows if line[0] is not None]
    return _ClosedCart(uuid.UUID(closed), lines) if closed else None


# Tells the next statement of the transaction which cart it has closed, if any.
_CLOSE = Prepared(
    "checkout_cart",
    """
WITH closed AS (
  UPDATE checkout_cart SET closed_at = %s, updated_at = %s WHERE id = %s AND closed_at IS NULL RETURNING public_id
)
SELECT set_config('vitrine.closed_cart', coalesce((SELECT public_id::text FROM closed), ''), TRUE)
""",
    ["timestamptz", "timestamptz", "bigint"],
)
_CLOSED_KEY = Func(Value("vitrine.closed_cart"), function="current_setting", output_field=CharField())


def _order_of(cart_id: int) -> Order:
    """Return the order that a closed cart became. Raises CartGone."""
    order = Order.objects.filter(cart_key__in=Cart.objects.filter(pk=cart_id).values("public_id")).first()
    if order is None:
        raise CartGone(gettext("This cart no longer exists."))
    return order


_prices_to_pay = Composed(
    lambda: CartLine.objects.filter(cart=Hole("cart", BigIntegerField())).values_list(
        "sku_id", "quantity", price_to_pay(Hole("at", DateTimeField()))
    )
)
_closed_here = Composed(
    lambda: Cart.objects.filter(pk=Hole("cart", BigIntegerField())).values_list(
        _CLOSED_KEY, "lines__sku_id", "lines__quantity", price_to_pay(Hole("at", DateTimeField()), sku="lines__sku_id")
    )
)


def _same_order(order: Order, new: NewOrder) -> Order:
    """Return the order of the cart if it matches the request."""
    pairs = {
        "shop": (order.shop_id, new.shop_id),
        "name": (order.name, new.buyer.name),
        "phone": (order.phone, new.buyer.phone),
        "email": (order.email, new.buyer.email),
        "comment": (order.comment, new.buyer.comment),
        "payment_method": (order.payment_method, new.payment_method),
        "confirmed_total": (order.total, new.confirmed_total),
    }
    differs = [name for name, (placed, asked) in pairs.items() if placed != asked]
    if differs:
        raise AlreadyOrdered(
            gettext("This cart was already ordered, with different details."),
            extra={"order": order, "differs": differs},
        )
    return order


def _compare(basket: _Basket, new: NewOrder, closed: _ClosedCart) -> None:
    """Raise unless the locked cart is as it was priced, still sold so, and the buyer confirmed these prices."""
    if not basket.lines:
        raise CartEmpty(gettext("Your cart is empty."))
    _check_lines(basket)
    wanted = {line.sku_id: line.quantity for line in closed.lines}
    if wanted != basket.wanted or basket.quote.total != new.confirmed_total:
        raise total_changed(basket.quote)
    if new.confirmed_quote and new.confirmed_quote != basket.quote.fingerprint:
        raise prices_changed(basket.quote)
    _check_still_sold(basket, {line.sku_id: line.price for line in closed.lines})


def _check_still_sold(basket: _Basket, prices: Mapping[int, Decimal | None]) -> None:
    """Raise if a line was archived, taken off sale or repriced between pricing and the lock on the cart."""
    gone = [offer.code for sku_id, offer in basket.offers.items() if prices[sku_id] is None]
    if gone:
        raise not_on_sale(gone)
    if any(prices[sku_id] != offer.price for sku_id, offer in basket.offers.items()):
        raise total_changed(basket.quote)


def _check_lines(basket: _Basket) -> None:
    pairs = [(line, basket.offers.get(line.sku_id)) for line in basket.lines]
    gone = [offer.code if offer else "" for _, offer in pairs if offer is None or not offer.buyable]
    if gone:
        raise not_on_sale(gone)
    odd = [offer.code for line, offer in pairs if offer and not fits(line.quantity, offer)]
    if odd:
        raise LineOffStep(
            gettext("Something in your cart is no longer sold in that quantity. Please change it."),
            extra={"codes": odd},
        )
    if basket.quote.total > MAX_TOTAL:
        raise TotalTooLarge(gettext("This is more than we can sell in one order. Please call the shop."))


def _promise(shop_id: int, at: dt.datetime) -> tuple[Shop, dt.datetime]:
    # Read here, after the wait for the lock, in which the shop may have been paused or closed.
    shop = active_shop(shop_id)
    promised = promise_at(shop, at) if shop else None
    if shop is None or promised is None:
        others = [other for other in active_shops() if other.pk != shop_id and promise_at(other, at)]
        raise ShopClosed(
            gettext("This shop is not taking orders at the moment. Please choose another one."),
            extra={"shops": others},
        )
    return shop, promised


def _expiry(shop: Shop, payment_method: str, promised: dt.datetime, at: dt.datetime) -> dt.datetime:
    if is_online(payment_method):
        return at + dt.timedelta(minutes=shop.hold_minutes)
    return hold_until(shop, promised)


def _terms(new: NewOrder, cart_key: uuid.UUID, basket: _Basket, *, number: str, at: dt.datetime) -> Terms:
    """Return the terms of the order: its number, the shop's promise and the figures of the quote."""
    shop, promised = _promise(new.shop_id, at)
    return Terms(
        number=number,
        cart_key=cart_key,
        shop_id=shop.pk,
        buyer=new.buyer,
        language=new.language,
        payment_method=new.payment_method,
        currency=settings.SHOP_CURRENCY,
        lines=_order_lines(basket),
        goods_total=basket.quote.goods,
        discount_total=basket.quote.discount,
        delivery_total=basket.quote.delivery,
        tax_total=basket.quote.tax,
        total=basket.quote.total,
        promised_at=promised,
        expires_at=_expiry(shop, new.payment_method, promised, at),
    )


def _order_lines(basket: _Basket) -> list[NewLine]:
    lines = []
    for line in basket.quote.lines:
        offer = basket.offers[line.sku_id]
        lines.append(
            NewLine(
                sku_id=line.sku_id,
                code=offer.code,
                name=offer.name[:255],
                options=offer.options_text[:255],
                allergens=offer.allergens_text,
                may_contain=offer.may_contain_text,
                unit=offer.unit,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount=line.amount,
                discount=line.discount,
                tax_rate=line.tax_rate,
                tax_amount=line.tax_amount,
            )
        )
    return lines
