"""Creating an order with its lines and first event, inside the transaction of place_order."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from common.actors import Actor
from common.outbox.services import enqueue
from orders import numbers
from orders.gateways.registry import is_online
from orders.models import Order, OrderEvent, OrderLine

NUMBER_TRIES = 5
# An online order is confirmed by the email about its payment; "received" goes out only if paying takes longer.
UNPAID_MAIL_DELAY = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Buyer:
    """Who buys: contact as typed and checked, `phone` in E.164; `user_id` None for guests."""

    name: str
    phone: str
    email: str
    comment: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class NewLine:
    """What is bought, as it was offered: a snapshot. `amount` is before `discount`, tax is of what is left."""

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
    """What an order says from its first moment. `number` is the one its goods were claimed under (`free_number`)."""

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


def free_number() -> str:
    """Return a random number that no order has yet; asks the database once unless there is a collision."""
    for _ in range(NUMBER_TRIES):
        number = numbers.new_number()
        if not Order.objects.filter(number=number).exists():
            return number
    raise RuntimeError("Could not find a free order number")


def create_order(*, terms: Terms, actor: Actor, at: dt.datetime) -> Order:
    """Write the order, its lines, its first event and the email about it; return it with its secrets.

    Runs in the caller's transaction (place_order). Paid on collection it starts as placed, online as awaiting
    payment. Raises IntegrityError when the cart already has an order: the caller locks the cart and looks first.
    """
    waits = is_online(terms.payment_method)
    status = Order.Status.AWAITING_PAYMENT if waits else Order.Status.PLACED
    columns = {
        field.name: getattr(terms, field.name) for field in fields(terms) if field.name not in ("buyer", "lines")
    }
    order = Order.objects.create(
        **columns,
        **asdict(terms.buyer),
        token=numbers.new_token(),
        collect_secret=numbers.new_secret(),
        status=status,
        placed_at=at,
        status_changed_at=at,
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=position, **asdict(line)) for position, line in enumerate(terms.lines, start=1)
    )
    OrderEvent.objects.create(
        order=order, from_status="", to_status=status, actor_id=actor.user_id, actor_label=actor.label, at=at
    )
    enqueue(
        event="order.received",
        key=f"order.received:{order.number}",
        payload={"order_id": order.pk},
        at=at,
        delay=UNPAID_MAIL_DELAY if waits else dt.timedelta(),
    )
    return order
