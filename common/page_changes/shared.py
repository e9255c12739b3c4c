"""Telling shared caches, such as a CDN, what has changed: for sites that let them show pages without asking.

Public pages name their tags in the header Cache-Tag then. Functions registered with Wagtail as hooks named
"page_tags_changed" are called with a set of tags by the worker, within about two seconds of the change. One that raises
is called again with the same tags and those that came since.

Every change is told twice, a second apart: until then a web process may answer with what it had kept.
"""

import time
from collections.abc import Iterable

from django.conf import settings
from wagtail import hooks

from common.page_changes.feed import Feed
from common.page_changes.models import EVERYTHING

HOOK = "page_tags_changed"
HEADER = "Cache-Tag"
# A page with more has a header that some caches refuse; it goes with everything.
MOST = 200
# Longer than a web process takes to notice a change.
AGAIN_SECONDS = 1.0


def header_of(tags: Iterable[str]) -> str:
    """Return the value of the header: every page also has the tag of what makes all of them old."""
    found = sorted(tags)
    return ",".join([EVERYTHING, *(found if len(found) <= MOST else ["many"])])


class SharedCaches:
    """What a worker has told the hooks. It begins with "everything": nobody knows what happened before it started."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.told_twice = self.told_once = 0
        self.last = float("-inf")

    def tell(self) -> int:
        """Call the hooks if anything has changed; return with how many tags."""
        functions = hooks.get_hooks(HOOK) if settings.PAGE_SHARED_SECONDS else []
        if not functions or time.monotonic() - self.last < AGAIN_SECONDS or self.feed.current() is None:
            return 0
        epoch, tags = self.feed.epoch, self.feed.changed_since(self.told_twice)
        if tags:
            # Pages with too many tags have none of their own.
            for function in functions:
                function(frozenset(tags | {"many"}))
        self.told_twice, self.told_once = self.told_once, epoch
        self.last = time.monotonic()
        return len(tags)
