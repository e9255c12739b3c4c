"""Providers of payments on this machine."""

import pytest

from orders.gateways.tests.stripe_server import SECRET_KEY, WEBHOOK_SECRET, stripe_server


@pytest.fixture
def stripe(settings):
    """Offer Stripe, with a server here in its place."""
    settings.PAYMENT_GATEWAYS = ["on_collection", "stripe"]
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = SECRET_KEY, f"whsec_old,{WEBHOOK_SECRET}"
    with stripe_server() as server:
        settings.STRIPE_API_URL = settings.STRIPE_PAGE_URL = server.url
        yield server
