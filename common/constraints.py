"""Unique names: declaring them, and reporting a name that two people take at the same moment."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from django.db import IntegrityError, models

from common.errors import DomainError
from common.words import Words


def unique_name(field: str, *, name: str, message: Words) -> models.UniqueConstraint:
    """Return a constraint for a unique column that people may change, on a table that other tables refer to.

    The condition is always true and makes the index partial. PostgreSQL treats the columns of a full unique index as
    a key that a foreign key may name: changing one locks the row against everybody who inserts a row that refers to
    it, such as a buyer's order that names a SKU.
    """
    return models.UniqueConstraint(
        fields=[field],
        condition=models.Q(**{f"{field}__isnull": False}),
        name=name,
        violation_error_code="unique",
        violation_error_message=cast(str, message),
    )


def violated(error: IntegrityError) -> str:
    """Return the name of the constraint that a write broke; "" where the database does not say (SQLite)."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


@contextmanager
def refused_when_taken(refusals: Mapping[str, Callable[[], DomainError]]) -> Iterator[None]:
    """Turn the database's refusal of a duplicate into the one that the check before the write gives.

    `refusals` is {constraint: its refusal}. The check is for the sentence, the constraint for two who pass the check
    at the same moment: the second waits for the first, then breaks it. Put `atomic` inside: the refusal is raised
    after the savepoint is rolled back.
    """
    try:
        yield
    except IntegrityError as error:
        refusal = refusals.get(violated(error))
        if refusal is None:
            raise
        raise refusal() from error
