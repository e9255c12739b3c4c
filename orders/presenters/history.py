"""The words of an order's history: machines' codes in the reader's language, people's notes as typed."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import format_money
from orders.models import OrderEvent, RefundDocument
from orders.payments.reasons import alert_text, refund_text

Code = OrderEvent.Code

TEXTS: dict[str, object] = {
    Code.CANCEL_DECLINED: _("Declined to cancel the order."),
    Code.CANCEL_REQUESTED: _("Asked a manager to cancel the order:"),
    Code.CHARGED_AGAIN: _("Decided to charge the %(amount)s refunded by the bank again, at the counter."),
    Code.HOLD_EXTENDED: _("Held for longer: it was not ready in time."),
    Code.MAIL_REFUSED: _("The email was refused: there is no such address."),
    Code.NOT_COLLECTED_IN_TIME: _("Not collected in time."),
    Code.NOT_PAID_IN_TIME: _("Not paid in time."),
    Code.PAID_LATE: _("Paid after the order had expired; the goods were still available."),
    Code.PAID_ONLINE: _("Paid online."),
    Code.PAYMENT_ACCEPTED: _("Accepted a payment of %(amount)s."),
    Code.PAYMENT_CLOSED: _("Settled a payment of %(amount)s by hand."),
    Code.PAYMENT_FAILED: _("The payment failed."),
    Code.PAYMENT_RETURNED: _("Decided to refund a payment of %(amount)s."),
    Code.REFUND_AGREED: _("Confirmed that the bank's refund of %(amount)s was agreed."),
    Code.REFUND_CLOSED: _("Refunded %(amount)s by hand."),
    Code.REFUND_REFUSED: _("The bank refused a refund of %(amount)s."),
    Code.REFUND_REPEATED: _("Asked for a refund of %(amount)s again."),
}
Words = Callable[[dict[str, str]], str]


def _refunded_there(params: dict[str, str]) -> str:
    values = {"amount": _amount(params, "amount"), "waived": _amount(params, "waived")}
    if Decimal(params.get("waived", "0")):
        return gettext("The bank refunded %(amount)s on its own. %(waived)s less is due at the counter.") % values
    return gettext("The bank refunded %(amount)s on its own.") % values


def _refund_made(params: dict[str, str]) -> str:
    reasons = {reason.value: str(reason.label) for reason in RefundDocument.Reason}
    words = {"amount": _amount(params, "amount"), "reason": reasons.get(params.get("reason", ""), "–")}
    return gettext("Made a refund of %(amount)s. Reason: %(reason)s.") % words


WORDED: dict[str, Words] = {
    Code.PAYMENT_PARKED: lambda params: alert_text(params.get("problem", "")),
    Code.REFUND_STARTED: lambda params: refund_text(params.get("reason", "")),
    Code.REFUNDED_AT_GATEWAY: _refunded_there,
    Code.REFUND_MADE: _refund_made,
}


def event_text(event: OrderEvent) -> str:
    """Return the text of an event beside its status: the machine's words, then the person's."""
    if event.code in WORDED:
        text = WORDED[event.code](event.params)
    else:
        text = str(TEXTS.get(event.code, "")) % {"amount": _amount(event.params, "amount")}
    return " ".join(part for part in (text, event.note) if part)


def _amount(params: dict[str, str], name: str) -> str:
    """Return an amount of an event as text, a dash for events older than the parameter."""
    return format_money(Decimal(params[name]), params.get("currency")) if name in params else "–"
