"""The nightly check: once a night the worker asks every invariant, and owners see the result on the overview."""

import datetime as dt
import time

from django.utils import timezone

from storefront.models import NightlyCheck
from storefront.services.snapshot import check_all

# By the site's clock.
HOUR = 3
KEPT_FOR = dt.timedelta(days=30)


def check_nightly(*, at: dt.datetime) -> int:
    """Check all invariants unless that was done since three o'clock; return how many checks were made.

    Changes nothing but its own row, and blocks no writer. Rows older than a month are deleted.
    """
    if NightlyCheck.objects.filter(at__gte=_last_three(at)).exists():
        return 0
    began = time.monotonic()
    report = check_all(at=at)
    broken = {check.id: check.count for check in report.checks if not check.ok}
    passed = int(1000 * (time.monotonic() - began))
    NightlyCheck.objects.create(at=at, milliseconds=passed, broken=broken)
    NightlyCheck.objects.filter(at__lt=at - KEPT_FOR).delete()
    return 1


def _last_three(at: dt.datetime) -> dt.datetime:
    zone = timezone.get_default_timezone()
    today = timezone.localdate(at, zone)
    three = dt.datetime.combine(today, dt.time(HOUR), zone)
    return three if three <= at else dt.datetime.combine(today - dt.timedelta(days=1), dt.time(HOUR), zone)
