"""Stations: the things an order holds besides its own rows, listed in the order of locks.

`place_order` claims down the list; cancelling, expiry, late money and a changed hold go through the same list. A slot,
a promo code or bonuses will each be another station, at their place in the order of locks; no service changes.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext

from common.errors import DomainError
from orders.models import Order
from stock.services import reserve


class LineGone(DomainError):
    """A line's SKU is no longer there to be claimed."""

    code = "line_gone"


@dataclass(frozen=True)
class Claim:
    """A claim under an order's number: quantities by SKU at a shop, until `ends_at` (None: without an end)."""

    number: str
    shop_id: int
    wanted: Mapping[int, Decimal]
    ends_at: dt.datetime | None = None


class Station(Protocol):
    """One kind of thing an order holds. All run in the caller's transaction; a refusal to claim is a DomainError."""

    def claim(self, claim: Claim, *, at: dt.datetime) -> None:
        """Take everything in the claim, or raise."""

    def release(self, number: str, *, at: dt.datetime, is_expired: bool) -> None:
        """Release everything held under a number, if anything is."""

    def set_end(self, number: str, ends_at: dt.datetime | None) -> None:
        """Set the end of everything held under a number."""


class Goods:
    """Stock reserved at the shop. Raises OutOfStock with all short lines."""

    def claim(self, claim: Claim, *, at: dt.datetime) -> None:
        reserve.claim(
            shop_id=claim.shop_id, wanted=claim.wanted, reference=claim.number, expires_at=claim.ends_at, at=at
        )

    def release(self, number: str, *, at: dt.datetime, is_expired: bool) -> None:
        reserve.release(reference=number, at=at, state="expired" if is_expired else "released")

    def set_end(self, number: str, ends_at: dt.datetime | None) -> None:
        reserve.set_expiry(reference=number, expires_at=ends_at)


STATIONS: tuple[Station, ...] = (Goods(),)


def claim(wanted: Claim, *, at: dt.datetime) -> None:
    """Claim at every station, in the order of locks; raises the first refusal, and the caller rolls back."""
    for station in STATIONS:
        station.claim(wanted, at=at)


def release(order: Order, *, at: dt.datetime, is_expired: bool = False) -> None:
    """Release everything a locked order holds."""
    for station in STATIONS:
        station.release(order.number, at=at, is_expired=is_expired)


def reclaim(order: Order, *, at: dt.datetime) -> None:
    """Claim again, without an end, the goods of a locked order. Raises LineGone or a station's refusal."""
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for line in order.lines.order_by("sku_id"):
        if line.sku_id is None:
            raise LineGone(gettext("Something in this order is no longer sold."))
        wanted[line.sku_id] += line.quantity
    claim(Claim(order.number, order.shop_id, wanted), at=at)


def set_end(order: Order, ends_at: dt.datetime | None) -> None:
    """Set the end of the hold of a locked order; with None it lasts until the hand-over or the cancellation."""
    if order.expires_at != ends_at:
        order.expires_at = ends_at
        order.save(update_fields=["expires_at"])
    for station in STATIONS:
        station.set_end(order.number, ends_at)
