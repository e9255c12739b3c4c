"""The history of a variant's terms: one event for each change, with author and time, which cannot be rewritten."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, User
from common.actors import WORKER, Actor
from products.models import Sku, SkuEvent, Supplier
from products.services.sku_events import write_created
from products.services.skus import SkuRefused, archive_orphans, archive_sku, create_sku, restore_sku, update_sku
from products.tests.factories import make_product
from products.tests.test_skus import size_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def rye(at):
    draft = make_product(codes=(), live=False)
    return create_sku(product_id=draft.product_id, code="rye", actor=WORKER, at=at)


def events(sku):
    return list(SkuEvent.objects.filter(sku=sku).order_by("pk").values_list("code", "params"))


def changes(sku):
    return [(code, params["before"], params["after"]) for code, params in events(sku)[1:]]


def test_the_first_event_of_a_variant_has_all_of_its_terms(rye, at):
    event = SkuEvent.objects.get()

    assert (event.sku_id, event.code, event.actor_id, event.actor_label, event.at) == (
        rye.pk,
        "created",
        None,
        "worker",
        at,
    )
    assert event.params == {
        "before": {},
        "after": {
            "code": "RYE",
            "unit": "pc",
            "step": "1",
            "min_quantity": "1",
            "max_quantity": None,
            "net_amount": None,
            "net_unit": "",
            "barcode": "",
            "supplier_id": None,
            "sort_order": 0,
            "is_active": True,
            "options": {},
        },
    }


@pytest.mark.parametrize(
    ("terms", "before", "after"),
    [
        ({"code": "rye-2"}, {"code": "RYE"}, {"code": "RYE-2"}),
        ({"unit": "kg"}, {"unit": "pc"}, {"unit": "kg"}),
        (
            {"step": Decimal("0.50")},
            {"step": "1", "min_quantity": "1"},
            {"step": "0.5", "min_quantity": "0.5"},
        ),
        ({"min_quantity": Decimal(10)}, {"min_quantity": "1"}, {"min_quantity": "10"}),
        ({"max_quantity": Decimal(100)}, {"max_quantity": None}, {"max_quantity": "100"}),
        (
            {"net_amount": Decimal("250.000"), "net_unit": "g"},
            {"net_amount": None, "net_unit": ""},
            {"net_amount": "250", "net_unit": "g"},
        ),
        ({"barcode": "4006381333931"}, {"barcode": ""}, {"barcode": "4006381333931"}),
        ({"sort_order": 3}, {"sort_order": 0}, {"sort_order": 3}),
    ],
    ids=["article", "unit", "step", "minimum", "maximum", "net content", "barcode", "order"],
)
def test_a_change_is_stored_with_old_and_new_value(rye, at, terms, before, after):
    update_sku(sku_id=rye.pk, actor=WORKER, at=at, **terms)

    assert changes(rye) == [("changed", before, after)]


def test_options_and_supplier_are_stored_by_id(rye, at):
    size, (small, _large) = size_values()
    mill = Supplier.objects.create(code="mill", name="Mill")

    update_sku(sku_id=rye.pk, options={size.pk: small.pk}, supplier_id=mill.pk, actor=WORKER, at=at)

    assert changes(rye) == [
        (
            "changed",
            {"options": {}, "supplier_id": None},
            {"options": {str(size.pk): small.pk}, "supplier_id": mill.pk},
        )
    ]


def test_archiving_and_restoring_are_separate_events(rye, at):
    archive_sku(sku_id=rye.pk, actor=WORKER, at=at)
    restore_sku(sku_id=rye.pk, actor=WORKER, at=at)

    assert changes(rye) == [
        ("archived", {"is_active": True}, {"is_active": False}),
        ("restored", {"is_active": False}, {"is_active": True}),
    ]


def test_no_event_is_written_if_nothing_changes(rye, at):
    update_sku(sku_id=rye.pk, code="RYE", step=Decimal("1.000"), actor=WORKER, at=at)
    restore_sku(sku_id=rye.pk, actor=WORKER, at=at)

    assert changes(rye) == []


def test_no_event_is_written_for_a_refused_change(rye, at):
    with pytest.raises(SkuRefused):
        update_sku(sku_id=rye.pk, code="RYE-2", min_quantity=Decimal("1.5"), actor=WORKER, at=at)

    assert changes(rye) == []
    assert Sku.objects.get().code == "RYE"


def test_variants_archived_with_their_page_get_an_event_each(at):
    make_product("Gone", codes=("A", "B", "C")).delete()
    make_product("Kept", codes=("K",))

    archive_orphans(actor=WORKER, at=at)

    found = SkuEvent.objects.order_by("sku__code").values_list("sku__code", "code", "actor_label", "at")
    assert list(found) == [(code, "archived", "worker", at) for code in "ABC"]


def test_the_audit_no_longer_contains_changes_of_terms(rye, at):
    update_sku(sku_id=rye.pk, code="RYE-2", actor=WORKER, at=at)
    archive_sku(sku_id=rye.pk, actor=WORKER, at=at)

    assert not AuditEntry.objects.exists()


def test_an_event_outlives_its_authors_account(rye, at):
    anna = User.objects.create_user(email="anna@example.com")
    update_sku(sku_id=rye.pk, code="RYE-2", actor=Actor("Anna", anna.pk), at=at)

    anna.delete()

    event = SkuEvent.objects.get(code="changed")
    assert (event.actor_id, event.actor_label) == (None, "Anna")
    SkuEvent.objects.filter(pk=event.pk).update(actor_label="editor")
    assert SkuEvent.objects.get(pk=event.pk).actor_label == "editor"


@pytest.mark.parametrize("change", [{"code": "archived"}, {"params": {}}, {"sku": None}], ids=str)
def test_an_event_cannot_be_changed(rye, change):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SkuEvent.objects.update(**change)

    assert [code for code, _params in events(rye)] == ["created"]


def test_an_event_cannot_be_deleted(rye):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SkuEvent.objects.all().delete()

    assert [code for code, _params in events(rye)] == ["created"]


def test_the_history_of_older_variants_starts_with_their_current_terms(rye, at):
    size, (small, _large) = size_values()
    old = make_product("Old", codes=("OLD",)).product.skus.get()
    old.options.create(attribute=size, value=small)
    Sku.objects.filter(pk=old.pk).update(step=Decimal("0.250"), unit="kg", min_quantity=Decimal("0.5"))
    record_terms = import_module("products.migrations.0007_record_terms").record_terms

    record_terms(apps, None)
    record_terms(apps, None)

    [(code, params)] = events(old)
    assert (code, params["before"]) == ("recorded", {})
    assert {name: params["after"][name] for name in ("code", "unit", "step", "min_quantity", "options")} == {
        "code": "OLD",
        "unit": "kg",
        "step": "0.25",
        "min_quantity": "0.5",
        "options": {str(size.pk): small.pk},
    }
    assert [code for code, _params in events(rye)] == ["created"]


def test_the_history_of_variants_created_in_bulk_starts_with_the_models_defaults(at):
    product = make_product(codes=(), live=False).product
    skus = Sku.objects.bulk_create([Sku(product=product, code="A"), Sku(product=product, code="B")])

    write_created(options={sku: {} for sku in skus}, actor=WORKER, at=at)

    found = [(event.params["after"]["step"], event.params["after"]["min_quantity"]) for event in SkuEvent.objects.all()]
    assert found == [("1", "1"), ("1", "1")]
