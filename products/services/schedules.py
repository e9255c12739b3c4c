"""Schedules of product pages: ending one that cannot be kept, and telling the editors."""

import datetime as dt

from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Revision

from common.actors import Actor
from products.publishing import NotReady

REFUSED = "products.schedule.refused"


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
