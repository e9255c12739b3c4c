"""Home, category and product pages: their content, their queries, the same for everybody."""

import json
import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Attribute, AttributeValue, ProductAllergen, ProductPage, Sku, SkuOption
from products.tests.factories import make_category, make_product, make_sku, make_tree
from stock.tests.factories import make_shop
from storefront.demo.bulk import bulk_products
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
# Wagtail's own: site, locale, the page's path, its class and its restrictions.
WAGTAIL = 9


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


def text_of(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return squeezed(response.content.decode())


def titles(html: str) -> list[str]:
    return re.findall(r'class="card__title">\s*<a href="[^"]*">([^<]*)</a>', html)


def queries_of(client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_home_counts_the_products_that_the_categorys_page_lists(client):
    shop = make_shop()
    bread, gifts = make_category("Bread"), make_category("Gifts")
    make_product("Loaf", codes=("LOAF",), categories=[bread, gifts], stock={shop: 3})
    make_product("Bun", codes=("BUN",), categories=[bread], stock={shop: 3})
    make_product("Box", codes=("BOX",), categories=[gifts], stock={shop: 3})

    html = text_of(client, "/")

    assert re.findall(r">All (\d)<", html) == ["2", "2"]
    assert len(titles(html)) == 3
    assert len(titles(text_of(client, bread.url))) == len(titles(text_of(client, gifts.url))) == 2


def test_an_empty_home_page_is_valid(client):
    make_tree()

    html = text_of(client, "/")

    assert "<h1" in html
    assert "The shelves are being filled" in html


def test_home_links_to_every_product_by_category(client):
    shop = make_shop()
    bread, tea = make_category("Bread"), make_category("Tea")
    for number in range(26):
        make_product(f"Loaf {number:02}", codes=(f"L{number}",), categories=[bread], stock={shop: 5})
    make_product("Sencha", codes=("SENCHA",), categories=[tea], stock={shop: 5})
    make_product("Gift card", codes=("GIFT",), stock={shop: 5})

    first = text_of(client, "/")
    more = re.search(r'href="(\?after=[^"]+|/\?after=[^"]+)"', first).group(1)
    rest = text_of(client, more if more.startswith("/") else f"/{more}")

    assert len(titles(first)) >= 24
    assert len(titles(first)) + len(titles(rest)) == 28
    assert "Sencha" in titles(rest) and "Gift card" in titles(rest)
    assert "26 of 28 products" in first
    assert f'href="#c{bread.pk}"' in first
    assert f'href="{tea.url}"' in first


@pytest.mark.parametrize("after", ["rubbish", "WyJtZW51IiwiOTk5OSJd", "-1", "WyJtZW51IiwiLTEiXQ"])
def test_rubbish_in_after_shows_the_first_page(client, after):
    make_product("Loaf", categories=[make_category()])

    assert titles(text_of(client, f"/?after={after}&page=-1")) == ["Loaf"]
    assert titles(text_of(client, f"/catalogue/?after={after}&page=-1&sort=')--")) == ["Loaf"]


def test_a_category_shows_its_title_breadcrumbs_and_products(client):
    shop = make_shop()
    bread = make_category("Bread", intro="Three-day starters.")
    rye = make_category("Rye", parent=bread)
    make_product("Rye loaf", codes=("RYE",), categories=[rye], stock={shop: 5})
    make_product("Sencha", codes=("SENCHA",), categories=[make_category("Tea")], stock={shop: 5})

    html = text_of(client, bread.url)
    below = text_of(client, rye.url + "?sort=price&shop=canal")

    assert titles(html) == titles(below) == ["Rye loaf"]
    assert "Three-day starters." in html
    assert "1 product" in html
    assert f'<link rel="canonical" href="{rye.full_url}">' in below
    crumbs = json.loads(re.search(r'ld\+json">(.*?)</script>', below).group(1))
    assert [item["name"] for item in crumbs["itemListElement"]] == ["Bread", "Rye"]


def test_the_product_index_and_the_catalogue_list_everything(client):
    make_product("Loaf", categories=[make_category()])

    assert titles(text_of(client, "/products/")) == titles(text_of(client, "/catalogue/")) == ["Loaf"]


def test_a_product_page_shows_price_stock_by_shop_and_ingredients(client):
    canal, market = make_shop("canal", address={"en": "12 Canal Quay"}), make_shop("market")
    page = make_product(
        "Rye <loaf>",
        codes=("RYE",),
        price="3.90",
        stock={canal: 10, market: 2},
        categories=[make_category()],
        intro="Dark & </script> heavy",
        allergen_status="declared",
        ingredients="Rye, water, salt",
        allergens=[
            ProductAllergen(allergen="gluten", level="contains"),
            ProductAllergen(allergen="sesame", level="may_contain"),
        ],
    )
    Sku.objects.filter(code="RYE").update(net_amount=Decimal(500), net_unit="g")

    html = text_of(client, page.url)

    assert "7.80 / kg" in html
    assert "VAT included" in html
    assert "12 Canal Quay" in html and "In stock" in html and "Few left" in html
    assert "open 24 hours" in html
    assert "gluten" in html and "sesame" in html
    assert "Rye, water, salt" in html
    assert 'name="code" value="RYE"' in html
    product, crumbs = json.loads(re.search(r'ld\+json">(.*?)</script>', html).group(1))
    assert product["offers"]["price"] == "3.90"
    assert product["offers"]["availability"] == "https://schema.org/InStock"
    assert product["description"] == "Dark & </script> heavy"
    assert crumbs["@type"] == "BreadcrumbList"
    assert "10" not in re.sub(r"<[^>]+>", " ", html.split('id="where"')[1].split("</ul>")[0])


def size_variants(page: ProductPage, count: int, shop) -> None:
    attribute = Attribute.objects.create(code="size", name={"en": "Size"}, is_filter=True)
    for number in range(count):
        value = AttributeValue.objects.create(attribute=attribute, code=f"s{number}", label={"en": f"Size {number}"})
        sku = make_sku(page.product, f"TEE-{number}", price=f"{10 + number}.00", stock={shop: 5}, sort_order=number)
        SkuOption.objects.create(sku=sku, attribute=attribute, value=value)


def test_each_variant_has_an_address(client):
    page = make_product("Tee", codes=(), categories=[make_category()])
    size_variants(page, 3, make_shop())

    first, second = text_of(client, page.url), text_of(client, f"{page.url}?sku=tee-1")
    unknown = text_of(client, f"{page.url}?sku=NONE")

    assert 'name="code" value="TEE-0"' in first
    assert 'name="code" value="TEE-1"' in second
    assert 'value="TEE-1" data-option checked' in second
    assert 'name="code" value="TEE-0"' in unknown
    group = json.loads(re.search(r'ld\+json">(.*?)</script>', first).group(1))[0]
    assert group["@type"] == "ProductGroup"
    assert [one["offers"]["price"] for one in group["hasVariant"]] == ["10.00", "11.00", "12.00"]
    assert titles(text_of(client, "/")) == ["Tee"]
    assert 'price__from">from' in text_of(client, "/")


def test_the_weight_of_weighed_goods_is_chosen_on_their_page_in_steps(client):
    shop = make_shop()
    page = make_product("Miche", codes=("MICHE",), price="9.80", unit="kg", step="0.1", stock={shop: 5})

    html = text_of(client, page.url)

    assert '<option value="0.3"' in html
    assert "300 g" in html and "2.94" in html
    assert "per kg" in html
    assert "Choose<" in text_of(client, "/")


def test_a_sold_out_product_says_so_and_cannot_be_added(client):
    page = make_product("Loaf", codes=("LOAF",), stock={make_shop(): 0}, categories=[make_category()])

    html = text_of(client, page.url)

    assert "Sold out in all shops" in html
    assert "Add to cart" not in html
    assert "card--out" in text_of(client, "/")


def test_a_product_without_a_sku_says_so_and_is_in_no_list(client):
    page = make_product("Draft loaf", codes=())

    assert "not on sale" in text_of(client, page.url)
    assert titles(text_of(client, "/")) == []


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("path", ["/", "/catalogue/", "CATEGORY", "/search/?q=loaf", "PRODUCT"])
def test_the_number_of_queries_does_not_grow_with_the_catalogue(client, at, path):
    shop = make_shop()
    category = make_category("Bread")
    made = make_product("Country loaf", codes=("LOAF",), categories=[category], stock={shop: 5})
    url = {"CATEGORY": category.url, "PRODUCT": made.url}.get(path, path)
    bulk_products(40, at=at)
    few = queries_of(client, url)

    bulk_products(300, seed=8, at=at)
    many = queries_of(client, url)

    limit = 16 if path == "PRODUCT" else 14
    assert few - (0 if "search" in path else WAGTAIL) <= limit
    if path == "/":
        # With more than 80 products, home is a plain list instead of the menu.
        assert many - WAGTAIL <= limit
        assert len(titles(text_of(client, url))) == 24
        bulk_products(400, seed=8, at=at)
        assert queries_of(client, url) == many
    else:
        assert few == many


@pytest.mark.parametrize("mode", ["", "sold-out", "card", "search"])
def test_a_draft_is_previewed_with_unsaved_values(mode):
    shop = make_shop()
    category = make_category("Bread")
    page = make_product("Loaf", codes=("LOAF",), stock={shop: 5}, categories=[category])
    page.title = "Loaf, renamed"
    page.save_revision()
    draft = page.get_latest_revision_as_object()

    html = draft.make_preview_request(preview_mode=mode).render().content.decode()

    assert "Loaf, renamed" in html
    assert ProductPage.objects.get(pk=page.pk).title == "Loaf"


def test_a_product_in_stock_can_be_previewed_as_sold_out():
    page = make_product("Loaf", codes=("LOAF",), stock={make_shop(): 5}, categories=[make_category()])

    html = {
        mode: page.make_preview_request(preview_mode=mode).render().content.decode() for mode in ("sold-out", "card")
    }

    assert "Sold out in all shops" in html["sold-out"]
    assert "Add to cart" not in html["sold-out"]
    assert titles(html["card"]) == ["Loaf", "Loaf"]
    assert html["card"].count("card--out") == 1
    assert "No list shows this product yet" in (
        make_product("Draft loaf", codes=()).make_preview_request(preview_mode="card").render().content.decode()
    )


def test_new_pages_can_be_previewed():
    tree = make_tree()
    for page in (tree.home, tree.catalogue, tree.index, make_category("Bread")):
        page.title = "Renamed by hand"
        response = page.make_preview_request()

        assert response.status_code == 200
    unsaved = ProductPage(title="Only typed", allergen_status="none", locale=tree.home.locale, live=False)
    tree.index.add_child(instance=unsaved)
    assert "Only typed" in unsaved.make_preview_request().render().content.decode()


def test_products_a_shop_lacks_are_marked_for_its_visitors(client):
    here, gone, far = make_shop(), make_shop("market"), make_shop("station")
    bread = make_category("Bread")
    page = make_product("Loaf", codes=("LOAF",), categories=[bread], stock={here: 5, gone: 0, far: 5})

    card, product = text_of(client, bread.url), text_of(client, page.url)

    assert re.findall(r'<article class="card"\s+data-out="([^"]*)"', card) == ["market"]
    assert re.findall(r'notice--warn mine" data-of="(.*?)">.*?<span>([^<]*)</span>', product) == [
        ("market", "Sold out at Market. You can collect it at Canal or Station.")
    ]


def test_a_quick_filter_names_its_attribute(client):
    shop, bread = make_shop(), make_category("Bread")
    flour = Attribute.objects.create(code="flour", name={"en": "Flour"}, is_filter=True)
    rye = AttributeValue.objects.create(attribute=flour, code="rye", label={"en": "Rye"})
    make_product("Loaf", codes=("LOAF",), categories=[bread], stock={shop: 5})
    make_product("Bun", codes=("BUN",), categories=[bread], stock={shop: 5})
    SkuOption.objects.create(sku=Sku.objects.get(code="LOAF"), attribute=flour, value=rye)

    chips = re.findall(r'<a class="chip"[^>]*>([^<]*)<span class="chip__n">', text_of(client, bread.url))

    assert chips == ["At Canal", "Flour: Rye"]


def test_a_facet_without_choices_is_collapsed(client):
    shop, market, bread = make_shop(), make_shop("market"), make_category("Bread")
    make_product("Loaf", price="3.90", codes=("LOAF",), categories=[bread], stock={shop: 5, market: 5})

    def first_facet(query: str) -> str:
        return re.search(r'<details class="facet"[^>]*><summary>[^<]*', text_of(client, f"{bread.url}{query}")).group()

    assert first_facet("") == '<details class="facet" open><summary>Available at'
    assert first_facet("?to=1") == '<details class="facet"><summary>Available at'
