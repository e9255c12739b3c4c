"""Fixtures of the orders' tests."""

import pytest

from orders.tests.bank_server import SECRET, running_bank, running_sink
from orders.tests.fake_bank import FakeBank, put_in_place


@pytest.fixture
def bank(monkeypatch):
    """Replace the demo bank with an in-memory one."""
    fake = FakeBank()
    put_in_place(fake, monkeypatch)
    return fake


@pytest.fixture
def sink():
    """Serve a shop that only collects the bank's notices."""
    with running_sink() as server:
        yield server


@pytest.fixture
def real_bank(sink, tmp_path, settings):
    """Serve the real demo bank and point the shop's side at it."""
    with running_bank(tmp_path, f"http://127.0.0.1:{sink.server_address[1]}/hook/") as server:
        settings.DEMO_BANK_URL, settings.DEMO_BANK_SECRET = server.config.public_url, SECRET
        yield server
