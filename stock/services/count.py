"""Counts of a shelf."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from stock.models import Reservation, StockLevel, StockMovement
from stock.services.levels import lock_levels, shift_levels

REFERENCES_SHOWN = 20


class CountBelowReserved(DomainError):
    """The count is below what is promised. extra["references"]: the orders that hold it, newest first (20 at most)."""

    code = "count_below_reserved"


def count(
    *, shop_id: int, sku_id: int, counted: Decimal, actor: Actor, at: dt.datetime, reason: str = ""
) -> StockLevel:
    """Set what is on hand to what was counted (in the SKU's unit); the difference becomes a movement.

    Raises CountBelowReserved with the orders to cancel or shorten first, ValueError for a negative count.
    """
    if counted < 0:
        raise ValueError("a count is not negative")
    with transaction.atomic():
        StockLevel.objects.get_or_create(shop_id=shop_id, sku_id=sku_id)
        level = lock_levels(shop_id, [sku_id])[sku_id]
        if counted < level.reserved:
            raise CountBelowReserved(
                gettext("Customers have reserved more than that. Cancel or reduce those orders first."),
                extra={"references": _holders(shop_id, sku_id), "reserved": level.reserved},
            )
        difference = counted - level.on_hand
        if difference == 0:
            return level
        movement = StockMovement.objects.create(
            shop_id=shop_id,
            sku_id=sku_id,
            kind=StockMovement.Kind.COUNT,
            quantity=difference,
            reason=reason,
            actor_id=actor.user_id,
            actor_label=actor.label,
            at=at,
        )
        levels = shift_levels(shop_id=shop_id, on_hand={sku_id: difference}, at=at, cause=f"m{movement.pk}")
    return levels[sku_id]


def _holders(shop_id: int, sku_id: int) -> list[str]:
    held = Reservation.objects.filter(shop_id=shop_id, sku_id=sku_id, state=Reservation.State.HELD)
    return list(held.order_by("-id").values_list("reference", flat=True)[:REFERENCES_SHOWN])
