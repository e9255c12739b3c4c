"""The meaning of the codes on payments and refunds, in words for buyers and for staff."""

from django.utils.translation import gettext_lazy as _

FAILED = {
    "insufficient_funds": _("The bank says there is not enough money on the card."),
    "": _("The bank declined the payment."),
}
PARKED = {
    "amount_differs": _("The bank reported a different amount."),
    "currency_differs": _("The bank reported a different currency."),
    "order_differs": _("The bank reported a different order."),
    "payment_differs": _("The bank reported a different payment."),
    "merchant_differs": _("The bank reported a different merchant."),
    "settled_before": _("The bank took a payment that had been settled by hand."),
    "refund_differs": _("The bank reported a larger refund than the payment."),
}
REFUNDED = {
    "paid_late": _("The payment arrived after the order had expired and the goods were gone."),
    "paid_twice": _("The order was paid more than once."),
    "paid_after_cancelling": _("The payment arrived after the order had been cancelled."),
    "paid_too_much": _("You paid more than the order costs."),
    "not_accepted": _("The payment was not the one we asked for."),
    "order_cancelled": _("The order was cancelled."),
    "made_at_gateway": _("The refund was made at the bank."),
    "changed_mind": _("You changed your mind."),
    "damaged": _("Something in your order was damaged."),
    "missing": _("Something was missing from your order."),
    "wrong_item": _("Something in your order was not what you had ordered."),
    "goodwill": _("It is a gesture of goodwill."),
    "other": _("We agreed on it with you."),
}


def failure_text(code: str) -> str:
    """Return why a payment failed, as a sentence for the buyer."""
    return str(FAILED.get(code, FAILED[""]))


def alert_text(code: str) -> str:
    """Return why a payment needs attention, as a sentence for staff; empty for an unknown code."""
    return str(PARKED.get(code, ""))


def refund_text(code: str) -> str:
    """Return why money was refunded, as a sentence for the buyer."""
    return str(REFUNDED.get(code, REFUNDED["order_cancelled"]))
