"""No event in the life of a page changes a price, a stock figure, a SKU or an order."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.admin.viewsets import viewsets
from wagtail.models import Locale, Page, ReferenceIndex
from wagtail.search.index import get_indexed_models
from wagtail.snippets.models import get_snippet_models

from accounts.models import User
from common.actors import WORKER
from common.models import OutboxMessage, Picture
from common.outbox.services import deliver_due
from orders.tests.factories import make_order
from products.models import CategoryPage, Price, Product, ProductPage, Sku
from products.services.prices import set_price
from products.tests.factories import make_category, make_product, make_tree
from stock.models import StockLevel
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db
PERSONAL = {"accounts", "orders", "checkout", "account"}


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def loaf(shop):
    return make_product("Loaf", codes=("A", "B"), stock={shop: 9}, categories=[make_category("Bread")])


@pytest.fixture
def admin():
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client


def commerce():
    """Return all rows that no page may change."""
    return (
        list(Sku.objects.order_by("pk").values_list("pk", "code", "product_id", "is_active", "price_now")),
        list(Price.objects.order_by("pk").values_list("pk", "sku_id", "amount")),
        list(StockLevel.objects.order_by("pk").values_list("pk", "sku_id", "on_hand", "reserved")),
    )


def reload(page):
    return ProductPage.objects.get(pk=page.pk)


def picture(title="Loaf"):
    file = ContentFile(b"", name=f"{title}.png")
    Image.new("RGB", (1200, 900), "#caa").save(file, "PNG")
    file.seek(0)
    return Picture.objects.create(title=title, file=file)


def order_of(sku, shop, at):
    return make_order(at, shop=shop, sku=sku, stock=None).lines.get()


def test_a_draft_and_an_autosave_do_not_change_the_offer(loaf):
    before = commerce()

    loaf.title = "Draft"
    first = loaf.save_revision()
    loaf.title = "Autosaved"
    loaf.save_revision(overwrite_revision=first)

    assert commerce() == before
    assert reload(loaf).title == "Loaf"


def test_publishing_an_old_revision_restores_no_old_price(loaf, at):
    old = loaf.save_revision()
    sku = Sku.objects.get(code="A")
    set_price(sku_id=sku.pk, amount=Decimal("15"), starts_at=None, source="grid", actor=WORKER, at=at)
    Sku.objects.create(product=loaf.product, code="LATER", price_now=1)
    Price.objects.create(sku=Sku.objects.get(code="LATER"), amount=1, starts_at=at, actor_label="t", created_at=at)
    Product.objects.filter(pk=loaf.product_id).update(from_price=1)
    before = commerce()

    old.publish()
    restored = old.as_object().save_revision()
    restored.publish()

    assert commerce() == before
    assert Product.objects.get(pk=loaf.product_id).from_price == 1


def test_a_price_changed_while_a_draft_exists_survives_publishing_it(loaf, at):
    loaf.title = "Draft"
    draft = loaf.save_revision()
    sku = Sku.objects.get(code="A")

    set_price(sku_id=sku.pk, amount=Decimal("7"), starts_at=None, source="grid", actor=WORKER, at=at)
    draft.publish()

    sku.refresh_from_db()
    assert (sku.price_now, reload(loaf).title) == (Decimal("7"), "Draft")


def test_no_revision_points_a_page_to_another_product(loaf):
    other = make_product("Other", codes=("O",))
    revision = loaf.save_revision()
    revision.content["product"] = other.product_id
    revision.save()

    revision.publish()

    assert reload(loaf).product_id == loaf.product_id


def test_unpublishing_and_moving_do_not_change_the_offer(loaf):
    before = commerce()

    loaf.unpublish()
    reload(loaf).move(make_tree().home, pos="last-child")

    assert commerce() == before


@pytest.mark.parametrize("recursive", [False, True], ids=["page", "with children"])
def test_a_copy_gets_a_product_of_its_own_without_skus(loaf, recursive):
    before = commerce()

    copy = loaf.copy(recursive=recursive, update_attrs={"slug": "copy", "title": "Copy"})

    assert copy.product_id not in (None, loaf.product_id)
    assert copy.product.skus.count() == 0
    assert [row.category_id for row in copy.categories.all()] == [row.category_id for row in loaf.categories.all()]
    assert reload(copy).get_latest_revision_as_object().product_id == copy.product_id
    assert commerce() == before


def test_a_copied_index_copies_no_sku(loaf):
    before = commerce()

    make_tree().index.copy(recursive=True, update_attrs={"slug": "copies"})

    assert ProductPage.objects.count() == 2
    assert Product.objects.count() == 2
    assert commerce() == before


def test_an_alias_shares_the_product_and_keeps_it_when_converted(loaf):
    before = commerce()

    alias = loaf.create_alias(update_slug="alias").specific
    assert reload(alias).product_id == loaf.product_id
    ConvertAliasPageAction(alias, user=None).execute()

    assert reload(alias).product_id == loaf.product_id
    assert commerce() == before


def test_a_translation_shares_the_product_and_the_default_categories(loaf):
    before = commerce()
    russian = Locale.objects.get_or_create(language_code="ru")[0]

    draft = CopyPageForTranslationAction(loaf, russian, copy_parents=True).execute()

    assert draft.product_id == loaf.product_id
    assert not draft.live
    category = CategoryPage.objects.get(locale=Locale.get_default())
    twin = category.copy_for_translation(russian, copy_parents=True)
    draft.categories = [draft.categories.model(category=twin)]
    draft.save()
    assert [row.category_id for row in reload(draft).categories.all()] == [category.pk]
    assert commerce() == before


def test_deleting_a_sold_page_archives_its_skus_and_keeps_the_order(loaf, shop, admin, at):
    line = order_of(Sku.objects.get(code="A"), shop, at)
    address = reverse("wagtailadmin_pages:delete", args=[loaf.pk])

    shown = admin.get(address)
    assert any("has been ordered" in str(message) for message in shown.context["messages"])
    response = admin.post(address)

    assert response.status_code == 302
    assert set(Sku.objects.values_list("code", "is_active")) == {("A", False), ("B", False)}
    line.refresh_from_db()
    assert (line.sku.code, line.name) == ("A", "Butter croissant")
    assert (Price.objects.count(), StockLevel.objects.count()) == (2, 2)


def test_the_product_index_cannot_be_deleted_and_nothing_is_archived(loaf, admin):
    before = commerce()

    response = admin.post(reverse("wagtailadmin_pages:delete", args=[make_tree().index.pk]))

    assert response.status_code == 302
    assert reload(loaf).live
    assert commerce() == before


def test_bulk_deletion_archives_too(loaf, admin):
    other = make_product("Other", codes=("O",))
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])

    response = admin.post(f"{address}?id={loaf.pk}&id={other.pk}")

    assert response.status_code == 302
    assert Sku.objects.count() == 3
    assert not Sku.objects.filter(is_active=True).exists()


def test_deleting_one_of_two_pages_of_a_product_archives_nothing(loaf, admin):
    alias = loaf.copy_for_translation(Locale.objects.get_or_create(language_code="ru")[0], copy_parents=True)

    admin.post(reverse("wagtailadmin_pages:delete", args=[alias.pk]))

    assert Sku.objects.filter(is_active=True).count() == 2


def test_no_product_goes_live_without_an_allergen_declaration(loaf):
    loaf.allergen_status = ""

    with pytest.raises(ValidationError) as refusal:
        loaf.save()

    assert "allergen_status" in refusal.value.message_dict
    draft = make_tree().index.add_child(instance=ProductPage(title="Draft", live=False))
    assert draft.pk


@pytest.mark.parametrize("badges", [["new", "vegan", "seasonal"], ["sale"], ["new", "new"], "new", [{}]], ids=str)
def test_a_card_has_at_most_two_known_badges(loaf, badges):
    loaf.badges = badges

    with pytest.raises(ValidationError):
        loaf.save()


def test_the_first_picture_is_the_cover_and_renditions_are_made_in_advance(loaf):
    first, second = picture("One"), picture("Two")
    loaf.gallery = [loaf.gallery.model(image=first, sort_order=0), loaf.gallery.model(image=second, sort_order=1)]

    loaf.save_revision().publish()

    assert reload(loaf).cover_id == first.pk
    message = OutboxMessage.objects.get(event="products.renditions")
    assert message.payload == {"page_id": loaf.pk}
    deliver_due(at=timezone.now())
    assert (first.renditions.count(), second.renditions.count()) == (6, 6)


def test_no_model_with_personal_data_is_registered_with_wagtail():
    registered = {*get_snippet_models(), *get_indexed_models()}
    models = [viewset.model for viewset in viewsets.viewsets if getattr(viewset, "model", None)]
    registered |= {apps.get_model(model) if isinstance(model, str) else model for model in models}
    registered |= ReferenceIndex.tracked_models | ReferenceIndex.indexed_models
    named = {f"{model._meta.app_label}.{model.__name__}" for model in registered}

    tracked = {name for name in named if name.split(".")[0] in PERSONAL}
    assert tracked <= {"accounts.User"}, tracked
    assert User not in {*get_snippet_models(), *get_indexed_models()}


def test_saving_an_order_line_writes_no_reference(loaf, shop, at):
    before = ReferenceIndex.objects.count()

    order_of(Sku.objects.get(code="A"), shop, at)

    assert ReferenceIndex.objects.count() == before


def test_wagtails_own_api_is_not_available(client):
    assert not [app for app in settings.INSTALLED_APPS if app.startswith("wagtail.api")]
    for address in ("/api/v3/", "/api/v3-preview/", "/api/v2/pages/"):
        assert client.get(address).status_code == 404


def test_the_admin_has_its_own_content_policy_and_the_shop_a_strict_one(admin, client):
    editor = admin.get(reverse("wagtailadmin_home"))["Content-Security-Policy"]
    public = client.get("/healthz")["Content-Security-Policy"]

    assert "'unsafe-inline'" in editor
    assert "unsafe" not in public
    assert "script-src 'self'" in public


def test_pages_can_only_be_created_under_their_own_parents():
    assert Page.get_first_root_node().get_children().count() >= 0
    assert ProductPage.allowed_subpage_models() == []
