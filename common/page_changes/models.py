"""The feed of changes: one narrow row for each tag, written by triggers in the changing transaction."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

EVERYTHING = "all"
TAG_LENGTH = 40


class PageChange(models.Model):
    """A tag whose pages are out of date. `made_by` is the number of PostgreSQL's transaction, 0 on SQLite."""

    tag = models.CharField(max_length=TAG_LENGTH, db_index=True)
    made_by = models.BigIntegerField(default=0)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["made_by"], name="pagechange_made_by")]

    def __str__(self) -> str:
        return self.tag
