"""What waits for people, on the admin's first screen: money to decide about, and what the nightly check found."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.models import User
from accounts.roles import may, role_of
from common.registry import invariants
from orders.attention_list import count_attention
from stock.selectors import staff_shops
from storefront.models import NightlyCheck

# A worker that runs has checked since.
STALE = dt.timedelta(days=2)


@dataclass(frozen=True)
class Waiting:
    """`matters` is how many wait for this person's decision; `check` the last one of the night, for owners only.

    `broken` are its findings as (statement, rows). `is_stale`: no worker has checked for two days.
    """

    matters: int
    is_owner: bool
    check: NightlyCheck | None = None
    broken: tuple[tuple[str | Promise, int], ...] = ()
    is_stale: bool = False


def waiting_for(user: User, at: dt.datetime) -> Waiting | None:
    """Return what waits for this person, None for people who neither decide about money nor own the site."""
    is_owner = role_of(user) == "owner"
    if not may(user, "orders.refund"):
        return None
    shop_ids = [shop.pk for shop in staff_shops(user)]
    matters = count_attention(shop_ids, is_owner=is_owner, at=at)
    if not is_owner:
        return Waiting(matters, is_owner) if matters else None
    check = NightlyCheck.objects.order_by("-at").first()
    titles = {one.id: one.title for one in invariants()} if check and check.broken else {}
    broken = tuple((titles.get(id, id), count) for id, count in check.broken.items()) if check else ()
    return Waiting(matters, is_owner, check, broken, is_stale=check is not None and check.at < at - STALE)
