"""The one way to call a gateway: timeouts, a limit on calls at once, and a record of outages for people."""

import datetime as dt
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from common.crash import crash_point
from orders.gateways.base import UNREADABLE, Gateway, GatewayNotAuthenticated, GatewayRefused, GatewayUnavailable
from orders.gateways.circuit import Circuit
from orders.gateways.registry import get_gateway
from orders.models import GatewayOutage

logger = logging.getLogger(__name__)

# A shorter silence of a gateway is not worth a note to people.
LASTING = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Patience:
    """The timeout of a call in seconds, and whether the call blocks a visitor's request."""

    seconds: float
    is_web: bool


# A request gives up soon and leaves the rest to the worker, which can wait.
WEB = Patience(seconds=2.5, is_web=True)
WORKER = Patience(seconds=8, is_web=False)

_circuits: defaultdict[str, Circuit] = defaultdict(Circuit)
_circuits_lock = threading.Lock()


@contextmanager
def asking(code: str, *, patience: Patience, at: dt.datetime) -> Iterator[Gateway]:
    """Yield the gateway for calls inside the block, which is never inside a transaction.

    Raises GatewayUnavailable at once when too many requests of this process already wait for the gateway. Outages are
    logged, and recorded until the next answer. Raises UnknownGateway.
    """
    gateway = get_gateway(code, seconds=patience.seconds)
    if not patience.is_web:
        with _noting(code, at):
            yield gateway
        return
    with _circuits_lock:
        circuit = _circuits[code]
    with circuit.call(patience=patience.seconds), _noting(code, at):
        yield gateway


@contextmanager
def _noting(code: str, at: dt.datetime) -> Iterator[None]:
    crash_point("gateway.before")
    try:
        yield
    except GatewayUnavailable as error:
        is_stranger = isinstance(error, GatewayNotAuthenticated)
        logger.log(logging.ERROR if is_stranger else logging.WARNING, "%s: %s", code, error)
        _note(code, at, is_stranger=is_stranger)
        raise
    except GatewayRefused:
        _heard(code)
        raise
    except UNREADABLE as error:
        logger.exception("%s gave an answer that its gateway could not read", code)
        _note(code, at, is_stranger=False)
        raise GatewayUnavailable("The answer cannot be read.") from error
    crash_point("gateway.after")
    _heard(code)


def _note(code: str, at: dt.datetime, *, is_stranger: bool) -> None:
    GatewayOutage.objects.bulk_create(
        [GatewayOutage(gateway=code, since=at, last_at=at, is_stranger=is_stranger)],
        update_conflicts=True,
        unique_fields=["gateway"],
        update_fields=["last_at", "is_stranger"],
    )


def _heard(code: str) -> None:
    GatewayOutage.objects.filter(gateway=code).delete()


def outages(*, at: dt.datetime) -> QuerySet[GatewayOutage]:
    """Return the outages that a person should look at: the gateway does not know us, or has long been silent."""
    return GatewayOutage.objects.filter(Q(is_stranger=True) | Q(since__lte=at - LASTING)).order_by("since", "gateway")
