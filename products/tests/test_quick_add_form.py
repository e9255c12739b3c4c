"""Quick add: names without letters, the tax class, and a form sent twice."""

import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from common.actors import Actor
from products.models import CategoryPage, Price, ProductPage, Sku, TaxClass, TaxRate
from products.services.quick_add import NoTaxClass, quick_add
from products.tests.factories import make_category, make_tax_class, make_tree
from products.tests.test_quick_add import form_data, new
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
ANNA = Actor("Anna")
ADDRESS = "products_admin:quick-add"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("!!!", "product-1"), ("🥐🥐", "product-1"), ("Хлеб ржаной", "хлеб-ржаной"), ("Rye bread", "rye-bread")],
)
def test_every_name_gets_an_address(editor, bread, name, slug):
    response = editor.post(reverse(ADDRESS), form_data(bread, name=name))

    assert response.status_code == 302
    page = ProductPage.objects.get()
    assert (page.title, page.slug, page.live) == (name, slug, True)


def test_names_without_letters_are_numbered(bread, at):
    slugs = [quick_add(new=new(bread, name=name), actor=ANNA, at=at).slug for name in ("!!!", "???", "!!!")]

    assert slugs == ["product-1", "product-2", "product-3"]
    assert list(Sku.objects.order_by("pk").values_list("code", flat=True)) == ["ITEM", "ITEM-2", "ITEM-3"]


def test_a_new_category_without_letters_in_its_name_gets_an_address(editor, bread):
    editor.post(reverse(ADDRESS), form_data(bread, category="", new_category="!!!"))
    editor.post(reverse(ADDRESS), form_data(bread, name="Bun", category="", new_category="🥐"))

    assert list(CategoryPage.objects.order_by("pk").values_list("title", "slug")) == [
        ("Bread", "bread"),
        ("!!!", "category-1"),
        ("🥐", "category-2"),
    ]


@pytest.fixture
def classes(at):
    """Create two tax classes; the rate of the second rises next year."""
    found = [make_tax_class("standard", "0.2100"), make_tax_class("reduced", "0.0900")]
    TaxRate.objects.create(tax_class=found[1], rate=Decimal("0.105"), since=(at + dt.timedelta(days=365)).date())
    return found


def test_the_tax_class_is_asked_for_with_current_rates(editor, bread, classes):
    html = editor.get(reverse(ADDRESS)).content.decode()

    select = re.search(r'<select name="tax_class".*?</select>', html, re.DOTALL).group()
    assert re.findall(r'<option value="(\w*)"([^>]*)>([^<]+)', select) == [
        ("", " selected", "Choose a tax class"),
        ("standard", "", "Standard (21%)"),
        ("reduced", "", "Reduced (9%)"),
    ]


@pytest.mark.parametrize("chosen", ["", "gone"])
def test_no_tax_class_is_guessed(editor, bread, classes, chosen):
    response = editor.post(reverse(ADDRESS), form_data(bread, tax_class=chosen))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["tax_class"]
    assert ProductPage.objects.count() == 0


def test_the_product_gets_the_chosen_class(editor, bread, classes):
    assert editor.post(reverse(ADDRESS), form_data(bread, tax_class="reduced")).status_code == 302
    assert ProductPage.objects.get().product.tax_class == classes[1]


def test_the_only_class_is_not_asked_for(editor, bread):
    html = editor.get(reverse(ADDRESS)).content.decode()
    editor.post(reverse(ADDRESS), form_data(bread))

    assert 'name="tax_class"' not in html
    assert "Includes tax: Standard (21%)." in html
    assert ProductPage.objects.get().product.tax_class.code == "standard"


def test_without_any_tax_class_the_form_says_where_to_add_one(editor, bread):
    TaxClass.objects.all().delete()

    response = editor.post(reverse(ADDRESS), form_data(bread))

    assert response.status_code == 422
    assert "There is no tax class yet. Add one under Shop, Tax classes." in response.content.decode()
    assert ProductPage.objects.count() == 0


@pytest.mark.parametrize("tax_class_id", [None, 999_999])
def test_the_service_refuses_an_unknown_or_missing_class(bread, at, classes, tax_class_id):
    with pytest.raises(NoTaxClass):
        quick_add(new=new(bread, tax_class_id=tax_class_id), actor=ANNA, at=at)

    assert ProductPage.objects.count() == 0


def test_the_same_form_sent_twice_creates_one_product(editor, bread):
    html = editor.get(reverse(ADDRESS)).content.decode()
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', html)[1]

    answers = [editor.post(reverse(ADDRESS), form_data(bread, key=key)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert list(Sku.objects.values_list("code", flat=True)) == ["RYE-BREAD"]
    assert Price.objects.count() == 1
    said = [str(message) for message in get_messages(answers[1].wsgi_request)]
    edit = reverse("wagtailadmin_pages:edit", args=[ProductPage.objects.get().pk])
    assert "Rye bread, €4.20 each" in said[-1] and edit in said[-1]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"price": "3,90"}, "Rye bread, €3.90 each, was added; no shop has any yet."),
        ({"price": "12.5", "unit": "kg"}, "Rye bread, €12.50 per kg, was added; no shop has any yet."),
        ({"price": "0,0125", "unit": "g"}, "Rye bread, €0.0125 per g, was added; no shop has any yet."),
        ({"price": "3.90", "stock": "12"}, "Rye bread, €3.90 each, is on sale. In stock: 12 pc in Canal."),
    ],
)
def test_the_answer_repeats_the_values_as_understood(editor, bread, given, sentence):
    shop = make_shop("canal")
    stock = {f"stock_{shop.pk}": given.pop("stock", "")}

    response = editor.post(reverse(ADDRESS), form_data(bread, **given, **stock))

    said = [str(message) for message in get_messages(response.wsgi_request)][-1]
    page = ProductPage.objects.get()
    assert sentence in said
    assert f'href="{page.get_url()}"' in said


def test_two_forms_and_a_form_filled_in_again_create_two_products(bread, at):
    first, second = uuid.uuid4(), uuid.uuid4()
    given = [(first, "Rye bread"), (second, "Rye bread"), (first, "Plum jam"), (first, "Rye bread")]

    pages = [quick_add(new=new(bread, key=key, name=name), actor=ANNA, at=at) for key, name in given]

    assert [page.title for page in ProductPage.objects.order_by("pk")] == ["Rye bread", "Rye bread", "Plum jam"]
    assert pages[3] == pages[0]


def test_a_key_cannot_be_used_to_name_any_page(editor, bread):
    tree = make_tree()

    editor.post(reverse(ADDRESS), form_data(bread, key=str(tree.home.translation_key)))

    assert ProductPage.objects.get().translation_key != tree.home.translation_key


@pytest.mark.parametrize(("changed", "is_open"), [({"price": ""}, False), ({"step": "x"}, True), ({"code": "Ж"}, True)])
def test_step_and_article_are_collapsed_until_one_is_wrong(editor, bread, changed, is_open):
    html = editor.post(reverse(ADDRESS), form_data(bread, **changed)).content.decode()

    more = re.search(r"<details( open)?>\s*<summary>More</summary>.*?</details>", html, re.DOTALL)
    assert bool(more[1]) == is_open
    assert re.findall(r'<input[^>]* name="(\w+)"', more[0]) == ["step", "code"]


def test_a_missing_category_is_asked_for(editor, bread):
    make_category("Cakes")

    html = editor.get(reverse(ADDRESS)).content.decode()

    select = re.search(r'<select name="category".*?</select>', html, re.DOTALL).group()
    assert re.findall(r">([^<>]+)</option>", select) == ["Choose a category", "Bread", "Cakes"]
