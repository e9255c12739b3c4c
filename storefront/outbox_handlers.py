"""The demo's history, written by the worker a day at a time while the shop is open."""

import datetime as dt
import logging

from accounts.models import User
from common.models import OutboxMessage
from common.outbox.services import enqueue, handles
from orders.models import Order
from products.services.popularity import count_popularity
from stock.selectors import active_shops
from storefront.demo.history import DAYS, History
from storefront.demo.people import demo_users

logger = logging.getLogger(__name__)


@handles("demo.history")
def write_day(message: OutboxMessage, at: dt.datetime) -> None:
    """Write one day and queue the next; writing a day twice finds the orders already made."""
    day, seed = message.payload["day"], message.payload["seed"]
    people: dict[str, User] = demo_users()
    writer = History(shops=active_shops(), anna=people["employee"], customer=people["customer"], seed=seed)
    writer.write_day(message.created_at.date() - dt.timedelta(days=day), message.created_at)
    logger.info("demo history: day %s of %s, %s orders", DAYS - day + 1, DAYS + 1, Order.objects.count())
    if day > 0:
        enqueue(
            event="demo.history",
            key=f"demo.history:{seed}:{day - 1}",
            payload={"day": day - 1, "seed": seed},
            at=message.created_at,
        )
    else:
        count_popularity(at=message.created_at)
