"""Issue of goods to their buyer."""

import datetime as dt

from django.db import transaction

from common.actors import Actor
from stock.models import Reservation, StockMovement
from stock.services.levels import shift_levels
from stock.services.reserve import by_shop, close_held


def issue(*, reference: str, actor: Actor, at: dt.datetime) -> int:
    """Take the goods an order holds off the shelf: on_hand and reserved go down together, a movement each.

    Returns how many reservations were issued; a second call finds none.
    """
    with transaction.atomic():
        held = close_held(reference=reference, state=Reservation.State.ISSUED, at=at)
        for shop_id, rows in by_shop(held).items():
            gone = {row.sku_id: -row.quantity for row in rows}
            shift_levels(shop_id=shop_id, on_hand=gone, reserved=gone, at=at, cause=f"i{rows[0].pk}")
        StockMovement.objects.bulk_create(
            StockMovement(
                shop_id=row.shop_id, sku_id=row.sku_id, kind=StockMovement.Kind.ISSUE, quantity=-row.quantity,
                reference=reference, actor_id=actor.user_id, actor_label=actor.label, at=at,
            )
            for row in held
        )  # fmt: skip
    return len(held)
