"""What of shops stands on public pages: names, hours, and the dates that differ from them."""

import datetime as dt
from zoneinfo import ZoneInfo

from common.page_changes.watches import HORIZON, Watch, planned, watch
from stock.models import Shop

watch(Watch("stock.Shop"), Watch("stock.ShopHours"), Watch("stock.ShopDay"))


@planned
def next_midnight(at: dt.datetime) -> dt.datetime | None:
    """Return when the next day begins in a shop: pages print the special days of two weeks."""
    zones = {ZoneInfo(name) for name in Shop.objects.filter(is_active=True).values_list("timezone", flat=True)}
    tomorrows = ((zone, at.astimezone(zone).date() + dt.timedelta(days=1)) for zone in zones)
    return min((dt.datetime.combine(day, dt.time(), zone) for zone, day in tomorrows), default=None)


@planned
def next_end_of_a_pause(at: dt.datetime) -> dt.datetime | None:
    """Return when a shop's pause ends."""
    ends = (
        Shop.objects.filter(paused_until__gt=at, paused_until__lte=at + HORIZON)
        .order_by("paused_until")
        .values_list("paused_until", flat=True)
    )
    return ends.first()
