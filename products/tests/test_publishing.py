"""A product goes live if it is ready, and is otherwise refused with a sentence, by every route."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import GroupApprovalTask, Locale, Page, PageLogEntry, Workflow, WorkflowTask

from accounts.models import User
from accounts.tests.factories import make_staff
from products.models import Product, ProductPage, Sku
from products.publishing import NotReady, faults
from products.services import rows
from products.services.schedules import REFUSED
from products.tests.factories import make_product, make_sku, make_tax_class, make_tree
from products.tests.test_admin_forms import page_data
from storefront.services.role_groups import make_groups
from storefront.services.schedule import run_schedule
from storefront.services.worker import MINUTE, Rounds, standard_lanes

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)

NO_DECLARATION = "Say which allergens it contains, or that there are none."
NONE_LISTED = "List the allergens below, or say that there are none."
NO_TAX_CLASS = "Choose its tax class under “Variants, prices and stock”."
NO_VARIANT = "Add a variant with a price under “Variants, prices and stock” first."


@pytest.fixture
def admin(stopped_clock):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client


def make_draft(title="Rye", *, codes=("RYE",), **fields):
    """Return a product page that has never been live."""
    return make_product(title, codes=codes, live=False, **fields)


def spoil_declaration(page):
    page.allergen_status = ""
    page.save()


def spoil_list(page):
    page.allergen_status = "declared"
    page.save()


def spoil_tax(page):
    Product.objects.filter(pk=page.product_id).update(tax_class=None)


def spoil_variants(page):
    Sku.objects.filter(product=page.product_id).update(is_active=False)
    rows.refresh([page.product_id])


SPOILED = {
    "declaration": (spoil_declaration, NO_DECLARATION),
    "declared, none listed": (spoil_list, NONE_LISTED),
    "tax class": (spoil_tax, NO_TAX_CLASS),
    "variant": (spoil_variants, NO_VARIANT),
}
every_fault = pytest.mark.parametrize(("spoil", "sentence"), SPOILED.values(), ids=SPOILED)


@pytest.fixture
def unready(spoil):
    """Return a draft that lacks one requirement."""
    make_tax_class("reduced", "0.0900")
    page = make_draft()
    spoil(page)
    page = ProductPage.objects.get(pk=page.pk)
    page.save_revision(clean=False)
    return ProductPage.objects.get(pk=page.pk)


def is_live(page):
    return Page.objects.get(pk=page.pk).live


def messages_of(response):
    return [str(message).strip() for message in response.context["messages"]]


@every_fault
def test_a_revision_is_refused(unready, sentence):
    with pytest.raises(NotReady) as refusal:
        unready.get_latest_revision().publish()

    assert [fault.message for fault in refusal.value.faults] == [sentence]
    assert isinstance(refusal.value, ValidationError)
    assert not is_live(unready)


@every_fault
def test_wagtails_own_action_is_refused(unready, sentence):
    with pytest.raises(NotReady, match=sentence.split("“")[0]):
        PublishPageRevisionAction(unready.get_latest_revision()).execute()

    assert not is_live(unready)


@every_fault
def test_a_schedule_for_later_is_refused_at_once(unready, sentence, at):
    unready.go_live_at = at + dt.timedelta(days=3650)

    with pytest.raises(NotReady):
        unready.save_revision(clean=False).publish()

    assert not ProductPage.objects.get(pk=unready.pk).approved_schedule


@every_fault
def test_the_publish_button_explains_the_refusal_and_keeps_the_input(unready, sentence, admin):
    allergen_status = {NO_DECLARATION: "", NONE_LISTED: "declared"}.get(sentence, "none")
    data = page_data(allergen_status=allergen_status, intro="As typed", **{"action-publish": "1"})

    response = admin.post(reverse("wagtailadmin_pages:edit", args=[unready.pk]), data)

    form = response.context["form"]
    said = [text for errors in form.errors.values() for text in errors]
    assert said == ["This field is required." if sentence == NO_DECLARATION else sentence]
    assert form["intro"].value() == "As typed"
    assert not is_live(unready)


def test_a_new_page_must_be_saved_with_a_variant_first(admin):
    make_tax_class()
    address = reverse("wagtailadmin_pages:add", args=["products", "productpage", make_tree().index.pk])

    response = admin.post(address, page_data(allergen_status="none", **{"action-publish": "1"}))

    assert response.context["form"].non_field_errors() == [NO_VARIANT]
    assert NO_VARIANT in response.content.decode()
    assert ProductPage.objects.count() == 0


@every_fault
def test_the_bulk_action_publishes_ready_pages_and_names_the_others(unready, sentence, admin):
    good = make_draft("Oat", codes=("OAT",))
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    response = admin.post(f"{address}?id={good.pk}&id={unready.pk}&next=/admin/", follow=True)

    told = messages_of(response)
    assert any("1 page was left as it was." in one and sentence in one for one in told), told
    assert is_live(good) and not is_live(unready)


def test_the_bulk_action_publishes_ready_pages(admin):
    pages = [make_draft("Oat", codes=("OAT",)), make_draft()]
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    admin.post(f"{address}?id={pages[0].pk}&id={pages[1].pk}")

    assert all(is_live(page) for page in pages)


def in_review(page):
    """Submit a page for approval; return its task, which owners may approve."""
    make_groups()
    owner = make_staff("owner")
    task = GroupApprovalTask.objects.create(name="Look at it")
    task.groups.set(owner.groups.all())
    workflow = Workflow.objects.create(name="Review")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    workflow.start(page, owner)
    return ProductPage.objects.get(pk=page.pk).current_workflow_task_state


@every_fault
def test_an_approval_is_refused_and_remains_open(unready, sentence, admin):
    state = in_review(unready)
    address = reverse("wagtailadmin_pages:workflow_action", args=[unready.pk, "approve", state.pk])

    response = admin.post(address, follow=True)

    assert response.redirect_chain == [(reverse("wagtailadmin_pages:edit", args=[unready.pk]), 302)]
    assert f"“Rye” was not published. {sentence}" in messages_of(response)
    state.refresh_from_db()
    assert state.status == "in_progress"
    assert not is_live(unready)


@pytest.mark.parametrize(("spoil", "sentence"), [SPOILED["variant"]])
def test_the_dashboards_dialog_links_to_the_page(unready, sentence, admin):
    state = in_review(unready)
    address = reverse("wagtailadmin_pages:workflow_action", args=[unready.pk, "approve", state.pk])

    response = admin.post(address, headers={"X-Requested-With": "XMLHttpRequest"})

    editor = reverse("wagtailadmin_pages:edit", args=[unready.pk])
    assert json.loads(response.content) == {"step": "success", "redirect": editor}
    assert not is_live(unready)


def test_an_older_version_that_is_no_longer_ready_is_refused(admin):
    page = make_draft(allergen_status="declared")
    old = page.save_revision(clean=False)
    data = page_data(allergen_status="declared", **{"action-publish": "1"})

    response = admin.post(reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, old.pk]), data)

    assert response.context["form"].errors["allergen_status"] == [NONE_LISTED]
    assert not is_live(page)


@every_fault
def test_making_a_page_live_without_a_revision_is_refused(spoil, sentence):
    make_tax_class("reduced", "0.0900")
    page = make_draft()
    spoil(page)
    page = ProductPage.objects.get(pk=page.pk)
    page.live = True

    with pytest.raises(NotReady):
        page.save()

    assert not is_live(page)


def test_an_alias_follows_its_page_and_is_never_checked_alone():
    page = make_draft()
    alias = page.create_alias(update_slug="alias")
    spoil_declaration(page)
    with pytest.raises(NotReady):
        ProductPage.objects.get(pk=page.pk).save_revision(clean=False).publish()
    assert not is_live(alias)

    page.allergen_status = "none"
    page.save_revision().publish()

    assert is_live(alias)


def test_a_page_without_variants_can_get_an_alias():
    page = make_product()
    spoil_variants(page)

    alias = page.create_alias(update_slug="alias")

    assert is_live(alias)


def test_a_translation_goes_live_with_the_variants_of_its_original():
    russian = Locale.objects.get_or_create(language_code="ru")[0]
    page = make_product()

    twin = page.copy_for_translation(russian, copy_parents=True)
    twin.save_revision().publish()

    assert is_live(twin)


def test_a_live_page_may_lose_its_variants_and_still_be_changed():
    page = make_product()
    spoil_variants(page)
    page.title = "Rye, back in autumn"

    page.save_revision().publish()

    assert ProductPage.objects.get(pk=page.pk).title == "Rye, back in autumn"


def test_an_unpublished_page_needs_a_variant_to_go_live_again():
    page = make_product()
    page.unpublish()
    spoil_variants(page)

    assert [fault.code for fault in faults(ProductPage.objects.get(pk=page.pk))] == ["variant"]


def test_a_variant_without_a_price_does_not_count():
    page = make_draft(codes=())
    make_sku(page.product, "RYE", price=None)

    assert [fault.code for fault in faults(page)] == ["variant"]


# --- Schedules -------------------------------------------------------------------------------------


def scheduled(page, at, **fields):
    """Schedule a page's newest content, whatever it lacks."""
    for name, value in fields.items():
        setattr(page, name, value)
    page.go_live_at = at
    return page.save_revision(approved_go_live_at=at, clean=False)


@every_fault
def test_the_worker_drops_an_impossible_schedule_and_carries_out_the_others(unready, sentence, at, caplog):
    scheduled(unready, at - HOUR)
    good = make_draft("Oat", codes=("OAT",))
    scheduled(good, at)

    first, second = run_schedule(at=at), run_schedule(at=at)

    assert (first, second) == (2, 0)
    assert not is_live(unready) and is_live(good)
    assert not ProductPage.objects.get(pk=unready.pk).approved_schedule
    entry = PageLogEntry.objects.get(action=REFUSED)
    assert (entry.page_id, entry.data["reasons"], entry.timestamp) == (unready.pk, [sentence], at)
    assert "Could not" not in caplog.text


def test_a_full_round_of_impossible_schedules_does_not_block_the_others(at):
    for number in range(3):
        scheduled(make_draft(f"Rye {number}", codes=()), at - HOUR)
    good = make_draft("Oat", codes=("OAT",))
    scheduled(good, at)

    for _ in range(2):
        run_schedule(at=at, limit=3)

    assert is_live(good)


@pytest.mark.parametrize(("spoil", "sentence"), [SPOILED["variant"]])
def test_the_home_page_and_the_history_name_it_until_somebody_completes_it(unready, sentence, at, admin):
    scheduled(unready, at)
    run_schedule(at=at)

    history = admin.get(reverse("wagtailadmin_pages:history", args=[unready.pk])).content.decode()
    shown = admin.get(reverse("wagtailadmin_home")).content.decode()
    make_sku(unready.product, "NEW")
    ProductPage.objects.get(pk=unready.pk).get_latest_revision_as_object().save_revision().publish()
    after = admin.get(reverse("wagtailadmin_home")).content.decode()

    assert f"Was not published as scheduled. {sentence}" in history
    assert "Not published as scheduled" in shown and sentence in shown
    assert "Not published as scheduled" not in after


def test_a_product_scheduled_by_an_editor_is_published_by_the_worker(admin, at, monkeypatch):
    page = make_draft()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert "Set schedule" in admin.get(address).content.decode()
    go_live, expire = "2099-03-01 08:00", "2099-03-08 20:00"
    data = page_data(allergen_status="none", go_live_at=go_live, expire_at=expire, **{"action-publish": "1"})
    assert admin.post(address, data).status_code == 302
    worker = Rounds([part for part in standard_lanes()["local"] if part.name == "scheduled pages"])
    begins = ProductPage.objects.get(pk=page.pk).scheduled_revision.approved_go_live_at
    assert not is_live(page)

    before = worker.once(begins - MINUTE)
    monkeypatch.setattr("wagtail.actions.publish_revision.timezone.now", lambda: begins)
    published = worker.once(begins)
    was_live = is_live(page)
    monkeypatch.undo()
    ended = worker.once(ProductPage.objects.get(pk=page.pk).expire_at)

    assert (before, published, ended) == ({"scheduled pages": 0}, {"scheduled pages": 1}, {"scheduled pages": 1})
    assert (was_live, is_live(page)) == (True, False)
    assert Sku.objects.get().is_active
