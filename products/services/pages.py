"""Bulk actions on a page, one page a transaction: SQLite has one write lock. Wagtail dates the change."""

import datetime as dt

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext
from wagtail.models import Page

from common.actors import Actor
from common.errors import DomainError
from products.services.without_page import keep_pages


class PageGone(DomainError):
    """Somebody deleted the page, or the one it was to be moved to."""

    code = "page_gone"


def publish_page(*, page_id: int, actor: Actor) -> None:
    """Publish the newest draft of a page. Raises PageGone, ValidationError and PermissionDenied."""
    with transaction.atomic():
        page, user = _page(page_id), _user(actor)
        revision = page.get_latest_revision() or page.specific.save_revision(user=user)
        revision.publish(user=user)


def unpublish_page(*, page_id: int, actor: Actor) -> None:
    """Take a page off the site. Raises PageGone and PermissionDenied."""
    with transaction.atomic():
        _page(page_id).specific.unpublish(user=_user(actor))


def delete_page(*, page_id: int, actor: Actor, at: dt.datetime) -> None:
    """Delete a page with what is below it; keep what product pages say. Raises PageGone and PermissionDenied."""
    with transaction.atomic():
        keep_pages(page_ids=[page_id], at=at)
        _page(page_id).delete(user=_user(actor))


def move_page(*, page_id: int, parent_id: int, actor: Actor) -> None:
    """Move a page, as the last one, below another. Raises PageGone and PermissionDenied."""
    with transaction.atomic():
        _page(page_id).move(_page(parent_id), pos="last-child", user=_user(actor))


def _page(page_id: int) -> Page:
    page = Page.objects.filter(pk=page_id).first()
    if page is None:
        raise PageGone(gettext("This page no longer exists."))
    return page


def _user(actor: Actor) -> object:
    return get_user_model().objects.filter(pk=actor.user_id or 0).first()
