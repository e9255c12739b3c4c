"""The history of an order: who, when, why."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from common.append_only import AppendOnlyModel
from orders.models.order import Order


class OrderEvent(AppendOnlyModel):
    """One change of status (from, to), or a note when both are the same."""

    erasable: ClassVar = ("actor", "actor_label", "note")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    note = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["order", "id"], name="orderevent_history")]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"
