"""The packing slip, and the bundled decoder."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from orders.qr import svg_path_of
from staff.presenters.wording import dated
from staff.tests.factories import make_cancelled, make_collected, make_employee, make_open_order, sign_in
from tests.markup import squeezed

VENDOR = Path(settings.BASE_DIR) / "storefront" / "static" / "vendor"


def test_the_slip_lists_the_contents_and_no_phone(shop):
    order = make_open_order("preparing", shop=shop)
    order.lines.update(may_contain="sesame")
    client = sign_in(make_employee(shop))

    html = client.get(reverse("staff:slip", args=[order.number])).content.decode()

    assert "<strong>Contains</strong> wheat, milk" in html
    assert "<strong>May contain</strong> sesame" in html
    assert f"{order.number[:4]} {order.number[4:]}" in html
    assert "Butter croissant" in html
    assert "wheat, milk" in html
    assert "Sliced, please" in html
    assert "Take €5.20" in html
    assert order.phone not in html
    assert order.email not in html
    assert "Jansen" not in html


def test_the_slip_names_the_day_of_its_times(shop):
    order = make_open_order("placed", shop=shop)
    client = sign_in(make_employee(shop))

    slip = squeezed(client.get(reverse("staff:slip", args=[order.number])))

    day = dated(order.promised_at, shop)
    assert day.startswith("10 Mar, ")
    assert f'<p class="slip__when">{day}</p>' in slip
    assert "printed 10 Mar, " in slip


@pytest.mark.parametrize(
    ("case", "stop", "pay"),
    [
        ("cancelled", "Cancelled. Do not pack.", "Nothing was charged"),
        ("unpaid", "Not paid yet. Do not pack.", "Not paid yet, online"),
        ("collected", "", "Paid €5.20"),
    ],
)
def test_slip_and_page_say_if_an_order_is_not_to_be_packed_or_paid(shop, case, stop, pay):
    order = {
        "cancelled": lambda: make_cancelled(shop=shop),
        "unpaid": lambda: make_open_order("placed", shop=shop, online=True),
        "collected": lambda: make_collected(shop=shop),
    }[case]()
    client = sign_in(make_employee(shop))

    slip = squeezed(client.get(reverse("staff:slip", args=[order.number])))
    page = squeezed(client.get(reverse("staff:order", args=[order.number])))

    assert "Take €" not in slip and "Take €" not in page
    assert f'<p class="slip__pay">{pay}' in slip and f">{pay}</span>" in page
    assert ("slip__stop" in slip) == bool(stop) and stop in slip


def test_the_code_on_the_slip_is_the_staffs_address_and_not_the_customers_secret(shop):
    order = make_open_order("preparing", shop=shop)
    client = sign_in(make_employee(shop))

    html = client.get(reverse("staff:slip", args=[order.number])).content.decode()

    assert svg_path_of(f"{settings.SITE_URL}/staff/orders/{order.number}/")[1] in html
    assert order.collect_secret not in html


@pytest.mark.parametrize(
    ("paper", "drawn"), [("80mm", "80mm"), ("a6", "a6"), ("a4", "a4"), ("", "80mm"), ("<x>", "80mm")]
)
def test_the_slip_has_three_paper_sizes(shop, paper, drawn):
    order = make_open_order("preparing", shop=shop)
    client = sign_in(make_employee(shop))

    html = client.get(reverse("staff:slip", args=[order.number]), {"paper": paper}).content.decode()

    assert f'class="slip slip--{drawn}"' in html


def test_every_bundled_file_matches_the_manifest():
    rows = json.loads((VENDOR / "manifest.json").read_text())
    listed = {row["file"]: row["sha256"] for row in rows}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert found == listed
    assert all(row["name"] and row["version"] and row["licence"] for row in rows)


def test_bundled_scripts_refer_to_no_missing_source_map():
    for script in VENDOR.rglob("*.js"):
        assert not [line for line in script.read_text().splitlines() if line.startswith("//# sourceMappingURL")]


def test_the_scan_page_loads_the_decoder_from_us_on_demand(client):
    html = client.get("/staff/scan/").content.decode()

    assert 'data-library="/static/vendor/qr-scanner/qr-scanner.min.js"' in html
    assert '<script src="/static/vendor' not in html
    assert 'name="mode" value="scan"' in html
