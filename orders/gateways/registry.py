"""The gateways this installation uses, by code."""

from django.conf import settings

from orders.gateways.base import Gateway
from orders.gateways.demo_bank.adapter import DemoBank
from orders.gateways.on_collection import OnCollection

_KNOWN: dict[str, type[Gateway]] = {gateway.code: gateway for gateway in (OnCollection, DemoBank)}


class UnknownGateway(LookupError):
    """No such gateway, or it is not switched on here."""


def get_gateway(code: str, *, seconds: float = 5) -> Gateway:
    """Return the gateway named in PAYMENT_GATEWAYS, whose calls end after `seconds`. Raises UnknownGateway."""
    if code not in settings.PAYMENT_GATEWAYS or code not in _KNOWN:
        raise UnknownGateway(code)
    return _KNOWN[code](seconds=seconds)
