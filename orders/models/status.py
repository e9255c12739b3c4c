"""The statuses of an order and the groups they form. How to add one: docs/how-to/add-a-status.md."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The statuses in the order of an order's life, which the columns of the board follow."""

    AWAITING_PAYMENT = "awaiting_payment", _("Waiting for payment")
    PLACED = "placed", _("Placed")
    PREPARING = "preparing", _("Being prepared")
    READY = "ready", _("Ready to collect")
    IN_TRANSIT = "in_transit", _("On its way")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


FINAL = frozenset({Status.COMPLETED, Status.CANCELLED})
# Orders the shop works on, or that wait for their buyer: every status that is neither final nor unpaid.
OPEN = frozenset(Status) - FINAL - {Status.AWAITING_PAYMENT}
# Orders that wait for the shop, not for their buyer.
WITH_THE_SHOP = OPEN - {Status.READY}


def values(group: frozenset[Status]) -> list[str]:
    """Return the values of a group in the order of the statuses, as constraints and indexes want them."""
    return [status.value for status in Status if status in group]
