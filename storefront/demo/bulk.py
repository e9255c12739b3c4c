"""Thousands of products at once, for benchmarks and tests of scale: pages by computed path, rows in bulk.

Everything that the services maintain is maintained here too (price in force, bands, movements, columns of Product),
so that every invariant holds. Translations, revisions and the reference index are not created.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import F, prefetch_related_objects
from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend

from common.actors import Actor
from common.models import Picture
from products.models import (
    Attribute,
    AttributeValue,
    CataloguePage,
    CategoryPage,
    Price,
    Product,
    ProductAllergen,
    ProductAttribute,
    ProductCategory,
    ProductImage,
    ProductIndexPage,
    ProductPage,
    Sku,
    SkuOption,
    TaxClass,
)
from products.services.sku_events import write_created
from stock.models import Band, Shop, StockLevel, StockMovement
from storefront.demo.shops import load_tax_classes

CHUNK = 1000
LABEL = "bulk"
LOW_AT = Decimal(3)
VARIANTS = 3
_FIRST = ("Country", "Harbour", "Morning", "Quiet", "Amber", "Stone", "Meadow", "Winter", "Copper", "Salted")
_SECOND = ("loaf", "rye", "roll", "biscuit", "tart", "filter coffee", "green tea", "honey", "butter", "cheese")
_ALLERGENS = ("gluten", "milk", "eggs", "nuts", "sesame")


class NoIndexPage(Exception):
    """There is no product index page to put products under: run setup_shop first."""


@dataclass(frozen=True)
class _Surroundings:
    """The rows that the new products refer to."""

    parent: ProductIndexPage
    categories: Sequence[int]
    values: Sequence[AttributeValue]
    pictures: Sequence[int]
    shops: Sequence[Shop]
    tax_class: TaxClass
    content_type: ContentType
    at: dt.datetime


@dataclass(frozen=True)
class _Draft:
    """One product before its rows are written."""

    number: int
    title: str
    amounts: tuple[Decimal, ...]
    on_hand: tuple[tuple[int, ...], ...]
    popularity: int
    allergens: tuple[str, ...]


def bulk_products(count: int, *, seed: int = 7, at: dt.datetime, search: bool = True) -> int:
    """Create those of `count` products of this seed that are missing; return how many were new.

    Every third has variants. They are spread over the leaf categories and stocked in every active shop; existing
    pictures and filter values are used. `search` also writes the search index. Raises NoIndexPage.
    """
    around = _surroundings(at)
    have = Product.objects.filter(skus__code__startswith=f"B{seed}-").distinct().count()
    random = Random(seed)  # noqa: S311 - sample data
    drafts = [_draft(random, number, len(around.shops)) for number in range(count)][have:]
    for start in range(0, len(drafts), CHUNK):
        pages = _write(drafts[start : start + CHUNK], around, seed)
        if search:
            prefetch_related_objects(pages, "product__skus")
            get_search_backend().add_bulk(ProductPage, pages)
    if drafts:
        analyse()
    return len(drafts)


def analyse() -> None:
    """Tell PostgreSQL how large the tables are now: until autovacuum runs, it plans as if they were empty.

    Table by table: a bare ANALYZE also covers catalogues shared by all databases of the server, and waits there.
    """
    if connection.vendor != "postgresql":
        return
    tables = sorted({connection.ops.quote_name(model._meta.db_table) for model in apps.get_models()})
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


def _surroundings(at: dt.datetime) -> _Surroundings:
    locale = Locale.get_default()
    parent = ProductIndexPage.objects.filter(locale=locale).first()
    if parent is None:
        raise NoIndexPage("There is no product index page. Run setup_shop first.")
    leaves = CategoryPage.objects.live().filter(locale=locale, numchild=0).order_by("path")
    return _Surroundings(
        parent=parent,
        categories=list(leaves.values_list("pk", flat=True)) or _make_categories(locale),
        values=_filter_values(),
        pictures=list(Picture.objects.order_by("pk").values_list("pk", flat=True)[:100]),
        shops=list(Shop.objects.open_to_customers().in_order()),
        tax_class=TaxClass.objects.order_by("pk").first() or load_tax_classes()["food"],
        content_type=ContentType.objects.get_for_model(ProductPage),
        at=at,
    )


def _make_categories(locale: Locale) -> list[int]:
    catalogue = CataloguePage.objects.filter(locale=locale).first()
    if catalogue is None:
        raise NoIndexPage("There is no catalogue page. Run setup_shop first.")
    return [catalogue.add_child(instance=CategoryPage(title=f"Shelf {letter}")).pk for letter in "ABCDEFGH"]


def _filter_values() -> list[AttributeValue]:
    """Return the values of the first filter; create one if the shop has none."""
    attribute = Attribute.objects.filter(is_filter=True, kind=Attribute.Kind.CHOICE).order_by("sort_order").first()
    if attribute is None:
        attribute = Attribute.objects.create(code="size", name={"en": "Size"}, is_filter=True)
        for order, (code, label) in enumerate((("small", "Small"), ("medium", "Medium"), ("large", "Large"))):
            AttributeValue.objects.create(attribute=attribute, code=code, label={"en": label}, sort_order=order)
    return list(attribute.values.order_by("sort_order", "pk"))


def _draft(random: Random, number: int, shops: int) -> _Draft:
    skus = VARIANTS if number % 3 == 0 else 1
    price = Decimal(random.randint(90, 4900)) / 100
    return _Draft(
        number=number,
        title=f"{random.choice(_FIRST)} {random.choice(_SECOND)} {number + 1}",
        amounts=tuple(price + Decimal(step) for step in range(skus)),
        on_hand=tuple(tuple(random.choice((0, 2, 8, 25, 40)) for _ in range(shops)) for _ in range(skus)),
        popularity=random.randint(0, 999),
        allergens=tuple(random.sample(_ALLERGENS, random.randint(0, 2))),
    )


def _band(on_hand: int) -> int:
    return Band.SOLD_OUT if on_hand <= 0 else Band.FEW if on_hand <= LOW_AT else Band.IN_STOCK


def _write(drafts: Sequence[_Draft], around: _Surroundings, seed: int) -> list[ProductPage]:
    with transaction.atomic():
        parent = ProductIndexPage.objects.select_for_update(of=("self",)).get(pk=around.parent.pk)
        products = Product.objects.bulk_create(
            Product(
                tax_class=around.tax_class,
                from_price=min(draft.amounts),
                best_band=max((_band(found) for row in draft.on_hand for found in row), default=Band.SOLD_OUT),
                popularity=draft.popularity,
            )
            for draft in drafts
        )
        pages = _write_pages(drafts, products, parent, around, seed)
        _write_content(drafts, pages, around)
        _write_skus(drafts, products, around, seed)
    return pages


def _write_pages(
    drafts: Sequence[_Draft],
    products: Sequence[Product],
    parent: ProductIndexPage,
    around: _Surroundings,
    seed: int,
) -> list[ProductPage]:
    steps = _free_steps(parent)
    pages = []
    for draft, product in zip(drafts, products, strict=True):
        slug = f"b{seed}-{draft.number + 1}"
        page = ProductPage(
            title=draft.title,
            draft_title=draft.title,
            slug=slug,
            path=next(steps),
            depth=parent.depth + 1,
            url_path=f"{parent.url_path}{slug}/",
            content_type=around.content_type,
            locale_id=parent.locale_id,
            translation_key=uuid.uuid4(),
            first_published_at=around.at,
            last_published_at=around.at,
            latest_revision_created_at=around.at,
            product=product,
            intro=f"{draft.title}, made for counting.",
            allergen_status="declared" if draft.allergens else "none",
            cover_id=_of(around.pictures, draft.number),
        )
        pages.append(page)
    base_fields = [field.attname for field in Page._meta.local_concrete_fields if field.attname != "id"]
    bases = [Page(**{name: getattr(page, name) for name in base_fields}) for page in pages]
    for page, base in zip(pages, Page.objects.bulk_create(bases), strict=True):
        page.pk = page.id = base.pk
    _insert_child_rows(pages)
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(pages))
    return pages


def _free_steps(parent: Page) -> Iterator[str]:
    """Yield the free paths after the last child of a page."""
    last = parent.get_last_child()
    step = Page._str2int(last.path[-Page.steplen :]) if last else 0
    while True:
        step += 1
        yield Page._get_path(parent.path, parent.depth + 1, step)


def _insert_child_rows(pages: Sequence[ProductPage]) -> None:
    # bulk_create refuses models with a parent table: the child's own columns are inserted with one statement.
    fields = ProductPage._meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    rows = [[field.get_db_prep_save(getattr(page, field.attname), connection) for field in fields] for page in pages]
    with connection.cursor() as cursor:
        table = quote(ProductPage._meta.db_table)
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608 - our own names


def _write_content(drafts: Sequence[_Draft], pages: Sequence[ProductPage], around: _Surroundings) -> None:
    pairs = list(zip(drafts, pages, strict=True))
    ProductCategory.objects.bulk_create(
        ProductCategory(page_id=page.pk, category_id=_of(around.categories, draft.number), sort_order=0)
        for draft, page in pairs
    )
    ProductAttribute.objects.bulk_create(
        ProductAttribute(page_id=page.pk, attribute_id=value.attribute_id, value_id=value.pk, sort_order=0)
        for draft, page in pairs
        if len(draft.amounts) == 1
        for value in [_of(around.values, draft.number)]
    )
    ProductAllergen.objects.bulk_create(
        ProductAllergen(page_id=page.pk, allergen=code, sort_order=order)
        for draft, page in pairs
        for order, code in enumerate(draft.allergens)
    )
    if around.pictures:
        ProductImage.objects.bulk_create(
            ProductImage(page_id=page.pk, image_id=page.cover_id, sort_order=0) for _draft, page in pairs
        )


def _write_skus(drafts: Sequence[_Draft], products: Sequence[Product], around: _Surroundings, seed: int) -> None:
    wanted = [
        (draft, product, order)
        for draft, product in zip(drafts, products, strict=True)
        for order in range(len(draft.amounts))
    ]
    skus = Sku.objects.bulk_create(
        Sku(
            product=product,
            code=f"B{seed}-{draft.number + 1:06d}" + (f"-{order + 1}" if order else ""),
            net_amount=Decimal(250),
            net_unit="g",
            price_now=draft.amounts[order],
            sort_order=order,
        )
        for draft, product, order in wanted
    )
    rows = list(zip(skus, wanted, strict=True))
    chosen: dict[Sku, dict[int, int]] = {
        sku: {around.values[order].attribute_id: around.values[order].pk}
        if len(draft.amounts) > 1 and order < len(around.values)
        else {}
        for sku, (draft, _product, order) in rows
    }
    SkuOption.objects.bulk_create(
        SkuOption(sku=sku, attribute_id=attribute, value_id=value)
        for sku, options in chosen.items()
        for attribute, value in options.items()
    )
    write_created(options=chosen, actor=Actor(LABEL), at=around.at)
    Price.objects.bulk_create(
        Price(
            sku=sku,
            amount=sku.price_now,
            starts_at=around.at,
            source=LABEL,
            actor_label=LABEL,
            created_at=around.at,
        )
        for sku in skus
    )
    _write_stock([(sku, draft.on_hand[order]) for sku, (draft, _product, order) in rows], around)


def _write_stock(rows: Sequence[tuple[Sku, tuple[int, ...]]], around: _Surroundings) -> None:
    StockLevel.objects.bulk_create(
        [
            StockLevel(shop=shop, sku=sku, on_hand=found, low_at=LOW_AT, band=_band(found))
            for sku, on_hand in rows
            for shop, found in zip(around.shops, on_hand, strict=True)
        ],
        batch_size=5000,
    )
    StockMovement.objects.bulk_create(
        [
            StockMovement(
                shop=shop,
                sku=sku,
                kind=StockMovement.Kind.OPENING,
                quantity=found,
                reason=LABEL,
                actor_label=LABEL,
                at=around.at,
            )
            for sku, on_hand in rows
            for shop, found in zip(around.shops, on_hand, strict=True)
            if found
        ],
        batch_size=5000,
    )


def _of(things: Sequence[object], number: int) -> object:
    """Return the item whose turn it is, or None if there is nothing to choose from."""
    return things[number % len(things)] if things else None
