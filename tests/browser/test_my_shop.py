"""The visitor's chosen shop: any code, any letter, any number of shops, marked by the browser.

The tests with the demo's three shops come first; with six, cards name the best shop only.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.browser.site import LiveShop
from tests.browser.steps import add_from_card, card, sign_in

ADDED = {"kontor": "K", "quay-2": "Z", "harbour": "ЯЖ"}
ALL = ["canal", "market", "station", *ADDED]


@pytest.fixture(scope="module")
def owner(chrome: Browser, shop: LiveShop) -> Iterator[Page]:
    context = chrome.new_context(base_url=shop.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "owner")
    yield page
    context.close()


@pytest.fixture(scope="module")
def six_shops(owner: Page) -> Iterator[None]:
    """Open three shops in the CMS besides the demo's, and close them again."""
    for code, letter in ADDED.items():
        owner.goto("/admin/shops/new/")
        owner.locator("[name=name_0]").fill(code.title())
        owner.locator("[name=code]").fill(code)
        owner.locator("[name=letter]").fill(letter)
        owner.locator("main form [type=submit]").first.click()
        owner.wait_for_url("**/admin/shops/")
    yield
    for code in ADDED:
        owner.goto("/admin/shops/")
        owner.get_by_role("link", name=code.title(), exact=True).click()
        owner.locator("[name=is_active]").uncheck()
        owner.locator("main form [type=submit]").first.click()
        owner.wait_for_url("**/admin/shops/")


def choose(page: Page, code: str) -> None:
    page.locator(".picker > summary").click()
    page.locator(f".picker__shop[value='{code}']").click()
    expect(page.locator("html")).to_have_attribute("data-shop", code)


@pytest.mark.parametrize("code", ["canal", "station"])
def test_cards_show_the_stock_of_my_shop(open_page, code):
    page = open_page(DESK)
    page.goto("/")
    baguette = card(page, "Baguette")
    expect(baguette.locator(".stock__shop:visible")).to_have_count(3)
    expect(baguette.locator(".stock__when:visible")).to_have_count(0)

    choose(page, code)

    expect(baguette.locator(".stock__shop:visible")).to_have_count(1)
    expect(baguette.locator(".stock__when:visible")).to_have_text(re.compile("In stock|Few left"))


def test_back_shows_the_currently_chosen_shop(open_page):
    page = open_page(DESK)
    page.goto("/")
    choose(page, "canal")
    page.goto("/products/baguette/")
    choose(page, "market")

    page.go_back()

    expect(page.locator("html")).to_have_attribute("data-shop", "market")
    expect(page.locator(".picker__opt:visible .picker__name")).to_have_text("Market")


def test_without_scripts_no_shop_is_hidden(open_page, shop):
    page = open_page(DESK, scripts=False)
    page.context.add_cookies([{"name": "shop", "value": "market", "url": shop.url}])

    page.goto("/products/baguette/")

    expect(page.locator(".picker__opt:visible")).to_have_text("Choose shop")
    expect(page.locator(".shops__row:visible")).to_have_count(3)
    expect(page.locator(".mine:visible")).to_have_count(0)


@pytest.mark.parametrize("code", ALL)
def test_any_of_six_shops_can_be_mine(open_page, six_shops, code):
    page = open_page(DESK)
    page.goto("/products/baguette/")
    shown = page.locator(".picker__opt:visible")
    expect(shown).to_have_text("Choose shop")
    expect(page.locator(".shops .tag:visible")).to_have_count(0)

    choose(page, code)
    page.reload()

    expect(shown).to_have_count(1)
    expect(shown.locator(".picker__name")).to_have_text(code.title())
    expect(page.locator(".shops .tag:visible")).to_have_count(1)
    mine = page.locator(f"[data-row-of='{code}']")
    expect(mine.get_by_text("My shop")).to_be_visible()
    assert mine.evaluate("node => getComputedStyle(node).backgroundColor") != "rgba(0, 0, 0, 0)"
    sold_out = page.locator(".notice--warn:visible")
    expect(sold_out).to_have_count(1 if code in ADDED else 0)


def test_a_chosen_shop_comes_first_in_the_chips_and_fades_products_it_lacks(open_page, six_shops):
    page = open_page(DESK)
    page.goto("/")
    expect(page.locator(".chips__shop:visible")).to_have_count(3)

    choose(page, "kontor")

    expect(page.locator(".chips__shop:visible")).to_have_text(re.compile("Available at Kontor"))
    faded = card(page, "Baguette").locator("img").evaluate("node => getComputedStyle(node).opacity")
    assert faded == "0.45"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_checkout_shows_the_promise_of_the_chosen_shop(open_page, six_shops, scripts):
    page = open_page(DESK, scripts=scripts)
    page.goto("/")
    add_from_card(page, "Baguette")
    expect(page.locator("[data-cart-count]") if scripts else page.locator("[data-line]").first).to_be_visible()
    page.goto("/checkout/")
    for code in ("market", "kontor"):
        page.locator(f".choice__pick:has(input[value='{code}'])").click()

        expect(page.locator(".choice__promise:visible")).to_contain_text(code.title())
        if scripts:
            expect(page.locator("[data-promise-here]")).to_contain_text(code.title())
    expect(page.locator("[data-promise-here]")).to_be_visible(visible=scripts)
