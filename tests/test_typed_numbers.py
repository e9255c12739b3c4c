"""`common.numbers_typed` reads every number that a person types, wherever they type it."""

import json
import re
from importlib import import_module

import pytest
from django import forms
from django.urls import reverse
from wagtail.admin.viewsets import viewsets
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.contrib.settings.views import get_setting_edit_handler
from wagtail.models import get_page_models

from accounts.models import User
from common.number_fields import NumberField
from products.editing.forms import QuickAddForm
from products.models import Price, Sku
from products.tests.factories import make_product, make_tax_class
from stock.models import Shop, StockLevel
from stock.tests.factories import make_shop
from stock.viewsets import shop_tabs
from tests.sources import APPS, ROOT, sources

AMBIGUOUS = ("1,250", "1.250", "1,000")
NO_NUMBERS = ("1e1", "1_0", "0x1", "NaN", "+1", "-1", "1,2,3", "½", "1²", "1 kg", "€1")
QUANTITIES = ("step", "min_quantity", "max_quantity", "net_amount")
READS_A_NUMBER = re.compile(r"\b(?:Decimal|int|float)\([^\n]*\b(?:GET|POST|cleaned_data|query\.get)\b")
# The bank's process, settings, and the generator of the demo's pictures, which needs packages of its own.
NO_FORMS = re.compile(r"\b(?:server|settings|generator)\b")
NUMBER_INPUT = re.compile(r"type=[\"']?number|NumberInput")


def our_form_classes():
    """Yield every form class of ours, including those the admin builds for models, pages, settings and their rows."""
    for source in sources():
        module = source.name.removesuffix(".py").replace("/", ".")
        if not source.name.endswith(("apps.py", "__main__.py")) and not NO_FORMS.search(module):
            import_module(module)
    known = list(forms.BaseForm.__subclasses__())
    for form in known:
        known += [one for one in form.__subclasses__() if one not in known]
    yield from (form for form in known if form.__module__.partition(".")[0] in APPS)
    handlers = [page.get_edit_handler() for page in get_page_models() if page._meta.app_label in APPS]
    import_module("wagtail.admin.urls")  # registers the viewsets
    handlers += [viewset.get_edit_handler() for viewset in viewsets.viewsets if hasattr(viewset, "get_edit_handler")]
    handlers += [get_setting_edit_handler(model) for model in settings_registry]
    for form in (handler.get_form_class() for handler in handlers if handler and handler.model):
        if form._meta.model._meta.app_label in APPS:
            yield form
            yield from (formset.form for formset in getattr(form, "formsets", {}).values())


def typed_fields():
    for form in our_form_classes():
        for name, field in form.base_fields.items():
            if not field.widget.is_hidden and name not in ("id", "ORDER"):
                yield f"{form.__module__}.{form.__name__}.{name}", field


def test_no_form_reads_a_number_by_other_means():
    found = {name: type(field).__name__ for name, field in typed_fields() if isinstance(field, forms.IntegerField)}

    assert found == {}


def test_the_search_for_number_fields_finds_known_ones():
    found = {name.rpartition(".")[2] for name, field in typed_fields() if isinstance(field, NumberField)}

    assert {"price", "step", "lead_minutes", "hold_minutes", "hold_days", "sort_order", "rate", "number"} <= found


def test_no_input_field_makes_the_browser_drop_a_comma():
    templates = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    found = [str(path) for path in templates if NUMBER_INPUT.search(path.read_text())]
    found += [source.name for source in sources() if NUMBER_INPUT.search(source.text)]

    assert found == []


def test_no_view_converts_input_to_numbers():
    found = [source.name for source in sources() if READS_A_NUMBER.search(source.text)]

    assert found == []


@pytest.fixture
def panel(stopped_clock, client):
    """Return a function that saves the variants tab of a loaf and returns the status."""
    shop = make_shop()
    page = make_product("Loaf", codes=("A",), price="3.90", stock={shop: 9})
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))

    def save(**changed):
        table = client.get(reverse("products_admin:variants", args=[page.pk])).context["table"]
        changed["stock"] = {str(shop.pk): {"counted": changed["stock"], "seen": "9"}}
        known = {"key": "a", "id": str(table.rows[0].sku.pk), "version": table.rows[0].version}
        row = {**known, "code": "A", "unit": "pc", **changed}
        return client.post(
            reverse("products_admin:variants", args=[page.pk]), json.dumps({"rows": [row]}), "application/json"
        )

    return save


@pytest.mark.parametrize("text", [*AMBIGUOUS, *NO_NUMBERS])
@pytest.mark.django_db
def test_the_variants_tab_refuses_anything_but_one_number(panel, text):
    response = panel(**dict.fromkeys(("price", *QUANTITIES, "stock"), text), net_unit="g")

    refused = response.json()["rows"]["a"]
    assert response.status_code == 422
    assert set(refused) == {"price", *QUANTITIES, f"stock_{Shop.objects.get().pk}"}
    assert {sentence.partition(" ")[0] for sentence in refused.values()} == {"Is" if text in AMBIGUOUS else "Enter"}
    assert Price.objects.count() == 1
    assert (Sku.objects.get().step, StockLevel.objects.get().on_hand) == (1, 9)


@pytest.mark.parametrize("text", [*AMBIGUOUS, *NO_NUMBERS])
@pytest.mark.django_db
def test_quick_add_refuses_anything_but_one_number(at, text):
    make_tax_class()
    shop = make_shop()
    sent = {"name": "Rye", "price": text, "step": text, f"stock_{shop.pk}": text}

    form = QuickAddForm(sent, shops=[shop], may_add_category=True, at=at)

    assert not form.is_valid()
    assert {"price", "step", f"stock_{shop.pk}"} <= set(form.errors)


@pytest.mark.parametrize("text", [*AMBIGUOUS, *NO_NUMBERS])
@pytest.mark.django_db
def test_admin_forms_refuse_anything_but_one_number(text):
    form = shop_tabs(people=False).bind_to_model(Shop).get_form_class()({"hold_minutes": text})

    assert form.errors["hold_minutes"][0].startswith("Is it " if text in AMBIGUOUS else "Enter ")


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.django_db
def test_a_price_filter_asks_which_number_is_meant(client, name):
    make_product("Loaf", price="3.90")

    response = client.get("/catalogue/", {name: "1,250"})

    content = response.content.decode()
    assert "Is it 1.25 or 1250? Type one of these." in content
    assert 'value="1,250"' in content
    assert "Loaf" in content
