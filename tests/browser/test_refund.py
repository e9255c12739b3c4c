"""A refund in a real browser: on a phone, without scripts, and at the desk; the money in words at each step."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, shoot
from tests.browser.looks import check
from tests.browser.steps import buy, number_of, sign_in
from tests.browser.test_hand_over import make_ready


@pytest.mark.parametrize(
    ("theme", "size", "scripts"), [("light", PHONE, True), ("dark", DESK, True), ("dark", PHONE, False)]
)
def test_a_manager_refunds_an_item_of_an_order_that_was_handed_over(open_page, theme, size, scripts):
    buyer, counter = open_page(PHONE), open_page(DESK)
    # axe is a script, too.
    see, look = (check, f"{theme}-{size[0]}") if scripts else (shoot, f"plain-{size[0]}")
    buy(buyer, ("Baguette",))
    number = number_of(buyer)
    sign_in(counter, "employee")
    make_ready(counter, number)
    counter.goto(f"/staff/orders/{number}/hand-over/")
    counter.get_by_role("button", name="Cash, hand over").click()
    manager = open_page(size, theme, scripts)
    sign_in(manager, "shop_manager")
    manager.goto(f"/staff/orders/{number}/")
    manager.get_by_role("link", name="Refund").click()
    see(manager, f"refund-{look}")

    manager.get_by_label("Reason").select_option("damaged")
    manager.get_by_role("button", name="Show the sum").click()
    expect(manager.get_by_role("alert")).to_contain_text("enter a quantity")
    see(manager, f"refund-errors-{look}")
    manager.get_by_label("How much?").first.fill("1")
    manager.get_by_label("The goods").first.select_option("written_off")
    manager.get_by_role("button", name="Show the sum").click()
    expect(manager.locator("dl.facts")).to_contain_text("in cash, from the till")
    see(manager, f"refund-check-{look}")
    manager.get_by_role("button", name="Change it").click()
    expect(manager.get_by_label("How much?").first).to_have_value("1")
    manager.get_by_role("button", name="Show the sum").click()
    manager.get_by_role("button", name="Refund").click()

    expect(manager.locator(".notice")).to_contain_text("out of the till")
    see(manager, f"refund-made-{look}")
    manager.get_by_role("link", name="Back to order").click()
    expect(manager.locator("#order-history ~ ol")).to_contain_text("Reason: Damaged.")
    see(manager, f"refund-order-{look}")


def test_a_manager_counts_the_till_and_closes_the_day(open_page):
    """Once for all: a day is closed once."""
    buyer, counter = open_page(PHONE), open_page(DESK)
    buy(buyer, ("Baguette",))
    number = number_of(buyer)
    sign_in(counter, "employee")
    make_ready(counter, number)
    counter.goto(f"/staff/orders/{number}/hand-over/")
    counter.get_by_role("button", name="Cash, hand over").click()
    manager, owner = open_page(PHONE, "light"), open_page(DESK, "dark")
    sign_in(manager, "shop_manager")
    sign_in(owner, "owner")
    owner.goto("/staff/cash/")
    check(owner, "cash-dark-1280")
    manager.goto("/staff/cash/")
    check(manager, "cash-light-390")

    manager.get_by_label("In the till in the morning").fill("50")
    manager.get_by_label("Counted").fill("1")
    manager.get_by_role("button", name="Close the day").click()
    expect(manager.get_by_role("alert")).to_be_visible()
    check(manager, "cash-errors-light-390")
    manager.get_by_label("Why it differs").fill("Somebody dropped a coin behind the counter")
    manager.get_by_role("button", name="Close the day").click()

    expect(manager.get_by_role("button", name="Close the day")).to_have_count(0)
    check(manager, "cash-closed-light-390")
    owner.reload()
    check(owner, "cash-closed-dark-1280")
