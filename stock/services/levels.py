"""The SQL that all stock services share: what is left, the band that customers see, moving figures."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.conf import settings
from django.db.models import Case, DecimalField, F, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import LessThanOrEqual

from common.outbox.services import enqueue_all
from common.quantity import sql_round
from stock.models import Band, StockLevel

_NOTHING: Mapping[int, Decimal] = {}


def available(on_hand: Combinable | None = None, reserved: Combinable | None = None) -> Combinable:
    """Return SQL for what can still be promised, rounded as every compared sum is."""
    return sql_round((on_hand or F("on_hand")) - (reserved or F("reserved")))


def band_of(left: Combinable) -> Case:
    """Return SQL for the band of what is left."""
    return Case(
        When(condition=LessThanOrEqual(left, Value(0)), then=Value(Band.SOLD_OUT)),
        When(condition=LessThanOrEqual(left, F("low_at")), then=Value(Band.FEW)),
        default=Value(Band.IN_STOCK),
        output_field=IntegerField(),
    )


def lock_levels(shop_id: int, sku_ids: Iterable[int]) -> dict[int, StockLevel]:
    """Return {sku_id: level}, locked in the order of the SKU until the caller's transaction ends."""
    levels = StockLevel.objects.filter(shop_id=shop_id, sku_id__in=sorted(set(sku_ids))).order_by("sku_id")
    return {level.sku_id: level for level in (levels if settings.TEST_LOCKS_OFF else levels.select_for_update())}


def shift_levels(
    *,
    shop_id: int,
    on_hand: Mapping[int, Decimal] = _NOTHING,
    reserved: Mapping[int, Decimal] = _NOTHING,
    at: dt.datetime,
    cause: str,
) -> dict[int, StockLevel]:
    """Move the figures of a shop's levels by signed amounts {sku_id: amount}; return the levels as they are then.

    Runs in the caller's transaction: locks in the order of the SKU, one UPDATE for all, which sets the band
    too. Writes an outbox row for each band that flips; `cause` names the change once and for all. The
    database refuses (IntegrityError) whatever would end with on_hand < reserved or reserved < 0.
    """
    before = lock_levels(shop_id, [*on_hand, *reserved])
    new_on_hand, new_reserved = _moved("on_hand", on_hand), _moved("reserved", reserved)
    levels = StockLevel.objects.filter(pk__in=[level.pk for level in before.values()])
    levels.update(on_hand=new_on_hand, reserved=new_reserved, band=band_of(available(new_on_hand, new_reserved)))
    after = {level.sku_id: level for level in levels.all()}
    bands = {sku_id: (before[sku_id].band, level.band) for sku_id, level in after.items()}
    tell_flips(bands=bands, shop_id=shop_id, at=at, cause=cause)
    return after


def _moved(column: str, amounts: Mapping[int, Decimal]) -> Combinable:
    if not amounts:
        return sql_round(F(column))
    moves = [When(sku_id=sku_id, then=Value(amount, output_field=_QUANTITY)) for sku_id, amount in amounts.items()]
    return sql_round(F(column) + Case(*moves, default=Value(Decimal(0), output_field=_QUANTITY)))


_QUANTITY = DecimalField(max_digits=12, decimal_places=3)


def tell_flips(*, bands: Mapping[int, tuple[int, int]], shop_id: int, at: dt.datetime, cause: str) -> None:
    """Write one outbox row for each SKU whose band changed, of {sku_id: (before, now)}.

    `cause` is unique to the change on these levels: the same band may be reached again by the same order.
    """
    flips = {sku_id: now for sku_id, (before, now) in bands.items() if before != now}
    enqueue_all(
        event="stock.band_changed",
        payloads={
            f"stock.band:{sku_id}:{shop_id}:{band}:{cause}": {"sku_id": sku_id, "shop_id": shop_id, "band": band}
            for sku_id, band in flips.items()
        },
        at=at,
    )
