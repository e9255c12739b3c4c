"""A customer's orders as rows of their lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders import numbers
from orders.models import Order
from orders.models.status import FINAL
from orders.presenters.wording import state_word


@dataclass(frozen=True)
class OrderRow:
    """An order in a list: its number for people, the word for its state, and whether it has ended."""

    order: Order
    number: str
    state: str
    has_ended: bool


@dataclass(frozen=True)
class Overview:
    """Orders on the first page of My account: all that are under way, and the last of the others."""

    open_rows: tuple[OrderRow, ...]
    past_rows: tuple[OrderRow, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was ever ordered."""
        return not self.open_rows and not self.past_rows


LAST = 3


def rows_of(orders: Sequence[Order]) -> list[OrderRow]:
    """Return a row for each order."""
    return [
        OrderRow(order, numbers.group(order.number), str(state_word(order)), order.status in FINAL) for order in orders
    ]


def overview(orders: Sequence[Order]) -> Overview:
    """Return the overview of a customer's orders, which come newest first."""
    rows = rows_of(orders)
    return Overview(
        tuple(row for row in rows if not row.has_ended), tuple([row for row in rows if row.has_ended][:LAST])
    )
