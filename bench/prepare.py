"""Fill the benchmark's database: a shop, products in bulk, stock that does not run out; print what to request."""

import json
import sys
from decimal import Decimal

import django
from django.core.management import call_command

django.setup()


from common import clock  # noqa: E402
from common.actors import SETUP  # noqa: E402
from products.models import CataloguePage, CategoryPage, ProductPage, Sku  # noqa: E402
from stock.models import Shop  # noqa: E402
from stock.services import receive  # noqa: E402
from storefront.demo.bulk import bulk_products  # noqa: E402
from storefront.demo.catalogue import load_categories  # noqa: E402
from storefront.demo.shops import load_shops  # noqa: E402

# So many pages are asked for in turn, and so many articles are bought.
SHOWN, SOLD = 60, 40


def main(count: int) -> None:
    """Create the data and print one line of JSON."""
    call_command("setup_shop", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    at = clock.now()
    shops = load_shops()
    Shop.objects.update(lead_minutes=15)
    load_categories(CataloguePage.objects.first())
    bulk_products(count, seed=7, at=at)
    pages = list(ProductPage.objects.live().filter(product__skus__isnull=False).distinct().order_by("pk")[:SHOWN])
    skus = [Sku.objects.filter(product_id=page.product_id).order_by("pk").first() for page in pages[:SOLD]]
    for sku in skus:
        for shop in shops:
            receive.receive(shop_id=shop.pk, sku_id=sku.pk, quantity=Decimal(99000), actor=SETUP, at=at)
    categories = CategoryPage.objects.live().order_by("-numchild", "pk")
    print(
        json.dumps(
            {
                "products": [page.url for page in pages],
                "categories": [category.url for category in categories],
                "codes": [sku.code for sku in skus],
                "shop": shops[0].code,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
