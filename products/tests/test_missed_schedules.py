"""A draft that missed its schedule is named on the home page of the CMS until it is completed or dismissed."""

import datetime as dt

import pytest
from django.urls import reverse
from wagtail.models import PageLogEntry

from common.actors import WORKER
from products.missed_schedules import missed_schedules
from products.models import ProductPage
from products.publishing import NotReady, faults
from products.services.schedules import DISMISSED, dismiss_notice, end_schedule
from products.tests.factories import make_product
from products.tests.test_panel import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
HOUR = dt.timedelta(hours=1)


def miss(page, at):
    """Make the newest revision of a draft miss its schedule; return the revision."""
    revision = page.latest_revision or page.save_revision()
    type(revision).objects.filter(pk=revision.pk).update(approved_go_live_at=at)
    refusal = NotReady(page, faults(page))
    end_schedule(revision_id=revision.pk, refusal=refusal, actor=WORKER, at=at)
    return revision


@pytest.fixture
def draft():
    return ProductPage.objects.get(pk=make_product("Rye", codes=(), live=False).pk)


def titles():
    return [page.title for page in missed_schedules()]


def dismiss(client, revision):
    return client.post(reverse("products_admin:dismiss-notice", args=[revision.pk]), follow=True)


def test_a_notice_is_dismissed_from_the_home_page_and_the_draft_kept(draft, at):
    revision = miss(draft, at)
    editor = person("editor", edits=True)
    shown = editor.get(reverse("wagtailadmin_home")).content.decode()
    assert "Not published as scheduled" in shown
    assert f'action="{reverse("products_admin:dismiss-notice", args=[revision.pk])}"' in shown
    assert "csrfmiddlewaretoken" in shown[shown.index("Not published as scheduled") :]

    after = dismiss(editor, revision).content.decode()

    assert "The notice is dismissed. “Rye” is still a draft." in after
    assert "Not published as scheduled" not in after
    entry = PageLogEntry.objects.get(action=DISMISSED)
    assert (entry.page_id, entry.revision_id, entry.user.email) == (draft.pk, revision.pk, "editor@example.com")
    kept = ProductPage.objects.get(pk=draft.pk)
    assert (kept.live, kept.latest_revision_id) == (False, revision.pk)


def test_a_second_press_dismisses_nothing_more(draft, at):
    revision = miss(draft, at)

    assert dismiss_notice(revision_id=revision.pk, actor=WORKER, at=at) is True
    assert dismiss_notice(revision_id=revision.pk, actor=WORKER, at=at) is False
    assert PageLogEntry.objects.filter(action=DISMISSED).count() == 1


def test_a_dismissed_draft_that_misses_another_schedule_is_named_again(draft, at):
    revision = miss(draft, at)
    dismiss_notice(revision_id=revision.pk, actor=WORKER, at=at)
    assert titles() == []

    miss(ProductPage.objects.get(pk=draft.pk), at + HOUR)

    assert titles() == ["Rye"]


def test_people_who_may_not_edit_the_page_cannot_dismiss_its_notice(draft, at):
    revision = miss(draft, at)

    answer = dismiss(person("price_manager", "change_sku"), revision)

    assert "Your role may not change products." in answer.content.decode()
    assert titles() == ["Rye"]
    assert not PageLogEntry.objects.filter(action=DISMISSED).exists()


def test_an_unknown_notice_is_answered_like_a_foreign_one(draft, at):
    editor = person("editor", edits=True)

    answer = editor.post(reverse("products_admin:dismiss-notice", args=[10**6]), follow=True)

    assert "Your role may not change products." in answer.content.decode()


def test_a_draft_without_a_missed_schedule_has_no_notice_to_dismiss(draft, at):
    revision = draft.save_revision()

    assert dismiss_notice(revision_id=revision.pk, actor=WORKER, at=at) is False
    assert dismiss_notice(revision_id=10**6, actor=WORKER, at=at) is False
    assert not PageLogEntry.objects.filter(action=DISMISSED).exists()
