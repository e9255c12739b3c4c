"""What the codes on payments and refunds mean, in words for buyers and for staff."""

from django.utils.translation import gettext_lazy as _

FAILED = {
    "insufficient_funds": _("The bank says there is not enough money on the card."),
    "": _("The bank declined the payment."),
}
PARKED = {
    "amount_differs": _("The bank names another amount than we asked for."),
    "currency_differs": _("The bank names another currency than we asked for."),
    "order_differs": _("The bank names another order."),
    "payment_differs": _("The bank names another payment."),
    "merchant_differs": _("The bank names another merchant."),
    "refund_differs": _("The bank says it gave back more than was paid."),
}
GIVEN_BACK = {
    "paid_late": _("The money came after the hold had ended and the goods were gone."),
    "paid_twice": _("The order was paid more than once."),
    "order_cancelled": _("The order was cancelled."),
    "made_at_gateway": _("The refund was made at the bank."),
}


def failure_text(code: str) -> str:
    """Return why a payment failed, as a sentence for the buyer."""
    return str(FAILED.get(code, FAILED[""]))


def alert_text(code: str) -> str:
    """Return why a payment waits for a person, as a sentence for staff; empty when it does not."""
    return str(PARKED.get(code, ""))


def refund_text(code: str) -> str:
    """Return why money was given back, as a sentence for the buyer."""
    return str(GIVEN_BACK.get(code, GIVEN_BACK["order_cancelled"]))
