"""What the notes that machines write into an order's history say to a reader; those of people stay as typed."""

from django.utils.translation import gettext_lazy as _

from orders.payments.reasons import alert_text, refund_text

NOTES = {
    "mail refused": _("There is no such e-mail address: the mail was refused."),
    "not collected in time": _("Not collected in time."),
    "not paid in time": _("Not paid in time."),
    "paid after the hold ended; stock was still there": _("Paid after the hold had ended; the goods were still there."),
    "paid online": _("Paid online."),
    "payment failed": _("The payment failed."),
    "refund refused by the gateway": _("The bank refused to give the money back."),
    "refunded at the gateway, not by the shop": _("The refund was made at the bank."),
}
WITH_CODE = {"payment needs a person": alert_text, "money given back": refund_text}


def note_text(note: str) -> str:
    """Return a history's note in the reader's language."""
    if note in NOTES:
        return str(NOTES[note])
    kind, _sign, code = note.partition(": ")
    return (WITH_CODE[kind](code) or note) if kind in WITH_CODE else note
