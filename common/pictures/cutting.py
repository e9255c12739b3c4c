"""Cuts of pictures for pages: made when missing, left out when they cannot be made. No picture breaks a page."""

import copy
import functools
import logging
from collections.abc import Sequence

from django.core.cache import cache
from django.db import OperationalError
from wagtail.images.models import AbstractImage, AbstractRendition, Filter

from common.busy import RETRY_AFTER, is_busy, without_waiting
from common.page_changes.feed import do_not_keep, shows_pictures

logger = logging.getLogger(__name__)
# A picture that failed is not decoded again at each visit.
REST_SECONDS = 600

# Given as text, a spec is parsed again for each picture: a tenth of a category page's time.
read_spec = functools.cache(Filter)


def cut(picture: AbstractImage | None, specs: Sequence[str]) -> dict[str, AbstractRendition]:
    """Return {spec: rendition} of one picture, {} without one; no query when the renditions were prefetched.

    A spec that cannot be cut is missing from the answer: broken file, file gone, disk full, another writer on SQLite.
    """
    # A template says "" for the picture of a page that is gone.
    if not picture:
        return {}
    shows_pictures([picture.pk])
    filters = [read_spec(spec) for spec in specs]
    found = picture.find_existing_renditions(*filters) if hasattr(picture, "prefetched_renditions") else {}
    if len(found) < len(filters):
        found = _make(picture, filters)
    return {filter.spec: found[filter] for filter in filters if filter in found}


def _make(picture: AbstractImage, filters: list[Filter]) -> dict[Filter, AbstractRendition]:
    key = f"uncut:{picture.pk}:{picture.file.name[-80:]}"
    if cache.get(key) is None:
        try:
            with without_waiting():
                made = _own(picture).get_renditions(*filters)
        except OSError as error:  # Wagtail's SourceImageIOError is one
            logger.warning("Could not cut picture %s: %s", picture.pk, error)
            cache.set(key, True, REST_SECONDS)
        except OperationalError as error:
            if not is_busy(error):
                raise
            cache.set(key, True, RETRY_AFTER)
        else:
            return {filter: made[filter.spec] for filter in filters}
    # The file, or the room on the disk, may come back without a change that anybody is told of.
    do_not_keep()
    return picture.find_existing_renditions(*filters)


def _own(picture: AbstractImage) -> AbstractImage:
    """Return the picture as an object of this thread's own, which does not know what has been cut.

    A kept picture is shared by threads: one would close the file that another reads.
    """
    own = copy.copy(picture)
    for memory in ("prefetched_renditions", "_prefetched_objects_cache"):
        vars(own).pop(memory, None)
    # Assigned, it would be opened for its size; the copy would share the open file otherwise.
    vars(own)["file"] = picture.file.name
    return own
