"""Products whose page was deleted: listed, restored as drafts, their articles freed; none goes live by itself."""

from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.models import Locale, Page

from accounts.models import User
from common.actors import WORKER
from products.articles import SkuRefused
from products.models import KeptPage, ProductPage, Sku, SkuEvent
from products.services.quick_add import NewProduct, quick_add
from products.services.skus import archive_orphans, archive_sku, update_sku
from products.services.without_page import CannotRestore, free_article, keep_pages, restore_page
from products.tests.factories import make_category, make_product, make_tax_class, make_tree
from stock.models import StockLevel
from stock.tests.factories import make_shop

pytestmark = pytest.mark.django_db

LIST = "/admin/products/without-page/"


def delete(client, page, **data):
    client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), data)
    assert not ProductPage.objects.filter(pk=page.pk).exists()


def messages_on(response):
    return [message.message.strip() for message in response.context["messages"]]


def test_a_deleted_page_is_restored_as_a_draft_with_its_contents(editor):
    bread = make_category("Bread")
    page = make_product("Miche", codes=("MICHE",), categories=[bread], intro="Dark crust")
    product = page.product
    delete(editor, page)

    response = editor.post(f"{LIST}{product.pk}/restore/", follow=True)

    restored = ProductPage.objects.get(product=product)
    assert response.redirect_chain == [(reverse("wagtailadmin_pages:edit", args=[restored.pk]), 302)]
    assert (restored.title, restored.intro, restored.slug, restored.live) == ("Miche", "Dark crust", "miche", False)
    assert [row.category_id for row in restored.categories.all()] == [bread.pk]
    assert restored.get_latest_revision_as_object().intro == "Dark crust"
    assert not Sku.objects.get(code="MICHE").is_active


def test_it_is_restored_with_its_newest_draft_and_without_deleted_references(editor, at):
    bread = make_category("Bread")
    page = make_product("Miche", codes=("MICHE",), categories=[bread])
    draft = ProductPage.objects.get(pk=page.pk)
    draft.intro = "Only a draft"
    draft.save_revision()
    delete(editor, page)
    bread.delete()

    restored = restore_page(product_id=page.product_id, actor=WORKER)

    assert restored.intro == "Only a draft"
    assert not restored.categories.exists()


def test_bulk_deletion_keeps_pages_too(editor):
    page = make_product("Miche", codes=("MICHE",))
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])

    editor.post(f"{address}?id={page.pk}")

    assert KeptPage.objects.get(product=page.product).title == "Miche"


def test_a_product_without_a_stored_page_is_named_by_its_article(at):
    page = make_product("Miche", codes=("MICHE",))
    page.delete()
    archive_orphans(actor=WORKER, at=at)

    assert restore_page(product_id=page.product_id, actor=WORKER).title == "MICHE"


def test_a_product_with_a_page_cannot_be_restored_again(at):
    page = make_product("Miche", codes=("MICHE",))

    with pytest.raises(CannotRestore):
        restore_page(product_id=page.product_id, actor=WORKER)

    assert ProductPage.objects.count() == 1


def test_an_article_can_be_freed_for_another_product(editor, at):
    page = make_product("Miche", codes=("MICHE",))
    old = Sku.objects.get(code="MICHE")
    Sku.objects.filter(pk=old.pk).update(barcode="4006381333931")
    delete(editor, page)

    response = editor.post(f"{LIST}articles/{old.pk}/free/", follow=True)

    old.refresh_from_db()
    assert (old.code, old.barcode, old.is_active) == ("MICHE-OLD", "", False)
    event = SkuEvent.objects.get(code="article_freed")
    assert (event.sku_id, event.actor_label) == (old.pk, f"#{event.actor_id}")
    assert event.params == {
        "before": {"code": "MICHE", "barcode": "4006381333931"},
        "after": {"code": "MICHE-OLD", "barcode": ""},
    }
    assert "The article MICHE is free. The old variant is MICHE-OLD now; orders keep what they say." in messages_on(
        response
    )
    make_product("Miche again", codes=("MICHE",)).delete()
    archive_orphans(actor=WORKER, at=at)
    assert free_article(sku_id=Sku.objects.get(code="MICHE").pk, actor=WORKER, at=at).code == "MICHE-OLD-2"


def test_an_article_with_stock_or_a_page_cannot_be_freed(at):
    shop = make_shop()
    gone = make_product("Gone", codes=("GONE",), stock={shop: 9})
    make_product("Here", codes=("HERE",))
    gone.delete()
    archive_orphans(actor=WORKER, at=at)
    archive_sku(sku_id=Sku.objects.get(code="HERE").pk, actor=WORKER, at=at)

    for code, reason in (("GONE", "holds_stock"), ("HERE", "in_use")):
        with pytest.raises(SkuRefused) as refused:
            free_article(sku_id=Sku.objects.get(code=code).pk, actor=WORKER, at=at)
        assert refused.value.code == reason

    assert set(Sku.objects.values_list("code", flat=True)) == {"GONE", "HERE"}
    assert StockLevel.objects.get().on_hand == Decimal(9)


def test_the_list_names_products_articles_and_stock(editor):
    page = make_product("Miche", codes=("MICHE", "MICHE-S"), stock={make_shop(): 92})
    make_product("Bun", codes=("BUN",))
    delete(editor, page)

    html = editor.get(LIST).content.decode()

    assert all(text in html for text in ("Miche", "MICHE-S", "92 pc in stock", "Restore as a draft"))
    assert "BUN" not in html
    assert "Free the article" not in html


@pytest.fixture
def deleted(at):
    """Return a product whose page was deleted; it has the article MICHE and a barcode."""
    page = make_product("Miche au levain", codes=("MICHE",))
    Sku.objects.filter(code="MICHE").update(barcode="4006381333931")
    keep_pages(page_ids=[page.pk], at=at)
    page.delete()
    archive_orphans(actor=WORKER, at=at)
    return page.product


def test_a_taken_article_is_refused_with_the_name_of_its_product(deleted, at):
    bread = make_category("Bread")
    new = NewProduct(name="Miche", price=Decimal(4), allergen_status="none", category_id=bread.pk, code="miche")

    with pytest.raises(SkuRefused) as refused:
        quick_add(new=new, actor=WORKER, at=at)

    assert refused.value.extra == {"field": "code", "article": "MICHE", "title": "Miche au levain"}
    assert refused.value.message == (
        "The article MICHE belongs to “Miche au levain”, whose page was deleted. "
        "Restore that product or free the article under Reports, Products without a page."
    )
    assert not ProductPage.objects.exists()


def test_a_taken_barcode_is_refused_with_the_name_of_its_product(deleted, at):
    bun = make_product("Bun", codes=("BUN",))

    with pytest.raises(SkuRefused) as refused:
        update_sku(sku_id=bun.product.skus.get().pk, barcode="4006381333931", actor=WORKER, at=at)

    assert refused.value.extra == {"field": "barcode", "article": "MICHE", "title": "Miche au levain"}
    assert refused.value.message.startswith("The barcode 4006381333931 is on MICHE of “Miche au levain”, whose page")
    assert Sku.objects.get(code="BUN").barcode == ""


def test_quick_add_links_to_the_product_with_the_article(editor, deleted):
    make_tax_class()
    sent = {
        "name": "Miche",
        "new_category": "Bread",
        "price": "4",
        "unit": "pc",
        "code": "miche",
        "allergen_status": "none",
        "key": "0b6e1d5a-6a35-4f10-9d5b-0a3c5f8a7e11",
    }

    answer = editor.post(reverse("products_admin:quick-add"), sent)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="{LIST}?article=MICHE"' in html
    assert "Restore “Miche au levain” or free the article" in html
    assert 'value="Miche"' in html


def test_the_list_shows_the_product_of_one_article(editor, deleted, at):
    other = make_product("Bun", codes=("BUN",))
    delete(editor, other)

    one, none, everything = (
        editor.get(LIST + query).content.decode() for query in ("?article=MICHE", "?article=SOUP", "")
    )

    assert "Miche au levain" in one and "BUN" not in one
    assert "Only the product with the article MICHE is shown." in one
    assert "No product without a page has this article." in none
    assert "MICHE" in everything and "BUN" in everything


@pytest.mark.parametrize("part", ["", "1/restore/", "articles/1/free/"])
def test_people_who_may_not_change_variants_are_turned_away(client, part):
    user = User.objects.create_user("eva@example.com", "secret", name="Eva")
    group = Group.objects.create(name="editor")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)

    response = client.post(LIST + part) if part else client.get(LIST)

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def in_russian(page, title):
    """Return the translation of a page under the translation of its index."""
    russian, _ = Locale.objects.get_or_create(language_code="ru")
    index = make_tree().index
    if not index.get_translations().exists():
        index.get_parent().specific.copy_for_translation(russian, copy_parents=True)
        index.specific.copy_for_translation(russian)
    page = ProductPage.objects.get(pk=page.pk).copy_for_translation(russian)
    page.title = title
    page.save()
    return page


@pytest.mark.parametrize("order", ["default first", "default last"])
def test_the_default_languages_page_is_restored_whichever_was_deleted_last(at, order):
    english = make_product("Miche", codes=("MICHE",))
    pages = [english, in_russian(english, "Мише")]
    for page in pages if order == "default first" else reversed(pages):
        keep_pages(page_ids=[page.pk], at=at)
        Page.objects.get(pk=page.pk).delete()

    restored = restore_page(product_id=english.product_id, actor=WORKER)

    assert (restored.title, restored.locale.language_code) == ("Miche", "en")


def test_a_page_in_one_other_language_is_restored_in_that_language(at):
    english = make_product("Miche", codes=("MICHE",))
    russian = in_russian(english, "Мише")
    Page.objects.get(pk=english.pk).delete()
    keep_pages(page_ids=[russian.pk], at=at)
    Page.objects.get(pk=russian.pk).delete()

    restored = restore_page(product_id=english.product_id, actor=WORKER)

    assert (restored.title, restored.locale.language_code) == ("Мише", "ru")


def test_pages_below_a_page_of_another_kind_are_kept_without_page_specific_data(at):
    page = make_product("Miche", codes=("MICHE",))

    keep_pages(page_ids=[make_tree().index.pk], at=at)

    kept = KeptPage.objects.get(product=page.product)
    assert kept.title == "Miche"
    assert not {"wagtail_admin_comments", "pk", "owner", "path"} & set(kept.content)
