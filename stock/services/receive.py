"""Receipt of goods: one UPDATE raises the level, and a movement says why."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from common.actors import Actor
from stock.models import StockLevel, StockMovement
from stock.services.levels import shift_levels


def receive(
    *,
    shop_id: int,
    sku_id: int,
    quantity: Decimal,
    actor: Actor,
    at: dt.datetime,
    kind: str = StockMovement.Kind.RECEIPT,
    reason: str = "",
    reference: str = "",
) -> StockLevel:
    """Add a positive `quantity` (in the SKU's unit) to what a shop has; makes the level if it is missing.

    Raises ValueError for a quantity that is not positive. Writes a movement, and an outbox row when the
    band flips.
    """
    if quantity <= 0:
        raise ValueError("receive takes a positive quantity")
    with transaction.atomic():
        StockLevel.objects.get_or_create(shop_id=shop_id, sku_id=sku_id)
        movement = StockMovement.objects.create(
            shop_id=shop_id,
            sku_id=sku_id,
            kind=kind,
            quantity=quantity,
            reason=reason,
            reference=reference,
            actor_id=actor.user_id,
            actor_label=actor.label,
            at=at,
        )
        levels = shift_levels(shop_id=shop_id, on_hand={sku_id: quantity}, at=at, cause=f"m{movement.pk}")
    return levels[sku_id]
