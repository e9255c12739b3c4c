"""Create, change, archive and restore SKUs."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from wagtail.search import index

from common.actors import Actor
from common.constraints import refused_when_taken
from common.quantity import MAX_QUANTITY, PLACES, UNITS, is_on_step
from common.typed_text import clean_identifier
from products.articles import SkuRefused, normalise_code
from products.models import AttributeValue, KeptPage, ProductPage, Sku, SkuEvent, SkuOption, Supplier
from products.services import rows
from products.services.locks import lock_products, lock_sku
from products.services.sku_events import options_of, write_archived, write_event
from products.sku_terms import spell_terms
from stock.models import StockMovement


@dataclass
class Terms:
    """The terms of a SKU: quantities in `unit`. `None` for min_quantity means one step, for max_quantity no limit."""

    code: str
    unit: str = "pc"
    step: Decimal = Decimal(1)
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    net_amount: Decimal | None = None
    net_unit: str = ""
    barcode: str = ""
    supplier_id: int | None = None
    sort_order: int = 0


def create_sku(
    *,
    product_id: int,
    code: str,
    unit: str = "pc",
    step: Decimal = Decimal(1),
    min_quantity: Decimal | None = None,
    max_quantity: Decimal | None = None,
    net_amount: Decimal | None = None,
    net_unit: str = "",
    barcode: str = "",
    supplier_id: int | None = None,
    options: Mapping[int, int] | tuple = (),
    sort_order: int = 0,
    actor: Actor,
    at: dt.datetime,
) -> Sku:
    """Create a variant of a product. `options` maps attribute ids to value ids. Raises SkuRefused."""
    terms = Terms(code, unit, step, min_quantity, max_quantity, net_amount, net_unit, barcode, supplier_id, sort_order)
    with transaction.atomic():
        if not lock_products([product_id]):
            raise SkuRefused(gettext("This product no longer exists."), field="code", code="product_gone")
        sku = Sku(product_id=product_id)
        _write(sku, terms, dict(options))
        made = spell_terms(sku, dict(options))
        write_event(sku=sku, code=SkuEvent.Code.CREATED, before={}, after=made, actor=actor, at=at)
    reindex([product_id])
    return sku


def update_sku(
    *, sku_id: int, options: Mapping[int, int] | None = None, actor: Actor, at: dt.datetime, **changes: Any
) -> Sku:
    """Change a variant; only the given fields of `Terms` move, `options`, when given, replaces all. Raises SkuRefused.

    The unit is fixed once stock was ever moved: a figure in pieces would silently become one in kilograms.
    """
    unknown = set(changes) - {field.name for field in fields(Terms)}
    if unknown:
        raise TypeError(f"update_sku() got unknown fields: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        sku = _locked(sku_id)
        if changes.get("unit", sku.unit) != sku.unit and StockMovement.objects.filter(sku=sku).exists():
            raise SkuRefused(
                gettext("The unit cannot change once stock was counted in it. Add a new variant instead."),
                field="unit",
                code="unit_fixed",
            )
        if "step" in changes and "min_quantity" not in changes and sku.min_quantity == sku.step:
            changes["min_quantity"] = None
        terms = Terms(**{field.name: changes.get(field.name, getattr(sku, field.name)) for field in fields(Terms)})
        now = options_of(sku)
        then = now if options is None else dict(options)
        before = spell_terms(sku, now)
        _write(sku, terms, then)
        rows.refresh([sku.product_id])
        after = spell_terms(sku, then)
        write_event(sku=sku, code=SkuEvent.Code.CHANGED, before=before, after=after, actor=actor, at=at)
    reindex([sku.product_id])
    return sku


def archive_sku(*, sku_id: int, actor: Actor, at: dt.datetime) -> Sku:
    """Take a variant out of sale for good. Orders, prices and stock stay; it can be restored."""
    return _switch(sku_id, is_active=False, actor=actor, at=at)


def restore_sku(*, sku_id: int, actor: Actor, at: dt.datetime) -> Sku:
    """Put an archived variant back on sale. Raises SkuRefused if another variant has its options now."""
    return _switch(sku_id, is_active=True, actor=actor, at=at)


def archive_orphans(*, actor: Actor, at: dt.datetime) -> int:
    """Archive the SKUs of products that no page shows any more; return how many. Idempotent, cheap when none."""
    with transaction.atomic():
        orphans = Sku.objects.filter(is_active=True, product__pages=None)
        products = lock_products(orphans.values_list("product_id", flat=True))
        archived = list(orphans.filter(product__in=products).order_by("pk")) if products else []
        Sku.objects.filter(pk__in=[sku.pk for sku in archived]).update(is_active=False)
        write_archived(skus=archived, actor=actor, at=at)
        rows.refresh(products)
    return len(archived)


def reindex(product_ids: list[int]) -> None:
    """Bring the search index of the live pages of these products up to date: articles are part of it."""
    pages = ProductPage.objects.filter(product_id__in=product_ids, live=True).select_related("product")
    for page in pages.prefetch_related("product__skus"):
        index.insert_or_update_object(page)


def _locked(sku_id: int) -> Sku:
    sku = lock_sku(sku_id)
    if sku is None:
        raise SkuRefused(gettext("This variant no longer exists."), field="code", code="sku_gone")
    return sku


def _switch(sku_id: int, *, is_active: bool, actor: Actor, at: dt.datetime) -> Sku:
    with transaction.atomic():
        sku = _locked(sku_id)
        if is_active:
            _check_combination(sku, options_of(sku))
        before, after = {"is_active": sku.is_active}, {"is_active": is_active}
        code = SkuEvent.Code.RESTORED if is_active else SkuEvent.Code.ARCHIVED
        write_event(sku=sku, code=code, before=before, after=after, actor=actor, at=at)
        sku.is_active = is_active
        sku.save(update_fields=["is_active"])
        rows.refresh([sku.product_id])
    reindex([sku.product_id])
    return sku


def _write(sku: Sku, terms: Terms, options: dict[int, int]) -> None:
    terms.code = normalise_code(terms.code)
    _check_unique(sku, terms)
    _check_quantities(terms)
    _check_net(terms)
    _check_options(options)
    if terms.supplier_id and not Supplier.objects.filter(pk=terms.supplier_id).exists():
        raise SkuRefused(gettext("Choose a supplier from the list."), field="supplier")
    _check_combination(sku, options)
    for field in fields(Terms):
        setattr(sku, field.name, getattr(terms, field.name))
    taken = {"sku_code_once": _code_taken, "sku_barcode_when_present": _barcode_taken}
    with refused_when_taken({name: partial(refusal, terms) for name, refusal in taken.items()}), transaction.atomic():
        sku.save()
    if options_of(sku) != options:
        sku.options.all().delete()
        SkuOption.objects.bulk_create(
            SkuOption(sku=sku, attribute_id=attribute, value_id=value) for attribute, value in options.items()
        )


def _check_unique(sku: Sku, terms: Terms) -> None:
    others = Sku.objects.exclude(pk=sku.pk)
    taken = others.filter(code=terms.code).first()
    if taken is not None:
        raise _code_taken(terms) if taken.product.pages.exists() else _held_without_page(taken, "code")
    terms.barcode = clean_identifier(terms.barcode)
    if not terms.barcode.isprintable():
        raise SkuRefused(gettext("The barcode contains hidden characters. Type it again."), field="barcode")
    taken = others.filter(barcode=terms.barcode).first() if terms.barcode else None
    if taken is not None:
        raise _barcode_taken(terms) if taken.product.pages.exists() else _held_without_page(taken, "barcode")


def _code_taken(terms: Terms) -> SkuRefused:
    message = gettext("The article %(code)s is taken by another variant.") % {"code": terms.code}
    return SkuRefused(message, field="code", code="code_taken")


def _held_without_page(taken: Sku, field: str) -> SkuRefused:
    """Name the product that holds an article or barcode; `extra["title"]` is the title its page had."""
    kept = KeptPage.objects.filter(product=taken.product_id).first()
    words = {"article": taken.code, "title": kept.title if kept else taken.code, "barcode": taken.barcode}
    if field == "code":
        message = gettext(
            "The article %(article)s belongs to “%(title)s”, whose page was deleted. Restore that product or free the "
            "article under Reports, Products without a page."
        )
    else:
        message = gettext(
            "The barcode %(barcode)s is on %(article)s of “%(title)s”, whose page was deleted. Restore that product or "
            "free the article under Reports, Products without a page."
        )
    more = {"article": words["article"], "title": words["title"]}
    return SkuRefused(message % words, field=field, code=f"{field}_without_page", **more)


def _barcode_taken(terms: Terms) -> SkuRefused:
    message = gettext("The barcode %(code)s is on another variant.") % {"code": terms.barcode}
    return SkuRefused(message, field="barcode", code="barcode_taken")


def _check_quantities(terms: Terms) -> None:
    if terms.unit not in UNITS:
        raise SkuRefused(gettext("Choose a unit from the list."), field="unit", code="bad_unit")
    terms.step = _quantity(terms.step, "step")
    terms.min_quantity = terms.step if terms.min_quantity is None else _quantity(terms.min_quantity, "min_quantity")
    terms.max_quantity = None if terms.max_quantity is None else _quantity(terms.max_quantity, "max_quantity")
    if not is_on_step(terms.min_quantity, terms.step):
        raise SkuRefused(gettext("The minimum must be a whole number of steps."), field="min_quantity")
    if terms.max_quantity is not None:
        if not is_on_step(terms.max_quantity, terms.step):
            raise SkuRefused(gettext("The maximum must be a whole number of steps."), field="max_quantity")
        if terms.max_quantity < terms.min_quantity:
            raise SkuRefused(gettext("The maximum is below the minimum."), field="max_quantity")


def _quantity(value: object, field: str) -> Decimal:
    quantity = Decimal(value) if isinstance(value, Decimal | int) else Decimal("NaN")
    if not quantity.is_finite() or quantity <= 0:
        raise SkuRefused(gettext("Enter a quantity above zero."), field=field, code="bad_quantity")
    if quantity > MAX_QUANTITY or round(quantity, PLACES) != quantity:
        raise SkuRefused(gettext("Enter at most 99,999 and at most three decimals."), field=field, code="bad_quantity")
    return quantity


def _check_net(terms: Terms) -> None:
    terms.net_amount = None if terms.net_amount is None else _quantity(terms.net_amount, "net_amount")
    if (terms.net_amount is None) != (not terms.net_unit):
        raise SkuRefused(gettext("Give the net content with its unit, or neither."), field="net_amount")
    if terms.net_unit and terms.net_unit not in UNITS:
        raise SkuRefused(gettext("Choose a unit from the list."), field="net_unit", code="bad_unit")


def _check_options(options: dict[int, int]) -> None:
    owners = dict(AttributeValue.objects.filter(pk__in=options.values()).values_list("pk", "attribute_id"))
    if any(owners.get(value) != attribute for attribute, value in options.items()):
        raise SkuRefused(gettext("Choose options from the list."), field="options", code="bad_option")


def _check_combination(sku: Sku, options: dict[int, int]) -> None:
    if not options:
        return
    siblings = Sku.objects.filter(product_id=sku.product_id, is_active=True).exclude(pk=sku.pk)
    for sibling in siblings.prefetch_related("options"):
        if {row.attribute_id: row.value_id for row in sibling.options.all()} == options:
            message = gettext("Variant %(code)s has the same options.") % {"code": sibling.code}
            raise SkuRefused(message, field="options", code="combination_taken")
