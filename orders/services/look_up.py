"""Finding a guest's order by its number and contact."""

import datetime as dt

from common import throttle
from orders.limits import FIND_ORDER
from orders.models import Order
from orders.selectors import find_guest_order


def look_up_order(*, number: str, contact: str, network: str, at: dt.datetime) -> Order | None:
    """Return the order with this number and contact, or None; only a miss counts as an attempt.

    Raises TooManyAttempts when `network` has used up its attempts, whether or not the order exists.
    """
    if throttle.is_used_up(FIND_ORDER, network, at=at):
        raise throttle.too_many(FIND_ORDER, network, at=at)
    order = find_guest_order(number=number, contact=contact)
    if order is None:
        throttle.take_or_refuse(FIND_ORDER, network, at=at)
    return order
