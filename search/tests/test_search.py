"""Search: names, texts and articles; nothing that people type breaks it."""

import unicodedata

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Locale

from products.catalogue.categories import load_categories
from products.models import CategoryPage, Product, ProductPage, Sku
from products.services.rows import refresh
from products.tests.factories import make_category, make_product, make_tree
from search.candidates import read, with_words
from search.services import MAX_QUERY, begins, find_products, marked, normalise, suggest, words_of
from stock.tests.factories import make_shop

pytestmark = pytest.mark.sqlite
ODD = [
    "'",
    '"',
    "\\",
    "a & b | !c <-> (d):*",
    "NOT AND OR NEAR",
    "*",
    "rye*",
    "title:rye",
    "-rye",
    "{title body}: rye",
    "' OR 1=1 --",
    "%",
    "😀",
    "ръж",
    "خبز",
    "rye\u2028loaf",
    "a" * 5000,
    "rye " * 1250,
    "((((((((((",
    "<script>alert(1)</script>",
]


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shelf(db):
    shop = make_shop()
    rye = make_product("Dark rye loaf", codes=("RYE-900",), stock={shop: 5}, categories=[make_category("Bread")])
    tea = make_product("Sencha", codes=("TEA-1",), description="<p>Goes with rye crackers.</p>", stock={shop: 5})
    return {"rye": rye.product_id, "tea": tea.product_id}


def found(query: str) -> list[int]:
    return find_products(query=normalise(query), tree=load_categories())


def test_names_texts_and_articles_are_found(shelf):
    assert found("rye loaf") == [shelf["rye"]]
    assert set(found("rye")) == {shelf["rye"], shelf["tea"]}
    assert found("crackers") == [shelf["tea"]]
    assert found("RYE LOAF sencha") == []
    assert found("senc") == [shelf["tea"]]


def test_products_in_a_category_of_that_name_are_found_first(shelf):
    bread = CategoryPage.objects.get()
    rolls = make_product("Plain roll", codes=("ROLL",), categories=[make_category("Rolls and buns", parent=bread)])
    knife = make_product("Bread knife", codes=("KNIFE",))

    assert found("bread") == [rolls.product_id, shelf["rye"], knife.product_id]
    assert found("Buns") == found("rolls buns") == [rolls.product_id]
    assert found("bre") == [knife.product_id]

    bread.unpublish()
    assert found("bread") == [knife.product_id]


def test_the_name_ranks_above_the_text_and_part_of_a_categorys_name_last(shelf):
    soup = make_product("Soup", codes=("SOUP",), intro="With rolls, rolls and rolls.")
    roll = make_product("Two rolls", codes=("ROLLS",))
    bun = make_product("Bun", codes=("BUN",), categories=[make_category("Rolls and buns")])

    assert found("rolls") == [roll.product_id, soup.product_id, bun.product_id]


def test_the_words_of_badges_are_found(shelf):
    stew = make_product("Stew", codes=("STEW",), badges=["vegan"])

    assert found("vegan") == [stew.product_id]


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("title", "queries"),
    [
        ("Crème brûlée", ["crème brûlée", "creme brulee", "CRÈME", "brulee"]),
        ("Чай из Йошкар-Олы", ["чай", "ЧАЙ", "чаи", "йошкар", "иошкар"]),
        ("Ёлочный торт", ["ёлочный", "елочный", "ЕЛОЧНЫЙ"]),
        ("Käsebrötchen", ["käsebrötchen", "kasebrotchen"]),
        ("Straßenbrot", ["straßenbrot", "strassenbrot", "STRASSENBROT"]),
        ("Smørrebrød", ["smørrebrød", "smorrebrod"]),
        ("Łódka", ["łódka", "lodka"]),
        ("Φέτα", ["φέτα", "φετα"]),
        ("한과", ["한과"]),
    ],
)
def test_a_title_is_found_in_composed_decomposed_and_plain_spelling(shelf, stored, title, queries):
    page = make_product(unicodedata.normalize(stored, title), codes=("ODD",))

    for query in queries:
        for form in ("NFC", "NFD"):
            typed, begun = unicodedata.normalize(form, query), unicodedata.normalize(form, query[:4])
            assert found(typed) == [page.product_id], (typed, form)
            assert suggest(query=normalise(begun), limit=8) == [page.product_id], (begun, form)


def test_a_category_is_suggested_in_any_spelling():
    assert begins(query="creme", title=unicodedata.normalize("NFD", "Crème"))
    assert begins(query=unicodedata.normalize("NFD", "йогур"), title="Йогурты")


@pytest.mark.parametrize("query", ["RYE-900", "rye-900", " rye-900 ", "ＲＹＥ－９００"])
def test_an_article_is_found_first(shelf, query):
    assert found(query)[0] == shelf["rye"]


def test_a_barcode_is_found(shelf):
    Sku.objects.filter(code="TEA-1").update(barcode="4006381333931")

    assert found("4006381333931") == [shelf["tea"]]


def test_an_exact_article_ranks_above_better_matching_words(shelf):
    make_product("RYE", codes=("SOMETHING",), intro="RYE RYE RYE")
    named = make_product("Flour", codes=("RYE",))

    assert found("rye")[0] == named.product_id


def test_suggestions_start_with_the_typed_text(shelf):
    assert suggest(query="sen", limit=8) == [shelf["tea"]]
    assert suggest(query="...", limit=8) == []


def test_matching_categories_are_suggested_first(client, shelf):
    html = client.get("/search/suggest/?q=bre").content.decode()

    assert "<mark>Bre</mark>ad" in html
    assert f'href="{CategoryPage.objects.get().url}"' in html
    assert "2 suggestions" not in html


def test_sold_out_products_are_suggested_last(client, shelf):
    make_product("Rye", codes=("BUN",))
    refresh(Product.objects.values_list("pk", flat=True))

    html = client.get("/search/suggest/?q=rye").content.decode()

    assert 0 < html.index("Dark") < html.index("<span><mark>Rye</mark></span>")


@pytest.mark.parametrize(
    ("query", "title", "begin", "html"),
    [
        ("rye", "Dark Rye loaf", True, "Dark <mark>Rye</mark> loaf"),
        ("lo da", "Dark rye loaf", True, "<mark>Da</mark>rk rye <mark>lo</mark>af"),
        ("ark", "Dark rye loaf", False, "Dark rye loaf"),
        ("dark x", "Dark rye loaf", False, "<mark>Dark</mark> rye loaf"),
        ("b", "<b>Bold</b> & co", True, "&lt;<mark>b</mark>&gt;<mark>B</mark>old&lt;/<mark>b</mark>&gt; &amp; co"),
        ("...", "Dark & rye", False, "Dark &amp; rye"),
        ("cre", "Crème", True, "<mark>Crè</mark>me"),
        ("cre", "Cre\u0300me", True, "<mark>Cre\u0300</mark>me"),
        ("strasse", "Straßenbrot", True, "<mark>Straße</mark>nbrot"),
    ],
)
def test_the_typed_text_is_marked_at_the_start_of_words(query, title, begin, html):
    assert begins(query=query, title=title) is begin
    assert marked(query=query, title=title) == html


@given(st.text(max_size=100), st.text(max_size=100))
def test_marking_loses_no_character(query, title):
    text = marked(query=query, title=title).replace("<mark>", "").replace("</mark>", "")

    assert text == escape(title)


@given(st.text(max_size=6000))
def test_any_text_is_shortened_to_a_query(text):
    query = normalise(text)

    assert len(query) <= MAX_QUERY
    assert query.isprintable()
    assert len(words_of(query).split()) <= 12


@pytest.mark.parametrize("query", ODD)
def test_odd_queries_get_a_page(client, shelf, query):
    for path in ("/search/", "/search/suggest/"):
        assert client.get(path, {"q": query}).status_code == 200


def test_an_empty_query_asks_for_one(client, shelf):
    for path in ("/search/", "/search/?q=", "/search/?q=%20"):
        html = client.get(path).content.decode()
        assert "Type a name or a product code" in html
        assert "Bread" in html


def test_an_empty_result_repeats_the_query_and_links_to_the_menu(client, shelf):
    html = client.get("/search/", {"q": "<b>gluten</b> free moon"}).content.decode()

    assert "Nothing found for “&lt;b&gt;gluten&lt;/b&gt; free moon”" in html
    assert "Bread" in html


def test_results_can_be_filtered(client, shelf):
    html = client.get("/search/?q=rye&sort=price&shop=canal&category=bread").content.decode()

    assert "Dark rye loaf" in html
    assert ">Sencha<" not in html
    assert 'name="q" value="rye"' in html
    assert 'href="/search/?q=rye&amp;sort=price&amp;shop=canal"' in html


def test_search_is_read_only(client, shelf):
    assert client.post("/search/?q=rye").status_code == 405
    assert client.post("/search/suggest/?q=rye").status_code == 405


def test_drafts_are_not_found(client, shelf):
    make_product("Rye draft", codes=("DRAFT",), live=False)

    html = client.get("/search/?q=rye").content.decode() + client.get("/search/suggest/?q=rye").content.decode()

    assert "Rye draft" not in html


def test_products_are_found_with_one_statement(shelf, django_assert_num_queries):
    tree = load_categories()

    # SQLite's texts are asked for by the search backend, in a statement of its own.
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        assert find_products(query="rye", tree=tree) == [shelf["rye"], shelf["tea"]]


def test_texts_are_ranked_as_the_search_backend_ranks_them(shelf):
    make_product("Rye roll with rye", codes=("R2",), intro="Rye, and again rye.")
    make_product("Roll", codes=("R3",), intro="Rolled rye", description="<p>With whole rye and crackers.</p>")
    make_product("Rye roll, small", codes=("ROLL-RYE",))

    for words in ("rye", "roll rye", "crackers", "rye and"):
        pages = ProductPage.objects.live().search(words, operator="and")
        found = read([with_words(words)])
        assert [hit.product_id for hit in found] == [page.product_id for page in pages], words
        assert len(found) > 0


@pytest.mark.parametrize("most", [1, 2])
def test_names_are_kept_when_more_is_found_than_is_ranked(shelf, monkeypatch, most):
    for number in range(3):
        make_product(f"Biscuit {number}", codes=(f"B{number}",), intro="Good with tea, tea and tea.")
    named = [make_product(f"Tea {number}", codes=(f"T{number}",)).product_id for number in range(2)]
    monkeypatch.setattr("search.candidates.MAX_HITS", most)

    found = [hit.product_id for hit in read([with_words("tea")])]

    assert len(found) == most
    assert connection.vendor == "sqlite" or set(found) <= set(named)


def test_of_a_long_category_the_newest_are_compared(shelf, monkeypatch):
    mugs = make_category("Mugs")
    ids = [make_product(f"Cup {number}", codes=(f"C{number}",), categories=[mugs]).product_id for number in range(4)]
    Product.objects.filter(pk__in=ids[:3]).update(popularity=5)
    assert found("mugs") == [ids[2], ids[1], ids[0], ids[3]]

    monkeypatch.setattr("search.candidates.MAX_COMPARED", 2)

    assert found("mugs") == [ids[2], ids[3]]


def test_a_page_of_another_language_finds_its_product(shelf):
    russian = Locale.objects.get_or_create(language_code="ru")[0]
    for page in (make_tree().home, make_tree().catalogue):
        page.copy_for_translation(russian)
    twin = CategoryPage.objects.get(title="Bread").copy_for_translation(russian)
    twin.title = "Хлеб"
    twin.save_revision().publish()

    assert found("хлеб") == [shelf["rye"]]
