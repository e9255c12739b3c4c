"""Goods that come back after they were issued."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from common.actors import Actor
from stock.models import StockMovement
from stock.services.levels import shift_levels

Kind = StockMovement.Kind


def take_back(
    *,
    shop_id: int,
    to_shelf: Mapping[int, Decimal],
    written_off: Mapping[int, Decimal],
    reference: str,
    reason: str,
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Take back {sku_id: quantity} that an order `reference` was issued: to the shelf, or written off at once.

    Each is a return movement; goods written off have a waste movement beside it, and the shelf stays as it is. Writes
    an outbox row for each band that flips. Raises ValueError for a quantity that is not positive.
    """
    if any(quantity <= 0 for quantity in (*to_shelf.values(), *written_off.values())):
        raise ValueError("goods come back in positive quantities")
    rows = [
        *((Kind.RETURN, sku_id, quantity) for sku_id, quantity in sorted(to_shelf.items())),
        *((Kind.RETURN, sku_id, quantity) for sku_id, quantity in sorted(written_off.items())),
        *((Kind.WASTE, sku_id, -quantity) for sku_id, quantity in sorted(written_off.items())),
    ]
    with transaction.atomic():
        movements = StockMovement.objects.bulk_create(
            StockMovement(
                shop_id=shop_id, sku_id=sku_id, kind=kind, quantity=quantity, reference=reference, reason=reason,
                actor_id=actor.user_id, actor_label=actor.label, at=at,
            )
            for kind, sku_id, quantity in rows
        )  # fmt: skip
        if to_shelf:
            shift_levels(shop_id=shop_id, on_hand=to_shelf, at=at, cause=f"m{movements[0].pk}")
