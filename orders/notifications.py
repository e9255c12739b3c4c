"""Emails about orders, rendered at delivery, in the language of the order."""

import datetime as dt
from email.mime.image import MIMEImage

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.mail import compose, send, site_name
from common.money import format_money
from common.urls import absolute
from orders import numbers, qr
from orders.models import Order, Payment, Refund
from orders.payments.reasons import failure_text, refund_text
from orders.presenters import status as status_page
from orders.presenters.allergens import allergens_of, may_contain_of
from orders.presenters.status import StatusPage
from orders.services.notes import note_refused_mail

WITH_CODE = frozenset({"received", "paid", "ready"})
# How money was refunded, by Refund.paid_out.
HOW_REFUNDED = {
    "cash": _("We have refunded %(amount)s in cash at the counter."),
    "card": _("We have refunded %(amount)s to your card at the counter. Banks take up to five days to show it."),
    "": _("We have refunded %(amount)s the way you paid. Banks take up to five days to show it."),
}
WITH_DOCUMENTS = frozenset({"paid", "refunded"})


def send_order_mail(*, event: str, order: Order, key: str, at: dt.datetime, extra: dict | None = None) -> bool:
    """Send the email `emails/order_<event>` about an order; return False if there is no address (erased, refused)."""
    if not order.email:
        return False
    with translation.override(order.language):
        context = {**_context(event, order, at), **(extra or {})}
        title = context.get("title") or context["page"].heading
        message = compose(
            key=key,
            to=order.email,
            subject=gettext("Order %(number)s: %(title)s") % {"title": title, "number": numbers.group(order.number)},
            text=render_to_string(f"emails/order_{event}.txt", context),
            html=render_to_string(f"emails/order_{event}.html", context),
        )
    if context["has_code"]:
        # Missing from the stubs; "related" puts the picture into the text.
        message.mixed_subtype = "related"  # type: ignore[attr-defined]
        message.attach(_inline_png(order))
    if send(message):
        return True
    note_refused_mail(order_id=order.pk, at=at)
    return False


def payment_failed_extra(payment: Payment) -> dict[str, object]:
    """Return the extra context of the email about a payment that failed or that a person did not accept."""
    if payment.state == Payment.State.FAILED:
        return {"title": gettext("Payment failed"), "reason": failure_text(payment.note)}
    returned = gettext("We could not take your payment as the bank reported it. What you were charged is refunded.")
    settled = gettext("Your payment did not go through.")
    is_returned = payment.state == Payment.State.CAPTURED
    return {"title": gettext("Payment failed"), "reason": returned if is_returned else settled}


def refund_extra(order: Order, refund: Refund) -> dict[str, object]:
    """Return the extra context of the email about a refund."""
    amount = format_money(refund.amount, refund.payment.currency, order.language)
    title = gettext("%(sum)s refunded") % {"sum": amount}
    how = str(HOW_REFUNDED[refund.paid_out]) % {"amount": amount}
    return {"title": title, "reason": refund_text(refund.reason), "how": how}


def _context(event: str, order: Order, at: dt.datetime) -> dict[str, object]:
    page = status_page.build(order, at=at, is_owner=True).for_email()
    return {
        "page": page,
        "order": order,
        "site_name": site_name(),
        "url": absolute("orders:status", order.token),
        "documents": _documents(page, order) if event in WITH_DOCUMENTS else [],
        "first_name": (order.name or "").split(" ")[0],
        "has_code": event in WITH_CODE and bool(page.qr_path),
        "language": order.language,
        "is_expired": order.cancel_reason == Order.CancelReason.EXPIRED,
        "total": format_money(order.total, order.currency),
        "allergens": allergens_of(page.lines),
        "may_contain": may_contain_of(page.lines),
    }


def _documents(page: StatusPage, order: Order) -> list[dict[str, str]]:
    return [
        {"label": link.label, "url": absolute("orders:document", order.token, link.name)}
        for link in page.documents.links
    ]


def _inline_png(order: Order) -> MIMEImage:
    image = MIMEImage(qr.png(order), "png")
    image.add_header("Content-ID", "<qr>")
    image.add_header("Content-Disposition", "inline", filename="code.png")
    return image
