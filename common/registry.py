"""Registries filled by the apps: invariants (`<app>/invariants.py`) and personal data (`<app>/privacy.py`)."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

Row = Mapping[str, object]
Finder = Callable[[dt.datetime], Iterable[Row]]


@dataclass(frozen=True)
class Invariant:
    """A statement that must always hold; `find(at)` yields a row for each violation."""

    id: str
    title: str
    find: Finder


@dataclass(frozen=True)
class PersonalField:
    """A column that holds personal data: why it is kept, for how long, and how erasure treats it."""

    model: str
    field: str
    purpose: str
    retention: str
    erasure: str


_invariants: dict[str, Invariant] = {}
_personal: dict[tuple[str, str], PersonalField] = {}


def invariant(id: str, title: str) -> Callable[[Finder], Finder]:
    """Register the decorated finder under `id`; the same id twice is a programming error."""

    def register(find: Finder) -> Finder:
        if id in _invariants and _invariants[id].find.__qualname__ != find.__qualname__:
            raise ValueError(f"invariant {id} is registered twice")
        _invariants[id] = Invariant(id, title, find)
        return find

    return register


def personal(*fields: PersonalField) -> None:
    """Declare personal fields; called by each app's privacy.py."""
    for field in fields:
        _personal[(field.model, field.field)] = field


def invariants() -> list[Invariant]:
    """Return every invariant of every installed app, by id."""
    autodiscover_modules("invariants")
    return [_invariants[key] for key in sorted(_invariants)]


def personal_fields() -> list[PersonalField]:
    """Return every declared personal field of every installed app."""
    autodiscover_modules("privacy")
    return [_personal[key] for key in sorted(_personal)]
