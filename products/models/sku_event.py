"""The history of a SKU's terms: who changed which of them, and when."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from common.append_only import AppendOnlyModel
from products.models.sku import Sku


class SkuEvent(AppendOnlyModel):
    """One change of a SKU's terms. Prices and stock have histories of their own.

    `params` is {"before": {term: value}, "after": {term: value}} of the terms that changed, spelled as
    `products.sku_terms` does; `before` is empty for a new SKU. The newest value of each term is that of the row.
    """

    class Code(models.TextChoices):
        CREATED = "created"
        CHANGED = "changed"
        ARCHIVED = "archived"
        RESTORED = "restored"
        ARTICLE_FREED = "article_freed"
        # How the SKU stood when this history began.
        RECORDED = "recorded"

    erasable: ClassVar = ("actor", "actor_label")

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="events")
    code = models.CharField(max_length=16)
    params = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sku", "id"], name="skuevent_history")]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.code}"
