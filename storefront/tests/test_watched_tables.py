"""Every table that a public page reads tells of its changes: otherwise a kept page would be stale for good."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.images.tests.utils import get_test_image_file

from common.models import Picture
from common.page_changes.triggers import by_table
from products.models import Attribute, AttributeValue, ProductAllergen, ProductAttribute, Sku, SkuOption
from products.tests.factories import make_category, make_product, make_tree
from stock.tests.factories import make_shop
from storefront.models import ContentPage, HomePage, Identity, ShopPage
from tests.touched import text_of

pytestmark = pytest.mark.django_db
# Read on the way to a page, and no part of it.
UNSEEN = {
    # The feed itself.
    "common_pagechange",
    # Names of models, which no editor changes.
    "django_content_type",
    # Who may pass a restriction: such a page is never kept.
    "wagtailcore_pageviewrestriction_groups",
}
_TABLE = re.compile(r'(?:FROM|JOIN) "(\w+)"')


@pytest.fixture
def site():
    tree = make_tree()
    Identity.load()
    shop = make_shop()
    picture = Picture.objects.create(title="Loaf", file=get_test_image_file())
    bread = make_category("Bread", parent=make_category("Food"))
    loaf = make_product("Rye loaf", codes=("RYE", "RYE-2"), categories=[bread], stock={shop: 7})
    make_product("Oat loaf", codes=("OAT",), categories=[bread], stock={shop: 7})
    roast = Attribute.objects.create(code="roast", name={"en": "Roast"}, kind="choice", is_filter=True)
    dark = AttributeValue.objects.create(attribute=roast, code="dark", label={"en": "Dark"})
    ProductAttribute.objects.create(page=loaf, attribute=roast, value=dark)
    ProductAllergen.objects.create(page=loaf, allergen="gluten")
    SkuOption.objects.create(sku=Sku.objects.get(code="RYE-2"), attribute=roast, value=dark)
    loaf.allergen_status = "declared"
    loaf.gallery.create(image=picture)
    loaf.save_revision().publish()
    home = HomePage.objects.get()
    home.hero_image = picture
    home.save_revision().publish()
    about = home.add_child(instance=ContentPage(title="About", in_footer=True))
    canal = home.add_child(instance=ShopPage(title="Canal", shop=shop))
    return [
        "/", "/?shop=canal", tree.catalogue.url, f"{tree.catalogue.url}?a_roast=dark&sort=price&from=1&without=milk",
        bread.url, bread.get_parent().url, loaf.url, f"{loaf.url}?sku=RYE-2", "/products/", "/search/?q=rye",
        "/search/?q=RYE-2", "/search/?q=food", "/search/suggest/?q=ry", about.url, canal.url,
    ]  # fmt: skip


def test_every_table_that_a_public_page_reads_is_watched(site, client):
    read = set()
    for url in site:
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(url)
        assert answer.status_code == 200, url
        assert "public" in answer.headers["Cache-Control"], url
        read |= {table for query in seen.captured_queries for table in _TABLE.findall(text_of(query["sql"]))}

    assert {"products_price", "stock_stocklevel", "common_picturerendition", "wagtailcore_site"} <= read
    assert read - UNSEEN - set(by_table()) == set()
