"""Creating, changing, archiving and restoring variants."""

from decimal import Decimal

import pytest

from common.actors import WORKER
from products.models import Attribute, AttributeValue, Product, Sku, SkuOption
from products.services.skus import (
    SkuRefused,
    archive_orphans,
    archive_sku,
    create_sku,
    normalise_code,
    restore_sku,
    update_sku,
)
from products.tests.factories import make_product
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db


def create(page, code="NEW", at=None, **terms):
    return create_sku(product_id=page.product_id, code=code, actor=WORKER, at=at, **terms)


def size_values():
    size = Attribute.objects.create(code="size", name={"en": "Size"})
    return size, [AttributeValue.objects.create(attribute=size, code=code) for code in ("s", "l")]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" rye-1 ", "RYE-1"),
        ("ａｂ１", "AB1"),
        ("a" * 64, "A" * 64),
        ("0.5_X", "0.5_X"),
        ("\ufeffRYE\u200b-1\u202c", "RYE-1"),
    ],
    ids=["trimmed and upper", "full width", "longest", "dots and underscores", "invisible marks"],
)
def test_an_article_is_stored_in_its_normal_spelling(typed, stored):
    assert normalise_code(typed) == stored


@pytest.mark.parametrize("typed", ["", "  ", "-A", "A B", "Ж1", "A/B", "A" * 65, "A\n", "<B>", None])
def test_an_invalid_article_is_refused(typed):
    if typed == "A\n":
        assert normalise_code(typed) == "A"
        return
    with pytest.raises(SkuRefused) as refusal:
        normalise_code(typed)
    assert refusal.value.extra == {"field": "code"}


def test_a_scanned_barcode_is_stored_without_invisible_characters(at):
    page = make_product(codes=())

    sku = create(page, at=at, barcode="\u200e4000\x00123\ufeff ")

    assert sku.barcode == "4000123"
    archive_sku(sku_id=sku.pk, actor=WORKER, at=at)


def test_the_minimum_is_one_step_unless_given(at):
    page = make_product(codes=())

    sku = create(page, at=at, unit="kg", step=Decimal("0.25"))

    assert (sku.code, sku.min_quantity, sku.max_quantity) == ("NEW", Decimal("0.25"), None)
    archive_sku(sku_id=sku.pk, actor=WORKER, at=at)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"code": "loaf"}, "code"),
        ({"unit": "box"}, "unit"),
        ({"step": Decimal("0")}, "step"),
        ({"step": Decimal("NaN")}, "step"),
        ({"step": "x"}, "step"),
        ({"step": Decimal("0.0001")}, "step"),
        ({"step": Decimal("0.3"), "min_quantity": Decimal("1")}, "min_quantity"),
        ({"max_quantity": Decimal("2.5")}, "max_quantity"),
        ({"min_quantity": Decimal("5"), "max_quantity": Decimal("4")}, "max_quantity"),
        ({"net_amount": Decimal("200")}, "net_amount"),
        ({"net_unit": "g"}, "net_amount"),
        ({"barcode": "4000"}, "barcode"),
        ({"barcode": "40\ud80000"}, "barcode"),
        ({"supplier_id": 0, "options": {1: 1}}, "options"),
        ({"supplier_id": 999999}, "supplier"),
    ],
    ids=str,
)
def test_wrong_terms_are_refused_by_field_and_nothing_is_created(at, terms, field):
    page = make_product(codes=("LOAF",))
    Sku.objects.filter(code="LOAF").update(barcode="4000")

    with pytest.raises(SkuRefused) as refusal:
        create(page, **{"code": "NEW", "at": at, **terms})

    assert refusal.value.extra == {"field": field}
    assert refusal.value.message.endswith(".")
    assert list(Sku.objects.values_list("code", flat=True)) == ["LOAF"]


def test_two_variants_on_sale_cannot_have_the_same_options(at):
    page = make_product(codes=("LOAF",))
    size, (small, large) = size_values()
    first = create(page, "S", at=at, options={size.pk: small.pk})

    with pytest.raises(SkuRefused, match="S has the same options"):
        create(page, "S2", at=at, options={size.pk: small.pk})
    second = create(page, "L", at=at, options={size.pk: large.pk})

    assert list(SkuOption.objects.order_by("sku__code").values_list("sku__code", "value__code")) == [
        ("L", "l"),
        ("S", "s"),
    ]
    archive_sku(sku_id=first.pk, actor=WORKER, at=at)
    update_sku(sku_id=second.pk, options={size.pk: small.pk}, actor=WORKER, at=at)
    with pytest.raises(SkuRefused):
        restore_sku(sku_id=first.pk, actor=WORKER, at=at)


def test_an_update_changes_only_the_given_fields(at):
    make_product(codes=("LOAF",))
    sku = Sku.objects.get()

    update_sku(sku_id=sku.pk, max_quantity=Decimal("12"), actor=WORKER, at=at)

    sku.refresh_from_db()
    assert (sku.code, sku.step, sku.max_quantity) == ("LOAF", Decimal("1"), Decimal("12"))
    with pytest.raises(TypeError):
        update_sku(sku_id=sku.pk, price_now=1, actor=WORKER, at=at)


def test_the_unit_cannot_change_once_stock_has_moved(at):
    make_product(codes=("LOAF",), stock={make_shop(): 4})

    with pytest.raises(SkuRefused) as refusal:
        update_sku(sku_id=Sku.objects.get().pk, unit="kg", actor=WORKER, at=at)

    assert refusal.value.code == "unit_fixed"


def test_archiving_and_restoring_update_the_products_rows(at):
    page = make_product(codes=("A",), price="2.00", stock={make_shop(): 9})
    sku = Sku.objects.get()

    archive_sku(sku_id=sku.pk, actor=WORKER, at=at)
    archived = Product.objects.get(pk=page.product_id)
    restore_sku(sku_id=sku.pk, actor=WORKER, at=at)
    restored = Product.objects.get(pk=page.product_id)

    assert (archived.from_price, archived.best_band) == (None, 0)
    assert (restored.from_price, restored.best_band) == (Decimal("2"), 2)
    assert sku.prices.count() == 1


def test_only_skus_without_a_page_are_archived(at):
    kept, gone = make_product("Kept", codes=("K",)), make_product("Gone", codes=("G",))
    gone.delete()

    assert archive_orphans(actor=WORKER, at=at) == 1
    assert archive_orphans(actor=WORKER, at=at) == 0
    assert dict(Sku.objects.values_list("code", "is_active")) == {"K": True, "G": False}
    assert kept.product.skus.count() == 1
