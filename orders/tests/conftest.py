"""Fixtures of the orders' tests."""

import pytest

from orders.gateways import registry
from orders.tests.fake_bank import FakeBank


@pytest.fixture
def bank(monkeypatch):
    """Put a bank in memory in the place of the demo bank."""
    fake = FakeBank()
    monkeypatch.setitem(registry._KNOWN, "demo_bank", lambda: fake)
    return fake
