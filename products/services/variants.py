"""Save the variants tab: terms, prices and counts of many variants in one transaction, or none of it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext

from common.actors import Actor
from common.errors import DomainError
from common.quantity import is_countable
from products.articles import SkuRefused
from products.models import Product, Sku, SkuOption, TaxClass
from products.models.product import MAX_PRESSES
from products.prices import BadStart, prices_of
from products.services import rows
from products.services.locks import lock_products
from products.services.prices import NewPrice, PricesRefused, set_prices
from products.services.skus import Terms, archive_sku, create_sku, restore_sku, update_sku
from products.versions import version_of
from stock.models import Shop, StockLevel
from stock.services.count import count
from stock.services.receive import receive

SOURCE = "panel"


@dataclass(frozen=True)
class CountEdit:
    """A count of one shop's shelf; `seen` is the figure on hand that the editor saw, None for no figure yet."""

    shop_id: int
    counted: Decimal
    seen: Decimal | None


@dataclass(frozen=True)
class TaxEdit:
    """The tax class that was chosen; `seen_id` is the one the editor saw, None for none."""

    chosen_id: int
    seen_id: int | None


@dataclass(frozen=True)
class VariantEdit:
    """An editor's changes in one row. `sku_id` None is a new variant; None elsewhere means unchanged."""

    key: str
    sku_id: int | None
    version: str
    terms: Terms | None
    options: Mapping[int, int]
    price: Decimal | None = None
    starts_at: dt.datetime | None = None
    archived: bool | None = None
    counts: Sequence[CountEdit] = field(default_factory=tuple)


class VariantsRefused(DomainError):
    """Nothing was saved. `extra["rows"]` is {row key: {field: sentence}}; code `conflict` when others came first."""

    code = "refused"


class _RowRefused(Exception):
    def __init__(self, field_name: str, message: str, conflict: bool = False) -> None:
        super().__init__(message)
        self.field, self.message, self.conflict = field_name, message, conflict


_Saved = list[tuple[VariantEdit, Sku]]


class _Refused(dict[str, dict[str, str]]):
    has_conflict = False


@contextmanager
def _noting(refused: _Refused, key: str) -> Iterator[None]:
    try:
        yield
    except _RowRefused as refusal:
        refused.setdefault(key, {})[refusal.field] = refusal.message
        refused.has_conflict = refused.has_conflict or refusal.conflict


def save_variants(
    *,
    product_id: int,
    edits: Sequence[VariantEdit],
    tax: TaxEdit | None = None,
    press: str = "",
    actor: Actor,
    at: dt.datetime,
) -> list[Sku]:
    """Apply every edit, in the order of the rows; return the SKUs. Raises VariantsRefused and changes nothing.

    A row whose version is not the stored one was changed by somebody else: it is refused, never overwritten. So is a
    tax class that is neither the one seen nor the one chosen, and a variant without options that would be on sale
    beside others with options: the page would hide one kind. Prices whose start is not after `at` begin at once.

    A `press` that was saved before changes nothing and returns [].
    """
    refused = _Refused()
    with transaction.atomic():
        product = lock_products([product_id])[product_id]
        if press and press in product.presses:
            return []
        if tax is not None:
            _save_tax_class(product, tax)
        before = _shape(product_id)
        saved = _save_rows(product_id, edits, refused, actor, at)
        _save_prices(saved, refused, actor, at)
        _save_counts(saved, refused, actor, at)
        if not refused:
            _check_shape(product_id, before, saved, refused)
        if refused:
            raise VariantsRefused(
                gettext("Nothing was saved. Please look at the marked fields."),
                code="conflict" if refused.has_conflict else "refused",
                extra={"rows": dict(refused)},
            )
        rows.refresh([product_id])
        if press:
            presses = [*product.presses, press][-MAX_PRESSES:]
            Product.objects.filter(pk=product_id).update(presses=presses)
    return [sku for _edit, sku in saved]


def _save_tax_class(product: Product, tax: TaxEdit) -> None:
    if tax.chosen_id == product.tax_class_id:
        return
    if not TaxClass.objects.filter(pk=tax.chosen_id).exists():
        raise VariantsRefused(gettext("Choose a tax class from the list."))
    if tax.seen_id != product.tax_class_id:
        message = gettext("Somebody chose another tax class meanwhile: %(name)s. Nothing was saved; choose again.")
        raise VariantsRefused(
            message % {"name": product.tax_class}, code="conflict", extra={"tax_class": product.tax_class_id}
        )
    product.tax_class_id = tax.chosen_id
    product.save(update_fields=["tax_class"])


def _shape(product_id: int) -> dict[int, bool]:
    """Return {sku id: whether it has options} of what is on sale."""
    has_options = Exists(SkuOption.objects.filter(sku=OuterRef("pk")))
    skus = Sku.objects.filter(product_id=product_id, is_active=True).annotate(has_options=has_options)
    return dict(skus.order_by("pk").values_list("pk", "has_options"))


def _plain_beside_others(sku_id: int, edit: VariantEdit | None) -> tuple[str, str]:
    """Return the key of a variant without options, and what to do with it."""
    if edit is not None and edit.sku_id is None:
        message = gettext("Give it options or remove this row: buyers choose among variants with options.")
        return edit.key, message
    message = gettext("Give it options or archive it: buyers choose among variants with options.")
    return edit.key if edit is not None else str(sku_id), message


def _check_shape(product_id: int, before: dict[int, bool], saved: _Saved, refused: _Refused) -> None:
    """Note the variants without options that the edits left on sale beside others with options."""
    after = _shape(product_id)
    if after == before or len(set(after.values())) < 2:
        return
    edit_of = {sku.pk: edit for edit, sku in saved}
    for sku_id in (pk for pk, has_options in after.items() if not has_options):
        key, message = _plain_beside_others(sku_id, edit_of.get(sku_id))
        refused.setdefault(key, {}).setdefault("options", message)


def _save_rows(
    product_id: int, edits: Sequence[VariantEdit], refused: _Refused, actor: Actor, at: dt.datetime
) -> _Saved:
    saved: _Saved = []
    for edit in edits:
        with _noting(refused, edit.key), transaction.atomic():
            saved.append((edit, _save_row(product_id, edit, actor, at)))
    return saved


def _save_row(product_id: int, edit: VariantEdit, actor: Actor, at: dt.datetime) -> Sku:
    try:
        return _save_terms(product_id, edit, actor, at)
    except SkuRefused as refusal:
        raise _RowRefused(refusal.extra["field"], refusal.message) from refusal


def _save_terms(product_id: int, edit: VariantEdit, actor: Actor, at: dt.datetime) -> Sku:
    if edit.sku_id is None:
        if edit.price is None or edit.terms is None:
            raise _RowRefused("price", gettext("A new variant needs a price."))
        terms = asdict(edit.terms)
        return create_sku(product_id=product_id, options=edit.options, actor=actor, at=at, **terms)
    sku = Sku.objects.filter(pk=edit.sku_id, product_id=product_id).first()
    if sku is None:
        raise _RowRefused("row", gettext("This variant no longer exists."), conflict=True)
    options = dict(sku.options.values_list("attribute_id", "value_id"))
    if version_of(sku, options, prices_of([sku.pk])) != edit.version:
        message = gettext("Somebody changed this variant meanwhile. Compare with the new figures, then save again.")
        raise _RowRefused("row", message, conflict=True)
    if edit.terms is not None:
        sku = update_sku(sku_id=sku.pk, options=edit.options, actor=actor, at=at, **asdict(edit.terms))
    if edit.archived is True and sku.is_active:
        sku = archive_sku(sku_id=sku.pk, actor=actor, at=at)
    elif edit.archived is False and not sku.is_active:
        sku = restore_sku(sku_id=sku.pk, actor=actor, at=at)
    return sku


def _save_prices(saved: _Saved, refused: _Refused, actor: Actor, at: dt.datetime) -> None:
    """Set the prices of all rows at once; note what is wrong by row."""
    keys, prices = [], []
    for edit, sku in saved:
        if edit.price is not None:
            with _noting(refused, edit.key):
                prices.append(NewPrice(sku.pk, edit.price, _start(edit, at)))
                keys.append(edit.key)
    try:
        set_prices(prices=prices, source=SOURCE, actor=actor, at=at)
    except PricesRefused as refusal:
        for line, problem in refusal.problems.items():
            name = "price_starts" if isinstance(problem, BadStart) else "price"
            refused.setdefault(keys[line], {}).setdefault(name, problem.message)


def _start(edit: VariantEdit, at: dt.datetime) -> dt.datetime | None:
    starts_at = edit.starts_at if edit.starts_at and edit.starts_at > at else None
    if edit.sku_id is None and starts_at is not None:
        raise _RowRefused("price_starts", gettext("The first price begins at once. Leave the date empty."))
    return starts_at


def _save_counts(saved: _Saved, refused: _Refused, actor: Actor, at: dt.datetime) -> None:
    """Save what was counted, in the global lock order: by SKU and shop, after everything else."""
    counts = [(sku.pk, change.shop_id, edit.key, change) for edit, sku in saved for change in edit.counts]
    for sku_id, _shop_id, key, change in sorted(counts, key=lambda count: count[:2]):
        with _noting(refused, key), transaction.atomic():
            _save_count(sku_id, change, actor, at)


def _save_count(sku_id: int, change: CountEdit, actor: Actor, at: dt.datetime) -> None:
    name = f"stock_{change.shop_id}"
    if not Shop.objects.open_to_customers().filter(pk=change.shop_id).exists():
        raise _RowRefused(name, gettext("This shop is no longer open to customers."))
    unit, step = Sku.objects.values_list("unit", "step").get(pk=sku_id)
    if not is_countable(change.counted, unit, step):
        raise _RowRefused(name, gettext("Count whole pieces: this is not sold in parts."))
    level = StockLevel.objects.select_for_update().filter(sku=sku_id, shop=change.shop_id).first()
    if level is not None and level.on_hand != change.seen:
        message = gettext("Stock changed while you counted. Compare with the new figure, then save again.")
        raise _RowRefused(name, message, conflict=True)
    try:
        if level is not None:
            count(shop_id=change.shop_id, sku_id=sku_id, counted=change.counted, actor=actor, at=at, reason=SOURCE)
        elif change.counted > 0:
            receive(shop_id=change.shop_id, sku_id=sku_id, quantity=change.counted, actor=actor, at=at, kind="opening")
    except DomainError as refusal:
        held = ", ".join(str(reference) for reference in refusal.extra.get("references", []))
        message = f"{refusal.message} ({held})" if held and held not in refusal.message else refusal.message
        raise _RowRefused(name, message) from refusal
