"""The known gateways, one line each, and those this installation offers."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.conf import settings

from orders.gateways.base import Gateway, Setting
from orders.gateways.demo_bank.adapter import DemoBank
from orders.gateways.on_collection import OnCollection
from orders.gateways.stripe import Stripe

KNOWN: list[type[Gateway]] = [
    OnCollection,
    DemoBank,
    Stripe,
]
# The code under which money taken by an employee is recorded.
AT_THE_COUNTER = OnCollection.code


class UnknownGateway(LookupError):
    """There is no such gateway, or a setting it needs is missing."""


def get_gateway(code: str, *, seconds: float = 5) -> Gateway:
    """Return a gateway whose calls time out after `seconds`. Raises UnknownGateway.

    A gateway that is no longer offered still serves the payments it took, as long as its settings remain.
    """
    gateway = _find(code)
    if gateway is None or any(_missing(gateway)):
        raise UnknownGateway(code)
    return gateway(seconds=seconds)


def offered() -> list[Gateway]:
    """Return the gateways named in PAYMENT_GATEWAYS, in that order."""
    return [get_gateway(code) for code in settings.PAYMENT_GATEWAYS]


def is_online(code: str) -> bool:
    """Say whether an order paid this way waits for a payment. True for a gateway that has been removed."""
    gateway = _find(code)
    return gateway is None or gateway.is_online


def online_codes() -> list[str]:
    """Return the codes of all gateways that can be asked about a payment."""
    return [gateway.code for gateway in KNOWN if gateway.is_online]


def counter_codes() -> list[str]:
    """Return the codes of the gateways for which an employee takes the money."""
    return [gateway.code for gateway in KNOWN if not gateway.is_online]


def history_label(code: str) -> str:
    """Return the words for a gateway in a history; return any other label unchanged."""
    gateway = _find(code)
    return code if gateway is None else str(gateway.history_label)


def form_origins() -> list[str]:
    """Return the origins, besides our own, to which forms may lead."""
    return sorted({origin for gateway in offered() for origin in gateway.form_origins()})


def variables(codes: Iterable[str] | None = None) -> list[Setting]:
    """Return the variables of all gateways, or of the known ones among `codes`."""
    chosen = KNOWN if codes is None else [gateway for gateway in map(_find, codes) if gateway]
    return [variable for gateway in chosen for variable in gateway.variables]


def problems() -> Iterator[str]:
    """Yield a sentence for the operator about each problem with the gateways in PAYMENT_GATEWAYS."""
    codes = settings.PAYMENT_GATEWAYS
    known = ", ".join(gateway.code for gateway in KNOWN)
    if not codes:
        yield f"PAYMENT_GATEWAYS names no way to pay. Choose from: {known}."
    for code, count in Counter(codes).items():
        gateway = _find(code)
        if gateway is None:
            yield f"PAYMENT_GATEWAYS names {code!r}, which is not a gateway. Choose from: {known}."
            continue
        if count > 1:
            yield f"PAYMENT_GATEWAYS names {code!r} {count} times."
        for name in _missing(gateway):
            yield f"Set {name}: the gateway {code!r} needs it. Or remove {code!r} from PAYMENT_GATEWAYS."


def _find(code: str) -> type[Gateway] | None:
    return next((gateway for gateway in KNOWN if gateway.code == code), None)


def _missing(gateway: type[Gateway]) -> Iterator[str]:
    """Yield the names of a gateway's settings that are missing."""
    return (variable.name for variable in gateway.variables if not getattr(settings, variable.name, ""))
