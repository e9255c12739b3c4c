"""Gateways that do not answer."""

from django.db import models


class GatewayOutage(models.Model):
    """A gateway that has not answered since `since`; its next answer, whatever it is, deletes the row.

    `is_stranger`: it answers that it does not know us: a secret, an address or a clock is wrong.
    """

    gateway = models.CharField(max_length=16, unique=True)
    since = models.DateTimeField()
    last_at = models.DateTimeField()
    is_stranger = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.gateway} since {self.since}"
