"""Constraints that several apps declare in the same way."""

from django.db import models
from django.utils.functional import Promise


def unique_name(field: str, *, name: str, message: str | Promise) -> models.UniqueConstraint:
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
        violation_error_message=message,
    )
