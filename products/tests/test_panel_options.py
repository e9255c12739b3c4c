"""The variants tab: variants with and without options are not mixed; titles of rows."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from products.models import Attribute, AttributeValue, Price, Sku
from products.tests.factories import make_product
from products.tests.test_panel import person, row, send, terms
from tests.markup import squeezed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
GIVE_OR_ARCHIVE = "Give it options or archive it: buyers choose among variants with options."


@pytest.fixture
def manager():
    return person("owner", "change_sku", "view_sku", "add_sku", edits=True)


@pytest.fixture
def loaf():
    return make_product("Loaf", codes=("LOAF",), price="3.90")


@pytest.fixture
def sizes():
    size = Attribute.objects.create(code="size", name={"en": "Size"})
    return [
        AttributeValue.objects.create(attribute=size, code=code, label={"en": label}, sort_order=order)
        for order, (code, label) in enumerate([("s", "Small"), ("m", "Medium")])
    ]


def option(value):
    return {str(value.attribute_id): str(value.pk)}


def new_row(number, value=None, **changed):
    options = {} if value is None else option(value)
    return {"key": f"new-{number}", "version": "", "price": "5", **terms(code=f"N{number}", options=options), **changed}


def give(code, value):
    Sku.objects.get(code=code).options.create(attribute=value.attribute, value=value)


def shown(client, page):
    return client.get(reverse("products_admin:variants", args=[page.pk]) + "?fragment=1").content.decode()


def test_mixing_variants_with_and_without_options_is_refused_on_the_row(manager, loaf, sizes):
    plain = Sku.objects.get()

    response = send(manager, loaf, new_row(1, sizes[0]), new_row(2, sizes[1]))

    assert response.status_code == 422
    assert response.json()["rows"] == {str(plain.pk): {"options": GIVE_OR_ARCHIVE}}
    assert (Sku.objects.count(), Price.objects.count()) == (1, 1)


@pytest.mark.parametrize("way", ["archived", "given options"])
def test_both_remedies_can_be_saved(manager, loaf, sizes, way):
    changed = {"archived": True} if way == "archived" else terms(code="LOAF", options=option(sizes[1]))

    response = send(manager, loaf, row(loaf, "LOAF", **changed), new_row(1, sizes[0]))

    assert response.status_code == 200
    on_sale = Sku.objects.filter(is_active=True).order_by("code").values_list("code", "options__value__code")
    assert list(on_sale) == [*([("LOAF", "m")] if way == "given options" else []), ("N1", "s")]


def test_a_new_row_without_options_is_refused_among_options(manager, loaf, sizes):
    give("LOAF", sizes[0])

    response = send(manager, loaf, new_row(1))

    assert response.status_code == 422
    message = "Give it options or remove this row: buyers choose among variants with options."
    assert response.json()["rows"] == {"new-1": {"options": message}}
    assert Sku.objects.count() == 1


def test_a_variant_without_options_cannot_be_restored_among_options(manager, sizes):
    page = make_product("Tee", codes=("A", "B"))
    Sku.objects.filter(code="B").update(is_active=False)
    give("A", sizes[0])
    sent = row(page, "B", archived=False)

    response = send(manager, page, sent)

    assert response.status_code == 422
    assert response.json()["rows"] == {sent["key"]: {"options": GIVE_OR_ARCHIVE}}
    assert not Sku.objects.get(code="B").is_active


def test_an_older_mixture_does_not_prevent_price_changes(manager, sizes):
    page = make_product("Tee", codes=("A", "B"))
    give("A", sizes[0])

    assert send(manager, page, row(page, "B", price="4.10")).status_code == 200
    assert str(Sku.objects.get(code="B").price_now) == "4.1000"


def test_several_variants_without_options_are_allowed(manager, loaf, sizes):
    assert send(manager, loaf, new_row(1)).status_code == 200
    assert Sku.objects.count() == 2


def test_a_row_is_named_by_its_options_and_its_article(manager, loaf, sizes):
    plain = re.findall(r"<legend>(.*?)</legend>", squeezed(shown(manager, loaf)))[0]
    give("LOAF", sizes[1])

    named = re.findall(r"<legend>(.*?)</legend>", squeezed(shown(manager, loaf)))[0]

    assert (plain, named) == ("LOAF", 'Medium<span class="z-meta">LOAF</span>')


@pytest.mark.parametrize(
    ("terms_of_sale", "is_open"),
    [({}, False), ({"step": "0.5", "min_quantity": "0.5"}, True), ({"unit": "kg"}, True), ({"max_quantity": 4}, True)],
    ids=str,
)
def test_usual_selling_terms_are_collapsed(manager, loaf, terms_of_sale, is_open):
    Sku.objects.update(**terms_of_sale)

    found = re.search(
        r"<details( open)?>\s*<summary>Unit, step and limits</summary>.*?</details>", shown(manager, loaf), re.DOTALL
    )

    assert bool(found[1]) == is_open
    fields = re.findall(r'data-field="(\w+)"', found[0])
    assert fields == ["unit", "step", "min_quantity", "max_quantity"]


def test_the_start_of_a_future_price_names_its_time_zone_and_is_read_in_it(manager, loaf, settings):
    settings.TIME_ZONE = "Europe/Amsterdam"

    response = send(manager, loaf, row(loaf, "LOAF", price="4.25", price_starts="2026-07-01T08:00"))

    assert "Time of Europe/Amsterdam" in response.json()["html"]
    assert Price.objects.latest("pk").starts_at == dt.datetime(2026, 7, 1, 6, 0, tzinfo=dt.UTC)
