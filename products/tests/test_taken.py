"""An article or barcode that two editors choose at the same moment is refused like any other that is taken."""

import pytest

from common.actors import SETUP
from products.models import Sku
from products.services.skus import SkuRefused, Terms, create_sku, update_sku
from products.services.variants import VariantEdit, VariantsRefused, save_variants
from products.tests.factories import make_product
from products.versions import version_of
from tests.sessions import Beside, open_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bread():
    return make_product(title="Bread", codes=("BREAD",)).product


@pytest.fixture
def soup():
    return make_product(title="Soup", codes=("SOUP",)).product


def while_another_editor_takes(column, value, work):
    """Run `work` while another editor has given SOUP the same code or barcode but not committed yet."""
    with open_transaction() as editor:
        editor.execute(f"UPDATE products_sku SET {column} = %s WHERE code = 'SOUP'", [value])
        rival = Beside(work)
        rival.wait_until_blocked()
        editor.connection.commit()
    return rival.join()


TAKEN = [
    ("code", "RYE", "code_taken", "The article RYE is taken by another variant."),
    ("barcode", "4006381333931", "barcode_taken", "The barcode 4006381333931 is on another variant."),
]


@pytest.mark.parametrize(("column", "value", "code", "message"), TAKEN, ids=["article", "barcode"])
def test_a_new_variant_is_refused(bread, soup, at, column, value, code, message):
    terms = {"code": "NEW", column: value}

    with pytest.raises(SkuRefused) as refusal:
        while_another_editor_takes(column, value, lambda: create_sku(product_id=bread.pk, actor=SETUP, at=at, **terms))

    assert (refusal.value.code, refusal.value.message) == (code, message)
    assert refusal.value.extra == {"field": column}
    assert bread.skus.count() == 1


@pytest.mark.parametrize(("column", "value", "code", "message"), TAKEN, ids=["article", "barcode"])
def test_a_changed_variant_is_refused(bread, soup, at, column, value, code, message):
    sku = bread.skus.get()

    with pytest.raises(SkuRefused) as refusal:
        while_another_editor_takes(
            column, value, lambda: update_sku(sku_id=sku.pk, actor=SETUP, at=at, **{column: value})
        )

    assert (refusal.value.code, refusal.value.message) == (code, message)
    assert list(Sku.objects.filter(pk=sku.pk).values_list("code", "barcode")) == [("BREAD", "")]


@pytest.mark.parametrize(("column", "value", "code", "message"), TAKEN, ids=["article", "barcode"])
def test_the_tab_marks_the_field_and_saves_nothing(bread, soup, at, column, value, code, message):
    sku = bread.skus.get()
    terms = Terms(**{"code": "BREAD", "sort_order": 7, column: value})
    edit = VariantEdit(str(sku.pk), sku.pk, version_of(sku, {}, sku.prices.all()), terms, {})

    with pytest.raises(VariantsRefused) as refusal:
        while_another_editor_takes(
            column,
            value,
            lambda: save_variants(product_id=bread.pk, edits=[edit], actor=SETUP, at=at),
        )

    assert refusal.value.extra == {"rows": {str(sku.pk): {column: message}}}
    assert list(Sku.objects.filter(pk=sku.pk).values_list("code", "barcode", "sort_order")) == [("BREAD", "", 0)]
