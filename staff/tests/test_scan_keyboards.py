"""A hand scanner with a different keyboard layout: the order is found, or the screen says what is wrong."""

import pytest
from django.urls import reverse

from orders.keyboards import LAYOUTS, US
from orders.models import HandOver
from orders.qr import collect_url
from staff.tests.factories import make_employee, make_open_order, make_shop, sign_in
from tests.markup import squeezed

FIND = "/staff/find/"


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def client(shop):
    return sign_in(make_employee(shop))


def typed(address: str, layout: str) -> str:
    keys = dict(zip("".join(US), "".join(LAYOUTS[layout]), strict=True))
    return "".join(keys[character] for character in address)


@pytest.mark.parametrize("mode", ["scan", ""])
@pytest.mark.parametrize("layout", ["QWERTZ: German, Swiss, Croatian, Slovene, Polish", "French, AZERTY", "Russian"])
def test_a_scan_in_another_layout_leads_to_the_order(client, shop, layout, mode):
    order = make_open_order("ready", shop=shop)

    found = client.post(FIND, {"q": typed(collect_url(order), layout), "mode": mode})

    assert (found.status_code, found.headers["Location"]) == (303, reverse("collect", args=[order.collect_secret]))


def test_a_slip_in_another_layout_leads_to_the_order(client, shop, settings):
    order = make_open_order("ready", shop=shop)
    address = settings.SITE_URL + reverse("staff:order", args=[order.number])

    found = client.post(FIND, {"q": typed(address, "Czech, QWERTZ"), "mode": "scan"})

    assert found.headers["Location"] == reverse("staff:hand-over", args=[order.number])


@pytest.mark.parametrize("mode", ["scan", ""])
def test_a_mangled_code_without_an_order_blames_the_keyboard_layout(client, shop, settings, mode):
    make_open_order("ready", shop=shop)

    answer = client.post(FIND, {"q": typed(f"{settings.SITE_URL}/c/{'YZ' * 13}/", "Russian"), "mode": mode})

    assert answer.status_code == 404
    assert "This scanner is set to another keyboard" in squeezed(answer)
    assert "Unknown code" not in squeezed(answer)
    assert HandOver.objects.count() == 0


def test_a_readable_code_without_an_order_is_unknown(client, shop, settings):
    led = client.post(FIND, {"q": f"{settings.SITE_URL}/c/{'YZ' * 13}/", "mode": "scan"})
    answer = client.get(led.headers["Location"])

    assert answer.status_code == 404
    assert "Unknown code" in squeezed(answer)


def test_the_scan_page_loads_the_decoder_from_us_on_demand(client):
    html = client.get("/staff/scan/").content.decode()

    assert 'data-library="/static/vendor/qr-scanner/qr-scanner.min.js"' in html
    assert '<script src="/static/vendor' not in html
    assert 'name="mode" value="scan"' in html
