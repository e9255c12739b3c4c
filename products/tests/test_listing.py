"""Lists: sorting, keyset pagination, filters, facet counts; hidden products never appear."""

import datetime as dt
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.utils import translation
from django.utils.text import slugify
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Locale, PageViewRestriction

from common.pagination import encode_cursor
from products.catalogue.categories import load_categories
from products.catalogue.counting import facet_counts
from products.catalogue.filters import Filters
from products.catalogue.links import ListLinks
from products.catalogue.listing import SORTS, list_products
from products.catalogue.scope import Scope
from products.models import (
    Attribute,
    AttributeValue,
    CategoryPage,
    Product,
    ProductAllergen,
    ProductAttribute,
    Sku,
    SkuOption,
)
from products.tests.factories import make_category, make_product, make_tree
from stock.tests.factories import make_shop
from storefront.demo.bulk import bulk_products

pytestmark = pytest.mark.sqlite
db = pytest.mark.django_db


def listed(at, query: str = "", **options):
    asked = QueryDict(query)
    options.setdefault("limit", 24)
    return list_products(
        filters=Filters.from_query(asked), sort=asked.get("sort", ""), after=asked.get("after", ""), at=at, **options
    )


def titles(listing) -> list[str]:
    return [card.title for card in listing.cards]


def counts(listing, name: str) -> dict[str, int | None]:
    return {choice.code: choice.count for facet in listing.facets if facet.name == name for choice in facet.choices}


def make_attribute(code: str, *values: str, **fields) -> dict[str, AttributeValue]:
    attribute = Attribute.objects.create(code=code, name={"en": code.title()}, is_filter=True, **fields)
    return {
        value: AttributeValue.objects.create(attribute=attribute, code=value, label={"en": value.title()})
        for value in values
    }


def give(page, value: AttributeValue) -> None:
    ProductAttribute.objects.create(page=page, attribute=value.attribute, value=value)


@db
@pytest.mark.violates
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 7, 24])
def test_pages_have_no_gaps_and_no_duplicates(at, sort, limit):
    make_tree()
    bulk_products(30, at=at, search=False)
    Product.objects.filter(pk__in=list(Product.objects.values_list("pk", flat=True)[:12])).update(
        popularity=5, from_price=Decimal("3.5")
    )
    Sku.objects.filter(product__from_price=Decimal("3.5")).update(price_now=Decimal("3.5"))
    seen, after, before = [], "", 0
    while True:
        page = list_products(filters=Filters(), sort=sort, after=after, at=at, limit=limit, with_facets=False, shops=[])
        assert page.shown_before == before
        seen += [card.product_id for card in page.cards]
        after, before = page.next_after, page.shown
        if not after:
            break

    _label, column, descending = SORTS[sort]
    order = [f"-{column}", "-id"] if descending else [column, "id"]
    assert seen == list(Product.objects.order_by(*order).values_list("pk", flat=True))
    assert page.count == 30


@db
def test_a_product_added_between_two_pages_causes_no_duplicates(at):
    for number in range(4):
        make_product(f"Loaf {number}", price=f"{number + 1}.00", codes=(f"L{number}",))
    first = listed(at, "sort=price", limit=2)
    make_product("Crumb", price="0.50", codes=("CRUMB",))

    second = list_products(filters=Filters(), sort="price", after=first.next_after, at=at, limit=2)

    assert titles(first) == ["Loaf 0", "Loaf 1"]
    assert titles(second) == ["Loaf 2", "Loaf 3"]


@db
@pytest.mark.parametrize(
    "after",
    [
        "x",
        "WzEs",
        encode_cursor("new", "2026", 1, 24),
        encode_cursor("price", "NaN", 1, 24),
        encode_cursor("price", "1", "1;drop", 24),
        encode_cursor("recommended", "99999999999999", 1, 24),
        encode_cursor("recommended", "-1", 1, 24),
        encode_cursor("recommended", "1", "9" * 30, 24),
        encode_cursor("recommended", "1", 1, "-5"),
        encode_cursor("new", "9999-12-31T23:59:59.999999+00:00", 1, 0)[:-3],
        "\x00",
        "é" * 50,
    ],
)
@pytest.mark.parametrize("sort", ["", "price", "new", "no such sort"])
def test_a_damaged_cursor_shows_the_first_page(at, after, sort):
    make_product("Loaf")

    page = list_products(filters=Filters(), sort=sort, after=after, at=at)

    assert titles(page) in (["Loaf"], [])
    assert page.shown <= 24 + 24


@given(
    st.dictionaries(
        st.sampled_from(["shop", "category", "from", "to", "without", "a_roast", "a_", "x", "after", "sort", "page"]),
        st.lists(st.text(max_size=30), min_size=1, max_size=4),
    )
)
def test_any_query_string_is_accepted(query):
    asked = QueryDict(mutable=True)
    for name, values in query.items():
        asked.setlist(name, values)

    filters = Filters.from_query(asked)

    assert Filters.from_query(QueryDict("&".join(f"{name}={value}" for name, value in filters.pairs()))) == filters


@db
@pytest.mark.violates
def test_products_nobody_can_buy_or_see_are_in_no_list(at):
    make_product("Loaf", codes=("A",))
    make_product("Draft", codes=("B",), live=False)
    hidden = make_product("Hidden", codes=("C",))
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    make_product("Without price", codes=("D",), price=None)
    make_product("Without variants", codes=())

    assert titles(listed(at)) == ["Loaf"]
    assert listed(at).count == 1


@db
def test_a_list_is_in_the_readers_language_and_falls_back_to_the_default(at):
    loaf = make_product("Rye loaf", codes=("A",))
    make_product("Tea", codes=("B",))
    russian = Locale.objects.get_or_create(language_code="ru")[0]
    for page in (make_tree().home, make_tree().index):
        page.copy_for_translation(russian)
    twin = loaf.copy_for_translation(russian)
    twin.title = "Ржаной"
    twin.save_revision().publish()

    with translation.override("ru"):
        cards = {card.title: card for card in listed(at).cards}
    assert set(cards) == {"Ржаной", "Tea"}
    assert cards["Ржаной"].url.startswith("/ru/")
    assert cards["Tea"].lang == "en"
    assert set(titles(listed(at))) == {"Rye loaf", "Tea"}


@db
def test_filters_narrow_the_list(at):
    canal, market = make_shop("canal"), make_shop("market")
    make_product("Rye", codes=("A",), price="4.00", stock={canal: 5})
    make_product("Roll", codes=("B",), price="1.00", stock={canal: 0, market: 5})

    assert titles(listed(at, "shop=canal")) == ["Rye"]
    assert set(titles(listed(at, "shop=nowhere"))) == {"Rye", "Roll"}
    assert titles(listed(at, "from=2")) == ["Rye"]
    assert titles(listed(at, "to=2,50")) == ["Roll"]
    assert titles(listed(at, "from=1&to=1")) == ["Roll"]
    assert listed(at, "from=5").count == 0
    assert set(titles(listed(at, "from=cheap&to=-1&from=&unknown=1&sort=size"))) == {"Rye", "Roll"}


@db
def test_the_filter_without_excludes_traces_too(at):
    make_product("Butter", codes=("A",), allergen_status="none")
    cookie = make_product("Cookie", codes=("B",))
    make_product("Pear", codes=("C",), allergen_status="none")
    ProductAllergen.objects.create(page=make_product("Milk", codes=("D",)), allergen="milk")
    ProductAllergen.objects.create(page=cookie, allergen="milk", level="may_contain")
    ProductAllergen.objects.create(page=cookie, allergen="gluten")

    listing = listed(at, "without=milk")

    assert set(titles(listing)) == {"Butter", "Pear"}
    assert counts(listed(at), "without") == {"gluten": 3, "milk": 2}
    assert counts(listing, "without") == {"milk": 2}
    assert len(titles(listed(at, "without=stones&without=<script>"))) == 4


@db
def test_attributes_of_pages_and_variants_are_filters_with_counts(at):
    roast = make_attribute("roast", "light", "dark", "black")
    grind = make_attribute("grind", "whole", "fine")
    light, dark, both = (make_product(name, codes=(name.upper(),)) for name in ("Light", "Dark", "Both"))
    give(light, roast["light"])
    give(dark, roast["dark"])
    give(both, roast["dark"])
    for sku in Sku.objects.filter(code__in=["DARK", "BOTH"]):
        SkuOption.objects.create(sku=sku, attribute=grind["fine"].attribute, value=grind["fine"])
    give(both, grind["fine"])

    everything = listed(at)
    assert counts(everything, "a_roast") == {"light": 1, "dark": 2, "black": 0}
    assert counts(everything, "a_grind") == {"whole": 0, "fine": 2}
    chosen = listed(at, "a_roast=light")
    # Counts in its own group ignore the choice, counts in other groups include it.
    assert titles(chosen) == ["Light"]
    assert counts(chosen, "a_roast") == {"light": 1, "dark": 2, "black": 0}
    # A choice without results is disabled but keeps its place.
    assert counts(chosen, "a_grind") == {"whole": 0, "fine": 0}
    assert set(titles(listed(at, "a_roast=light&a_roast=dark"))) == {"Light", "Dark", "Both"}
    assert set(titles(listed(at, "a_roast=dark&a_grind=fine"))) == {"Dark", "Both"}
    assert set(titles(listed(at, "a_roast=green&a_nothing=x"))) == {"Light", "Dark", "Both"}
    off = {choice.code for facet in everything.facets for choice in facet.choices if choice.is_off}
    assert off == {"black", "whole"}


@db
def test_shops_are_counted_by_their_stock(at):
    canal, market = make_shop("canal"), make_shop("market")
    make_product("Two", codes=("A", "B"), stock={canal: 5, market: 0})
    make_product("One", codes=("C",), stock={canal: 1, market: 1})

    assert counts(listed(at), "shop") == {"canal": 2, "market": 1}
    assert counts(listed(at, "shop=market"), "shop") == {"canal": 2, "market": 1}
    assert counts(listed(at, "from=900"), "shop") == {"canal": 0, "market": 0}


@db
def test_subcategories_are_counted_with_their_descendants(at):
    bread = make_category("Bread")
    rye = make_category("Rye", parent=bread)
    tea = make_category("Tea")
    make_product("Loaf", codes=("A",), categories=[bread, rye])
    make_product("Rye loaf", codes=("B",), categories=[rye])
    make_product("Sencha", codes=("C",), categories=[tea])
    tree = load_categories()

    listing = listed(at, "category=bread", below=tree.top, tree=tree)

    assert set(titles(listing)) == {"Loaf", "Rye loaf"}
    assert counts(listing, "category") == {"bread": 2, "tea": 1}
    assert len(titles(listed(at, "category=rye", below=tree.top, tree=tree))) == 3


@db
@pytest.mark.violates
def test_counts_are_capped_but_never_wrong(at, monkeypatch):
    make_shop()
    make_tree()
    bulk_products(12, at=at, search=False)
    monkeypatch.setattr("products.catalogue.counting.SCAN", 8)
    monkeypatch.setattr("products.catalogue.listing.COUNT_CAP", 6)

    listing = listed(at)

    assert (listing.count, listing.count_capped) == (6, True)
    assert set(counts(listing, "shop").values()) == {None}
    assert not any(choice.is_off for facet in listing.facets for choice in facet.choices)


@db
def test_chips_remove_one_filter_and_keep_the_rest(at):
    make_shop("canal")
    make_product("Rye", codes=("A",))
    view = ListLinks(listed(at, "shop=canal&to=5&without=milk&sort=new"), "/bread/", [("q", "rye")])

    chips = {chip.label: chip.url for chip in view.chips}

    assert chips == {
        "At Canal": "/bread/?q=rye&sort=new&to=5&without=milk",
        "Up to €5.00": "/bread/?q=rye&sort=new&shop=canal&without=milk",
        "Without milk": "/bread/?q=rye&sort=new&shop=canal&to=5",
    }
    assert view.clear_url == "/bread/?q=rye&sort=new"


@db
def test_relevance_keeps_the_order_of_the_hits(at):
    pages = [make_product(f"Loaf {number}", codes=(f"L{number}",)) for number in range(5)]
    ids = [page.product_id for page in (pages[3], pages[0], pages[4], pages[1])]

    first = listed(at, product_ids=ids, limit=3)
    second = list_products(filters=Filters(), after=first.next_after, product_ids=ids, at=at, limit=3)

    assert titles(first) == ["Loaf 3", "Loaf 0", "Loaf 4"]
    assert titles(second) == ["Loaf 1"]
    assert (second.shown, second.count) == (4, 4)


def test_new_products_come_first_when_sorted_by_new(db, at):
    for number in range(3):
        page = make_product(f"Loaf {number}", codes=(f"L{number}",))
        Product.objects.filter(pk=page.product_id).update(created_at=at + dt.timedelta(hours=number))

    assert titles(listed(at, "sort=new")) == ["Loaf 2", "Loaf 1", "Loaf 0"]


@db
@pytest.mark.parametrize("title", ["Хлеб и булки", "Κουλούρια", "パン", "Bread-" * 40, "Brot_1"])
def test_a_category_is_a_filter_whatever_slug_the_cms_gives_it(client, title):
    slug = slugify(title, allow_unicode=True)[:250].strip("-")
    bread = make_category(title, slug=slug)
    make_product("Loaf", codes=("A",), categories=[bread])
    make_product("Knife", codes=("B",))

    text = client.get(f"/catalogue/?category={quote(slug)}").content.decode()

    assert "/products/loaf/" in text
    assert "/products/knife/" not in text
    assert "/products/loaf/" in client.get(bread.url).content.decode()


@db
def test_a_shop_and_an_attribute_are_filters_whatever_code_the_cms_accepts(client):
    odd = "A_b-" * 8
    shop = make_shop(odd)
    values = make_attribute(odd, odd)
    loaf = make_product("Loaf", codes=("A",), stock={shop: 5})
    ProductAttribute.objects.create(page=loaf, attribute=values[odd].attribute, value=values[odd])
    make_product("Knife", codes=("B",))

    for query in (f"shop={odd}", f"a_{odd}={odd}"):
        text = client.get(f"/catalogue/?{query}").content.decode()
        assert "/products/loaf/" in text
        assert "/products/knife/" not in text


@db
def test_facets_are_counted_by_one_query_whose_arguments_can_be_a_key(at, django_assert_num_queries):
    shop, bread = make_shop(), make_category("Bread")
    make_product("Rye", codes=("A",), categories=[bread], stock={shop: 5})
    filters = Filters.from_query(QueryDict("shop=canal&from=1&a_roast=dark&a_roast=light"))
    asked = {"scope": Scope.of([bread.pk]), "filters": filters, "below": (bread.path,), "category": bread.path}

    with django_assert_num_queries(1):
        counts = facet_counts(**asked)

    assert (counts.total, counts.by_kind["shop"], counts.by_kind["category"]) == (0, {"canal": 0}, {bread.path: 0})
    assert hash(filters) == hash(Filters.from_query(QueryDict("a_roast=dark&a_roast=light&shop=canal&from=1.00")))
    assert len({tuple(asked.values()), tuple(asked.values())}) == 1


@db
def test_a_list_with_far_too_many_rows_is_not_counted(at, monkeypatch):
    make_shop()
    make_tree()
    bulk_products(5, at=at, search=False)
    monkeypatch.setattr("products.catalogue.counting.SCAN", 2)
    everything, bread = Scope.of(), Scope.of(list(CategoryPage.objects.values_list("pk", flat=True)))

    for scope in (everything, bread):
        counts = facet_counts(scope=scope, filters=Filters(), below=(), category="")
        assert (counts.total, counts.is_exact) == (None, False)


@db
def test_filters_of_a_long_list_are_counted_up_to_the_cap(at, monkeypatch):
    shop = make_shop("canal")
    for number in range(4):
        make_product(f"Loaf {number}", codes=(f"L{number}",), stock={shop: number})
    monkeypatch.setattr("products.catalogue.counting.SCAN", 1)

    assert (listed(at, "shop=canal").count, listed(at, "shop=canal").count_capped) == (3, False)
