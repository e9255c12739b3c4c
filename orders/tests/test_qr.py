"""QR codes decode to the text they were made from."""

import secrets

import pytest

from common.qr import PIXELS
from orders import numbers, qr
from orders.tests import qr_reader
from orders.tests.factories import make_order


def addresses() -> list[str]:
    hosts = ("http://127.0.0.1:8000", "https://zerno.example", "https://www.bakery-on-the-canal.example.com")
    tails = [f"/c/{numbers.new_secret()}/" for _ in range(30)] + ["/staff/orders/4QX7K2MD/", "/c/" + "0" * 26 + "/"]
    return [host + tail for host in hosts for tail in tails]


def test_every_code_decodes_to_its_address():
    read = {text: qr_reader.read(qr_reader.from_svg(*qr.svg_path_of(text))) for text in addresses()}

    assert read == {text: text for text in read} and len(read) == 96


@pytest.mark.django_db
def test_the_picture_of_an_email_and_the_page_have_the_same_code(at):
    order = make_order(at)

    drawn = qr_reader.from_svg(*qr.svg_path(order))
    picture = qr_reader.from_png(qr.png(order), pixels=PIXELS)

    assert picture == drawn
    assert qr_reader.read(drawn) == qr.collect_url(order)


def test_a_code_is_drawn_once_and_few_are_cached():
    qr.svg_path_of.cache_clear()
    text = f"https://zerno.example/c/{secrets.token_hex(13).upper()}/"

    first, again = qr.svg_path_of(text), qr.svg_path_of(text)

    assert first is again
    assert (qr.svg_path_of.cache_info().misses, qr.svg_path_of.cache_info().maxsize) == (1, 1000)
