"""The demo's categories and products: pages through Wagtail, commerce through the services."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.core.files.images import ImageFile
from wagtail.models import Locale

from common.actors import SETUP
from common.models import Picture
from products.models import (
    CataloguePage,
    CategoryPage,
    Product,
    ProductAllergen,
    ProductAttribute,
    ProductCategory,
    ProductImage,
    ProductIndexPage,
    ProductPage,
    Sku,
)
from products.services import prices, skus
from stock.models import Shop, StockLevel
from stock.services import receive
from storefront.demo.read import CREDIT, LICENCE, PICTURES, products, read
from storefront.demo.shops import load_attributes, load_tax_classes

# Longer than the history of orders, so that every order finds a price in force.
SOLD_SINCE = dt.timedelta(days=120)
Progress = Callable[[str, int, int], None]


def load_picture(name: str, title: str) -> Picture:
    """Return the demo picture `name`, created on first use."""
    found = Picture.objects.filter(title=title, licence=LICENCE).first()
    if found is not None:
        return found
    with (PICTURES / f"{name}.webp").open("rb") as file:
        picture = Picture(title=title, credit=CREDIT, licence=LICENCE, file=ImageFile(file, name=f"{name}.webp"))
        picture.save()
    return picture


def load_categories(catalogue: CataloguePage) -> dict[str, CategoryPage]:
    """Create the category tree; existing pages are left alone."""
    found = {}
    for row in read("catalogue")["category"]:
        parent = found[row["parent"]] if "parent" in row else catalogue
        page = CategoryPage.objects.child_of(parent).filter(slug=row["slug"]).first()
        if page is None:
            page = CategoryPage(title=row["title"], slug=row["slug"], intro=row["intro"], note=row.get("note", ""))
            parent.add_child(instance=page)
            page.save_revision().publish()
        found[row["slug"]] = page
    return found


class ProductLoader:
    """A loader that creates the demo's products under one index page, one at a time, skipping those that exist."""

    def __init__(self, index: ProductIndexPage, catalogue: CataloguePage, shops: list[Shop], at: dt.datetime) -> None:
        self.index, self.shops, self.at = index, shops, at
        self.tax = load_tax_classes()
        self.attributes, self.values = load_attributes()
        self.categories = load_categories(catalogue)
        self.pictures: dict[str, Picture] = {}

    def load_all(self, progress: Progress) -> int:
        """Load every product; return how many were new."""
        rows = products()
        made = 0
        for number, row in enumerate(rows, start=1):
            made += self.load(row)
            progress("products", number, len(rows))
        return made

    def load(self, row: dict[str, Any]) -> bool:
        """Create one product with its page, SKUs, prices and opening stock; return False if it exists already."""
        if ProductPage.objects.child_of(self.index).filter(slug=row["slug"]).exists():
            return False
        page = self._page(row)
        page.product = Product.objects.create(tax_class=self.tax[row.get("tax", "food")], popularity=row["popularity"])
        self.index.add_child(instance=page)
        made = [self._sku(page.product_id, position, sku) for position, sku in enumerate(row["skus"])]
        self._set_prices(made, [Decimal(sku["price"]) for sku in row["skus"]])
        page.save_revision(clean=False).publish()
        return True

    def _page(self, row: dict[str, Any]) -> ProductPage:
        page = ProductPage(
            title=row["title"],
            slug=row["slug"],
            locale=Locale.get_default(),
            intro=row["intro"],
            description=row.get("description", ""),
            card_note=row.get("card_note", ""),
            badges=row.get("badges", []),
            allergen_status=row.get("allergens", "declared"),
            ingredients=row.get("ingredients", ""),
            storage=row.get("storage", ""),
            nutrition=row.get("nutrition", []),
            live=False,
        )
        page.gallery = [
            ProductImage(image=self._picture(name, alt), alt=alt, sort_order=order)
            for order, (name, alt) in enumerate(zip(row["pictures"], row["alts"], strict=True))
        ]
        page.categories = [
            ProductCategory(category=self.categories[slug], sort_order=order)
            for order, slug in enumerate(row["categories"])
        ]
        page.attributes = [
            ProductAttribute(attribute=self.attributes[code], value=self.values[(code, value)], sort_order=order)
            for order, (code, value) in enumerate(row.get("attributes", {}).items())
        ]
        page.allergens = [
            ProductAllergen(allergen=code, level=level, sort_order=order)
            for level, key in (("contains", "contains"), ("may_contain", "may_contain"))
            for order, code in enumerate(row.get(key, []))
        ]
        return page

    def _picture(self, name: str, alt: str) -> Picture:
        if name not in self.pictures:
            self.pictures[name] = load_picture(name, alt)
        return self.pictures[name]

    def _sku(self, product_id: int, position: int, row: dict[str, Any]) -> Sku:
        net_amount, net_unit = row.get("net", (None, ""))
        sku = skus.create_sku(
            product_id=product_id,
            code=row["code"],
            unit=row.get("unit", "pc"),
            step=Decimal(row.get("step", "1")),
            min_quantity=Decimal(row.get("min", row.get("step", "1"))),
            max_quantity=Decimal(row["max"]) if "max" in row else None,
            net_amount=Decimal(net_amount) if net_amount else None,
            net_unit=net_unit,
            options={
                self.attributes[code].pk: self.values[(code, value)].pk
                for code, value in row.get("options", {}).items()
            },
            sort_order=position,
            actor=SETUP,
            at=self.at,
        )
        for shop, quantity in zip(self.shops, row["stock"], strict=True):
            self._open_stock(shop, sku, Decimal(quantity), Decimal(row.get("low", "3")))
        return sku

    def _set_prices(self, made: Sequence[Sku], amounts: Sequence[Decimal]) -> None:
        since = self.at - SOLD_SINCE
        new = [prices.NewPrice(sku.pk, amount, since) for sku, amount in zip(made, amounts, strict=True)]
        prices.set_prices(prices=new, source="demo", actor=SETUP, at=self.at)

    def _open_stock(self, shop: Shop, sku: Sku, quantity: Decimal, low_at: Decimal) -> None:
        StockLevel.objects.get_or_create(shop=shop, sku=sku, defaults={"low_at": low_at})
        if quantity:
            receive.receive(
                shop_id=shop.pk,
                sku_id=sku.pk,
                quantity=quantity,
                actor=SETUP,
                at=self.at,
                kind="opening",
                reason="Opening stock of the demo",
            )
