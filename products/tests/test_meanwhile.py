"""An editor is told about prices that changed since their draft, and publishing it keeps them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from common.actors import Actor
from products.models import ProductPage, Sku
from products.services.prices import set_price
from products.tests.factories import make_product
from products.tests.test_admin_forms import page_data
from products.tests.test_publishing import messages_of

# Wagtail dates a draft by the machine's clock, so the prices are later than the time of the invariants.
pytestmark = [pytest.mark.django_db, pytest.mark.violates("I41")]
LATER = dt.timedelta(minutes=5)


@pytest.fixture
def draft():
    """Return a live page with a draft."""
    page = make_product("Rye")
    page.save_revision().publish()
    page = ProductPage.objects.get(pk=page.pk)
    page.title = "Dark rye"
    page.save_revision(log_action=True)
    return ProductPage.objects.get(pk=page.pk)


def reprice(actor, at):
    set_price(sku_id=Sku.objects.get().pk, amount=Decimal(7), starts_at=None, source="panel", actor=actor, at=at)


def warnings_on(response):
    return [text for text in messages_of(response) if "changed prices" in text]


def test_a_price_set_by_somebody_else_is_reported_on_opening_and_on_publishing(editor, draft):
    reprice(Actor("Anna"), timezone.now() + LATER)
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    data = page_data(title="Dark rye", slug=draft.slug, allergen_status="not_food", **{"action-publish": "1"})

    opened = editor.get(address)
    published = editor.post(address, data, follow=True)

    (sentence,) = warnings_on(opened)
    assert sentence.startswith("Anna changed prices on ")
    assert sentence.endswith(", after this draft was begun. Publishing keeps them.")
    assert warnings_on(published) == [sentence]
    assert Sku.objects.get().price_now == 7
    assert ProductPage.objects.get().title == "Dark rye"


def test_older_prices_and_the_editors_own_are_not_reported(editor, draft, django_user_model):
    mine = django_user_model.objects.get()
    reprice(Actor("Anna"), timezone.now() - LATER)
    reprice(Actor("root", mine.pk), timezone.now() + LATER)

    response = editor.get(reverse("wagtailadmin_pages:edit", args=[draft.pk]))

    assert warnings_on(response) == []


def test_nothing_is_reported_without_a_draft(editor):
    page = make_product("Rye")
    reprice(Actor("Anna"), timezone.now() + LATER)

    assert warnings_on(editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))) == []
