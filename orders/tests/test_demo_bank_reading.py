"""Reading the bank's notices: signed bytes, strict facts."""

import json
import time
import uuid

import pytest

from common import clock
from orders.gateways.base import UNREADABLE, BadSignature
from orders.gateways.demo_bank.adapter import DemoBank
from orders.tests.bank_server import SECRET, signed

# The shop's reading


def body_of(**changes):
    payment = {
        "id": "pay_1", "key": str(uuid.uuid4()), "reference": "4QX7K2MD", "merchant": "vitrine", "amount": "5.20",
        "currency": "EUR", "state": "captured", "reason": "", "refunds": [],
    }  # fmt: skip
    return json.dumps({"id": "evt_1", "type": "payment.captured", "payment": {**payment, **changes}}).encode()


@pytest.mark.parametrize("case", ["none", "one byte", "serialised again", "other secret", "old", "empty secret"])
def test_a_tampered_notice_is_refused(settings, case):
    settings.DEMO_BANK_SECRET = "" if case == "empty secret" else SECRET
    body = body_of()
    secret = {"other secret": "another", "empty secret": ""}.get(case, SECRET)
    headers = signed(body, secret, seconds=time.time() - 301 if case == "old" else None)
    if case == "none":
        headers = {}
    elif case == "one byte":
        body = body.replace(b"5.20", b"5.21")
    elif case == "serialised again":
        body = json.dumps(json.loads(body), indent=1).encode()

    with pytest.raises(BadSignature):
        DemoBank().parse_event(body, headers, at=clock.now())


def test_both_secrets_are_accepted_during_a_rotation(settings):
    settings.DEMO_BANK_SECRET = "new,old"
    body = body_of()

    assert DemoBank().parse_event(body, signed(body, "old"), at=clock.now()).event_id == "evt_1"
    assert DemoBank().parse_event(body, signed(body, "new"), at=clock.now()).event_id == "evt_1"
    settings.DEMO_BANK_SECRET = "new"
    with pytest.raises(BadSignature):
        DemoBank().parse_event(body, signed(body, "old"), at=clock.now())


@pytest.mark.parametrize(
    "change", [{"state": "gold"}, {"amount": 5.2}, {"amount": "NaN"}, {"refunds": 5}, {"refunds": [5]}], ids=str
)
def test_unreadable_facts_are_refused(change):
    with pytest.raises(UNREADABLE):
        DemoBank().read_facts(json.loads(body_of(**change)))
