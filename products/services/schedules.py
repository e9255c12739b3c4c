"""Schedules of product pages: end one that cannot be kept, tell the editors, dismiss the notice."""

import datetime as dt

from django.contrib.auth import get_user_model
from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, Revision

from common.actors import Actor
from products.publishing import NotReady

REFUSED = "products.schedule.refused"
DISMISSED = "products.schedule.dismissed"


def end_schedule(*, revision_id: int, refusal: NotReady, actor: Actor, at: dt.datetime) -> bool:
    """Take a revision that may not go live out of the schedule, and say why in the page's history.

    It stays the newest draft with its dates, unlocked, so that somebody can complete it; the home page of the CMS
    names it until they do. Return False when it was taken out already.
    """
    with transaction.atomic():
        revision = Revision.objects.select_for_update().filter(pk=revision_id, approved_go_live_at__lte=at).first()
        if revision is None:
            return False
        page = revision.content_object
        data = {"by": actor.label, "reasons": [fault.message for fault in refusal.faults]}
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        log(instance=page, action=REFUSED, data=data, revision=revision, timestamp=at)
    return True


def dismiss_notice(*, revision_id: int, actor: Actor, at: dt.datetime) -> bool:
    """Take a draft that missed its schedule off the home page of the CMS, for everybody; the draft itself stays.

    Return False when there is no such notice, or somebody dismissed it before.
    """
    with transaction.atomic():
        revision = Revision.objects.select_for_update().filter(pk=revision_id).first()
        entries = PageLogEntry.objects.filter(revision=revision_id, action__in=(REFUSED, DISMISSED))
        latest = entries.order_by("-pk").first()
        if revision is None or latest is None or latest.action == DISMISSED:
            return False
        user = get_user_model().objects.filter(pk=actor.user_id or 0).first()
        log(instance=revision.content_object, action=DISMISSED, user=user, revision=revision, timestamp=at)
    return True
