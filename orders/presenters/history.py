"""The words of an order's history: codes of machines in the reader's language, notes of people as typed."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import format_money
from orders.models import OrderEvent
from orders.payments.reasons import alert_text, refund_text

Code = OrderEvent.Code

TEXTS: dict[str, object] = {
    Code.CANCEL_DECLINED: _("Decided not to cancel it."),
    Code.CANCEL_REQUESTED: _("Asked a manager to cancel it:"),
    Code.CHARGED_AGAIN: _("Decided to take %(amount)s at the counter that the bank had refunded."),
    Code.HOLD_EXTENDED: _("Kept for longer: it was not ready to collect in time."),
    Code.MAIL_REFUSED: _("There is no such email address: the email was refused."),
    Code.NOT_COLLECTED_IN_TIME: _("Not collected in time."),
    Code.NOT_PAID_IN_TIME: _("Not paid in time."),
    Code.PAID_LATE: _("Paid after the order had expired; the goods were still there."),
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
        return gettext("The bank refunded %(amount)s by itself. %(waived)s less is due at the counter.") % values
    return gettext("The bank refunded %(amount)s by itself.") % values


WORDED: dict[str, Words] = {
    Code.PAYMENT_PARKED: lambda params: alert_text(params.get("problem", "")),
    Code.REFUND_STARTED: lambda params: refund_text(params.get("reason", "")),
    Code.REFUNDED_AT_GATEWAY: _refunded_there,
}


def event_text(event: OrderEvent) -> str:
    """Return what an event says besides its status: the machine's words, then the person's."""
    if event.code in WORDED:
        text = WORDED[event.code](event.params)
    else:
        text = str(TEXTS.get(event.code, "")) % {"amount": _amount(event.params, "amount")}
    return " ".join(part for part in (text, event.note) if part)


def _amount(params: dict[str, str], name: str) -> str:
    """Return an amount of an event as text; events older than the parameter have a dash."""
    return format_money(Decimal(params[name]), params.get("currency")) if name in params else "–"
