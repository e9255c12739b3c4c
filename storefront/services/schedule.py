"""Scheduled publishing and expiry: one transaction a page, and a page that fails does not stop the others."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from wagtail.models import DraftStateMixin, Page, Revision

from common.actors import WORKER
from products.publishing import NotReady
from products.services.schedules import end_schedule

logger = logging.getLogger(__name__)

AT_ONCE = 50


def run_schedule(*, at: dt.datetime, limit: int = AT_ONCE) -> int:
    """Unpublish expired pages and publish those that are due, oldest first; return how many were changed.

    A page that fails is logged and retried in the next round. A product that may not be sold as it is leaves the
    schedule: it would be refused every minute, and fifty of them would block all others.
    """
    done = 0
    for expired in _expired(at, limit):
        done += _one(expired, _unpublish, at)
    due = Revision.objects.filter(approved_go_live_at__lte=at).order_by("approved_go_live_at", "pk")
    for revision in due[:limit]:
        done += _one(revision, _publish, at)
    return done


def _expired(at: dt.datetime, limit: int) -> list[models.Model]:
    kinds = [Page, *(model for model in apps.get_models() if _is_scheduled_kind(model))]
    return [thing for kind in kinds for thing in kind.objects.filter(live=True, expire_at__lte=at)[:limit]]


def _is_scheduled_kind(model: type[models.Model]) -> bool:
    return issubclass(model, DraftStateMixin) and not issubclass(model, Page)


def _one(thing: models.Model, change: Callable[[models.Model, dt.datetime], bool], at: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            return change(thing, at)
    except NotReady as refusal:
        return end_schedule(revision_id=thing.pk, refusal=refusal, actor=WORKER, at=at)
    except Exception:
        logger.exception("Could not carry out the schedule of %s %s", thing._meta.label, thing.pk)
        return False


def _unpublish(thing: Any, at: dt.datetime) -> bool:
    """Unpublish the page, unless somebody has already done so or changed its expiry."""
    current = type(thing)._default_manager.select_for_update().filter(pk=thing.pk, live=True, expire_at__lte=at).first()
    if current is None:
        return False
    getattr(current, "specific", current).unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _publish(revision: models.Model, at: dt.datetime) -> bool:
    current = Revision.objects.select_for_update().filter(pk=revision.pk, approved_go_live_at__lte=at).first()
    if current is None:
        return False
    current.publish(log_action="wagtail.publish.scheduled")
    return True
