"""Finding, filling and changing carts. Concurrent adds of one SKU never lose an update."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.models import User
from checkout.models import MAX_PRESSES, Cart, CartLine
from checkout.quantities import check_quantity, clip, clip_to_step, most_left
from checkout.selectors import find_cart
from checkout.services.merge import lock_guest_cart, merge_carts
from common.errors import DomainError
from common.money import ZERO
from products.articles import SkuRefused, normalise_code
from products.offers import Offer, figures_by_code, figures_for

KEPT_FOR = dt.timedelta(days=30)
TOUCHED_EVERY = dt.timedelta(hours=1)
MAX_LINES = 100


class UnknownArticle(DomainError):
    """The article does not exist, or visitors cannot see it."""

    code = "unknown_article"


class NotOnSale(DomainError):
    """The article exists but cannot be bought now."""

    code = "not_on_sale"


class CartFull(DomainError):
    """The cart holds the maximum number of different articles."""

    code = "cart_full"


@dataclass(frozen=True)
class Added:
    """The result of an add: the current line (without its id), and a sentence if less was added than requested.

    `line` is None if the press had been answered before and the line has been removed since.
    """

    cart: Cart
    line: CartLine | None
    offer: Offer
    note: str = ""


def open_cart(*, token: str | None, user: User | None, at: dt.datetime) -> Cart:
    """Return the open cart, locked, created if necessary; a guest's cart becomes the customer's or joins it."""
    with transaction.atomic(savepoint=False):
        if user is None:
            return lock_guest_cart(token) or Cart.objects.create(created_at=at, updated_at=at)
        return merge_carts(token=token, user=user, at=at) or _own_cart(user, at)


def _own_cart(user: User, at: dt.datetime) -> Cart:
    """Create the customer's cart; two requests at once end with the same one."""
    try:
        with transaction.atomic():
            return Cart.objects.create(user=user, created_at=at, updated_at=at)
    except IntegrityError:
        return Cart.objects.open().select_for_update().get(user=user)


def look_at_cart(*, token: str | None, user: User | None, takes_notes: bool = False, at: dt.datetime) -> Cart | None:
    """Return the visitor's open cart for a page that shows it; the first page after signing in merges the guest's.

    Each page view keeps a cart alive. With `takes_notes` its notes are returned with it, once.
    """
    cart = merge_carts(token=token, user=user, at=at) if user and token else find_cart(token=token, user=user)
    if cart is None:
        return None
    if takes_notes and cart.notes:
        Cart.objects.filter(pk=cart.pk).update(notes=[])
    _touch(cart, at)
    return cart


def purge_carts(*, at: dt.datetime, limit: int) -> int:
    """Delete at most `limit` carts that were not viewed for 30 days; return how many. Locked carts are skipped."""
    with transaction.atomic():
        old = Cart.objects.filter(updated_at__lt=at - KEPT_FOR).order_by("updated_at", "id")
        keys = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        _, by_model = Cart.objects.filter(pk__in=keys).delete()
    return by_model.get(Cart._meta.label, 0)


def add(
    *, token: str | None, user: User | None, code: str, quantity: Decimal, press: str = "", at: dt.datetime
) -> Added:
    """Add `quantity` (in the SKU's unit) of an article; the first add creates the cart.

    A line is clipped to the maximum and to the largest stock of a shop, with a sentence. A `press` known to the cart
    was sent again because its answer was lost, and adds nothing. Raises UnknownArticle, NotOnSale, BadQuantity,
    CartFull; then nothing is written.
    """
    offer = _buyable(code, at)
    check_quantity(quantity, offer)
    with transaction.atomic():
        cart = open_cart(token=token, user=user, at=at)
        if press in cart.presses:
            return Added(cart, cart.lines.filter(sku_id=offer.sku_id).first(), offer)
        _remember(cart, press)
        return _put(cart, offer, quantity, at)


def _remember(cart: Cart, press: str) -> None:
    """Record the key of a press on a locked cart, in place of the oldest if there are too many."""
    if press:
        cart.presses = [*cart.presses, press][-MAX_PRESSES:]
        Cart.objects.filter(pk=cart.pk).update(presses=cart.presses)


def _put(cart: Cart, offer: Offer, quantity: Decimal, at: dt.datetime) -> Added:
    """Add to a locked cart. All writers of lines hold that lock: nothing changes between reading and writing."""
    have = dict(cart.lines.values_list("sku_id", "quantity"))
    if offer.sku_id not in have and len(have) >= MAX_LINES:
        raise CartFull(gettext("Your cart is full. Please order these items first."))
    total, note = clip(have.get(offer.sku_id, ZERO) + quantity, offer)
    line = CartLine(cart=cart, sku_id=offer.sku_id, quantity=total, price_seen=offer.price, added_at=at)
    if offer.sku_id in have:
        cart.lines.filter(sku_id=offer.sku_id).update(quantity=total, price_seen=offer.price)
    else:
        line.save(force_insert=True)
    _touch(cart, at)
    return Added(cart, line, offer, note)


def _touch(cart: Cart, at: dt.datetime) -> None:
    """Keep the cart alive; its age counts in days, so that not every click is a write."""
    if at - cart.updated_at > TOUCHED_EVERY:
        Cart.objects.filter(pk=cart.pk).update(updated_at=at)


def _buyable(code: str, at: dt.datetime) -> Offer:
    article = _article(code)
    offer = figures_by_code(article, at) if article else None
    if offer is None or not offer.is_shown:
        # An article without a visible page (a draft, an unpublished page) is answered like an unknown one.
        raise UnknownArticle(gettext("We can't find that product code."))
    if not offer.buyable:
        raise NotOnSale(offer.why_not)
    if clip_to_step(most_left(offer), offer) is None:
        raise NotOnSale(gettext("“%(name)s” is sold out in all shops.") % {"name": offer.name})
    return offer


def _article(code: str) -> str:
    """Return an article in its stored form, empty if the text cannot be one and needs no query."""
    try:
        return normalise_code(code)
    except SkuRefused:
        return ""


def set_quantity(*, cart_id: int, code: str, quantity: Decimal, at: dt.datetime) -> str:
    """Set a line's quantity; zero removes it. Return a sentence if it was clipped.

    Setting the quantity that a line already has accepts its current price. Raises BadQuantity, NotOnSale,
    UnknownArticle (not in this cart, or the cart was ordered); then nothing is changed.
    """
    with transaction.atomic():
        line = _lock_line(cart_id, code)
        if line is None:
            raise UnknownArticle(gettext("This is no longer in your cart."))
        if quantity == 0:
            line.delete()
            return ""
        return _change(line, quantity, at)


def take_away(
    *, cart_id: int, code: str, quantity: Decimal, press: str = "", at: dt.datetime
) -> tuple[str, Decimal | None]:
    """Take `quantity` off a line; a rest below the minimum removes the line.

    Returns a sentence if it was clipped, and the quantity of a removed line (for `restore`). Two at once both count;
    one `press` sent twice counts once. Raises UnknownArticle, NotOnSale, BadQuantity; then nothing is changed.
    """
    with transaction.atomic():
        cart = _lock_open(cart_id)
        if cart is not None and press in cart.presses:
            return "", None
        line = _line_of(cart, code)
        if cart is None or line is None:
            raise UnknownArticle(gettext("This is no longer in your cart."))
        _remember(cart, press)
        rest = line.quantity - quantity
        if rest < line.sku.min_quantity:
            line.delete()
            return "", line.quantity
        return _change(line, rest, at), None


def _change(line: CartLine, quantity: Decimal, at: dt.datetime) -> str:
    """Set the quantity of a line of a locked cart."""
    offer = figures_for([line.sku_id], at)[line.sku_id]
    if not offer.buyable:
        raise NotOnSale(offer.why_not)
    check_quantity(quantity, offer)
    clipped, note = clip(quantity, offer)
    CartLine.objects.filter(pk=line.pk).update(quantity=clipped, price_seen=offer.price)
    Cart.objects.filter(pk=line.cart_id).update(updated_at=at)
    return note


def remove(*, cart_id: int, code: str) -> Decimal | None:
    """Remove a line; return its quantity (for `restore`), or None if it was not there."""
    with transaction.atomic():
        line = _lock_line(cart_id, code)
        if line is None:
            return None
        line.delete()
        return line.quantity


def restore(*, cart_id: int, code: str, quantity: Decimal, at: dt.datetime) -> str:
    """Undo a removal: put the line back unless it is there again. Return a sentence if it was clipped.

    A second press restores nothing. Raises UnknownArticle (also if the cart was ordered), NotOnSale, BadQuantity,
    CartFull.
    """
    offer = _buyable(code, at)
    check_quantity(quantity, offer)
    with transaction.atomic():
        cart = _lock_open(cart_id)
        if cart is None:
            raise UnknownArticle(gettext("This is no longer in your cart."))
        if cart.lines.filter(sku_id=offer.sku_id).exists():
            return ""
        return _put(cart, offer, quantity, at).note


def _lock_open(cart_id: int) -> Cart | None:
    """Return the cart, locked, or None if it was ordered meanwhile: place_order holds the same lock."""
    return Cart.objects.open().select_for_update().filter(pk=cart_id).first()


def _lock_line(cart_id: int, code: str) -> CartLine | None:
    return _line_of(_lock_open(cart_id), code)


def _line_of(cart: Cart | None, code: str) -> CartLine | None:
    return cart.lines.filter(sku__code=_article(code)).first() if cart else None


def delete_carts_of(*, user_id: int) -> None:
    """Delete all carts of an account, in the caller's transaction. Orders made of them stay."""
    # The cart is locked before its lines, as by all others.
    mine = Cart.objects.filter(user=user_id).order_by("pk")
    Cart.objects.filter(pk__in=list(mine.select_for_update().values_list("pk", flat=True))).delete()
