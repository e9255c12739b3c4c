"""The SQL that all stock services share: what is left, and the band that customers see."""

import datetime as dt

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.expressions import Combinable

from common.outbox.services import enqueue
from common.quantity import sql_round
from stock.models import Band


def available(on_hand: Combinable | None = None, reserved: Combinable | None = None) -> Combinable:
    """Return SQL for what can still be promised, rounded as every compared sum is."""
    return sql_round((on_hand or F("on_hand")) - (reserved or F("reserved")))


def band_of(left: Combinable) -> Case:
    """Return SQL for the band of what is left."""
    return Case(
        When(condition=_lte(left, Value(0)), then=Value(Band.SOLD_OUT)),
        When(condition=_lte(left, F("low_at")), then=Value(Band.FEW)),
        default=Value(Band.IN_STOCK),
        output_field=IntegerField(),
    )


def _lte(left: Combinable, right: Combinable):  # noqa: ANN202 - a lookup expression
    from_lookup = left.output_field.get_lookup("lte")
    return from_lookup(left, right)


def tell_band_changed(*, sku_id: int, shop_id: int, band: int, at: dt.datetime, cause: str) -> None:
    """Write the outbox row about a flipped band; `cause` makes its key unique to the change."""
    enqueue(
        event="stock.band_changed",
        key=f"stock.band:{sku_id}:{shop_id}:{band}:{cause}"[:128],
        payload={"sku_id": sku_id, "shop_id": shop_id, "band": band},
        at=at,
    )
