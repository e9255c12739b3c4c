"""The cart: finding, filling, changing and merging it. Concurrent adds of one SKU never lose an update."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext, ngettext

from accounts.models import User
from checkout.models import Cart, CartLine
from checkout.services.cart_view import clip_to_step
from common.errors import DomainError
from common.money import ZERO
from common.quantity import BadQuantity, format_quantity, is_on_step, sql_round
from products.models import Sku
from products.offers import Offer, offers_for

KEPT_FOR = dt.timedelta(days=30)
MAX_LINES = 100


class UnknownArticle(DomainError):
    """There is no such article, or it was never on sale here."""

    code = "unknown_article"


class NotOnSale(DomainError):
    """The article exists and cannot be bought now."""

    code = "not_on_sale"


class CartFull(DomainError):
    """The cart has as many different things as it can hold."""

    code = "cart_full"


@dataclass(frozen=True)
class Added:
    """What an add did: the line as it is now, and a sentence when less was added than asked."""

    cart: Cart
    line: CartLine
    offer: Offer
    note: str = ""


def find_cart(*, token: str | None, user: User | None) -> Cart | None:
    """Return the open cart of the customer, else of the cookie; None when there is none. Reads only."""
    if user is not None:
        mine = Cart.objects.filter(user=user, closed_at=None).first()
        if mine is not None or not token:
            return mine
    if not token:
        return None
    return Cart.objects.filter(token=token, user=None, closed_at=None).first()


def open_cart(*, token: str | None, user: User | None, at: dt.datetime) -> Cart:
    """Return the open cart, made when there is none; a guest's cart becomes the customer's or is merged into it."""
    with transaction.atomic():
        guest = _guest_cart(token)
        if user is None:
            return guest or Cart.objects.create(created_at=at, updated_at=at)
        mine = Cart.objects.select_for_update().filter(user=user, closed_at=None).first()
        if mine is None:
            return _claim(guest, user, at)
        if guest is not None:
            _merge(guest, mine, at)
        return mine


def _guest_cart(token: str | None) -> Cart | None:
    if not token:
        return None
    return Cart.objects.select_for_update().filter(token=token, user=None, closed_at=None).first()


def _claim(guest: Cart | None, user: User, at: dt.datetime) -> Cart:
    """Give the guest's cart to the user, or make one; two requests at once end with the same cart."""
    try:
        with transaction.atomic():
            if guest is None:
                return Cart.objects.create(user=user, created_at=at, updated_at=at)
            guest.user = user
            guest.save(update_fields=["user"])
            return guest
    except IntegrityError:
        return Cart.objects.get(user=user, closed_at=None)


def _merge(guest: Cart, mine: Cart, at: dt.datetime) -> None:
    """Move the guest's lines over: of two quantities the larger stays, clipped to the maximum, said once."""
    lines = list(guest.lines.all())
    if not lines:
        guest.delete()
        return
    offers = offers_for([line.sku_id for line in lines], at)
    have = {line.sku_id: line for line in mine.lines.all()}
    for line in lines:
        known = have.get(line.sku_id)
        quantity = max(line.quantity, known.quantity) if known else line.quantity
        most = offers[line.sku_id].max_quantity
        CartLine.objects.update_or_create(
            cart=mine,
            sku_id=line.sku_id,
            defaults={"quantity": min(quantity, most) if most else quantity},
            create_defaults={
                "quantity": min(quantity, most) if most else quantity,
                "price_seen": line.price_seen,
                "added_at": line.added_at,
            },
        )
    mine.notes = [
        ngettext(
            "We added %(count)d thing from your cart on this device.",
            "We added %(count)d things from your cart on this device.",
            len(lines),
        )
        % {"count": len(lines)}
    ]
    mine.shop_id = mine.shop_id or guest.shop_id
    mine.updated_at = at
    mine.save(update_fields=["notes", "shop", "updated_at"])
    guest.delete()


def clear_notes(*, cart_id: int) -> None:
    """Forget what was said once."""
    Cart.objects.filter(pk=cart_id).update(notes=[])


def add(*, token: str | None, user: User | None, code: str, quantity: Decimal, at: dt.datetime) -> Added:
    """Add `quantity` (in the SKU's unit) of an article; the cart row is made on the first add.

    A line that would pass the maximum is clipped to it, and said. Raises UnknownArticle, NotOnSale,
    BadQuantity, CartFull; nothing is written then.
    """
    offer = _buyable(code, at)
    check_step(quantity, offer)
    with transaction.atomic():
        cart = open_cart(token=token, user=user, at=at)
        line = _add_to_line(cart, offer, quantity, at)
        clipped, note = _clip(line.quantity, offer)
        if clipped != line.quantity:
            CartLine.objects.filter(pk=line.pk).update(quantity=clipped)
            line.quantity = clipped
        Cart.objects.filter(pk=cart.pk).update(updated_at=at)
    return Added(cart, line, offer, note)


def _add_to_line(cart: Cart, offer: Offer, quantity: Decimal, at: dt.datetime) -> CartLine:
    """Raise the line by one UPDATE, or insert it; the unique key settles a race of two inserts."""
    lines = CartLine.objects.filter(cart=cart, sku_id=offer.sku_id)
    raised = {"quantity": sql_round(F("quantity") + quantity), "price_seen": offer.price}
    if not lines.update(**raised):
        if cart.lines.count() >= MAX_LINES:
            raise CartFull(gettext("Your cart is full. Please order these things first."))
        try:
            with transaction.atomic():
                return CartLine.objects.create(
                    cart=cart, sku_id=offer.sku_id, quantity=quantity, price_seen=offer.price, added_at=at
                )
        except IntegrityError:
            lines.update(**raised)
    return lines.get()


def _buyable(code: str, at: dt.datetime) -> Offer:
    sku_id = Sku.objects.filter(code=str(code).strip().upper()[:64]).values_list("pk", flat=True).first()
    offer = offers_for([sku_id], at).get(sku_id) if sku_id else None
    if offer is None:
        raise UnknownArticle(gettext("We do not know this article."))
    if not offer.buyable:
        raise NotOnSale(offer.why_not)
    if clip_to_step(max(offer.available.values(), default=ZERO), offer) is None:
        raise NotOnSale(gettext("“%(name)s” is sold out in all shops.") % {"name": offer.name})
    return offer


def check_step(quantity: Decimal, offer: Offer) -> None:
    """Raise BadQuantity unless `quantity` is positive, a whole number of steps and not below the minimum."""
    if quantity <= 0:
        raise BadQuantity(gettext("Enter a quantity above zero."))
    if not is_on_step(quantity, offer.step):
        raise BadQuantity(
            gettext("“%(name)s” is sold in steps of %(step)s.")
            % {"name": offer.name, "step": format_quantity(offer.step, offer.unit)}
        )
    if quantity < offer.min_quantity:
        raise BadQuantity(
            gettext("“%(name)s” is sold from %(least)s.")
            % {"name": offer.name, "least": format_quantity(offer.min_quantity, offer.unit)}
        )


def _clip(quantity: Decimal, offer: Offer) -> tuple[Decimal, str]:
    """Return the quantity the line may have, and why it is less than asked."""
    left = clip_to_step(max(offer.available.values(), default=ZERO), offer)
    if (
        offer.max_quantity is not None
        and quantity > offer.max_quantity
        and (left is None or offer.max_quantity <= left)
    ):
        most = format_quantity(offer.max_quantity, offer.unit)
        return offer.max_quantity, gettext("At most %(most)s in one order.") % {"most": most}
    if left is not None and quantity > left:
        return left, gettext("Only %(left)s left.") % {"left": format_quantity(left, offer.unit)}
    return quantity, ""


def set_quantity(*, cart_id: int, code: str, quantity: Decimal, at: dt.datetime) -> str:
    """Set a line's quantity; zero removes it. Returns a sentence when it was clipped.

    Raises BadQuantity, UnknownArticle (not in this cart); nothing is changed then.
    """
    with transaction.atomic():
        line = CartLine.objects.select_for_update(of=("self",)).filter(cart_id=cart_id, sku__code=code).first()
        if line is None:
            raise UnknownArticle(gettext("This is not in your cart any more."))
        if quantity == 0:
            line.delete()
            return ""
        offer = offers_for([line.sku_id], at)[line.sku_id]
        check_step(quantity, offer)
        clipped, note = _clip(quantity, offer)
        CartLine.objects.filter(pk=line.pk).update(quantity=clipped, price_seen=offer.price)
        Cart.objects.filter(pk=cart_id).update(updated_at=at)
    return note


def remove(*, cart_id: int, code: str) -> Decimal | None:
    """Remove a line; return the quantity it had (what an undo adds back), None when there was none."""
    with transaction.atomic():
        line = CartLine.objects.filter(cart_id=cart_id, sku__code=code).first()
        if line is None:
            return None
        line.delete()
        return line.quantity
