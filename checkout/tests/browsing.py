"""A buyer's browser at the checkout."""

import re

OURS = {"Sec-Fetch-Site": "same-origin"}
PERSON = {"name": "Mila Berg", "phone": "020 555 0142", "email": "mila@example.com", "comment": ""}


def add(client, code="LOAF", quantity="2"):
    assert client.post("/cart/add/", {"code": code, "quantity": quantity}, headers=OURS).status_code == 303


def submit(client, headers=OURS, **fields):
    typed = {"shop": "canal", "payment_method": "on_collection", "confirmed_total": "7.80", **PERSON, **fields}
    return client.post("/checkout/", typed, headers=headers)


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())
