"""Taking people out of their orders: the books stay, the buyer goes."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from accounts.services import audit
from common.actors import DELETED
from orders.models import Document, Order, OrderEvent, Payment, PaymentEvent, Refund, RefundDocument
from orders.models.status import FINAL, values
from orders.numbers import group
from orders.selectors import all_orders_of

# Few, so that the counter does not wait for an order that is being blanked.
ERASED_AT_ONCE = 100


def erase_buyer(*, user_id: int) -> list[str]:
    """Blank the contact on all orders of a customer, in the caller's transaction.

    Return sentences on the orders that still need it, and then erase nothing. Locks the orders. An order that somebody
    made as a guest under an address of theirs holds nobody: while it is under way it is left as it is.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return []
    orders = list(all_orders_of(user).select_for_update().order_by("pk"))
    own = [order for order in orders if order.user_id == user_id]
    reasons = [*_under_way(own), *_money_open(own)]
    if not reasons:
        open_numbers = {*_open_money([order for order in orders if order not in own])}
        erase_contacts(
            [order for order in orders if order.status in values(FINAL) and order.number not in open_numbers]
        )
        # Who cancelled, paid or asked for an invoice; events of staff keep their names.
        OrderEvent.objects.filter(actor=user_id).update(actor_label=DELETED)
        Document.objects.filter(actor=user_id).update(actor_label=DELETED)
    return reasons


def anonymise_orders(*, before: dt.datetime, limit: int) -> int:
    """Blank the contact on about `limit` orders that guests placed before that moment; return how many.

    The books stay. Left alone are orders under way, orders whose money is not settled, and for now what somebody else
    has locked. Orders that were placed while their buyer's account was being deleted are taken too. Idempotent.
    """
    done = last = 0
    while done < limit:
        with transaction.atomic():
            due = Order.objects.outdated(before).filter(pk__gt=last).order_by("pk")
            rows = list(due.select_for_update(skip_locked=True, of=("self",))[:ERASED_AT_ONCE])
            if not rows:
                break
            last, waiting = rows[-1].pk, _open_money(rows)
            ready = [order for order in rows if order.number not in waiting]
            erase_contacts(ready)
            done += len(ready)
    return done


def erase_contacts(orders: list[Order]) -> None:
    """Blank the contact, the notes, the buyer on documents and what gateways sent, in the caller's transaction."""
    ids = [order.pk for order in orders]
    Order.objects.filter(pk__in=ids).update(name=None, phone=None, email=None, comment=None)
    events = OrderEvent.objects.filter(order__in=ids)
    events.exclude(note="").update(note="")
    RefundDocument.objects.filter(order__in=ids).exclude(note="").update(note="")
    # Of somebody whose account was deleted while they ordered.
    events.filter(actor__erased_at__isnull=False).exclude(actor_label=DELETED).update(actor_label=DELETED)
    # A receipt names nobody and stays as it is.
    named = Document.objects.filter(order__in=ids).exclude(buyer_name="")
    named.update(buyer_name=None, buyer_lines=None, buyer_vat=None)
    # Why somebody looked at the phone, in words that may name the buyer.
    audit.forget_reasons(targets=[f"order:{order.number}" for order in orders])
    PaymentEvent.objects.filter(payment__order__in=ids, processed_at__isnull=False).update(body={})


def _under_way(orders: list[Order]) -> list[str]:
    return [
        gettext("Order %(number)s is still under way.") % {"number": group(order.number)}
        for order in orders
        if order.status not in values(FINAL)
    ]


def _money_open(orders: list[Order]) -> list[str]:
    return [
        gettext("The money for order %(number)s is not settled yet.") % {"number": group(number)}
        for number in sorted(_open_money(orders))
    ]


def _open_money(orders: list[Order]) -> set[str]:
    """Return the numbers of the orders with a payment or refund of which nobody knows the end."""
    ids = [order.pk for order in orders]
    refunds = Refund.objects.unsettled().filter(payment__order__in=ids)
    notices = PaymentEvent.objects.filter(payment__order__in=ids, processed_at=None)
    return {
        *Payment.objects.undecided().filter(order__in=ids).values_list("order__number", flat=True),
        *refunds.values_list("payment__order__number", flat=True),
        *notices.values_list("payment__order__number", flat=True),
    }
