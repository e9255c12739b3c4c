"""Every page a customer or an employee sees: accessible, quiet, in bounds, at two widths, light and dark."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, FIGURES, PHONE, shoot
from tests.browser.steps import sign_in

AXE_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}
PUBLIC = {
    "home": "/",
    "category": "/catalogue/bread/",
    "product": "/products/country-miche/",
    "variants": "/products/zerno-tee/",
    "search": "/search/?q=bread",
    "search-none": "/search/?q=zzzz",
    "content": "/how-we-bake/",
    "shop": "/canal/",
    "cart-empty": "/cart/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "find-order": "/orders/find/",
}
SIZES = {"390": PHONE, "1280": DESK}


def check(page, name: str) -> None:
    """Look at the page as axe does, keep a picture, and see that nothing hangs out at the side."""
    shoot(page, name)
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, f"{name}: scrolls sideways by {sideways} px"
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    assert not found, [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:4]) for rule in found]
    assert page.locator("h1").count() == 1, f"{name}: one h1"


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


@pytest.mark.parametrize("path", ["/", "/catalogue/bread/", "/products/country-miche/"])
def test_first_view_is_light(open_page, path):
    sizes = {"document": 0, "stylesheet": 0, "script": 0}
    page = open_page(PHONE)

    def weigh(response) -> None:
        kind = response.request.resource_type
        if kind in sizes:
            sizes[kind] += len(gzip.compress(response.body(), 6))

    page.on("response", weigh)
    page.goto(path, wait_until="networkidle")

    FIGURES.append(f"{path}, gzip: " + ", ".join(f"{kind} {size / 1024:.1f} KB" for kind, size in sizes.items()))
    assert sizes["document"] <= 20 * 1024, sizes
    assert sizes["stylesheet"] <= 20 * 1024, sizes
    assert sizes["script"] <= 20 * 1024, sizes


@pytest.mark.parametrize("path", list(PUBLIC.values()))
def test_nothing_inline(open_page, path):
    page = open_page(scripts=False)

    page.goto(path)

    assert page.locator("script:not([src]):not([type='application/ld+json'])").count() == 0
    assert page.locator("[style]").count() == 0
