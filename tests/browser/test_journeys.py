"""Buying in a real browser: guest and customer, with scripts and without, on collection and at the demo bank."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, shoot
from tests.browser.steps import (
    PEOPLE,
    PLACED,
    add_from_card,
    at_the_bank,
    buy,
    card,
    fill_checkout,
    number_of,
    place,
    sign_in,
)  # fmt: skip

SIZES = {"390": PHONE, "1280": DESK}
PAID = re.compile("paid", re.IGNORECASE)


@pytest.mark.parametrize("size", SIZES)
def test_guest_buys_for_collection(open_page, size):
    page = open_page(SIZES[size])
    page.goto("/")
    shelf = card(page, "Butter croissant")

    add_from_card(page, "Butter croissant")
    expect(shelf.locator(".stepper")).to_be_visible()
    expect(page.locator("[data-cart-count]").first).to_have_text("1")
    shelf.locator("[data-more-one]").click()
    expect(shelf.locator("[data-n]")).to_have_text("2")
    expect(page.locator("[data-cart-sum]").first).to_contain_text("5.20")
    bar = page.locator("[data-cartbar]")
    expect(bar).to_be_visible() if size == "390" else expect(bar).to_be_hidden()
    shoot(page, f"journey-home-added-{size}", full=False)

    page.goto("/products/country-miche/")
    field = page.locator("[data-weight]")
    before = field.input_value()
    page.get_by_role("button", name="More", exact=True).click()
    assert float(field.input_value()) > float(before)
    page.locator(".buy__go button").click()
    drawer = page.locator("dialog[open]")
    expect(drawer.get_by_role("heading", name="Country miche")).to_be_visible()
    expect(drawer.get_by_role("heading", name="Butter croissant")).to_be_visible()
    shoot(page, f"journey-drawer-{size}", full=False)
    drawer.get_by_role("link", name="Open the cart page").click()

    step_and_undo(page)
    shoot(page, f"journey-cart-{size}")
    page.get_by_role("link", name="Check out").click()
    fill_checkout(page)
    shoot(page, f"journey-checkout-{size}")
    place(page)

    assert re.fullmatch(r"[0-9A-Z]{8}", number_of(page))
    expect(page.locator(".qr svg")).to_be_visible()
    expect(page.get_by_text("Country miche").first).to_be_visible()
    shoot(page, f"journey-status-{size}")
    page.goto("/cart/")
    expect(page.get_by_role("heading", name="Nothing in the cart yet")).to_be_visible()


def step_and_undo(page) -> None:
    """On the cart page, add one more, remove the line, then undo."""
    line = page.locator("[data-line]").filter(has=page.get_by_role("heading", name="Butter croissant"))
    line.get_by_role("button", name="More Butter croissant").click()
    expect(line.locator("[name=quantity]")).to_have_value("3")
    expect(line.locator(".line__sum")).to_contain_text("7.80")
    line.get_by_role("button", name="Remove Butter croissant").click()
    expect(line).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(line.locator("[name=quantity]")).to_have_value("3")
    expect(page.locator("[data-cart-count]").first).to_have_text("2")


def test_guest_buys_without_scripts(open_page):
    page = open_page(PHONE, scripts=False)
    page.goto("/")

    add_from_card(page, "Butter croissant")
    expect(page.get_by_role("heading", name="Cart")).to_be_visible()
    page.goto("/products/country-miche/")
    page.locator("[data-weight]").select_option("0.3")
    page.locator(".buy__go button").click()
    line = page.locator("[data-line]").filter(has=page.get_by_role("heading", name="Butter croissant"))
    line.get_by_role("button", name="More Butter croissant").click()
    expect(line.locator("[name=quantity]")).to_have_value("2")
    line.get_by_role("button", name="Remove Butter croissant").click()
    expect(line).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(line.locator("[name=quantity]")).to_have_value("2")
    shoot(page, "plain-cart-390")
    page.get_by_role("link", name="Check out").click()
    fill_checkout(page)
    shoot(page, "plain-checkout-390")
    place(page)

    number_of(page)
    expect(page.locator(".qr svg")).to_be_visible()
    expect(page.get_by_text("300 g").first).to_be_visible()
    shoot(page, "plain-status-390")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_approved_at_the_bank(open_page, shop, scripts):
    page = open_page(PHONE, scripts=scripts)

    buy(page, pay="demo_bank", scripts=scripts)
    page.wait_for_url(f"{shop.bank_url}/**")
    shoot(page, "bank-390")
    at_the_bank(page, shop.bank_url, "pay")

    see_paid(page)
    shoot(page, f"status-paid-{'scripts' if scripts else 'plain'}-390")


def see_paid(page) -> None:
    """Expect the page to say so once the bank's notice has arrived: by itself, with scripts and without."""
    expect(page.locator(".order__top .tag").first).to_have_text(PAID, timeout=40_000)
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_declined_then_paid_on_the_same_order(open_page, shop, scripts):
    page = open_page(DESK, scripts=scripts)

    buy(page, pay="demo_bank", scripts=scripts)
    at_the_bank(page, shop.bank_url, "decline")
    number = number_of(page)
    again = page.get_by_role("button", name="Pay")
    expect(again).to_be_visible(timeout=40_000)
    shoot(page, "status-declined-1280")
    again.click()
    at_the_bank(page, shop.bank_url, "pay")

    assert number_of(page) == number
    see_paid(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_walks_away_and_returns(open_page, shop, scripts):
    page = open_page(DESK, scripts=scripts)

    buy(page, pay="demo_bank", scripts=scripts)
    page.wait_for_url(f"{shop.bank_url}/**")
    page.locator("button[value=cancel]").click()
    page.wait_for_url(PLACED)
    page.goto(page.url)
    again = page.get_by_role("button", name="Pay")
    expect(again).to_be_visible(timeout=40_000)
    shoot(page, "status-unpaid-1280")
    again.click()
    at_the_bank(page, shop.bank_url, "pay")

    see_paid(page)


def test_customer_signed_in(open_page):
    page = open_page(DESK)
    page.goto("/")
    add_from_card(page, "Salted pretzel")
    expect(page.locator("[data-cart-count]").first).to_have_text("1")

    sign_in(page, "customer", "/accounts/login/?next=/checkout/")
    expect(page.locator("input[name=email]")).to_have_value(PEOPLE["customer"].email)
    fill_checkout(page, buyer={})
    place(page)

    number = number_of(page)
    page.goto("/account/orders/")
    expect(page.get_by_text(f"{number[:4]} {number[4:]}").first).to_be_visible()
    shoot(page, "customer-orders-1280")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_customer_keeps_an_address_and_removes_it(open_page, scripts):
    page = open_page(PHONE, scripts=scripts)
    sign_in(page, "customer", "/accounts/login/?next=/account/")

    page.get_by_role("link", name="Addresses").click()
    page.get_by_role("link", name="Add an address").click()
    page.get_by_label("Street and number").fill("Singel 1")
    page.get_by_label("City").fill("Amsterdam")
    page.get_by_role("button", name="Save the address").click()
    expect(page.get_by_text("The address has been saved.")).to_be_visible()
    page.get_by_role("link", name="Change").first.click()
    page.get_by_text("Remove this address").click()
    page.get_by_role("button", name="Remove it").click()

    expect(page.get_by_text("The address has been removed.")).to_be_visible()


def test_a_customer_orders_again(open_page):
    page = open_page(PHONE)
    sign_in(page, "customer")
    buy(page, buyer={})
    number = number_of(page)
    page.get_by_text("Cancel order").click()
    page.get_by_role("button", name="Yes, cancel the order").click()
    expect(page.get_by_role("button", name="Put all of it in the cart")).to_be_visible()

    page.goto("/account/")
    page.get_by_role("button", name=f"Order again: {number[:4]} {number[4:]}").click()

    page.wait_for_url("**/cart/")
    expect(page.locator(".lines > li").first).to_contain_text("Baguette")
