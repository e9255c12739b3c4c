"""The words about an order's money: a table over the standings of orders.standing for each kind of reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import format_money
from orders.models import Order, Payment, Refund
from orders.payments.reasons import failure_text, refund_text
from orders.standing import Money, Standing

State, Back, S = Payment.State, Refund.State, Standing


@dataclass(frozen=True)
class Words:
    """The words for a standing. `tone` is the tag's: ok, warn, error or empty; `message` may be empty.

    Texts may name %(paid)s, %(refunded)s, %(due)s, %(total)s and %(reason)s. `over` is the message once the order
    has expired.
    """

    tag: object
    tone: str = ""
    message: object = ""
    over: object = ""


CHECKED = _("We are checking your payment and will email you. There is nothing you need to do.")
TO_THE_BUYER: dict[Standing, Words] = {
    S.UNPAID: Words(
        _("Not paid yet"),
        "warn",
        _("We start as soon as you have paid."),
        _("Your order has expired. If you have paid, this page will show it in a moment."),
    ),
    S.WAITING: Words(
        _("Waiting for payment"),
        "warn",
        _(
            "We are waiting for the bank. If you have paid, this page will show it in a moment; "
            "if you left the bank's page, you can carry on."
        ),
        _("Your order has expired. If you have paid, this page will show it in a moment."),
    ),
    S.APPROVED: Words(
        _("Waiting for payment"),
        "warn",
        _("The bank has approved your payment and is completing it. This page will show it in a moment."),
    ),
    S.FAILED: Words(
        _("Payment failed"),
        "error",
        _("%(reason)s We are keeping your order; you can pay again."),
        _("%(reason)s Your order has expired."),
    ),
    S.UNFINISHED: Words(
        _("Payment failed"),
        "error",
        _("The payment was not completed. We are keeping your order; you can pay again."),
        _("The payment was not completed. Your order has expired."),
    ),
    S.CHECKING: Words(_("Payment is being checked"), "warn", CHECKED),
    S.PAID: Words(_("Paid %(paid)s"), "ok"),
    S.PART_REFUNDED: Words(_("Paid %(paid)s, %(refunded)s of it refunded"), "ok"),
    S.PART_PAID: Words(_("To pay at the counter: %(due)s of %(total)s"), "warn"),
    S.AT_COUNTER: Words(_("To pay at the counter: %(due)s"), "warn"),
    S.FREE: Words(_("Nothing to pay"), "ok"),
    S.NOTHING_CHARGED: Words(_("Nothing was charged")),
    S.MAY_STILL_COME: Words(
        _("Payment not completed"), "", _("If a payment for this order still goes through, we will refund it.")
    ),
    S.REFUND_COMING: Words(_("Refund of %(refunded)s on its way"), "warn"),
    S.REFUND_CHECKED: Words(
        _("Your refund is being checked"),
        "warn",
        _("Your refund has not gone through yet. We are looking into it and will email you."),
    ),
    S.REFUNDED: Words(_("Refunded %(refunded)s")),
    S.SETTLED: Words(_("Your payment was settled with the shop")),
}
TO_STAFF: dict[Standing, Words] = {
    S.UNPAID: Words(_("Not paid yet, online"), "warn"),
    S.WAITING: Words(_("Not paid yet, online"), "warn"),
    S.APPROVED: Words(_("Approved by the bank, not yet captured"), "warn"),
    S.FAILED: Words(_("Payment failed, online"), "warn"),
    S.UNFINISHED: Words(_("Not paid yet, online"), "warn"),
    S.CHECKING: Words(_("Payment needs attention"), "error"),
    S.PAID: Words(_("Paid %(paid)s"), "ok"),
    S.PART_REFUNDED: Words(_("Paid %(paid)s, %(refunded)s of it refunded"), "ok"),
    S.PART_PAID: Words(_("Take %(due)s"), "warn"),
    S.AT_COUNTER: Words(_("Take %(due)s"), "warn"),
    S.FREE: Words(_("Nothing to take"), "ok"),
    S.NOTHING_CHARGED: Words(_("Nothing was charged")),
    S.MAY_STILL_COME: Words(_("Nothing was charged so far")),
    S.REFUND_COMING: Words(_("Refund of %(refunded)s on its way")),
    S.REFUND_CHECKED: Words(_("Refund needs attention"), "error"),
    S.REFUNDED: Words(_("Refunded %(refunded)s")),
    S.SETTLED: Words(_("Settled by hand")),
}
# The consequence of cancelling now, shown beside the button.
IF_CANCELLED: dict[Standing, object] = {
    S.UNPAID: _("You will not be charged."),
    S.WAITING: _("If a payment still goes through, we will refund it."),
    S.APPROVED: _("If the bank takes the money after all, we will refund it."),
    S.FAILED: _("You will not be charged."),
    S.UNFINISHED: _("You will not be charged."),
    S.CHECKING: _("We are still checking your payment; we will refund anything the bank took."),
    S.PAID: _("We will refund you the way you paid."),
    S.PART_REFUNDED: _("We will refund you the way you paid."),
    S.PART_PAID: _("We will refund you the way you paid."),
    S.AT_COUNTER: _("You will not be charged."),
    S.FREE: "",
}
# The money in the email that confirms an order.
PAY_ONLINE = _("We are waiting for your payment.")
WHEN_RECEIVED: dict[Standing, object] = {
    S.UNPAID: PAY_ONLINE,
    S.WAITING: PAY_ONLINE,
    S.APPROVED: _("The bank has approved your payment and is completing it."),
    S.FAILED: PAY_ONLINE,
    S.UNFINISHED: PAY_ONLINE,
    S.CHECKING: _("We are checking your payment and will email you."),
    S.PAID: _("You paid %(paid)s."),
    S.PART_REFUNDED: _("You paid %(paid)s; %(refunded)s of it has been refunded."),
    S.PART_PAID: _("You pay %(due)s when you collect your order."),
    S.AT_COUNTER: _("You pay %(due)s when you collect your order."),
    S.FREE: _("There is nothing to pay."),
}
# The money in the email about a cancelled order.
WHEN_CANCELLED: dict[Standing, object] = {
    S.CHECKING: _("We are checking your payment and will email you."),
    S.NOTHING_CHARGED: _("Nothing was charged."),
    S.MAY_STILL_COME: _("If a payment for this order still goes through, we will refund it."),
    S.REFUND_COMING: _("We are refunding %(refunded)s the way you paid; another email will tell you when it is done."),
    S.REFUND_CHECKED: _("Your refund has not gone through yet. We are looking into it and will email you."),
    S.REFUNDED: _("We have refunded %(refunded)s the way you paid."),
    S.SETTLED: _("Your payment was settled with the shop."),
}


@dataclass(frozen=True)
class MoneyWords:
    """The money in the words of the buyer's page and emails, ready to print."""

    standing: Standing
    tag: str
    tone: str
    message: str
    can_pay: bool
    to_pay: str
    paid: str
    if_cancelled: str
    when_received: str
    when_cancelled: str

    @property
    def is_waiting(self) -> bool:
        """Return whether the page may soon change by itself."""
        return self.standing in (S.WAITING, S.APPROVED)


def money_words(order: Order, money: Money) -> MoneyWords:
    """Return the buyer's words about the money of an order."""
    words, figures = TO_THE_BUYER[money.standing], _figures(order, money)
    is_over = bool(words.over) and not money.can_pay
    return MoneyWords(
        standing=money.standing,
        tag=str(words.tag) % figures,
        tone=words.tone,
        message=str(words.over if is_over else words.message) % figures,
        can_pay=money.can_pay,
        to_pay=figures["due"],
        paid=figures["paid"],
        if_cancelled=str(IF_CANCELLED.get(money.standing, "")),
        when_received=str(WHEN_RECEIVED.get(money.standing, "")) % figures,
        when_cancelled=str(WHEN_CANCELLED.get(money.standing, "")) % figures,
    )


def staff_words(order: Order, money: Money) -> tuple[str, str]:
    """Return the staff's words about the money of an order, and the tone of their tag."""
    words = TO_STAFF[money.standing]
    return str(words.tag) % _figures(order, money), words.tone


def refund_lines(payments: Sequence[Payment]) -> list[str]:
    """Return a sentence for each refund that concerns the buyer, oldest first."""
    return [
        text % {"sum": format_money(refund.amount, payment.currency), "reason": refund_text(refund.reason)}
        for payment in payments
        for refund in payment.refunds.all()
        if (text := _refund_text(refund.state))
    ]


def _refund_text(state: str) -> str:
    texts: dict[str, str] = {
        Back.PENDING: gettext("A refund of %(sum)s is on its way. %(reason)s"),
        Back.DONE: gettext("%(sum)s refunded. %(reason)s"),
        Back.OUTSIDE: gettext("%(sum)s refunded by the shop. %(reason)s"),
        Back.FAILED: gettext("Your refund of %(sum)s is being checked. %(reason)s"),
    }
    return texts.get(state, "")


def _figures(order: Order, money: Money) -> dict[str, str]:
    amounts: dict[str, Decimal] = {
        "paid": money.paid,
        "refunded": money.refunded,
        "due": money.due,
        "total": order.total,
    }
    texts = {name: format_money(amount, money.currency) for name, amount in amounts.items()}
    return {**texts, "reason": failure_text(money.reason)}
