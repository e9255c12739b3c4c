"""The site with one guard taken out, for controls: which one is named by the variable CARELESS."""

import os

from storefront.wsgi import application  # makes the apps ready for the imports below

# isort: split
from common import throttle
from common.models import ThrottleCount
from storefront.middleware import TrustedProxyMiddleware


def _take(limit: throttle.Limit, who: str, *, at) -> int:
    """Count as if nobody else did: look first, write afterwards."""
    key = throttle._key(limit, who)
    used = ThrottleCount.objects.filter(key=key).values_list("used", flat=True).first() or 0
    if used >= limit.amount:
        return 0
    ThrottleCount.objects.update_or_create(key=key, defaults={"used": used + 1, "ends_at": at + _WINDOW})
    return used + 1


def _believe(self: TrustedProxyMiddleware, request):
    """Take any visitor's word for their address."""
    claimed = request.META.get("HTTP_X_FORWARDED_FOR", "")
    request.META["REMOTE_ADDR"] = claimed.split(",")[0].strip() or request.META.get("REMOTE_ADDR", "")
    return self.get_response(request)


__all__ = ["application"]
_WINDOW = throttle.dt.timedelta(minutes=5)
if os.environ.get("CARELESS") == "counting":
    throttle.take = _take
elif os.environ.get("CARELESS") == "addresses":
    TrustedProxyMiddleware.__call__ = _believe
