"""Refusals of an order, each with a sentence for the buyer; stock adds OutOfStock, the database Busy."""

from collections.abc import Sequence

from django.utils.translation import gettext

from checkout.services.quote import Quote
from common.errors import DomainError


class CartEmpty(DomainError):
    """There is nothing to order."""

    code = "cart_empty"


class CartGone(DomainError):
    """There is no such cart."""

    code = "cart_gone"


class LineNotOnSale(DomainError):
    """A line can no longer be bought. extra["codes"]: articles."""

    code = "not_on_sale"


class LineOffStep(LineNotOnSale):
    """A line's quantity breaks the SKU's changed step, minimum or maximum. extra["codes"]: articles."""

    code = "bad_quantity"


class UnknownPaymentMethod(DomainError):
    """The shop does not take payments this way."""

    code = "unknown_payment_method"


class ShopClosed(DomainError):
    """The shop is not taking orders now. extra["shops"]: the shops that are."""

    code = "shop_closed"


class AlreadyOrdered(DomainError):
    """The cart became an order with other details. extra["order"]; extra["differs"]: the differing form fields.

    Never answered with the order as if nothing were wrong: the buyer would expect another shop or payment.
    """

    code = "already_ordered"


class TotalChanged(DomainError):
    """The quote is not the one the buyer confirmed. extra["quote"]: the current one."""

    code = "total_changed"


class TotalTooLarge(DomainError):
    """The cart costs more than an order can hold."""

    code = "total_too_large"


def total_changed(quote: Quote) -> TotalChanged:
    """Return the refusal of a total that the buyer has not confirmed."""
    return TotalChanged(gettext("The total has changed. Please look at it and confirm again."), extra={"quote": quote})


def prices_changed(quote: Quote) -> TotalChanged:
    """Return the refusal of lines that the buyer has not confirmed, although the total is the same."""
    return TotalChanged(
        gettext(
            "Something in your cart has changed, although the total is the same. Please check it and confirm again."
        ),
        extra={"quote": quote},
    )


def not_on_sale(codes: Sequence[str]) -> LineNotOnSale:
    """Return the refusal of lines that can no longer be bought."""
    return LineNotOnSale(
        gettext("Something in your cart is no longer on sale. Please remove it."), extra={"codes": list(codes)}
    )
