"""The writer of the history of SKUs' terms, in the transaction that changes them."""

import datetime as dt
from collections.abc import Iterable, Mapping

from common.actors import Actor
from products.models import Sku, SkuEvent
from products.sku_terms import Spelled, spell_terms

Terms = Mapping[str, Spelled]
BATCH = 1000


def options_of(sku: Sku) -> dict[int, int]:
    """Return {attribute id: value id} of a SKU."""
    return dict(sku.options.values_list("attribute_id", "value_id"))


def write_event(*, sku: Sku, code: SkuEvent.Code, before: Terms, after: Terms, actor: Actor, at: dt.datetime) -> None:
    """Write what differs between two spellings of a SKU's terms; nothing when nothing does."""
    changed = [name for name, value in after.items() if name not in before or before[name] != value]
    if not changed:
        return
    params = {
        "before": {name: before[name] for name in changed if name in before},
        "after": {name: after[name] for name in changed},
    }
    SkuEvent.objects.create(sku=sku, code=code, params=params, actor_id=actor.user_id, actor_label=actor.label, at=at)


def write_created(*, options: Mapping[Sku, Mapping[int, int]], actor: Actor, at: dt.datetime) -> None:
    """Write the first event of new SKUs; `options` has those of each SKU."""
    made = {sku.pk: {"before": {}, "after": spell_terms(sku, chosen)} for sku, chosen in options.items()}
    _write_many(made, SkuEvent.Code.CREATED, actor, at)


def write_archived(*, skus: Iterable[Sku], actor: Actor, at: dt.datetime) -> None:
    """Write that SKUs which were on sale are archived."""
    params = {"before": {"is_active": True}, "after": {"is_active": False}}
    _write_many({sku.pk: params for sku in skus}, SkuEvent.Code.ARCHIVED, actor, at)


def _write_many(params: Mapping[int, dict], code: SkuEvent.Code, actor: Actor, at: dt.datetime) -> None:
    SkuEvent.objects.bulk_create(
        [
            SkuEvent(sku_id=pk, code=code, params=one, actor_id=actor.user_id, actor_label=actor.label, at=at)
            for pk, one in params.items()
        ],
        batch_size=BATCH,
    )
