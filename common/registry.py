"""Registries filled by the apps: invariants (`invariants.py`); personal data, its export and erasure (`privacy.py`)."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

Row = Mapping[str, object]
Finder = Callable[[dt.datetime], Iterable[Row]]
# What is kept of the person with this id.
Exporter = Callable[[int], Iterable[Row]]
# Erase what is kept of this person; return sentences on why that cannot be yet, if it cannot.
Eraser = Callable[[int, dt.datetime], Iterable[str]]
# Whether something is kept of this person that its eraser would take; locks nothing.
Left = Callable[[int], bool]


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
_exporters: dict[str, Exporter] = {}
_erasers: dict[str, tuple[int, Eraser, Left]] = {}


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


def exports(section: str) -> Callable[[Exporter], Exporter]:
    """Register the decorated function: it yields the rows of a section of what a person gets when they ask for it."""

    def register(exporter: Exporter) -> Exporter:
        _exporters[section] = exporter
        return exporter

    return register


def export_of(user_id: int) -> dict[str, list[Row]]:
    """Return everything that is kept of a person, by section."""
    autodiscover_modules("privacy")
    return {section: list(_exporters[section](user_id)) for section in sorted(_exporters)}


def erases(*, rank: int, left: Left) -> Callable[[Eraser], Eraser]:
    """Register the decorated function: it erases a person from the tables of its app, in the caller's transaction.

    Those of a lower rank lock first (docs/architecture.md has the order of locks). `left` tells whether it has to be
    called again.
    """

    def register(eraser: Eraser) -> Eraser:
        _erasers[f"{eraser.__module__}.{eraser.__qualname__}"] = (rank, eraser, left)
        return eraser

    return register


def erase_person(user_id: int, at: dt.datetime) -> list[str]:
    """Erase a person from all apps, in the caller's transaction; return why that cannot be yet, nothing when done."""
    autodiscover_modules("privacy")
    ranked = sorted(_erasers.values(), key=lambda one: one[0])
    return [reason for _rank, eraser, _left in ranked for reason in eraser(user_id, at)]


def is_person_left(user_id: int) -> bool:
    """Return whether something of a person is left that erasing takes."""
    autodiscover_modules("privacy")
    return any(left(user_id) for _rank, _eraser, left in _erasers.values())


def invariants() -> list[Invariant]:
    """Return every invariant of every installed app, by id."""
    autodiscover_modules("invariants")
    return [_invariants[key] for key in sorted(_invariants)]


def personal_fields() -> list[PersonalField]:
    """Return every declared personal field of every installed app."""
    autodiscover_modules("privacy")
    return [_personal[key] for key in sorted(_personal)]
