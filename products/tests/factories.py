"""Minimal valid products: a tree of pages, categories, products with SKUs, prices and stock as plain rows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wagtail.models import Locale, Page, Site

from products.models import (
    CataloguePage,
    CategoryPage,
    Price,
    Product,
    ProductIndexPage,
    ProductPage,
    Sku,
    TaxClass,
    TaxRate,
)
from products.models.choices import AllergenStatus
from products.services import rows
from stock.models import Band, Shop, StockLevel, StockMovement
from storefront.models import HomePage

LONG_AGO = dt.datetime(2026, 1, 1, 8, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Tree:
    """The pages every site has."""

    home: HomePage
    catalogue: CataloguePage
    index: ProductIndexPage


def make_tree() -> Tree:
    """Return home, catalogue and product index of the default site; create them on first use."""
    home = HomePage.objects.filter(locale=Locale.get_default()).first()
    if home is None:
        home = Page.get_first_root_node().add_child(instance=HomePage(title="Zerno", slug="zerno"))
        site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
        site.root_page = home
        site.save()
    return Tree(
        home=home,
        catalogue=_child(home, CataloguePage, "Catalogue"),
        index=_child(home, ProductIndexPage, "Products"),
    )


def make_category(title: str = "Bread", parent: Page | None = None, **fields: object) -> CategoryPage:
    """Return a live category under `parent` (the catalogue)."""
    parent = parent or make_tree().catalogue
    return Page.objects.get(pk=parent.pk).specific.add_child(instance=CategoryPage(title=title, **fields))


def make_product(
    title: str = "Loaf",
    price: str | None = "3.90",
    codes: Sequence[str] = ("LOAF",),
    categories: Sequence[CategoryPage] = (),
    stock: Mapping[Shop, object] | None = None,
    unit: str = "pc",
    step: str = "1",
    **page: object,
) -> ProductPage:
    """Return a live product page whose SKUs `codes` cost `price` and are in stock at each shop of `stock`."""
    page.setdefault("allergen_status", AllergenStatus.NOT_FOOD)
    if "product" not in page:
        page["product"] = Product.objects.create(tax_class=make_tax_class())
    index = ProductIndexPage.objects.get(pk=make_tree().index.pk)
    live = page.pop("live", True)
    for order, code in enumerate(codes):
        make_sku(page["product"], code, price=price, stock=stock, unit=unit, step=step, sort_order=order)
    has_offers = price is not None and page["product"].skus.exists()
    new = ProductPage(title=title, live=live and has_offers, **page)
    for order, category in enumerate(categories):
        new.categories.add(_category_row(new, category, order))
    new = index.add_child(instance=new)
    if live and not has_offers:
        # The state of a page whose last variant was archived.
        Page.objects.filter(pk=new.pk).update(live=True)
        new.live = True
    rows.refresh([new.product_id])
    return new


def make_sku(
    product: Product | None = None,
    code: str = "LOAF",
    *,
    price: str | None = "3.90",
    stock: Mapping[Shop, object] | None = None,
    step: str = "1",
    **fields: object,
) -> Sku:
    """Return a SKU with a long-standing price and stock from opening movements; `product` is created if missing."""
    if product is None:
        product = make_product(title=f"Product of {code}", codes=()).product
    fields.setdefault("min_quantity", Decimal(step))
    amount = Decimal(price) if price is not None else None
    sku = Sku.objects.create(product=product, code=code, step=Decimal(step), price_now=amount, **fields)
    if amount is not None:
        make_price(sku, amount)
    for shop, quantity in (stock or {}).items():
        make_level(sku, shop, quantity)
    rows.refresh([product.pk])
    return sku


def make_price(sku: Sku, amount: object, starts_at: dt.datetime = LONG_AGO) -> Price:
    """Return a price row; `price_now` is not updated."""
    return Price.objects.create(
        sku=sku, amount=Decimal(str(amount)), starts_at=starts_at, actor_label="test", created_at=LONG_AGO
    )


def make_level(sku: Sku, shop: Shop, quantity: object, low_at: object = 3) -> StockLevel:
    """Return a stock level with its opening movement and its band; the caller refreshes the product's rows."""
    on_hand, low = Decimal(str(quantity)), Decimal(str(low_at))
    band = Band.SOLD_OUT if on_hand <= 0 else Band.FEW if on_hand <= low else Band.IN_STOCK
    level = StockLevel.objects.create(sku=sku, shop=shop, on_hand=on_hand, low_at=low, band=band)
    if on_hand:
        StockMovement.objects.create(
            sku=sku, shop=shop, kind=StockMovement.Kind.OPENING, quantity=on_hand, actor_label="test", at=LONG_AGO
        )
    return level


def make_tax_class(code: str = "standard", rate: str = "0.2000") -> TaxClass:
    """Return the tax class with one long-standing rate."""
    tax_class, created = TaxClass.objects.get_or_create(code=code, defaults={"name": {"en": code.title()}})
    if created:
        TaxRate.objects.create(tax_class=tax_class, rate=Decimal(rate), since=dt.date(2020, 1, 1))
    return tax_class


def _child(home: HomePage, model: type[Page], title: str) -> Page:
    found = model.objects.child_of(home).first()
    return found or Page.objects.get(pk=home.pk).specific.add_child(instance=model(title=title))


def _category_row(page: ProductPage, category: CategoryPage, order: int) -> object:
    return page.categories.model(category=category, sort_order=order)
