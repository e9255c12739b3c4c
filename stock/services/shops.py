"""Taking a shop off orders for a while."""

import datetime as dt

from django.db import transaction

from accounts.services import audit
from common.actors import Actor
from stock.models import Shop


def pause(*, shop_id: int, until: dt.datetime | None, actor: Actor, at: dt.datetime) -> Shop:
    """Take no new orders until `until`; None, or a moment that has passed, takes them again at once.

    Writes an audit entry. Raises Shop.DoesNotExist.
    """
    with transaction.atomic():
        shop = Shop.objects.select_for_update().get(pk=shop_id)
        shop.paused_until = until if until and until > at else None
        shop.save(update_fields=["paused_until"])
        action = "shop.pause" if shop.paused_until else "shop.resume"
        audit.record(action=action, target=f"shop:{shop.pk}", actor=actor, at=at, note=f"{shop.paused_until or ''}")
    return shop
