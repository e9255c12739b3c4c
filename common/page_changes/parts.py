"""Parts of pages kept in the process: what is costly to read and the same for every page that shows it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from common.page_changes.feed import NEVER, collecting, feed, shows

T = TypeVar("T")
MOST = 5000


@dataclass(frozen=True)
class _Part:
    value: Any
    tags: frozenset[str]
    made: int


_parts: OrderedDict[Hashable, _Part] = OrderedDict()
_lock = threading.Lock()


def kept(key: Hashable, build: Callable[[], T]) -> T:
    """Return what `build` returned for this key, unless something it showed has changed since.

    The value is shared by threads: nobody may change it. What it shows is noted with `feed.shows` while it is built.
    """
    epoch = feed.current()
    part = _parts.get(key)
    if part is not None and epoch is not None and feed.is_fresh(part.tags, part.made):
        shows(*part.tags)
        return part.value
    with collecting() as tags:
        value = build()
    if epoch is not None and NEVER not in tags:
        with _lock:
            _parts[key] = _Part(value, frozenset(tags), epoch)
            _parts.move_to_end(key)
            while len(_parts) > MOST:
                _parts.popitem(last=False)
    return value


def forget_parts() -> None:
    """Drop everything that is kept."""
    with _lock:
        _parts.clear()
