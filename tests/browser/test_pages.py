"""Every page for customers and employees: accessible, without errors or overflow, at two widths, light and dark."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, FIGURES, PHONE
from tests.browser.looks import check
from tests.browser.steps import buy, number_of, sign_in

PUBLIC = {
    "home": "/",
    "category": "/catalogue/bread/",
    "product": "/products/country-miche/",
    "variants": "/products/zerno-tee/",
    "search": "/search/?q=bread",
    "search-none": "/search/?q=zzzz",
    "search-long": f"/search/?q={'bread ' * 833}",
    "content": "/how-we-bake/",
    "shop": "/canal/",
    "cart-empty": "/cart/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "find-order": "/orders/find/",
    "style-guide": "/styleguide/",
}
SIZES = {"390": PHONE, "1280": DESK}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PUBLIC)
def test_public_page(open_page, name, size, theme):
    page = open_page(SIZES[size], theme)

    answer = page.goto(PUBLIC[name])

    assert answer.status == 200
    check(page, f"{name}-{size}-{theme}")


@pytest.mark.parametrize("size", SIZES)
def test_unknown_page(open_page, size):
    page = open_page(SIZES[size])

    answer = page.goto("/no-such-page/")

    assert answer.status == 404
    check(page, f"404-{size}")


def test_the_header_on_a_phone_names_the_shop_and_links_to_search(open_page):
    page = open_page(PHONE)
    page.goto("/")

    expect(page.locator(".header__search")).to_be_hidden()
    expect(page.locator(".picker__opt:visible .picker__name")).to_be_visible()


def test_crumbs_on_a_phone_cut_long_names_only(open_page):
    page = open_page(PHONE)
    page.goto("/styleguide/")

    whole = page.locator(".crumbs li > *").evaluate_all(
        "nodes => nodes.filter(node => node.scrollWidth <= node.clientWidth).map(node => node.textContent)"
    )

    assert whole == ["Catalogue", "Bread"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_cart_and_checkout(open_page, size, theme):
    page = open_page(SIZES[size], theme, scripts=True)
    for code, quantity in (("BAGUETTE", "2"), ("MICHE", "0.6"), ("GUJI-250-WHO", "1")):
        page.request.post(
            "/cart/add/", form={"code": code, "quantity": quantity}, headers={"Sec-Fetch-Site": "same-origin"}
        )

    page.goto("/cart/")
    check(page, f"cart-{size}-{theme}")
    page.goto("/checkout/")
    check(page, f"checkout-{size}-{theme}")
    page.locator("form [type=submit]:visible, form button:visible").last.click()
    page.wait_for_function("document.title.startsWith('Error')")
    check(page, f"checkout-error-{size}-{theme}")


MINE = {
    "overview": "/account/",
    "orders": "/account/orders/",
    "profile": "/account/profile/",
    "addresses": "/account/addresses/",
    "address": "/account/addresses/new/",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_my_account(open_page, size, theme):
    page = open_page(SIZES[size], theme)
    sign_in(page, "customer")

    for name, path in MINE.items():
        assert page.goto(path).status == 200
        check(page, f"account-{name}-{size}-{theme}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_staff_board(open_page, size, theme):
    page = open_page(SIZES[size], theme)
    sign_in(page, "employee")

    answer = page.goto("/staff/")

    assert answer.status == 200
    check(page, f"staff-board-{size}-{theme}")
    page.goto("/staff/scan/")
    check(page, f"staff-scan-{size}-{theme}")


def test_the_panels_bar_is_as_high_on_long_pages_as_on_short_ones(open_page):
    page = open_page(DESK)
    sign_in(page, "employee")
    page.goto("/staff/find/")
    bar = page.locator(".staff__bar")
    short = bar.bounding_box()["height"]

    page.set_viewport_size({"width": DESK[0], "height": 200})

    assert page.evaluate("document.documentElement.scrollHeight") > 200
    assert bar.bounding_box()["height"] == short


@pytest.fixture(scope="module")
def placed(chrome, shop) -> str:
    """Place an order and return the address of its status page."""
    context = chrome.new_context(base_url=shop.url)
    page = context.new_page()
    buy(page)
    number_of(page)
    address = page.url
    context.close()
    return address


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_status_page(open_page, placed, size, theme):
    page = open_page(SIZES[size], theme)

    answer = page.goto(placed)

    assert answer.status == 200
    check(page, f"status-{size}-{theme}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_drawer(open_page, size, theme):
    page = open_page(SIZES[size], theme)
    page.goto("/products/country-miche/")
    page.locator(".buy__go button").click()

    page.get_by_role("dialog").get_by_role("heading", name="Country miche").wait_for()

    check(page, f"drawer-{size}-{theme}", full=False)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_staff_order_and_screens(open_page, placed, size, theme):
    page = open_page(SIZES[size], theme)
    page.goto(placed)
    number = number_of(page)
    sign_in(page, "employee")

    for name, path in {
        "staff-order": f"/staff/orders/{number}/",
        "staff-slip": f"/staff/orders/{number}/slip/",
        "staff-not-ready": f"/staff/orders/{number}/hand-over/",
        "staff-unknown": "/c/00000000000000000000000000/",
        "staff-find": "/staff/find/",
    }.items():
        page.goto(path)
        check(page, f"{name}-{size}-{theme}")


@pytest.mark.parametrize("path", ["/", "/catalogue/bread/", "/products/country-miche/"])
def test_the_first_view_loads_little(open_page, path):
    page = open_page(PHONE)
    answers = []

    def keep(answer):
        # A function: Playwright looks for attributes that a list's bound method does not have.
        answers.append(answer)

    page.on("response", keep)

    page.goto(path, wait_until="networkidle")

    sizes = {"document": 0, "stylesheet": 0, "script": 0}
    for answer in answers:
        if answer.request.resource_type in sizes:
            sizes[answer.request.resource_type] += len(gzip.compress(answer.body(), 6))
    FIGURES.append(f"{path}, gzip: " + ", ".join(f"{kind} {size / 1024:.1f} KB" for kind, size in sizes.items()))
    assert sizes["document"] <= 20 * 1024, sizes
    assert sizes["stylesheet"] <= 14_000, sizes
    assert sizes["script"] <= 12_000, sizes
    assert [answer.request.resource_type for answer in answers].count("script") == 2


@pytest.mark.parametrize("path", list(PUBLIC.values()))
def test_pages_have_no_inline_code(open_page, path):
    page = open_page(scripts=False)

    page.goto(path)

    assert page.locator("script:not([src]):not([type='application/ld+json'])").count() == 0
    assert page.locator("[style]").count() == 0
