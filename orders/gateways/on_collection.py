"""Payment at the counter: there is no machine to ask, the employee says how much they took."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.gateways.base import (
    BadSignature,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    PaymentFacts,
    Started,
    StartRequest,
)


class OnCollection(Gateway):
    """Cash or card at the hand-over. A refund is made over the counter and is complete once recorded."""

    code = "on_collection"
    label = _("At the counter")
    hint = _("Cash or card when you collect")
    history_label = _("the counter")
    icon = "cash"
    is_online = False

    def create(self, request: StartRequest) -> Started:
        raise GatewayRefused("Orders paid on collection are paid at the counter.")

    def fetch(self, key: str, ref: str = "") -> PaymentFacts:
        raise GatewayRefused("Only the shop knows what was paid at the counter.")

    def capture(self, key: str, ref: str = "", *, amount: Decimal | None = None) -> PaymentFacts:
        raise GatewayRefused("Money taken at the counter is captured at the hand-over.")

    def void(self, key: str, ref: str = "") -> PaymentFacts:
        raise GatewayRefused("Nothing is authorised at the counter.")

    def refund(self, key: str, amount: Decimal, refund_key: str, ref: str = "") -> str:
        return f"counter-{refund_key}"

    def parse_event(self, body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> GatewayEvent:
        raise BadSignature("The counter sends no notices.")

    def read_facts(self, body: Mapping[str, Any]) -> PaymentFacts:
        raise ValueError("The counter sends no notices.")
