"""The words of the CMS for editors: field labels, and refusals that say where."""

import pytest
from django.urls import reverse
from wagtail.admin.userbar import AccessibilityItem, apply_userbar_hooks
from wagtail.models import Workflow

from accounts.tests.factories import make_staff
from products.models import Attribute, AttributeValue, ProductAttribute, ProductPage, Sku, SkuOption
from products.tests.factories import make_category, make_product, make_tax_class, make_tree
from products.tests.test_admin_forms import add_page
from products.tests.test_publishing import messages_of
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def roast():
    """Return an attribute with one value."""
    attribute = Attribute.objects.create(code="roast", name={"en": "Roast"})
    return AttributeValue.objects.create(attribute=attribute, code="dark", label={"en": "Dark"})


def describe(page, value):
    ProductAttribute.objects.create(page=page, attribute=value.attribute, value=value)


def vary(page, value):
    SkuOption.objects.create(sku=Sku.objects.get(product=page.product), attribute=value.attribute, value=value)


@pytest.mark.parametrize("use", [describe, vary])
def test_an_attribute_in_use_cannot_be_deleted_and_the_refusal_says_where(editor, roast, use):
    use(make_product("Guji"), roast)

    response = editor.post(reverse("attributes:delete", args=[roast.attribute_id]))

    text = "Roast cannot be deleted. 1 product uses it: Guji. Remove it from them first."
    assert text in messages_of(response)
    assert Attribute.objects.count() == 1


def test_many_uses_are_counted_and_five_named(editor, roast):
    for number in range(7):
        describe(make_product(f"Coffee {number}", codes=(f"C{number}",)), roast)

    response = editor.post(reverse("attributes:delete", args=[roast.attribute_id]))

    assert "7 products use it: Coffee 0, Coffee 1, Coffee 2, Coffee 3, Coffee 4, …." in messages_of(response)[0]
    assert ProductAttribute.objects.count() == 7


def test_an_unused_attribute_can_be_deleted(editor, roast):
    editor.post(reverse("attributes:delete", args=[roast.attribute_id]))

    assert Attribute.objects.count() == 0


def test_a_value_used_by_a_page_cannot_be_removed(editor, roast):
    page = make_product("Guji")
    describe(page, roast)
    data = {
        "name_0": "Roast", "name_1": "", "code": "roast", "kind": "choice", "unit": "", "sort_order": "0",
        "values-TOTAL_FORMS": "1", "values-INITIAL_FORMS": "1", "values-0-id": roast.pk, "values-0-code": "dark",
        "values-0-label_0": "Dark", "values-0-label_1": "", "values-0-sort_order": "0", "values-0-DELETE": "on",
    }  # fmt: skip

    response = editor.post(reverse("attributes:edit", args=[roast.attribute_id]), data)

    said = response.context["form"].non_field_errors()
    assert said == ["The value Dark cannot be removed. 1 product uses it: Guji."]
    assert page.attributes.count() == 1


def test_a_duplicate_product_name_is_refused_at_its_field(editor):
    make_product("Plum cake")

    response = add_page(editor, slug="plum-cake", allergen_status="none")

    errors = response.context["form"].errors
    assert errors["title"] == ["Choose another name, or another address under “Promote”: it is taken."]
    assert response.context["form"]["title"].value() == "Plum cake"
    assert ProductPage.objects.count() == 1


def test_the_editor_asks_for_a_product_name(editor):
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[make_product().pk])).content.decode()

    assert "Product name" in html
    assert "as you&#x27;d like it to be seen" not in html


def test_categories_of_the_same_name_can_be_told_apart_in_quick_add(editor, settings):
    make_tree(), make_tax_class()
    for title in ("Bakery", "Gifts"):
        make_category("Biscuits", make_category(title))

    html = editor.get(reverse("products_admin:quick-add")).content.decode()

    assert "Bakery › Biscuits" in html and "Gifts › Biscuits" in html
    assert f"Price in {settings.SHOP_CURRENCY}" in html


def test_every_screen_links_to_the_overview_the_shop_and_the_staff_panel(client):
    make_groups()
    client.force_login(make_staff("owner"))

    html = client.get(reverse("attributes:index")).content.decode()

    for name, address in (("overview", "/admin/"), ("view-shop", "/?"), ("staff-panel", "/staff/")):
        assert f'"name": "{name}"' in html, name
        assert f'"{address}"' in html, address


def test_a_switch_is_shown_as_a_tick_in_lists(editor, roast):
    html = editor.get(reverse("attributes:index")).content.decode()

    assert "icon-false" in html or "icon-cross" in html
    assert "<td>False</td>" not in html


def test_content_checks_ignore_prices(rf, editor):
    page = make_product()
    request = rf.get("/")
    items = [AccessibilityItem(in_editor=True)]

    apply_userbar_hooks(request, items, page)

    assert ".price" in items[0].get_axe_exclude(request)


def test_the_workflow_is_named_after_its_approvers():
    make_groups()

    assert not Workflow.objects.filter(name="Moderators approval").exists()
