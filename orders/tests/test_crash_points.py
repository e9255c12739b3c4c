"""The points around a call to a gateway at which a test can kill the process."""

import pytest

from orders.gateways.registry import AT_THE_COUNTER
from orders.payments.asking import WEB, WORKER, asking


class Killed(BaseException):
    """Raised in place of the end of the process."""


@pytest.mark.django_db
@pytest.mark.parametrize("patience", [WEB, WORKER], ids=["web", "worker"])
@pytest.mark.parametrize(("point", "calls"), [("gateway.before", 0), ("gateway.after", 1)])
def test_the_process_dies_before_or_after_a_gateway_is_called(at, settings, monkeypatch, point, calls, patience):
    def kill(process, number):
        raise Killed

    settings.TEST_CRASH_AT = point
    monkeypatch.setattr("common.crash.os.kill", kill)
    made = []

    with pytest.raises(Killed), asking(AT_THE_COUNTER, patience=patience, at=at):
        made.append("call")

    assert len(made) == calls
