"""Taking a shop off orders for a while."""

import datetime as dt

from common.actors import Actor
from stock.models import Shop


def pause(*, shop_id: int, until: dt.datetime | None, actor: Actor, at: dt.datetime) -> Shop:
    """Take no new orders until `until`; None takes them again at once."""
    shop = Shop.objects.get(pk=shop_id)
    shop.paused_until = until if until and until > at else None
    shop.save(update_fields=["paused_until"])
    return shop
