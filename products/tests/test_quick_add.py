"""Quick add: one form creates everything, or nothing."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import make_staff
from common.actors import Actor
from products.articles import SkuRefused
from products.models import CategoryPage, Price, Product, ProductPage, Sku
from products.services.prices import BadPrice
from products.services.quick_add import NewProduct, quick_add, suggest_code
from products.tests.factories import make_product, make_tax_class, make_tree
from stock.models import StockLevel, StockMovement
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
ANNA = Actor("Anna")


def new(bread, **changed):
    terms = {"name": "Rye bread", "category_id": bread.pk, "price": Decimal("4.20"), "allergen_status": "declared"}
    return NewProduct(**{**terms, "allergens": ["gluten"], **changed})


def form_data(bread, **changed):
    data = {"name": "Rye bread", "category": bread.pk, "price": "4.20", "unit": "pc", "allergen_status": "none"}
    return {**data, **changed}


def test_one_call_creates_page_product_sku_price_and_stock(bread, at):
    shop = make_shop()

    page = quick_add(new=new(bread, stock={shop.pk: Decimal("12")}), actor=ANNA, at=at)

    sku = Sku.objects.get(product=page.product)
    assert (page.live, page.title, page.get_parent().specific) == (True, "Rye bread", make_tree().index)
    assert [row.category_id for row in page.categories.all()] == [bread.pk]
    assert [row.allergen for row in page.allergens.all()] == ["gluten"]
    assert (sku.code, sku.price_now, sku.min_quantity) == ("RYE-BREAD", Decimal("4.2"), Decimal("1"))
    assert Price.objects.get().source == "quick_add"
    assert StockLevel.objects.get(sku=sku, shop=shop).on_hand == Decimal("12")
    assert StockMovement.objects.get().kind == "opening"
    product = Product.objects.get(pk=page.product_id)
    assert (product.from_price, product.best_band) == (Decimal("4.2"), 2)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [({"price": Decimal("0")}, BadPrice), ({"code": "TAKEN"}, SkuRefused), ({"code": "Ж"}, SkuRefused)],
    ids=["no price", "article taken", "no article"],
)
def test_a_refusal_leaves_nothing_behind(bread, at, changed, refusal):
    make_product("First", codes=("TAKEN",))

    with pytest.raises(refusal):
        quick_add(new=new(bread, **changed), actor=ANNA, at=at)

    assert ProductPage.objects.count() == Sku.objects.count() == Product.objects.count() == 1


def test_an_article_is_suggested_from_the_name():
    make_product(codes=("BROT-FUR-ALLE", "BROT-FUR-ALLE-2"))

    assert suggest_code("Brot für alle") == "BROT-FUR-ALLE-3"
    assert suggest_code("Хлеб ржаной") == "KHLEB-RZHANOY"
    assert suggest_code("!!!") == "ITEM"


def test_the_form_creates_a_live_product(editor, bread):
    shop = make_shop()

    response = editor.post(
        reverse("products_admin:quick-add"), form_data(bread, unit="kg", **{f"stock_{shop.pk}": "2,5"})
    )

    assert response.status_code == 302
    page = ProductPage.objects.get()
    assert page.live
    assert StockLevel.objects.get().on_hand == Decimal("2.5")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"price": "-1"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"code": "Ж"}, "code"),
        ({"allergen_status": ""}, "allergen_status"),
        ({"allergen_status": "declared"}, "allergens"),
        ({"allergens": ["milk"]}, "allergen_status"),
        ({"category": ""}, "category"),
        ({"category": "999999"}, "category"),
        ({"new_category": "Cakes"}, "new_category"),
        ({"step": "0"}, "step"),
        ({"step": "nan"}, "step"),
    ],
    ids=str,
)
def test_a_wrong_field_keeps_the_entered_values_and_creates_nothing(editor, bread, changed, field):
    response = editor.post(reverse("products_admin:quick-add"), form_data(bread, **changed))

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert ProductPage.objects.count() == 0


def test_the_form_is_shown_with_a_stock_field_for_each_shop(editor, bread):
    shop = make_shop(name={"en": "Canal"})

    response = editor.get(reverse("products_admin:quick-add"))

    assert response.status_code == 200
    assert f'name="stock_{shop.pk}"' in response.content.decode()


def test_the_form_is_not_available_without_the_right(client, bread):
    client.force_login(User.objects.create_user("customer@example.com", "secret"))

    response = client.post(reverse("products_admin:quick-add"), form_data(bread))

    assert response.status_code == 404
    assert ProductPage.objects.count() == 0


def test_a_new_category_is_created_under_the_catalogue_and_published(editor, bread):
    response = editor.post(reverse("products_admin:quick-add"), form_data(bread, category="", new_category="Cakes"))

    assert response.status_code == 302
    cakes = CategoryPage.objects.get(title="Cakes")
    assert (cakes.live, cakes.slug, cakes.get_parent().specific) == (True, "cakes", make_tree().catalogue)
    assert [row.category_id for row in ProductPage.objects.get().categories.all()] == [cakes.pk]


def test_an_existing_category_is_used_again(bread, at):
    page = quick_add(new=new(bread, category_id=None, new_category="bread"), actor=ANNA, at=at)

    assert [row.category_id for row in page.categories.all()] == [bread.pk]
    assert CategoryPage.objects.count() == 1


def test_a_refused_product_leaves_no_category_behind(bread, at):
    with pytest.raises(BadPrice):
        quick_add(new=new(bread, category_id=None, new_category="Cakes", price=Decimal(0)), actor=ANNA, at=at)

    assert CategoryPage.objects.count() == 1


def test_the_first_product_can_name_its_category(editor):
    make_tree()
    make_tax_class()

    html = editor.get(reverse("products_admin:quick-add")).content.decode()
    response = editor.post(reverse("products_admin:quick-add"), {
        "name": "Rye bread", "new_category": "Bread", "price": "4.20", "unit": "pc", "allergen_status": "none",
    })  # fmt: skip

    assert 'name="category"' not in html
    assert response.status_code == 302
    assert CategoryPage.objects.get().title == "Bread"


@pytest.mark.parametrize(
    ("changed", "step"),
    [({}, "1"), ({"unit": "kg"}, "0.1"), ({"unit": "g"}, "50"), ({"unit": "kg", "step": Decimal("0.25")}, "0.25")],
    ids=str,
)
def test_weighed_goods_are_sold_in_small_steps(bread, at, changed, step):
    page = quick_add(new=new(bread, **changed), actor=ANNA, at=at)

    assert Sku.objects.get(product=page.product).step == Decimal(step)


@pytest.fixture
def price_manager(client, bread, stopped_clock):
    make_groups()
    make_staff("owner")
    client.force_login(make_staff("price_manager"))
    return client


def test_a_price_manager_can_add_new_products(price_manager, bread):
    make_shop()

    first = price_manager.post(reverse("products_admin:quick-add"), form_data(bread))
    second = price_manager.post(
        reverse("products_admin:quick-add"), form_data(bread, name="Plum jam", category="", new_category="Jams")
    )

    assert (first.status_code, second.status_code) == (302, 302)
    assert list(ProductPage.objects.order_by("pk").values_list("title", "live")) == [
        ("Rye bread", True),
        ("Plum jam", True),
    ]
    assert CategoryPage.objects.get(title="Jams").live


@pytest.mark.parametrize("name", ["unpublish", "delete", "edit", "set_privacy"])
def test_a_price_manager_cannot_remove_pages(price_manager, name):
    page = make_product("Loaf")

    for victim in (page, make_tree().home):
        address = reverse(f"wagtailadmin_pages:{name}", args=[victim.pk])
        answers = {price_manager.get(address).status_code, price_manager.post(address).status_code}
        victim.refresh_from_db()
        assert answers == {302} and victim.live
