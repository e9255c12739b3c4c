"""Goods leave with their buyer."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from common.actors import Actor
from common.quantity import sql_round
from stock.models import Reservation, StockLevel, StockMovement
from stock.services.levels import available, band_of
from stock.services.reserve import close_held, tell_if_flipped


def issue(*, reference: str, actor: Actor, at: dt.datetime) -> int:
    """Take what an order holds off the shelf: on_hand and reserved go down together, a movement each.

    Returns how many reservations were issued; a second call finds none.
    """
    with transaction.atomic():
        held = close_held(reference=reference, state=Reservation.State.ISSUED, at=at)
        for reservation in held:
            quantity = reservation.quantity
            on_hand, reserved = sql_round(F("on_hand") - quantity), sql_round(F("reserved") - quantity)
            level = StockLevel.objects.select_for_update().get(shop_id=reservation.shop_id, sku_id=reservation.sku_id)
            StockLevel.objects.filter(pk=level.pk).update(
                on_hand=on_hand, reserved=reserved, band=band_of(available(on_hand, reserved))
            )
            tell_if_flipped(level, at, cause=f"i{reservation.pk}")
        StockMovement.objects.bulk_create(
            StockMovement(
                shop_id=row.shop_id, sku_id=row.sku_id, kind=StockMovement.Kind.ISSUE, quantity=-row.quantity,
                reference=reference, actor_id=actor.user_id, actor_label=actor.label, at=at,
            )
            for row in held
        )  # fmt: skip
    return len(held)
