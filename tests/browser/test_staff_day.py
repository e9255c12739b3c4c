"""The owner's day of staff changes in a real browser: invited, moved to another shop, given another role, shut out."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import check
from tests.browser.steps import sign_in
from tests.browser.test_people import LOOKS, PASSWORD, follow, sign_in_as

GONE_WITHIN = 5


def saved(owner: Page) -> None:
    owner.locator("main form button[type=submit]").last.click()
    expect(owner.locator(".messages .success")).to_be_visible()


def open_form(owner: Page, name: str) -> None:
    owner.goto("/admin/users/")
    link = owner.get_by_role("link", name=name, exact=True).first
    # On a phone a name takes two lines at most, and the list scrolls sideways in itself.
    assert link.bounding_box()["height"] < 60
    assert owner.locator("table.listing").evaluate("e => getComputedStyle(e.parentElement).overflowX") == (
        "auto" if owner.viewport_size["width"] < 800 else "visible"
    )
    link.click()
    expect(owner.locator("input[name=name]")).to_have_value(name)


@pytest.mark.parametrize(("theme", "desk", "pocket"), LOOKS)
def test_somebody_is_hired_moved_promoted_and_leaves(open_page, shop, theme, desk, pocket):
    owner, ben = open_page(desk, theme), open_page(pocket, theme)
    name, address = f"Ben {theme}", f"ben-{theme}@example.com"
    sign_in(owner, "owner")
    owner.goto("/admin/users/new/")
    for field, value in {"name": name, "email": address}.items():
        owner.locator(f"input[name='{field}']").fill(value)
    owner.locator("select[name=role]").select_option("employee")
    owner.get_by_label("Canal", exact=False).first.check()
    owner.locator("main form button[type=submit]").last.click()
    expect(owner.locator(".messages")).to_contain_text("invitation")

    follow(ben, shop, address, "Choose a password")
    ben.locator("input[name=password1]").fill(PASSWORD)
    ben.get_by_role("button", name="Save the password").click()
    sign_in_as(ben, address)
    ben.goto("/staff/")
    expect(ben.get_by_role("heading", level=1)).to_be_visible()
    check(ben, f"hired-{theme}-{pocket[0]}")

    open_form(owner, name)
    boxes = owner.locator("input[name=shops]")
    boxes.nth(0).uncheck()
    boxes.nth(1).check()
    saved(owner)
    open_form(owner, name)
    owner.locator("select[name=role]").select_option("shop_manager")
    saved(owner)
    ben.goto("/staff/")
    expect(ben.get_by_role("heading", level=1)).to_be_visible()

    open_form(owner, name)
    owner.locator("input[name=is_active]").uncheck()
    saved(owner)
    end = time.monotonic() + GONE_WITHIN
    ben.goto("/staff/")
    while "/accounts/login/" not in ben.url and time.monotonic() < end:
        ben.reload()
    assert "/accounts/login/" in ben.url
    sign_in_refused(ben, address)

    owner.goto("/admin/audit/")
    for words in (f"Added {name}", f"Changed the role of {name}", f"Shut out {name}", f"Took {name} away"):
        expect(owner.get_by_text(words).first).to_be_visible()


def sign_in_refused(page: Page, login: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("heading", name="This account is closed")).to_be_visible()
