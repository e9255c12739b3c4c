"""Parts of pages kept in the process: what is costly to read and the same for every page that shows it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings

from common.page_changes.feed import NEVER, collecting, feed, shows

T = TypeVar("T")


@dataclass(frozen=True)
class _Part:
    value: Any
    tags: frozenset[str]
    made: int


# The least recently used first.
_parts: OrderedDict[Hashable, _Part] = OrderedDict()
_lock = threading.Lock()


def kept(key: Hashable, build: Callable[[], T]) -> T:
    """Return what `build` returned for this key, unless something it showed has changed since.

    The value is shared by threads: nobody may change it. What it shows is noted with `feed.shows` while it is built.
    """
    epoch = feed.current()
    part = _fresh(key, epoch)
    if part is not None:
        return part.value
    with collecting() as tags:
        value = build()
    if epoch is not None and NEVER not in tags:
        _keep({key: _Part(value, frozenset(tags), epoch)})
    return value


def kept_many(
    kind: Hashable,
    ids: Sequence[int],
    build: Callable[[list[int]], Mapping[int, T]],
    tags_of: Callable[[int, T | None], Iterable[str]],
) -> dict[int, T]:
    """Return {id: value} of the ids that have one; what is not kept is built for all of them at once.

    `build` returns {id: value}; that an id has none is kept as well. `tags_of` names what a single value shows: it is
    to be as much as `build` notes of it.
    """
    epoch = feed.current()
    found: dict[int, T | None] = {}
    missing = []
    for pk in dict.fromkeys(ids):
        part = _fresh((kind, pk), epoch)
        if part is None:
            missing.append(pk)
        else:
            found[pk] = part.value
    if missing:
        with collecting() as noted:
            built = build(missing)
        tags = {pk: frozenset(tags_of(pk, built.get(pk))) for pk in missing}
        # What was noted of none in particular is shown by each.
        shared = noted.difference(*tags.values())
        if epoch is not None and NEVER not in noted:
            _keep({(kind, pk): _Part(built.get(pk), tags[pk] | shared, epoch) for pk in missing})
        found |= {pk: built.get(pk) for pk in missing}
    return {pk: value for pk in ids if (value := found[pk]) is not None}


def drawn_once(memory: MutableMapping[Hashable, T], key: Hashable, build: Callable[[], T]) -> T:
    """Return what `build` returned for this key, from the memory of a kept value, with which it is forgotten.

    What it shows has to be among what the kept value shows. That may have been read after the rest of the page.
    """
    if key in memory:
        return memory[key]
    with collecting() as tags:
        value = build()
    if NEVER not in tags and feed.stands_still():
        memory[key] = value
    return value


def _fresh(key: Hashable, epoch: int | None) -> _Part | None:
    """Return a part that may be shown, and note what it shows."""
    part = _parts.get(key)
    if part is None or epoch is None or not feed.is_fresh(part.tags, part.made):
        return None
    shows(*part.tags)
    with _lock:
        if key in _parts:
            _parts.move_to_end(key)
    return part


def _keep(parts: Mapping[Hashable, _Part]) -> None:
    with _lock:
        for key, part in parts.items():
            _parts[key] = part
            _parts.move_to_end(key)
        while len(_parts) > settings.PARTS_KEPT:
            _parts.popitem(last=False)


def forget_parts() -> None:
    """Drop everything that is kept."""
    with _lock:
        _parts.clear()
