"""Rules of quantity: the steps, the minimum and the maximum in which a SKU is sold."""

from decimal import Decimal

from django.utils.translation import gettext

from common.money import ZERO
from common.quantity import MAX_QUANTITY, BadQuantity, format_quantity, is_on_step
from products.offers import Offer


def fits(quantity: Decimal, offer: Offer) -> bool:
    """Return whether a quantity of a SKU is a whole number of steps within its limits."""
    return clip_to_step(quantity, offer) == quantity


def clip_to_step(quantity: Decimal, offer: Offer) -> Decimal | None:
    """Return the largest sellable quantity of a SKU up to `quantity`, or None."""
    bound = min(quantity, offer.max_quantity) if offer.max_quantity is not None else quantity
    clipped = (bound // offer.step) * offer.step
    return clipped if clipped >= offer.min_quantity else None


def check_quantity(quantity: Decimal, offer: Offer) -> None:
    """Raise BadQuantity unless `quantity` is a positive whole number of steps, at least the minimum."""
    if not quantity.is_finite() or quantity <= 0:
        raise BadQuantity(gettext("Enter a quantity above zero."))
    if quantity > MAX_QUANTITY:
        raise BadQuantity(gettext("That is more than we can sell at once."))
    if not is_on_step(quantity, offer.step):
        raise BadQuantity(
            gettext("“%(name)s” is sold in steps of %(step)s.")
            % {"name": offer.name, "step": format_quantity(offer.step, offer.unit)}
        )
    if quantity < offer.min_quantity:
        raise BadQuantity(
            gettext("The minimum for “%(name)s” is %(least)s.")
            % {"name": offer.name, "least": format_quantity(offer.min_quantity, offer.unit)}
        )


def most_left(offer: Offer) -> Decimal:
    """Return the largest stock of a single shop: a cart is collected at one shop."""
    return min(max(offer.available.values(), default=ZERO), MAX_QUANTITY)


def clip(quantity: Decimal, offer: Offer) -> tuple[Decimal, str]:
    """Return the quantity a line may have, and the reason if that is less than requested."""
    most, left = clip_to_step(min(quantity, MAX_QUANTITY), offer), clip_to_step(most_left(offer), offer)
    if left is not None and left < (most or quantity):
        return left, gettext("Only %(left)s left.") % {"left": format_quantity(left, offer.unit)}
    if most is not None and most < quantity:
        return most, gettext("At most %(most)s in one order.") % {"most": format_quantity(most, offer.unit)}
    return quantity, ""
