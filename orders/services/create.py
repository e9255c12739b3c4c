"""Creating an order with its lines and first event, in the transaction of place_order."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import IntegrityError

from common.actors import Actor
from common.inserts import PARENT_ID, insert_family
from common.outbox.services import new_message
from orders import numbers
from orders.gateways.registry import is_online
from orders.models import Order, OrderEvent, OrderLine

NUMBER_TRIES = 5
# The email about its payment confirms an online order; "received" goes out only if paying takes longer.
UNPAID_MAIL_DELAY = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Buyer:
    """The buyer: contact as typed and checked, `phone` in E.164; `user_id` None for guests."""

    name: str
    phone: str
    email: str
    comment: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class NewLine:
    """A snapshot of one line as it was offered. `amount` is before `discount`, the tax after it."""

    sku_id: int
    code: str
    name: str
    options: str
    allergens: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    discount: Decimal
    tax_rate: Decimal
    tax_amount: Decimal
    may_contain: str = ""


@dataclass(frozen=True)
class Terms:
    """The terms of a new order. `number` (see `under_new_number`) is the one under which its goods were claimed."""

    number: str
    cart_key: uuid.UUID
    shop_id: int
    buyer: Buyer
    language: str
    payment_method: str
    currency: str
    lines: Sequence[NewLine]
    goods_total: Decimal
    discount_total: Decimal
    delivery_total: Decimal
    tax_total: Decimal
    total: Decimal
    promised_at: dt.datetime
    expires_at: dt.datetime | None


def under_new_number(write: Callable[[str], Order]) -> Order:
    """Call `write` with a random number, and again with another one if that was taken; return its order.

    `write` is a whole transaction: of a refused attempt nothing is left. Nobody asks whether a number is free, the
    unique constraints refuse one that is not.
    """
    for _ in range(NUMBER_TRIES):
        number = numbers.new_number()
        try:
            return write(number)
        except IntegrityError:
            if not Order.objects.filter(number=number).exists():
                raise
    raise RuntimeError("Could not find a free order number")


def create_order(*, terms: Terms, actor: Actor, at: dt.datetime) -> Order:
    """Write the order with its lines, first event and email; return it with its secrets.

    Runs in the caller's transaction (place_order). It starts as placed if paid on collection, as awaiting payment if
    paid online. Raises IntegrityError if the cart already has an order: the caller locks the cart and checks first.
    """
    waits = is_online(terms.payment_method)
    status = Order.Status.AWAITING_PAYMENT if waits else Order.Status.PLACED
    columns = {
        field.name: getattr(terms, field.name) for field in fields(terms) if field.name not in ("buyer", "lines")
    }
    order = Order(
        **columns,
        **vars(terms.buyer),
        token=numbers.new_token(),
        collect_secret=numbers.new_secret(),
        status=status,
        placed_at=at,
        status_changed_at=at,
    )
    lines = [OrderLine(order=order, position=number, **vars(line)) for number, line in enumerate(terms.lines, start=1)]
    event = OrderEvent(order=order, to_status=status, actor_id=actor.user_id, actor_label=actor.label, at=at)
    mail = new_message(
        event="order.received",
        key=f"order.received:{order.number}",
        payload={"order_id": PARENT_ID},
        at=at,
        delay=UNPAID_MAIL_DELAY if waits else dt.timedelta(),
    )
    insert_family(order, [*lines, event, mail])
    return order
