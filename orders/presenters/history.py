"""The words of an order's history: codes of machines in the reader's language, notes of people as typed."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from orders.models import OrderEvent
from orders.payments.reasons import alert_text, refund_text

Code = OrderEvent.Code

TEXTS: dict[str, object] = {
    Code.MAIL_REFUSED: _("There is no such email address: the email was refused."),
    Code.NOT_COLLECTED_IN_TIME: _("Not collected in time."),
    Code.NOT_PAID_IN_TIME: _("Not paid in time."),
    Code.PAID_LATE: _("Paid after the order had expired; the goods were still there."),
    Code.PAID_ONLINE: _("Paid online."),
    Code.PAYMENT_FAILED: _("The payment failed."),
    Code.REFUND_REFUSED: _("The bank refused the refund."),
    Code.REFUNDED_AT_GATEWAY: _("The refund was made at the bank."),
}
# Codes whose words depend on a parameter.
WORDED: dict[str, tuple[str, Callable[[str], str]]] = {
    Code.PAYMENT_PARKED: ("problem", alert_text),
    Code.REFUND_STARTED: ("reason", refund_text),
}


def event_text(event: OrderEvent) -> str:
    """Return what an event says besides its status: the machine's words, then the person's."""
    if event.code in WORDED:
        name, words = WORDED[event.code]
        text = words(event.params.get(name, ""))
    else:
        text = str(TEXTS.get(event.code, ""))
    return " ".join(part for part in (text, event.note) if part)
